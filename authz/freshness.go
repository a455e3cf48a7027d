package authz

import (
	"slices"
	"time"
)

// soon is how far ahead an end is announced.
const soon = 30 * 24 * time.Hour

// maxAge returns how long an allowed decision may be kept: by the class of the asset, and not beyond the next moment at
// which any of the facts could change the answer. What is counted, and what an emergency allows, is asked for anew each
// time.
func (m *matter) maxAge() time.Duration {
	if among(m.class.Uncached, m.q.Action) != nothing || m.emergency() || m.counted() {
		return 0
	}
	age := max(0, m.class.MaxAge)
	h := horizon{at: m.at, left: instant(age/time.Microsecond) + 1}
	m.boundaries(&h)
	return min(age, time.Duration(h.left)*time.Microsecond-time.Duration(m.q.At.Nanosecond()%1000))
}

// counted tells whether the decision uses up a permit.
func (m *matter) counted() bool {
	return slices.ContainsFunc(m.permits, func(p permitRow) bool {
		return p.permit.ID == m.words[wordPermit] && (p.permit.Rows != Unlimited || p.permit.Uses != Unlimited)
	})
}

// horizon finds the nearest of many moments ahead.
type horizon struct {
	at, left instant
}

// see looks at moments.
func (h *horizon) see(moments ...instant) {
	for _, t := range moments {
		if left := t - h.at; 0 < left && left < h.left {
			h.left = left
		}
	}
}

// boundaries shows the horizon all moments of the facts of an allowed decision.
func (m *matter) boundaries(h *horizon) {
	f := &m.f
	h.see(moment(f.Contract.Term.From), moment(f.Contract.Term.Until), moment(f.Contract.Terminated), moment(f.Contract.ReviewDue))
	h.see(moment(f.Purpose.Term.From), moment(f.Purpose.Term.Until), m.circumstances.synced, m.circumstances.authenticated)
	for _, p := range m.accounts {
		h.see(since(p.Begins), moment(p.Until), moment(p.Transferred))
	}
	for _, a := range m.assignments {
		h.see(moment(a.Term.From), moment(a.Term.Until), moment(a.Ended), moment(a.Suspended))
	}
	for i := range f.Rights {
		r := &f.Rights[i]
		h.see(moment(r.Term.From), moment(r.Term.Until), moment(r.Opened))
	}
	for i := range f.Pledges {
		m.boundariesOf(&f.Pledges[i], h)
	}
	for i := range f.Trainings {
		h.see(moment(f.Trainings[i].Term.From), m.trained(&f.Trainings[i]))
	}
	for _, hop := range f.Hops {
		for i := range hop.Consents {
			c := &hop.Consents[i]
			h.see(moment(c.Term.From), moment(c.Term.Until), moment(c.Revoked))
		}
	}
	if p := f.Principal; p != nil {
		for i := range p.Pledges {
			m.boundariesOf(&p.Pledges[i], h)
		}
		for _, d := range p.Delegations {
			h.see(moment(d.Term.From), moment(d.Term.Until))
		}
	}
	m.boundariesOfRows(h)
}

func (m *matter) boundariesOf(p *Pledge, h *horizon) {
	h.see(moment(p.Term.From), m.pledged(p), moment(p.Due), moment(p.Announced))
}

func (m *matter) boundariesOfRows(h *horizon) {
	for _, r := range m.holds {
		h.see(r.from, r.until)
	}
	for _, r := range m.leaves {
		h.see(r.from, r.until)
	}
	for _, r := range m.loans {
		h.see(r.from, r.until)
	}
	for _, r := range m.permits {
		h.see(r.from, r.until)
	}
	for _, r := range m.hours {
		h.see(r.from, r.until)
	}
}

