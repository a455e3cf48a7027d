package meibo

import "slices"

// A Renewal is what a renewed contract would take over from the one that it renews,
// as drafts: nothing of it holds before the contractor has submitted and approved
// it and the city was told, or has consented. Nothing carries over by itself.
type Renewal struct {
	Of       ContractID    // the contract that is renewed
	Lines    []Line        // one for each right, to be submitted
	Consents []Subcontract // without the number of the city's consent, which only the city can fill in
	LeftOut  []LeftOut     // what is on the old contract and cannot be taken over, and why
}

// A LeftOut is a person, one right of a person, or a consent, that a Renewal leaves
// out. Who has left and what was revoked is not mentioned.
type LeftOut struct {
	PersonID       PersonID
	OrganizationID OrganizationID // the employer; of a consent: to whom it was given
	Right          Triple         // empty: the whole person, or a consent
	Code           ProblemCode
}

// Sentence is the Japanese sentence for people: why it is left out.
func (l LeftOut) Sentence() string { return sentences[l.Code] }

// Renew drafts what the book's contract takes over from the old one. What the
// contract has already, or waits for approval, is not drafted again. mine says of
// which employers the caller may be told. Rights end with the contract and begin with
// it, or today; one that would have ended before the old contract did was temporary,
// and is left out.
func (b *Book) Renew(old *Book, now Instant, mine func(OrganizationID) bool) Renewal {
	d := Renewal{Of: old.Contract.ID}
	known := b.knownRights()
	for _, a := range old.Assignments.All() {
		p, _ := old.People.Get(a.PersonID)
		if !a.Running() || !p.DepartedAt.IsZero() || !mine(a.EmployerID) {
			continue
		}
		if code := b.staysBehind(old, a, p, now.Day()); code != "" {
			d.LeftOut = append(d.LeftOut, LeftOut{PersonID: a.PersonID, OrganizationID: a.EmployerID, Code: code})
			continue
		}
		for _, r := range old.rightsOf(a.ID) {
			if known[personRight{r.PersonID, r.Triple()}] {
				continue
			}
			line := b.renewed(a, r, now)
			if code := b.rightStaysBehind(old, r, line); code != "" {
				d.LeftOut = append(d.LeftOut, LeftOut{a.PersonID, a.EmployerID, r.Triple(), code})
				continue
			}
			line.Row = len(d.Lines) + 1
			d.Lines = append(d.Lines, line)
			known[personRight{r.PersonID, r.Triple()}] = true // two periods of one right become one
		}
	}
	for _, s := range slices.Backward(old.Subcontracts) { // the newest speaks for its hop
		if mine(s.OrganizationID) {
			b.renewConsent(old, s, &d, now.Day())
		}
	}
	return d
}

type personRight struct {
	person PersonID
	right  Triple
}

// knownRights are those that the contract's next roster has, or that wait for approval.
func (b *Book) knownRights() map[personRight]bool {
	known := map[personRight]bool{}
	for _, r := range b.Rights.All() {
		if a, ok := b.Assignments.Get(r.AssignmentID); ok && a.Running() && r.Listed() {
			known[personRight{r.PersonID, r.Triple()}] = true
		}
	}
	for _, l := range b.Lines.All() {
		if c, _ := b.Changes.Get(l.ChangeID); l.Operation == Add && c.State == ChangeSubmitted {
			known[personRight{l.PersonID, l.Triple()}] = true
		}
	}
	return known
}

// staysBehind says why a person is not taken over.
func (b *Book) staysBehind(old *Book, a Assignment, p Person, day Date) ProblemCode {
	account, bound := old.Accounts.Get(a.PersonID)
	switch {
	case !a.SuspendedFrom.IsZero():
		return "RENEWAL_SUSPENDED"
	case bound && (account.State == AccountDisabled || account.State == AccountGone):
		return "LOGIN_DISABLED"
	case !b.consents(a.EmployerID, day) || !b.consents(p.OrganizationID, day):
		return "RENEWAL_UNCONSENTED"
	}
	return ""
}

