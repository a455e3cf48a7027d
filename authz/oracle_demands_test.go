package authz_test

import (
	"regexp"
	"slices"
	"time"

	"github.com/meibo-dev/meibo/authz"
)

var identifier = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._:@+=~-]{0,127}$`)

// in tells whether a list has the word, or every word.
func in(list []string, word string) bool {
	return slices.Contains(list, "*") || identifier.MatchString(word) && slices.Contains(list, word)
}

// lets tells whether a closed list, where there is one, has the word.
func lets(only *authz.Only, word string) bool { return only == nil || in(only.Words, word) }

// human returns who answers for the person; empty when nobody does.
func (o judge) human() string {
	p := o.f.Person
	switch {
	case p == nil || p.ID != o.q.Person || !p.Service:
		return o.q.Person
	case o.f.Owner != nil && o.f.Owner.ID == p.Owner && name(p.Owner) && p.Owner != p.ID:
		return p.Owner
	}
	return ""
}

func (o judge) service() bool {
	return o.f.Person != nil && o.f.Person.ID == o.q.Person && o.f.Person.Service
}

// acting returns for whom the person acts; empty when that is not known.
func (o judge) acting() string {
	switch stated := o.q.Context.OnBehalfOf; {
	case identifier.MatchString(stated):
		return stated
	case stated != "", o.f.System != nil && o.f.System.OnBehalf:
		return ""
	}
	return o.human()
}

// deputy tells whether the person acts for another, of whom something is known.
func (o judge) deputy() bool {
	return o.f.Principal != nil && o.acting() != o.q.Person && o.acting() != o.human()
}

// involved returns everybody of whom something is known.
func (o judge) involved() []*authz.Person {
	all := []*authz.Person{o.f.Person}
	if o.service() && o.human() != "" {
		all = append(all, o.f.Owner)
	}
	if o.deputy() {
		all = append(all, o.f.Principal.Person)
	}
	return slices.DeleteFunc(all, func(p *authz.Person) bool { return p == nil })
}

// anybody tells whether the account of the person is in order.
func (o judge) anybody(id string, human bool) bool {
	return name(id) && slices.ContainsFunc(o.involved(), func(p *authz.Person) bool {
		return p.ID == id && !(human && p.Service) && !p.Ambiguous && p.Account == authz.AccountEnabled &&
			(p.Begins.IsZero() || o.begun(p.Begins)) && !o.begun(p.Until) && !o.begun(p.Transferred)
	})
}

func (o judge) onLeave(id string) bool {
	return name(id) && slices.ContainsFunc(o.involved(), func(p *authz.Person) bool {
		return p.ID == id && slices.ContainsFunc(p.Leaves, func(t authz.Term) bool {
			return (t.From.IsZero() || o.begun(t.From)) && !o.begun(t.Until)
		})
	})
}

func (o judge) member(id string) bool {
	all := []*authz.Assignment{o.f.Assignment}
	if o.deputy() {
		all = append(all, o.f.Principal.Assignment)
	}
	return name(id) && slices.ContainsFunc(all, func(a *authz.Assignment) bool {
		return a != nil && a.Person == id && a.Contract == o.q.Contract && o.within(a.Term) && !o.begun(a.Ended) && !o.begun(a.Suspended)
	})
}

func (o judge) represents() bool {
	who := o.acting()
	if name(who) && who == o.human() && slices.ContainsFunc(o.involved(), func(p *authz.Person) bool { return p.ID == who }) {
		return true
	}
	return o.deputy() && o.anybody(who, true) && o.member(who) && o.pledge(who, false) &&
		slices.ContainsFunc(o.f.Principal.Delegations, func(d authz.Delegation) bool {
			return d.Person == o.q.Person && d.Principal == who && d.Contract == o.q.Contract && o.within(d.Term)
		})
}

func (o judge) employed() bool {
	who, employer := o.f.Person, ""
	if o.service() {
		if who = o.f.Owner; o.human() == "" {
			who = nil
		}
	}
	if a := o.f.Assignment; a != nil && name(a.Employer) {
		employer = a.Employer
	}
	return who == nil || who.Organizations == nil || slices.Contains(who.Organizations.Words, "*") ||
		employer != "" && slices.Contains(who.Organizations.Words, employer)
}

func (o judge) mode() bool { return !o.service() || o.q.Context.Mode == authz.ModeBatch }

func (o judge) authenticated() bool {
	c := o.q.Context
	if level := o.class.AuthLevel; level > 9 || level > max(0, min(9, c.AuthLevel)) {
		return false
	}
	if o.class.AuthAge == 0 {
		return true
	}
	at, when := o.q.At.Truncate(time.Microsecond), c.AuthTime.Truncate(time.Microsecond)
	return !c.AuthTime.IsZero() && !when.After(at.Add(max(0, o.limits.ClockOffset))) && at.Before(when.Add(o.class.AuthAge.Truncate(time.Microsecond)))
}

func (o judge) trained() bool {
	if o.knownContract() && !o.f.Contract.TrainingRequired {
		return true
	}
	return slices.ContainsFunc(o.f.Trainings, func(t authz.Training) bool {
		until := t.Term.Until
		if until.IsZero() {
			until = anniversary(t.Term.From, o.limits.TrainingMonths)
		}
		return name(o.human()) && t.Person == o.human() && (t.Contract == "*" || t.Contract == o.q.Contract) && o.begun(t.Term.From) && !o.begun(until)
	})
}

// anniversary returns the first moment of the day on which a period of months has ended; zero: it does not end.
func anniversary(from time.Time, months int) time.Time {
	if from.IsZero() || months <= 0 {
		return time.Time{}
	}
	tokyo := time.FixedZone("", 32400)
	first := from.Truncate(time.Microsecond).In(tokyo)
	if first.Format("150405.000000") != "000000.000000" {
		first = first.AddDate(0, 0, 1)
	}
	for day := first.Day(); ; day-- {
		end := time.Date(first.Year(), first.Month()+time.Month(months), day, 0, 0, 0, 0, tokyo)
		if end.Day() == day {
			if day < first.Day() {
				end = end.AddDate(0, 0, 1)
			}
			return end
		}
	}
}

// parts returns an asset and everything in it.
func parts(a *authz.Asset) []*authz.Asset {
	all := []*authz.Asset{a}
	for i := range a.Members {
		all = append(all, parts(&a.Members[i])...)
	}
	return all
}

// importance returns that of the most important asset; 0 when one is not classified.
func (o judge) importance() int {
	if o.f.Asset == nil {
		return 0
	}
	highest := 5
	for _, a := range parts(o.f.Asset) {
		if a.Importance < 0 || a.Importance > 4 || a.Importance == 0 && len(a.Members) == 0 {
			return 0
		}
		if a.Importance > 0 {
			highest = min(highest, a.Importance)
		}
	}
	return highest
}

func (o judge) intended() bool {
	return o.knows() && o.knownAsset() && !slices.ContainsFunc(parts(o.f.Asset), func(a *authz.Asset) bool {
		return a.Purposes != nil && !slices.Contains(a.Purposes.Words, "*") && !slices.ContainsFunc(a.Purposes.Words, o.isUnder)
	})
}

func (o judge) serves() bool { return o.knows() && lets(o.f.Purpose.Actions, o.q.Action) }