// advise returns what the people concerned should know although access is allowed.
func (m *matter) advise(right string) []Code {
	var advice []Code
	say := func(code Code, so bool) {
		if so {
			advice = append(advice, code)
		}
	}
	ends, ahead := m.f.Contract.ends(), m.at.after(soon)
	say(CodeAdvicePledgeResignDue, m.resignDue())
	say(CodeAdviceContractEnding, m.at < ends && ends <= ahead)
	until := m.consented()
	say(CodeAdviceSubcontractEnding, until <= ahead && until < ends)
	unacknowledged, unused := false, false
	for i := range m.f.Rights {
		if r := &m.f.Rights[i]; r.ID == right {
			unacknowledged, unused = unacknowledged || !r.Acknowledged, unused || m.unused(r)
		}
	}
	say(CodeAdviceRosterUnacknowledged, unacknowledged)
	say(CodeAdviceTrainingDue, m.trainingDue(ahead))
	say(CodeAdviceRightUnused, unused)
	say(CodeAdviceSyncOld, m.syncOld())
	return advice
}

// resignDue tells whether every pledge that now holds has to be signed again by some moment, and that is announced.
func (m *matter) resignDue() bool {
	for i := range m.f.Pledges {
		p := &m.f.Pledges[i]
		if p.serves(m) && p.State == PledgeValid && p.Term.covers(m.at) && (p.Due.IsZero() || !p.Announced.IsZero() && m.at < moment(p.Announced)) {
			return false
		}
	}
	return true
}

// consented returns until when the consents to the chain cover the question, the longest of them.
func (m *matter) consented() instant {
	if m.f.Assignment.Employer == m.f.Contract.Prime {
		return forever
	}
	until := dawn
	for _, s := range m.strands {
		if s.from <= m.at && s.asset != nothing && s.action != nothing && s.purpose != nothing {
			until = max(until, s.until)
		}
	}
	return until
}

// trainingDue tells whether the contract asks for training, and all that now counts ends soon.
func (m *matter) trainingDue(ahead instant) bool {
	if !m.f.Contract.TrainingRequired {
		return false
	}
	for i := range m.f.Trainings {
		if t := &m.f.Trainings[i]; t.serves(m) && moment(t.Term.From) <= m.at && ahead < m.trained(t) {
			return false
		}
	}
	return true
}

// serves tells whether the training counts for the human and the contract.
func (t *Training) serves(m *matter) bool {
	return t.Person == m.words[wordHuman] && (t.Contract == All || t.Contract == m.q.Contract)
}

// unused tells whether the right has not been used for long.
func (m *matter) unused(r *Right) bool {
	return m.limits.UnusedDays > 0 && !r.LastUse.IsZero() &&
		moment(r.LastUse).after(time.Duration(m.limits.UnusedDays)*24*time.Hour) <= m.at
}

// syncOld tells whether more than half of the time is over for which the reading of the directory counts.
func (m *matter) syncOld() bool {
	synced := m.circumstances.synced
	return synced != forever && synced <= m.at.after(m.class.Staleness/2)
}

// emergency tells whether the stated purpose is one of emergency.
func (m *matter) emergency() bool { return m.underAny(m.limits.Emergency.Purposes) }

// obligationsBy returns the obligations of a decision that the right allows, in the order of the vocabulary.
func (m *matter) obligationsBy(right string) []Obligation {
	for i := range m.f.Rights {
		if r := &m.f.Rights[i]; r.ID == right && r.Limits != nil {
			m.obligeUnder(r.Limits.Provisos)
		}
	}
	for _, p := range m.permits {
		if p.permit.ID != m.words[wordPermit] || p.permit.Contract != m.q.Contract {
			continue
		}
		for _, o := range p.permit.Obligations {
			m.obligations = add(m.obligations, o)
		}
	}
	if len(m.obligations) == 0 {
		return nil
	}
	slices.SortFunc(m.obligations, compareObligations)
	all := slices.Clone(m.obligations)
	for i := range all {
		all[i].Fields = slices.Clone(all[i].Fields)
	}
	return all
}
