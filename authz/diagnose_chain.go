package authz

import (
	"cmp"
	"slices"
)

// chain says which hop of the chain lacks the city's consent, and how.
func (d *diagnosis) chain() []finding {
	if d.f.Person == nil || d.f.Contract == nil || d.f.Assignment == nil {
		return nil
	}
	hops := d.f.Hops
	if !unbroken(d.f) || hops[0].Organization != d.f.Assignment.Employer {
		return is(CodeSubcontractNotApproved)
	}
	var found []finding
	for i, hop := range hops {
		found = append(found, d.hop(hop, len(hops)-i)...)
	}
	return found
}

// hop says what the consents to a hop, so far below the prime contractor, lack. Of several consents it speaks of the one
// that comes closest to being in force.
func (d *diagnosis) hop(hop Hop, depth int) []finding {
	if len(hop.Consents) == 0 {
		return is(CodeSubcontractNotApproved)
	}
	closest := slices.MinFunc(hop.Consents, func(a, b Consent) int {
		lacksA, lacksB := d.consent(a, depth), d.consent(b, depth)
		return cmp.Or(
			cmp.Compare(d.phase(a), d.phase(b)),
			cmp.Compare(len(lacksA), len(lacksB)),
			slices.CompareFunc(lacksA, lacksB, func(a, b finding) int { return cmp.Compare(a.code, b.code) }),
			cmp.Compare(moment(b.Term.From), moment(a.Term.From)),
			cmp.Compare(moment(b.Term.Until), moment(a.Term.Until)),
		)
	})
	return d.consent(closest, depth)
}

// The phases of a consent, from the closest to being in force to the farthest.
const (
	phasePresent = iota
	phaseAhead
	phaseOver
	phaseRevoked
)

// phase tells how the consent's period lies to the moment.
func (d *diagnosis) phase(c Consent) int {
	switch {
	case moment(c.Revoked) <= d.at:
		return phaseRevoked
	case moment(c.Term.Until) <= d.at:
		return phaseOver
	case d.at < moment(c.Term.From):
		return phaseAhead
	}
	return phasePresent
}

// consent says what one consent lacks; nothing of one that is over, but that it is.
func (d *diagnosis) consent(c Consent, depth int) []finding {
	var found []finding
	switch phase := d.phase(c); {
	case phase == phaseRevoked:
		return is(CodeSubcontractRevoked)
	case phase == phaseOver && d.late(moment(c.Term.Until)):
		return nil
	case phase == phaseOver:
		return []finding{{code: CodeSubcontractExpired, term: c.Term}}
	case phase == phaseAhead && !d.early(moment(c.Term.From)), !c.Started:
		found = append(found, finding{code: CodeSubcontractNotStarted, term: c.Term})
	}
	if depth > c.Depth {
		found = append(found, is(CodeSubcontractDepthExceeded)...)
	}
	if !c.FlowDown {
		found = append(found, is(CodeFlowdownMissing)...)
	}
	return found
}

// scope says that the consents do not cover the question. It is silent where the chain fails as a whole, and where they
// would cover the asset and the action for a purpose that were in order.
func (d *diagnosis) scope() []finding {
	if d.failed("chain") || d.f.Person == nil || d.f.Contract == nil || d.f.Assignment == nil || d.f.Asset == nil {
		return nil
	}
	if d.purposeFailed() && slices.ContainsFunc(d.m.strands, func(s strand) bool {
		return s.from <= d.at && d.at < s.until && s.asset != nothing && s.action != nothing
	}) {
		return nil
	}
	return is(CodeSubcontractOutOfScope)
}
