package authz

import "slices"

// Subject is everything that a snapshot knows of one person or service account.
type Subject struct {
	Person      Person
	Work        []Work // at most one under each contract
	Pledges     []Pledge
	Trainings   []Training
	Loans       []Loan
	Delegations []Delegation // by which others may act for the person
}

// Work is what a person does under one contract.
type Work struct {
	Contract   string
	Assignment *Assignment // nil: none. A service account has none: its owner's counts
	Drafted    bool
	Rights     []Right // of a service account those that it holds
}

// file is a subject as a snapshot keeps it.
type file struct {
	person  packedPerson
	work    []packedWork
	pledges []packedPledge
	rest    *rest // nil: there is none
}

// rest is what few people have.
type rest struct {
	trainings   []Training
	loans       []Loan
	delegations []Delegation
}

// pack returns the subject in little room.
func (s *Subject) pack() file {
	f := file{person: packPerson(s.Person)}
	if len(s.Work) > 0 {
		f.work = make([]packedWork, len(s.Work))
		for i := range s.Work {
			f.work[i] = packWork(s.Person.ID, &s.Work[i])
		}
	}
	if len(s.Pledges) > 0 {
		f.pledges = make([]packedPledge, len(s.Pledges))
		for i := range s.Pledges {
			f.pledges[i] = packPledge(s.Person.ID, s.Pledges[i])
		}
	}
	if len(s.Trainings)+len(s.Loans)+len(s.Delegations) > 0 {
		f.rest = &rest{s.Trainings, s.Loans, s.Delegations}
	}
	return f
}

// unpack returns the subject again.
func (f *file) unpack(id string) Subject {
	s := Subject{Person: f.person.unpack(id)}
	for i := range f.work {
		s.Work = append(s.Work, f.work[i].unpack(id))
	}
	for i := range f.pledges {
		s.Pledges = append(s.Pledges, f.pledges[i].unpack(id))
	}
	if f.rest != nil {
		s.Trainings, s.Loans, s.Delegations = f.rest.trainings, f.rest.loans, f.rest.delegations
	}
	return s
}

// used returns the subject with a right of which the last use is known to be as late as that.
func (f *file) used(right string, at instant) file {
	with := *f
	with.work = slices.Clone(f.work)
	for i := range with.work {
		rights := with.work[i].rights
		j := slices.IndexFunc(rights, func(r packedRight) bool { return r.id == right })
		if j < 0 {
			continue
		}
		rights = slices.Clone(rights)
		rights[j].use(at)
		with.work[i].rights = rights
	}
	return with
}

// under returns the work under a contract, or nil.
func (f *file) under(contract string) *packedWork {
	if f == nil {
		return nil
	}
	for i := range f.work {
		if f.work[i].contract.Value() == contract {
			return &f.work[i]
		}
	}
	return nil
}
