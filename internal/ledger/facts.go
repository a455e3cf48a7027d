package ledger

import (
	"time"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// factsOf writes what the store knows about a question in the words of the rule.
// Nothing is decided here.
func factsOf(s meibo.Standing, q meibo.Question, now meibo.Instant, directory bool) authz.Facts {
	f := authz.Facts{
		System:     systemOf(s.System),
		Contract:   contractOf(s.Contract),
		Person:     personOf(s, directory),
		Drafted:    s.Drafted != "",
		Prohibited: []string{string(meibo.AlwaysProhibited)},
	}
	if a := s.Asset; a != nil {
		f.Asset = &authz.Asset{ID: string(a.ID), Importance: int(a.Importance), State: authz.AssetState(a.State)}
	}
	if p := s.Purpose; p != nil {
		f.Purpose = &authz.Purpose{Code: string(p.Code), Leaf: s.Leaf, Term: term(p.Starts, p.Ends)}
		if p.Starts == "" { // it may always have been declared
			f.Purpose.Term.From = time.Unix(1, 0)
		}
	}
	if s.Contract == nil || s.Person == nil {
		return f
	}
	f.Assignment = assignmentOf(s.Assignment)
	f.Rights = rightsOf(s)
	f.Pledges = pledgesOf(s, now)
	employer := s.Drafted
	if s.Assignment != nil {
		employer = s.Assignment.EmployerID
	}
	f.Hops = hopsOf(s.Contract.PrimeID, employer, s.Consents, now)
	return f
}

// term is a period of civil days in Japan, both included.
func term(starts, ends meibo.Date) authz.Term {
	t := authz.Term{From: starts.Start().Time()}
	if ends != "" {
		t.Until = ends.End().Time()
	}
	return t
}

func systemOf(s *meibo.System) *authz.System {
	if s == nil {
		return nil
	}
	system := &authz.System{ID: string(s.ID)}
	for _, scope := range s.Scopes {
		for _, asset := range scope.Assets {
			for _, purpose := range scope.Purposes {
				system.Scopes = append(system.Scopes, authz.Scope{
					Contract: string(scope.Contract), Asset: string(asset), Purpose: string(purpose),
				})
			}
		}
	}
	return system
}

func contractOf(c *meibo.Contract) *authz.Contract {
	if c == nil {
		return nil
	}
	contract := &authz.Contract{
		ID: string(c.ID), Prime: string(c.PrimeID), State: authz.ContractActive, Complete: c.Complete(),
		Term: term(c.Starts, c.Ends), Assets: plain(c.Assets), Purposes: plain(c.Purposes), Prohibited: plain(c.Prohibited),
		AcknowledgementRequired: c.AckRequired,
	}
	switch c.State {
	case meibo.ContractSuspended:
		contract.State = authz.ContractSuspended
	case meibo.ContractTerminated:
		contract.Terminated = c.TerminatedAt.Time()
	}
	return contract
}

// personOf: what the directory said last; without a directory, what the roster
// says. Under a directory a person who is not bound to an entry is nobody.
func personOf(s meibo.Standing, directory bool) *authz.Person {
	if s.Person == nil {
		return nil
	}
	p := &authz.Person{ID: string(s.Person.ID), Account: authz.AccountEnabled}
	switch a := s.Account; {
	case !s.Person.DepartedAt.IsZero():
		p.Account = authz.AccountDeparted
	case a == nil && directory:
		p.Account = authz.AccountUnbound
	case a == nil:
	case a.State == meibo.AccountGone:
		p.Account = authz.AccountDeparted
	case a.State == meibo.AccountDisabled:
		p.Account = authz.AccountDisabled
	case a.State == meibo.AccountEnabled:
		p.Until = a.Until.Time()
	default:
		p.Account = authz.AccountUnknown
	}
	return p
}

func assignmentOf(a *meibo.Assignment) *authz.Assignment {
	if a == nil {
		return nil
	}
	return &authz.Assignment{
		Person: string(a.PersonID), Contract: string(a.ContractID), Employer: string(a.EmployerID), Term: term(a.Starts, a.Ends),
		Ended: a.EndedAt.Time(), Suspended: a.SuspendedFrom.Time(),
	}
}

// waits says in the words of the rule what a right waits for.
var waits = map[meibo.Waiting]authz.Wait{
	meibo.WaitsForNotification:    authz.WaitNotification,
	meibo.WaitsForAcknowledgement: authz.WaitAcknowledgement,
	meibo.WasReturned:             authz.WaitCorrection,
}

func rightsOf(s meibo.Standing) []authz.Right {
	var rights []authz.Right
	for _, r := range s.Rights {
		opened, waiting := r.Opened(s.Versions, s.Contract.AckRequired)
		rights = append(rights, authz.Right{
			ID: string(r.ID), Asset: string(r.AssetID), Action: string(r.Action), Purpose: string(r.Purpose),
			Term: term(r.Starts, r.Ends), Opened: opened.Time(), Waiting: waits[waiting], Acknowledged: r.Acknowledged(s.Versions),
		})
	}
	return rights
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
		FlowDown: s.FlowDownOn != "" && s.FlowDownOn.Start() <= now,
		Started:  !s.PreNamed || s.StartedOn != "" && s.StartedOn.Start() <= now,
		Assets:   orAll(s.Assets), Actions: orAll(s.Actions), Purposes: orAll(s.Purposes),
	}
}

// orAll: a consent that names nothing speaks of everything under the contract.
func orAll[T ~string](list []T) []string {
	if len(list) == 0 {
		return []string{authz.All}
	}
	return plain(list)
}

func plain[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// dueSoon is how long before a wording comes into force without any grace an
// answer must not be kept beyond that.
const dueSoon = 24 * time.Hour

// pledgesOf: a pledge that covers renewals speaks for the contract that renews
// its own.
func pledgesOf(s meibo.Standing, now meibo.Instant) []authz.Pledge {
	var pledges []authz.Pledge
	for _, p := range s.Pledges {
		if p.State == meibo.PledgeSuperseded {
			continue
		}
		contract := p.ContractID
		if p.Covers == meibo.CoversRenewals && s.Contract.RenewalOf != "" && contract == s.Contract.RenewalOf {
			contract = s.Contract.ID
		}
		one := authz.Pledge{
			Person: string(p.PersonID), Contract: string(contract), Employer: string(p.EmployerID), State: pledgeState(p, s.Templates),
			Term: authz.Term{From: p.ValidFrom.Time()},
		}
		until, due := p.Validity(contract, s.Templates, now)
		if due != "" || until < now.Add(dueSoon) { // a wording that is not in force yet asks nothing yet
			one.Due = until.Time()
		}
		pledges = append(pledges, one)
	}
	return pledges
}

// pledgeState: a text that is not the one agreed to, and a signature that was
// found not to be the person's, prove nothing.
func pledgeState(p meibo.Pledge, templates []meibo.PledgeTemplate) authz.PledgeState {
	switch p.State {
	case meibo.PledgeRequested:
		return authz.PledgeRequested
	case meibo.PledgePending:
		return authz.PledgePending
	case meibo.PledgeRejected:
		if p.Reason == meibo.RejectSignature {
			return authz.PledgeUnproven
		}
		return authz.PledgeRejected
	}
	if meibo.HashText(string(p.Text)) != p.TextHash {
		return authz.PledgeUnproven
	}
	for _, t := range templates {
		if t.ID == p.TemplateID && t.Version == p.TemplateVersion && t.Variant == meibo.VariantMinor && !p.GuardianConsent {
			return authz.PledgeUnassented
		}
	}
	return authz.PledgeValid
}