// consents reports whether people of an organization may come to work on the contract:
// it is the prime, or the city has consented to it and goes on doing so.
func (b *Book) consents(o OrganizationID, day Date) bool {
	return o == b.City.ID || o == b.Contract.PrimeID ||
		slices.ContainsFunc(b.Subcontracts, func(s Subcontract) bool { return s.OrganizationID == o && s.Lasts(day) })
}

// rightStaysBehind says why a right is not taken over.
func (b *Book) rightStaysBehind(old *Book, r Right, l Line) ProblemCode {
	var ps Problems
	b.judgeRight(l, &ps)
	switch fatal := ps.Fatal(); {
	case !r.ReturnedAt.IsZero():
		return "RENEWAL_RETURNED"
	case r.Ends < old.Contract.LastDay():
		return "RENEWAL_TEMPORARY"
	case l.Ends < l.Starts:
		return "PERIOD_OVER"
	case len(fatal) > 0:
		return fatal[0].Code
	}
	return ""
}

// renewed is the line that adds a right of the old contract to the new one.
func (b *Book) renewed(a Assignment, r Right, now Instant) Line {
	return Line{
		Operation: Add, ContractID: b.Contract.ID, PersonID: r.PersonID, EmployerID: a.EmployerID, Employment: a.Employment,
		AssetID: r.AssetID, Action: r.Action, Purpose: r.Purpose,
		Starts: max(b.Contract.Starts, r.Starts, now.Day()), Ends: b.Contract.Ends,
		Workplace: a.Workplace, Task: a.Task, Reason: ReasonContractChange, Pledge: PledgeToRequest,
	}
}

// renewConsent drafts a consent that held to the end of the old contract. The number
// of the new one, and the day on which the terms were passed on, are not copied: both
// have to happen again.
func (b *Book) renewConsent(old *Book, s Subcontract, d *Renewal, day Date) {
	given := slices.ContainsFunc(b.Subcontracts, func(n Subcontract) bool {
		return n.OrganizationID == s.OrganizationID && n.ParentID == s.ParentID && n.Lasts(day)
	})
	twice := slices.ContainsFunc(d.Consents, func(n Subcontract) bool {
		return n.OrganizationID == s.OrganizationID && n.ParentID == s.ParentID
	})
	if given || twice || !s.RevokedAt.IsZero() {
		return
	}
	n := Subcontract{
		ID: SubcontractID(string(b.Contract.ID) + "-" + string(s.OrganizationID)), ContractID: b.Contract.ID, ParentID: s.ParentID,
		OrganizationID: s.OrganizationID, Depth: s.Depth, Starts: b.Contract.Starts, Ends: b.Contract.Ends, Actions: s.Actions,
	}
	for _, a := range s.Assets {
		if b.Contract.Assets.Has(a) {
			n.Assets = append(n.Assets, a)
		}
	}
	for _, p := range s.Purposes {
		if p.UnderAny(b.Contract.Purposes) {
			n.Purposes = append(n.Purposes, p)
		}
	}
	var code ProblemCode // what named something must not come to name nothing: that would be everything
	switch {
	case s.Ends < old.Contract.LastDay():
		code = "RENEWAL_TEMPORARY"
	case len(s.Assets) > 0 && len(n.Assets) == 0:
		code = "ASSET_NOT_IN_CONTRACT"
	case len(s.Purposes) > 0 && len(n.Purposes) == 0:
		code = "PURPOSE_NOT_OF_CONTRACT"
	}
	if code != "" {
		d.LeftOut = append(d.LeftOut, LeftOut{OrganizationID: s.OrganizationID, Code: code})
		return
	}
	d.Consents = append(d.Consents, n)
}

// Renewable says why nothing can be taken over from an old contract; nil: it can.
// Another contractor has nothing to do with the people of the one before.
func (b *Book) Renewable(old *Book, now Instant) error {
	switch {
	case b.Contract.RenewalOf == "" || b.Contract.RenewalOf != old.Contract.ID:
		return Refuse(ErrConflict, "NOT_A_RENEWAL")
	case b.Contract.PrimeID != old.Contract.PrimeID:
		return Refuse(ErrConflict, "RENEWAL_BY_ANOTHER")
	case b.Contract.Over(now):
		return Refuse(ErrConflict, "CONTRACT_OVER")
	}
	return nil
}
