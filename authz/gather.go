package authz

import "slices"

// gathering is the room in which a snapshot lays out the facts of one question.
type gathering struct {
	person, owner, stranger Person
	assignment, theirs      Assignment
	rights                  []Right
	pledges, others         []Pledge
	permits                 []Permit
	holds                   []Hold
	system                  System
	principal               Principal
}

// Facts returns the facts of a question. Contract, asset, purpose and chain are the snapshot's own and must not be
// changed; rows of the person are laid out anew.
func (s *Snapshot) Facts(q Question) Facts {
	return s.gather(&q, new(gathering))
}

// gather lays out the facts of a question in the room, in which they lie until it is used again.
func (s *Snapshot) gather(q *Question, g *gathering) Facts {
	f := Facts{
		Parameters: s.parameters, Directory: s.directory, Clock: s.clock, Prohibited: s.prohibited,
		Asset: s.assets.get(q.Asset), Purpose: s.purposes.get(q.Purpose),
	}
	f.System = s.system(q, g)
	record := s.contracts.get(q.Contract)
	if record != nil {
		f.Contract = &record.Contract
	}
	g.rights, g.pledges, g.others = g.rights[:0], g.pledges[:0], g.others[:0]
	s.work(q, g, &f)
	if f.Assignment != nil && record != nil {
		f.Hops = record.Chains[f.Assignment.Employer]
	}
	if q.Context.OnBehalfOf != "" {
		f.Principal = s.represented(q, g)
	}
	s.permit(q, g, &f)
	s.hold(q, g, &f)
	return f
}

// system returns the asking system with those of its scopes that the question could be in.
func (s *Snapshot) system(q *Question, g *gathering) *System {
	system := s.systems.get(q.System)
	if system == nil {
		return nil
	}
	g.system = *system
	here := Scope{Contract: q.Contract, Asset: q.Asset}
	first, _ := slices.BinarySearchFunc(system.Scopes, here, compareScopes)
	last := first
	for last < len(system.Scopes) && compareScopes(system.Scopes[last], here) == 0 {
		last++
	}
	g.system.Scopes = system.Scopes[first:last]
	return &g.system
}

// work lays out the person, who answers for the person, and what both have under the contract.
func (s *Snapshot) work(q *Question, g *gathering, f *Facts) {
	own := s.subjects.get(q.Person)
	if own == nil {
		return
	}
	g.person = own.person.unpack(q.Person)
	f.Person = &g.person
	rights := own.under(q.Contract)
	human, id := own, q.Person
	if g.person.Service {
		id = g.person.Owner
		if human = s.subjects.get(id); human != nil {
			g.owner = human.person.unpack(id)
			f.Owner = &g.owner
		}
	}
	if human == nil {
		return
	}
	if under := human.under(q.Contract); under != nil {
		f.Drafted = under.drafted
		if under.assigned {
			g.assignment = under.assignment(id)
			f.Assignment = &g.assignment
		}
	}
	if rights != nil && f.Assignment != nil {
		for i := range rights.rights {
			g.rights = append(g.rights, rights.rights[i].unpack())
		}
		f.Rights = g.rights
	}
	g.pledges = human.pledgesOf(id, g.pledges)
	f.Pledges = g.pledges
	if human.rest != nil {
		f.Trainings, f.Loans = human.rest.trainings, human.rest.loans
	}
}

// pledgesOf appends the pledges of the person.
func (f *file) pledgesOf(person string, to []Pledge) []Pledge {
	for i := range f.pledges {
		to = append(to, f.pledges[i].unpack(person))
	}
	return to
}

// represented lays out the person for whom the person acts.
func (s *Snapshot) represented(q *Question, g *gathering) *Principal {
	id := q.Context.OnBehalfOf
	their := s.subjects.get(id)
	if their == nil {
		return nil
	}
	g.stranger, g.others = their.person.unpack(id), their.pledgesOf(id, g.others)
	g.principal = Principal{Person: &g.stranger, Pledges: g.others}
	if under := their.under(q.Contract); under != nil && under.assigned {
		g.theirs = under.assignment(id)
		g.principal.Assignment = &g.theirs
	}
	if their.rest != nil {
		g.principal.Delegations = their.rest.delegations
	}
	return &g.principal
}

// permit lays out the permit that the question names, and those that let the work under the contract go on after its end.
func (s *Snapshot) permit(q *Question, g *gathering, f *Facts) {
	g.permits = g.permits[:0]
	if q.Context.Permit != "" {
		if permit := s.permits.get(q.Context.Permit); permit != nil {
			g.permits = append(g.permits, *permit)
		}
	}
	for i := range s.closeouts {
		if p := &s.closeouts[i]; p.Contract == q.Contract && p.ID != q.Context.Permit {
			g.permits = append(g.permits, *p)
		}
	}
	f.Permits = g.permits
}

// hold lays out the holds on everybody and everything that the question involves.
func (s *Snapshot) hold(q *Question, g *gathering, f *Facts) {
	if len(s.holds.all) == 0 {
		return
	}
	g.holds = s.holds.find(g.holds[:0], "", "")
	g.holds = s.holds.find(g.holds, "person ", q.Person)
	if f.Owner != nil && f.Owner.ID != q.Person {
		g.holds = s.holds.find(g.holds, "person ", f.Owner.ID)
	}
	if other := q.Context.OnBehalfOf; wellFormed(other) && other != q.Person && (f.Owner == nil || other != f.Owner.ID) {
		g.holds = s.holds.find(g.holds, "person ", other)
	}
	g.holds = s.holds.find(g.holds, "contract ", q.Contract)
	if f.Asset == nil {
		g.holds = s.holds.find(g.holds, "asset ", q.Asset)
	} else {
		f.Asset.each(func(part *Asset) { g.holds = s.holds.find(g.holds, "asset ", part.ID) })
	}
	f.Holds = g.holds
}
