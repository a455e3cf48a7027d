package authz_test

import (
	"fmt"
	"reflect"
	"slices"

	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/authz"
)

// register is what a snapshot knows, as plain lists: the model against which snapshots are held. Of several with one name
// the last counts.
type register struct {
	Parameters *authz.Parameters
	Directory  *authz.Directory
	Clock      authz.Clock
	Prohibited []string
	Subjects   []authz.Subject
	Contracts  []authz.ContractRecord
	Assets     []authz.Asset
	Purposes   []authz.Purpose
	Systems    []authz.System
	Permits    []authz.Permit
	Holds      []authz.Hold
}

// registerOf returns a register in which the facts of a question stand, and others like the person beside.
func registerOf(q authz.Question, f authz.Facts) register {
	r := register{Parameters: f.Parameters, Directory: f.Directory, Clock: f.Clock, Prohibited: f.Prohibited, Permits: f.Permits, Holds: f.Holds}
	r.Contracts = []authz.ContractRecord{{Contract: *f.Contract, Chains: map[string][]authz.Hop{}}}
	for i := range f.Hops {
		r.Contracts[0].Chains[f.Hops[i].Organization] = f.Hops[i:]
	}
	r.Assets, r.Purposes, r.Systems = []authz.Asset{*f.Asset}, []authz.Purpose{*f.Purpose}, []authz.System{*f.System}
	human := authz.Subject{Person: *f.Person, Pledges: f.Pledges, Trainings: f.Trainings, Loans: f.Loans}
	human.Work = []authz.Work{{Contract: q.Contract, Assignment: f.Assignment, Drafted: f.Drafted, Rights: f.Rights}}
	if f.Owner != nil {
		human.Person, human.Work[0].Rights = *f.Owner, nil
		r.Subjects = append(r.Subjects, authz.Subject{Person: *f.Person, Work: []authz.Work{{Contract: q.Contract, Rights: f.Rights}}})
	}
	r.Subjects = append(r.Subjects, human)
	if p := f.Principal; p != nil {
		r.Subjects = append(r.Subjects, authz.Subject{
			Person: *p.Person, Work: []authz.Work{{Contract: q.Contract, Assignment: p.Assignment}}, Pledges: p.Pledges, Delegations: p.Delegations,
		})
	}
	for i := range 4 {
		r.Subjects = append(r.Subjects, renamed(human, fmt.Sprintf("E1%02d", i)))
	}
	return r
}

// renamed returns the subject under another name.
func renamed(s authz.Subject, id string) authz.Subject {
	old := s.Person.ID
	s.Person.ID = id
	s.Work, s.Pledges, s.Trainings = slices.Clone(s.Work), slices.Clone(s.Pledges), slices.Clone(s.Trainings)
	for i := range s.Work {
		s.Work[i].Rights = slices.Clone(s.Work[i].Rights)
		if a := s.Work[i].Assignment; a != nil && a.Person == old {
			one := *a
			one.Person = id
			s.Work[i].Assignment = &one
		}
	}
	for i := range s.Pledges {
		s.Pledges[i].Person = id
	}
	for i := range s.Trainings {
		s.Trainings[i].Person = id
	}
	return s
}

// changes returns what puts the register into a snapshot.
func (r *register) changes() []authz.Change {
	all := []authz.Change{
		authz.SetParameters(r.Parameters), authz.SetDirectory(r.Directory), authz.SetClock(r.Clock), authz.SetProhibited(r.Prohibited...),
	}
	for _, x := range r.Subjects {
		all = append(all, authz.PutSubject(x))
	}
	for _, x := range r.Contracts {
		all = append(all, authz.PutContract(x))
	}
	for _, x := range r.Assets {
		all = append(all, authz.PutAsset(x))
	}
	for _, x := range r.Purposes {
		all = append(all, authz.PutPurpose(x))
	}
	for _, x := range r.Systems {
		all = append(all, authz.PutSystem(x))
	}
	for _, x := range r.Permits {
		all = append(all, authz.PutPermit(x))
	}
	for _, x := range r.Holds {
		all = append(all, authz.PutHold(x))
	}
	return all
}

// last returns the last element with the name, or nil.
func last[E any](all []E, id string, name func(*E) string) *E {
	for i := range slices.Backward(all) {
		if name(&all[i]) == id {
			return &all[i]
		}
	}
	return nil
}

func (r *register) subject(id string) *authz.Subject {
	return last(r.Subjects, id, func(s *authz.Subject) string { return s.Person.ID })
}

