package authz

import "slices"

func (s *sheet) person(m *matter) {
	for _, p := range m.accounts {
		s.add(sectionAccounts, cell(p.ID), either(p.Service, "service", "human"), either(p.Ambiguous, "several", "single"),
			cell(string(p.Account)), since(p.Begins).String(), moment(p.Until).String(), moment(p.Transferred).String())
	}
	for _, l := range m.leaves {
		s.add(sectionLeaves, l.person, l.from.String(), l.until.String())
	}
	for _, h := range m.holds {
		s.add(sectionHolds, h.kind, h.person, h.contract, h.asset, h.action, h.from.String(), h.until.String())
	}
	for _, t := range m.f.Trainings {
		s.add(sectionTrainings, cell(t.Person), t.under(), moment(t.Term.From).String(), m.trained(&t).String())
	}
	for _, p := range m.f.Pledges {
		s.pledge(m, p)
	}
	if p := m.f.Principal; p != nil {
		for _, one := range p.Pledges {
			s.pledge(m, one)
		}
		for _, d := range p.Delegations {
			s.add(sectionDelegations, cell(d.Person), cell(d.Principal), cell(d.Contract), moment(d.Term.From).String(), moment(d.Term.Until).String())
		}
	}
}

func (s *sheet) pledge(m *matter, p Pledge) {
	s.add(sectionPledges, cell(p.Person), cell(p.Contract), cell(p.Employer), cell(string(p.State)),
		moment(p.Term.From).String(), m.pledged(&p).String(), moment(p.Due).String())
}

func (s *sheet) roster(m *matter) {
	for _, a := range m.assignments {
		s.add(sectionAssignments, cell(a.Person), cell(a.Contract),
			moment(a.Term.From).String(), moment(a.Term.Until).String(), moment(a.Ended).String(), moment(a.Suspended).String())
	}
	a := m.f.Assignment
	if a == nil {
		return
	}
	for _, r := range m.f.Rights {
		s.add(sectionRights, r.ID, m.holder(&r), cell(a.Contract), cell(r.Asset), cell(r.Action), cell(r.Purpose),
			m.exception(&r), m.limited(&r), moment(r.Term.From).String(), moment(r.Term.Until).String(), m.opened(&r).String())
	}
	slices.SortFunc(s.rows[sectionRights], slices.Compare[[]string])
}

func (s *sheet) permission(m *matter) {
	for _, p := range m.permits {
		s.add(sectionPermits, cell(p.permit.ID), p.person, cell(p.permit.Contract), p.asset, p.action, p.purpose, p.recipient, p.medium,
			p.rows, p.count, p.state, p.approval, p.protection, p.closeout, p.from.String(), p.until.String())
	}
	for _, l := range m.loans {
		s.add(sectionLoans, l.person, l.action, l.from.String(), l.until.String())
	}
	for _, e := range m.emergencies {
		s.add(sectionEmergencies, cell(m.f.Contract.ID), actionView, e.purpose, e.standing, e.justification, e.until.String())
	}
}

// opened returns when a right opens: when the city is notified of it (S2-6-1), and not before it has acknowledged it
// where the contract asks for that (S0-4).
func (m *matter) opened(r *Right) instant {
	if c := m.f.Contract; c != nil && c.AcknowledgementRequired && !r.Acknowledged {
		return forever
	}
	return moment(r.Opened)
}

// holder returns whose right it is: the service account's for which it is, else the person's on the roster.
func (m *matter) holder(r *Right) string {
	if r.Holder != "" {
		return cell(r.Holder)
	}
	return cell(m.f.Assignment.Person)
}

// exception tells whether the right itself excepts the stated purpose.
func (m *matter) exception(r *Right) string {
	return either(r.Limits != nil && m.excepted(r.Limits.Prohibited), stateMade, stateNone)
}

// limited tells whether the provisos of the right on the stated purpose are met, and their obligations fulfilled.
func (m *matter) limited(r *Right) string {
	if r.Limits == nil {
		return stateMet
	}
	for _, p := range r.Limits.Provisos {
		if m.under(wide(p.Purpose)) && !(m.met(p) && m.protectedUnder(p)) {
			return stateUnmet
		}
	}
	return stateMet
}

// pledged returns until when a pledge counts, by its term and by how often the city wants it renewed.
func (m *matter) pledged(p *Pledge) instant {
	return min(moment(p.Term.Until), months(moment(p.Term.From), m.limits.PledgeMonths))
}

// trained returns until when training counts: when its own term is open, for as long as the city says.
func (m *matter) trained(t *Training) instant {
	if t.Term.Until.IsZero() {
		return months(moment(t.Term.From), m.limits.TrainingMonths)
	}
	return moment(t.Term.Until)
}

// under returns under which contract the training counts.
func (t *Training) under() string {
	if t.Contract == All {
		return anything
	}
	return cell(t.Contract)
}

// serving returns the stated action, if it serves the purpose, and anything if every action does.
func (m *matter) serving(p *Purpose) string {
	return m.permitted(p.Actions, wordAction)
}
