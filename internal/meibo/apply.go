package meibo

// apply carries out one line on the book and says what is wrong with it. It
// reports whether the line widens anything, and so waits for approval. After a
// problem that is no warning the book is of no further use.
func (b *Book) apply(s Scene, l Line, c ChangeID) (waits bool, ps Problems) {
	if b.judge(s, l, &ps); ps.Err() != nil {
		return false, ps
	}
	switch l.Operation {
	case Add:
		waits = true
		b.add(s, l, c, &ps)
	case Amend:
		waits = b.amend(s, l, c, &ps)
	case Suspend:
		b.suspend(s, l, &ps)
	case Resume:
		waits = true
		b.resume(l, &ps)
	case Remove:
		b.remove(s, l, &ps)
	}
	return waits, ps
}

// judge notes what is wrong with a line in view of the contract.
func (b *Book) judge(s Scene, l Line, ps *Problems) {
	p, _ := b.People.Get(l.PersonID)
	grows := l.Operation != Remove && l.Operation != Suspend
	if grows && b.Contract.Over(s.Now) {
		ps.add(l.Row, "contract", "CONTRACT_OVER")
	}
	if a, running := b.Running(l.PersonID); running && !b.mayTouch(s, a) {
		ps.add(l.Row, "person", "PERSON_UNKNOWN")
	}
	if grows && !p.DepartedAt.IsZero() {
		ps.add(l.Row, "person", "PERSON_DEPARTED")
	}
	if l.EmployerID != "" {
		b.judgeEmployer(s, l, ps)
	}
	if l.Operation == Add {
		b.judgeRight(l, ps)
	}
	if l.Operation == Add || l.Operation == Amend {
		b.judgePeriod(s, l, ps)
	}
	if l.Operation == Add {
		b.judgeShown(l, ps)
	}
}

// judgeShown: that the directory shows another employer is accepted like a fault in
// the chain, and for the same reason.
func (b *Book) judgeShown(l Line, ps *Problems) {
	employer := l.EmployerID
	if a, running := b.Running(l.PersonID); running {
		employer = a.EmployerID
	}
	if a, bound := b.Accounts.Get(l.PersonID); bound && employer != "" && !a.WorksFor(employer) {
		ps.warn(l.Row, "employer", "EMPLOYER_NOT_SHOWN")
	}
}

// mayTouch: a hop of the chain sees and submits only its own people.
func (b *Book) mayTouch(s Scene, a Assignment) bool {
	own := s.Caller.Client.OrganizationID
	return own == b.Contract.PrimeID || own == a.EmployerID
}

// judgeEmployer: a contractor names its own people; the prime names the whole
// chain's. A fault in the chain is accepted, so that it becomes visible: the
// city is told and the check denies.
func (b *Book) judgeEmployer(s Scene, l Line, ps *Problems) {
	if _, known := b.Organizations.Get(l.EmployerID); !known {
		ps.add(l.Row, "employer", "EMPLOYER_UNKNOWN")
		return
	}
	own := s.Caller.Client.OrganizationID
	if own != b.Contract.PrimeID && own != l.EmployerID {
		ps.add(l.Row, "employer", "EMPLOYER_NOT_YOURS")
	}
	if l.Operation == Add && ChainFault(Chain(b.Contract.PrimeID, l.EmployerID, b.Subcontracts), s.Now) != "" {
		ps.warn(l.Row, "employer", "CHAIN_NOT_APPROVED")
	}
}

func (b *Book) judgeRight(l Line, ps *Problems) {
	a, known := b.Assets.Get(l.AssetID)
	switch {
	case !known || !b.Contract.Assets.Has(l.AssetID):
		ps.add(l.Row, "asset", "ASSET_NOT_IN_CONTRACT")
	case a.Importance == Unclassified:
		ps.warn(l.Row, "asset", "ASSET_NOT_CLASSIFIED")
	}
	if _, known := b.Purposes.Get(l.Purpose); !known {
		ps.add(l.Row, "purpose", "UNKNOWN_PURPOSE")
		return
	}
	if !l.Purpose.UnderAny(b.Contract.Purposes) {
		ps.add(l.Row, "purpose", "PURPOSE_NOT_OF_CONTRACT")
	}
	if l.Purpose.Under(AlwaysProhibited) || l.Purpose.UnderAny(b.Contract.Prohibited) {
		ps.add(l.Row, "purpose", "PURPOSE_IS_PROHIBITED")
	}
	for _, p := range b.Purposes.All() {
		if p.Code != l.Purpose && p.Code.Under(l.Purpose) {
			ps.warn(l.Row, "purpose", "PURPOSE_IS_BROAD")
			break
		}
	}
}

