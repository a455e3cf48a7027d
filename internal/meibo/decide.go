package meibo

import "slices"

// Approve gives one organization's yes to a waiting change. The approver is
// neither the submitter nor anybody whom the change names (separation of
// duties). When the submitting contractor and, for a subcontractor's change, the
// prime have both said yes, the change is in force and cuts a version.
func (b *Book) Approve(s Scene, id ChangeID) (Change, error) {
	c, err := b.waiting(s, id)
	if err != nil {
		return Change{}, err
	}
	own := s.Caller.Client.OrganizationID
	if _, twice := b.Approvals.Get(ApprovalKey{id, own}); twice {
		return Change{}, Refuse(ErrConflict, "ALREADY_APPROVED")
	}
	b.Approvals.Put(Approval{ChangeID: id, OrganizationID: own, ClientID: s.Caller.Client.ID, At: s.Now})
	if !b.approved(c) {
		return c, nil
	}
	var ps Problems
	for _, l := range b.linesOf(id) {
		_, problems := b.apply(s, l, id)
		ps = append(ps, problems.Fatal()...)
	}
	if err := ps.Err(); err != nil { // the roster moved on since it was submitted
		return Change{}, err
	}
	c.State, c.DecidedAt = ChangeAccepted, s.Now
	b.Changes.Put(c)
	b.cut(s, &c)
	return c, nil
}

// approved reports whether all whose yes is needed have given it.
func (b *Book) approved(c Change) bool {
	_, own := b.Approvals.Get(ApprovalKey{c.ID, c.OrganizationID})
	_, prime := b.Approvals.Get(ApprovalKey{c.ID, b.Contract.PrimeID})
	return own && prime
}

// Reject turns a waiting change down.
func (b *Book) Reject(s Scene, id ChangeID, reason Personal) (Change, error) {
	c, err := b.waiting(s, id)
	if err != nil {
		return Change{}, err
	}
	if code := TextProblem(string(reason)); code != "" {
		return Change{}, Problems{{Field: "reason", Code: code}}
	}
	c.State, c.DecidedAt, c.Reason = ChangeRejected, s.Now, reason
	b.Changes.Put(c)
	return c, nil
}

// waiting finds a change that the caller may decide on.
func (b *Book) waiting(s Scene, id ChangeID) (Change, error) {
	c, known := b.Changes.Get(id)
	own := s.Caller.Client.OrganizationID
	switch {
	case !known || (own != c.OrganizationID && own != b.Contract.PrimeID):
		return Change{}, ErrNotFound
	case c.State != ChangeSubmitted:
		return Change{}, Refuse(ErrConflict, "CHANGE_NOT_WAITING")
	case b.involved(s.Caller, c):
		return Change{}, Refuse(ErrForbidden, "SOD_CONFLICT")
	}
	return c, nil
}

// involved reports whether the caller submitted the change or is named in it.
func (b *Book) involved(caller Caller, c Change) bool {
	if caller.Client.ID == c.SubmittedBy {
		return true
	}
	me := caller.Client.PersonID
	if me == "" {
		return false
	}
	if me == c.SubmitterID {
		return true
	}
	for _, l := range b.linesOf(c.ID) {
		if l.PersonID == me {
			return true
		}
	}
	return false
}

// Withdraw takes back a waiting change; only the organization that submitted it
// can.
func (b *Book) Withdraw(s Scene, id ChangeID) (Change, error) {
	c, known := b.Changes.Get(id)
	switch {
	case !known || c.OrganizationID != s.Caller.Client.OrganizationID:
		return Change{}, ErrNotFound
	case c.State != ChangeSubmitted:
		return Change{}, Refuse(ErrConflict, "CHANGE_NOT_WAITING")
	}
	c.State, c.DecidedAt = ChangeWithdrawn, s.Now
	b.Changes.Put(c)
	return c, nil
}

func (b *Book) linesOf(id ChangeID) []Line {
	var lines []Line
	for _, l := range b.Lines.All() {
		if l.ChangeID == id {
			lines = append(lines, l)
		}
	}
	return lines
}