func workOf(s *authz.Subject, contract string) *authz.Work {
	if s == nil {
		return nil
	}
	for i := range s.Work {
		if s.Work[i].Contract == contract {
			return &s.Work[i]
		}
	}
	return nil
}

// facts collects the facts of a question from the lists.
func (r *register) facts(q authz.Question) authz.Facts {
	f := authz.Facts{Parameters: r.Parameters, Directory: r.Directory, Clock: r.Clock, Prohibited: r.Prohibited}
	f.System = last(r.Systems, q.System, func(s *authz.System) string { return s.ID })
	f.Asset = last(r.Assets, q.Asset, func(a *authz.Asset) string { return a.ID })
	f.Purpose = last(r.Purposes, q.Purpose, func(p *authz.Purpose) string { return p.Code })
	record := last(r.Contracts, q.Contract, func(c *authz.ContractRecord) string { return c.Contract.ID })
	if record != nil {
		f.Contract = &record.Contract
	}
	human := r.subject(q.Person)
	if human != nil {
		own := workOf(human, q.Contract)
		f.Person = &human.Person
		if human.Person.Service {
			if human = r.subject(human.Person.Owner); human != nil {
				f.Owner = &human.Person
			}
		}
		if human != nil {
			if w := workOf(human, q.Contract); w != nil {
				f.Drafted, f.Assignment = w.Drafted, w.Assignment
			}
			if own != nil && f.Assignment != nil {
				f.Rights = own.Rights
			}
			f.Pledges, f.Trainings, f.Loans = human.Pledges, human.Trainings, human.Loans
		}
	}
	if f.Assignment != nil && record != nil {
		f.Hops = record.Chains[f.Assignment.Employer]
	}
	if their := r.subject(q.Context.OnBehalfOf); their != nil && q.Context.OnBehalfOf != "" {
		f.Principal = &authz.Principal{Person: &their.Person, Pledges: their.Pledges, Delegations: their.Delegations}
		if w := workOf(their, q.Contract); w != nil {
			f.Principal.Assignment = w.Assignment
		}
	}
	r.named(q, &f)
	return f
}

// named collects the permits and holds of a question.
func (r *register) named(q authz.Question, f *authz.Facts) {
	for _, p := range lasts(r.Permits, func(p *authz.Permit) string { return p.ID }) {
		if p.ID == q.Context.Permit && p.ID != "" || p.CloseOut && p.Contract == q.Contract {
			f.Permits = append(f.Permits, p)
		}
	}
	people := []string{q.Person, q.Context.OnBehalfOf}
	if f.Owner != nil {
		people = append(people, f.Owner.ID)
	}
	for _, h := range lasts(r.Holds, func(h *authz.Hold) string { return h.ID }) {
		involved := true
		switch {
		case identifier.MatchString(h.Person):
			involved = slices.Contains(people, h.Person)
		case identifier.MatchString(h.Asset):
			involved = h.Asset == q.Asset && f.Asset == nil || f.Asset != nil &&
				slices.ContainsFunc(parts(f.Asset), func(a *authz.Asset) bool { return a.ID == h.Asset })
		case identifier.MatchString(h.Contract):
			involved = h.Contract == q.Contract
		}
		if involved {
			f.Holds = append(f.Holds, h)
		}
	}
}

// lasts returns the elements of which none with the same name follows.
func lasts[E any](all []E, name func(*E) string) []E {
	var kept []E
	for i := range all {
		if last(all[i+1:], name(&all[i]), name) == nil {
			kept = append(kept, all[i])
		}
	}
	return kept
}

// registerWorld draws a register, and questions to it.
func registerWorld(t *rapid.T) (register, []authz.Question) {
	q, f := rapid.SampledFrom(bases).Draw(t, "base")()
	r := registerOf(q, f)
	for i := range r.Holds {
		r.Holds[i].ID = fmt.Sprint("H", i)
	}
	for range rapid.IntRange(0, 8).Draw(t, "changes") {
		change(t, pick(t, places("", reflect.ValueOf(&r).Elem())[1:]).value)
	}
	questions := []authz.Question{q}
	for range 3 {
		other := q
		other.Person = rapid.SampledFrom([]string{"E002", "E003", "SV01", "E100", "E101", "E102", "E103", "nobody"}).Draw(t, "person")
		for range rapid.IntRange(0, 2).Draw(t, "changes of the question") {
			change(t, pick(t, places("", reflect.ValueOf(&other).Elem())[1:]).value)
		}
		questions = append(questions, other)
	}
	return r, questions
}

func pick(t *rapid.T, all []place) place {
	return all[rapid.IntRange(0, len(all)-1).Draw(t, "place")]
}
