package meibo

import "slices"

// Keeps reports whether what speaks of a contract is kept on a day.
func (p CityParameters) Keeps(c Contract, today Date) bool {
	return p.PledgesKept(c.LastDay()) >= today
}

// RostersDisposable reports whether the rosters of a contract, on which these people
// are, and the changes that led to them may be destroyed: not while the contract is
// kept, and not while a legal hold keeps them as evidence.
func (c Contract) RostersDisposable(people []PersonID, holds []Hold, city CityParameters, today Date) bool {
	if city.Keeps(c, today) {
		return false
	}
	return !slices.ContainsFunc(holds, func(h Hold) bool {
		of := (h.PersonID == "" || slices.Contains(people, h.PersonID)) && (h.ContractID == "" || h.ContractID == c.ID)
		return h.Kind == HoldLegal && h.LiftedAt.IsZero() && of
	})
}

// A Trace is everything with which a person has to do.
type Trace struct {
	Person    Person
	Contracts []Contract // on which they worked, or in whose matters they are named or acted
	Pledges   []Pledge
	Calls     bool // a key of the service that is in force is the person's
}

// Disposable reports whether nobody needs to know any more who a person was: no
// contract and no pledge of theirs is kept, and no legal hold is on them.
func (t Trace) Disposable(all []Contract, holds []Hold, city CityParameters, today Date) bool {
	if !t.Person.DisposedAt.IsZero() || t.Calls {
		return false
	}
	if slices.ContainsFunc(t.Contracts, func(c Contract) bool { return city.Keeps(c, today) }) {
		return false
	}
	for _, p := range t.Pledges {
		if p.State != PledgeDisposed && !p.Disposable(all, holds, city, today) {
			return false
		}
	}
	return !slices.ContainsFunc(holds, func(h Hold) bool {
		of := (h.PersonID == "" || h.PersonID == t.Person.ID) &&
			(h.ContractID == "" || slices.ContainsFunc(t.Contracts, func(c Contract) bool { return c.ID == h.ContractID }))
		return h.Kind == HoldLegal && h.LiftedAt.IsZero() && of
	})
}

// Disposed is what stays of a person: the id, which decisions name. Login and names go,
// and what finds the person by them. Whoever returns is somebody new.
func (p Person) Disposed(now Instant) Person {
	if p.DepartedAt.IsZero() {
		p.DepartedAt = now
	}
	p.Login, p.Name, p.Kana, p.Latin, p.Alias, p.FormerName, p.RenamedOn = "", "", "", "", "", "", ""
	p.LoginKey, p.DisposedAt = disposedKey+string(p.ID), now
	return p
}

// disposedKey begins what stands where something was by which a person was found.
const disposedKey = "disposed:"

// Disposed is what stays of an account: that there was one.
func (a Account) Disposed(now Instant) Account {
	a.Leave()
	if a.State != AccountGone {
		a.State, a.Cause, a.ChangedAt = AccountGone, CauseDeparted, now
	}
	a.Entry, a.Base, a.Unit, a.Employers, a.EmployersAt = disposedKey+string(a.PersonID), "", "", Packed[[]OrganizationID]{}, 0
	return a
}

// Disposed is what stays of a passkey: that there was one.
func (k Passkey) Disposed(now Instant) Passkey {
	if k.RevokedAt.IsZero() {
		k.RevokedAt = now
	}
	k.Credential, k.PublicKey, k.Authenticator, k.Entry, k.CredentialKey = "", "", "", "", disposedKey+string(k.ID)
	return k
}

// Disposed is what stays of somebody's client: that there was one. People are free to
// name it after themselves.
func (c Client) Disposed() Client {
	c.Name = ""
	return c
}

// Disposed is what stays of a roster version: when it was cut and how many it named.
// Its hash goes, too: names could be tried against it.
func (r Roster) Disposed() Roster {
	r.Document, r.Hash, r.PreviousHash = "", "", ""
	return r
}

// Disposed is what stays of a line: who by id was to do what.
func (l Line) Disposed() Line {
	l.Login, l.Name, l.Kana, l.Latin, l.Alias, l.FormerName = "", "", "", "", "", ""
	return l
}

// Disposed is what stays of a change, without words.
func (c Change) Disposed() Change {
	c.Reason = ""
	return c
}

// Disposed is what stays of the city's answer, without words.
func (a Acknowledgement) Disposed() Acknowledgement {
	a.Reason = ""
	return a
}

// Disposed is the contract without the names of those who answered for it.
func (c Contract) Disposed() Contract {
	c.Responsible, c.Supervisor = "", ""
	return c
}