// Answer is the city's word on a roster version: acknowledged, or returned whole
// or for one member. hash must be that of the version, so that nobody answers
// for a roster that he did not see.
func (b *Book) Answer(s Scene, version int, hash string, verdict Verdict, line PersonID, reason Personal) error {
	if ps := answerProblems(verdict, line, reason); ps != nil {
		return ps
	}
	r, known := b.Rosters.Get(version)
	switch {
	case !known:
		return ErrNotFound
	case r.Hash != hash:
		return Refuse(ErrConflict, "ROSTER_HASH_DIFFERS")
	}
	answered := func(v Verdict, line PersonID) bool {
		return slices.ContainsFunc(b.Acknowledgement.All(), func(a Acknowledgement) bool {
			return a.Version == version && a.Verdict == v && a.PersonID == line
		})
	}
	switch {
	case answered(Returned, ""):
		return Refuse(ErrConflict, "ROSTER_ALREADY_RETURNED")
	case answered(verdict, line):
		return Refuse(ErrConflict, "ROSTER_ALREADY_ANSWERED")
	}
	if verdict == Returned && !b.giveBack(s, version, line) {
		return ErrNotFound
	}
	b.Acknowledgement.Put(Acknowledgement{
		ID: s.NewID(), ContractID: b.Contract.ID, Version: version, Verdict: verdict,
		PersonID: line, Reason: reason, ClientID: s.Caller.Client.ID, At: s.Now,
	})
	for _, n := range b.Notices.All() {
		if n.Kind == NoticeRoster && n.Version == version {
			n = n.answered(verdict, s.Now)
			b.Notices.Put(n)
			for _, moot := range Supersede(b.Notices.All(), n) {
				moot.DueOn = ""
				b.Notices.Put(moot)
			}
		}
	}
	kind := NoticeAcknowledged
	if verdict == Returned {
		kind = NoticeReturned
	} else {
		b.settleEarlier(version)
	}
	b.tellContractor(s, kind, version)
	return nil
}

// answerProblems: a version is acknowledged whole, and returned with a reason.
func answerProblems(verdict Verdict, line PersonID, reason Personal) Problems {
	var ps Problems
	if verdict != Acknowledged && verdict != Returned {
		ps.add(0, "verdict", "UNKNOWN_VALUE")
	}
	if verdict == Acknowledged && line != "" {
		ps.add(0, "person", "NOT_USED_HERE")
	}
	if verdict == Returned && reason == "" {
		ps.add(0, "reason", "REQUIRED")
	} else if code := TextProblem(string(reason)); code != "" {
		ps.add(0, "reason", code)
	}
	return ps
}

// giveBack closes what a returned version added or widened, or the line of a
// member with all that it had come to hold. What the version took away stays
// away; other rights keep their last notified version. It reports whether the
// line stood in the version.
func (b *Book) giveBack(s Scene, version int, line PersonID) bool {
	found := line == ""
	for _, r := range b.Rights.All() {
		switch {
		case r.ListedFrom == 0:
			continue
		case line == "" && r.ListedFrom == version:
			b.restore(r)
		case line != "" && r.PersonID == line && r.ListedFrom <= version:
			found = found || r.ListedUntil == 0 || version < r.ListedUntil
		default:
			continue
		}
		if r.EndedAt.IsZero() && r.ReturnedAt.IsZero() {
			r.ReturnedAt = s.Now
			b.putRight(r)
		}
	}
	return found
}

// restore puts the right that a returned one was to replace back on the roster:
// it serves, and the next version must say so.
func (b *Book) restore(returned Right) {
	for _, r := range b.rightsOf(returned.AssignmentID) {
		if r.Triple() == returned.Triple() && r.ListedUntil == returned.ListedFrom && r.ReturnedAt.IsZero() {
			r.ListedUntil = 0
			b.putRight(r)
		}
	}
}