// judgePeriod: a right lies inside its contract. A first day in the past is
// accepted and never legitimises the past: the right opens when the city was
// told.
func (b *Book) judgePeriod(s Scene, l Line, ps *Problems) {
	if l.Starts != "" && l.Starts < b.Contract.Starts {
		ps.add(l.Row, "from", "OUTSIDE_CONTRACT")
	}
	if l.Ends != "" && l.Ends > b.Contract.Ends {
		ps.add(l.Row, "until", "OUTSIDE_CONTRACT")
	}
	if l.Operation == Add && l.Ends != "" && l.Ends.End() <= s.Now {
		ps.add(l.Row, "until", "PERIOD_OVER")
	}
	if l.Operation == Add && l.Starts != "" && l.Starts < s.Now.Day() {
		ps.warn(l.Row, "from", "BACKDATED")
	}
}

func (b *Book) add(s Scene, l Line, c ChangeID, ps *Problems) {
	a, running := b.Running(l.PersonID)
	if running && l.EmployerID != "" && l.EmployerID != a.EmployerID {
		ps.add(l.Row, "employer", "EMPLOYER_DIFFERS")
		return
	}
	if !running {
		var ok bool
		if a, ok = b.assign(s, l, c, ps); !ok {
			return
		}
	}
	for _, r := range b.rightsOf(a.ID) {
		if r.Triple() != l.Triple() {
			continue
		}
		switch {
		case !r.ReturnedAt.IsZero(): // the correction of a returned line
			r.EndedAt = s.Now
			b.putRight(r)
		case r.Listed() && r.Starts == l.Starts && r.Ends == l.Ends:
			ps.add(l.Row, "asset", "RIGHT_EXISTS")
			return
		case r.Listed() && r.Starts <= l.Ends && l.Starts <= r.Ends:
			ps.add(l.Row, "from", "RIGHT_OVERLAPS")
			return
		}
	}
	if running && (l.Starts < a.Starts || l.Ends > a.Ends) {
		a.Starts, a.Ends = min(a.Starts, l.Starts), max(a.Ends, l.Ends)
		b.putAssignment(a)
	}
	b.putRight(newRight(s, a, l, c))
}

// assign puts the person of a line on the contract.
func (b *Book) assign(s Scene, l Line, c ChangeID, ps *Problems) (Assignment, bool) {
	if l.EmployerID == "" {
		ps.add(l.Row, "employer", "REQUIRED")
	}
	if l.Employment == "" {
		ps.add(l.Row, "employment", "REQUIRED")
	}
	if l.EmployerID == "" || l.Employment == "" {
		return Assignment{}, false
	}
	a := Assignment{
		ID: AssignmentID(s.NewID()), ContractID: b.Contract.ID, PersonID: l.PersonID,
		EmployerID: l.EmployerID, Employment: l.Employment, Task: l.Task, Workplace: l.Workplace,
		Starts: l.Starts, Ends: l.Ends, ChangeID: c, CreatedAt: s.Now,
	}
	b.putAssignment(a)
	return a, true
}

func newRight(s Scene, a Assignment, l Line, c ChangeID) Right {
	return Right{
		ID: RightID(s.NewID()), AssignmentID: a.ID, ContractID: a.ContractID, PersonID: a.PersonID,
		AssetID: l.AssetID, Action: l.Action, Purpose: l.Purpose, Starts: l.Starts, Ends: l.Ends,
		ChangeID: c, CreatedAt: s.Now,
	}
}

func (b *Book) suspend(s Scene, l Line, ps *Problems) {
	a, running := b.Running(l.PersonID)
	from := max(s.Now, l.Starts.Start())
	switch {
	case !running:
		ps.add(l.Row, "person", "NOT_ON_ROSTER")
	case a.Suspended(from): // a later suspension can be made to hold now
		ps.add(l.Row, "operation", "ALREADY_SUSPENDED")
	default:
		a.SuspendedFrom, a.SuspendedWhy = from, l.Reason
		b.putAssignment(a)
	}
}

func (b *Book) resume(l Line, ps *Problems) {
	a, running := b.Running(l.PersonID)
	switch {
	case !running:
		ps.add(l.Row, "person", "NOT_ON_ROSTER")
	case a.SuspendedFrom.IsZero():
		ps.add(l.Row, "operation", "NOT_SUSPENDED")
	default:
		a.SuspendedFrom, a.SuspendedWhy = 0, ""
		b.putAssignment(a)
	}
}
