package ledger

import (
	"cmp"
	"time"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// parametersOf lays what the city has settled over what holds without it.
func parametersOf(rows []meibo.Parameters) *authz.Parameters {
	p := authz.DefaultParameters()
	if len(rows) == 0 {
		return p
	}
	city := rows[0].City.V
	p.PledgeMonths = city.PledgeMonths
	p.TrainingMonths = cmp.Or(city.TrainingMonths, p.TrainingMonths)
	p.UnusedDays = cmp.Or(city.UnusedDays, p.UnusedDays)
	for _, c := range city.Classes {
		if c.Importance >= meibo.Highest && c.Importance <= meibo.Lowest {
			settle(&p.Classes[c.Importance-1], c)
		}
	}
	for _, d := range city.Duties {
		p.Duties = append(p.Duties, authz.Duty{
			Importance: int(d.Importance), Action: cmp.Or(string(d.Action), authz.All), Obligation: obligationOf(d.Obligation),
		})
	}
	p.Emergency.Enabled = city.Emergency.Enabled
	if city.Emergency.Minutes > 0 {
		p.Emergency.Duration = time.Duration(city.Emergency.Minutes) * time.Minute
	}
	if len(city.Emergency.Purposes) > 0 {
		p.Emergency.Purposes = plain(city.Emergency.Purposes)
	}
	return p
}

func settle(class *authz.Class, c meibo.ClassParameters) {
	class.MaxAge = cmp.Or(time.Duration(c.MaxAgeSeconds)*time.Second, class.MaxAge)
	class.Staleness = cmp.Or(time.Duration(c.StalenessHours)*time.Hour, class.Staleness)
	class.Zones, class.AuthLevel, class.AuthAge = only(c.Zones), c.AuthLevel, time.Duration(c.AuthMinutes)*time.Minute
	class.CaseRef, class.Rows = c.CaseRef, c.Rows
	if len(c.Permits) > 0 {
		class.Permits = plain(c.Permits)
	}
}

// chainsOf are the chains up from each organization that works under a contract.
func chainsOf(c meibo.Contract, consents []meibo.Subcontract, employers []meibo.OrganizationID, now meibo.Instant) map[string][]authz.Hop {
	chains := map[string][]authz.Hop{}
	for _, s := range consents {
		employers = append(employers, s.OrganizationID)
	}
	for _, e := range employers {
		if _, done := chains[string(e)]; !done {
			chains[string(e)] = hopsOf(c.PrimeID, e, consents, now)
		}
	}
	return chains
}

// hopsOf lists the chain with the consents that speak of it. Of a hop the
// consents under another parent than the chain's say nothing.
func hopsOf(prime, employer meibo.OrganizationID, consents []meibo.Subcontract, now meibo.Instant) []authz.Hop {
	if employer == "" || employer == prime {
		return nil
	}
	var hops []authz.Hop
	chain := meibo.Chain(prime, employer, consents)
	for i, h := range chain {
		above := prime
		if i+1 < len(chain) {
			above = chain[i+1].Organization
		}
		hop := authz.Hop{Organization: string(h.Organization), Under: string(above)}
		for _, c := range h.Consents {
			if c.ParentID == above {
				hop.Consents = append(hop.Consents, consentOf(c, now))
			}
		}
		hops = append(hops, hop)
	}
	return hops
}

func consentOf(s meibo.Subcontract, now meibo.Instant) authz.Consent {
	return authz.Consent{
		Term: term(s.Starts, s.Ends), Revoked: s.RevokedAt.Time(), Depth: s.Depth,
		FlowDown: come(s.FlowDownOn, now), Started: !s.PreNamed || come(s.StartedOn, now),
		Assets: orAll(s.Assets), Actions: orAll(s.Actions), Purposes: orAll(s.Purposes),
	}
}

// come reports whether a day is stated and has come.
func come(day meibo.Date, now meibo.Instant) bool { return day != "" && day.Start() <= now }

// turn is the next moment at which a stated day comes that says something of a
// consent; Forever when none is ahead.
func turn(consents []meibo.Subcontract, now meibo.Instant) meibo.Instant {
	next := meibo.Forever
	for _, s := range consents {
		for _, day := range []meibo.Date{s.FlowDownOn, s.StartedOn} {
			if day != "" && day.Start() > now {
				next = min(next, day.Start())
			}
		}
	}
	return next
}
