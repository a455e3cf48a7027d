package meibo

// A Subcontract (再委託) is the city's written consent to one hop of a contract's
// chain: Parent entrusts work to Organization (S2-4-1). Every hop needs one; the
// scope of a person's work is the intersection along the chain (S2-4-2).
type Subcontract struct {
	ID             SubcontractID
	ContractID     ContractID
	ParentID       OrganizationID
	OrganizationID OrganizationID
	Consent        string // number of the city's written consent
	Depth          int    // layer it was given for; 1 works directly for the prime
	Starts         Date
	Ends           Date
	PreNamed       bool // consented before the work began: counts from StartedOn
	StartedOn      Date
	FlowDownOn     Date // when the contract's terms were passed on (S2-4-3)
	RevokedAt      Instant
	Assets         List[AssetID]     // empty: all of the contract's
	Actions        List[Action]      // empty: all
	Purposes       List[PurposeCode] // nodes; empty: all of the contract's
}

// Lasts reports whether the consent holds on the day, or will: it was not revoked, and
// is not over.
func (s Subcontract) Lasts(day Date) bool { return s.RevokedAt.IsZero() && day <= s.Ends }

// A Hop is one step of the chain from a person's employer up to the prime, with
// the consents that speak of it.
type Hop struct {
	Organization OrganizationID
	Depth        int
	Consents     []Subcontract
}

// Chain lists the hops from employer up to, and without, the prime, nearest to
// the employer first. Where consents name more than one parent of a hop the
// newest counts. A hop of which the city knows nothing has no consents; so has
// the last hop of consents that go in a circle and never reach the prime.
func Chain(prime, employer OrganizationID, consents []Subcontract) []Hop {
	var hops []Hop
	seen := map[OrganizationID]bool{}
	for o := employer; o != prime; {
		hop := Hop{Organization: o}
		if !seen[o] {
			hop.Consents = consentsTo(o, consents)
		}
		hops, seen[o] = append(hops, hop), true
		if len(hop.Consents) == 0 {
			break
		}
		o = hop.Consents[0].ParentID
	}
	for i := range hops {
		hops[i].Depth = len(hops) - i
	}
	return hops
}

// consentsTo are the consents to a hop under its newest parent.
func consentsTo(o OrganizationID, consents []Subcontract) []Subcontract {
	parent := OrganizationID("")
	for _, s := range consents {
		if s.OrganizationID == o {
			parent = s.ParentID
		}
	}
	var under []Subcontract
	for _, s := range consents {
		if s.OrganizationID == o && s.ParentID == parent {
			under = append(under, s)
		}
	}
	return under
}

// Live reports whether the consent holds at now.
func (s Subcontract) Live(now Instant) bool {
	if !s.passedOn(now) || !s.begun(now) || (!s.RevokedAt.IsZero() && s.RevokedAt <= now) {
		return false
	}
	return s.Starts.Start() <= now && now < s.Ends.End()
}

// passedOn reports whether the contract's terms were passed on to the hop.
func (s Subcontract) passedOn(now Instant) bool {
	return s.FlowDownOn != "" && s.FlowDownOn.Start() <= now
}

// begun reports whether the work began to which the city consented in advance.
func (s Subcontract) begun(now Instant) bool {
	return !s.PreNamed || s.StartedOn != "" && s.StartedOn.Start() <= now
}

// ChainFault is the first thing wrong with a chain at now, as a decision code;
// empty when every hop has a live consent for its depth.
func ChainFault(hops []Hop, now Instant) string {
	for _, h := range hops {
		if len(h.Consents) == 0 {
			return "SUBCONTRACT_NOT_APPROVED"
		}
		if !h.approved(now) {
			return h.fault(now)
		}
	}
	return ""
}

func (h Hop) approved(now Instant) bool {
	for _, s := range h.Consents {
		if s.Live(now) && s.Depth >= h.Depth {
			return true
		}
	}
	return false
}

func (h Hop) fault(now Instant) string {
	s := h.Consents[len(h.Consents)-1]
	switch {
	case !s.RevokedAt.IsZero() && s.RevokedAt <= now:
		return "SUBCONTRACT_REVOKED"
	case now >= s.Ends.End():
		return "SUBCONTRACT_EXPIRED"
	case s.Starts.Start() > now, !s.begun(now):
		return "SUBCONTRACT_NOT_STARTED"
	case !s.passedOn(now):
		return "FLOWDOWN_MISSING"
	}
	return "SUBCONTRACT_DEPTH_EXCEEDED"
}
