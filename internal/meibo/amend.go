package meibo

// amend changes a right's period, or what the roster says of a member. It
// reports whether it widens: only a shorter period of a right does not.
func (b *Book) amend(s Scene, l Line, c ChangeID, ps *Problems) (waits bool) {
	a, running := b.Running(l.PersonID)
	if !running {
		ps.add(l.Row, "person", "NOT_ON_ROSTER")
		return false
	}
	before := len(ps.Fatal())
	told := b.amendMember(s, l, a, ps)
	wider, changed := !l.HasTriple(), false
	if l.HasTriple() {
		wider, changed = b.amendRight(s, l, c, a, ps)
	}
	if !told && !changed && len(ps.Fatal()) == before {
		ps.add(l.Row, "operation", "NOTHING_CHANGED")
	}
	return wider || told
}

// amendMember changes what the roster says of the person and the work.
func (b *Book) amendMember(s Scene, l Line, a Assignment, ps *Problems) (changed bool) {
	if l.EmployerID != "" && l.EmployerID != a.EmployerID {
		ps.add(l.Row, "employer", "EMPLOYER_DIFFERS")
		return false
	}
	was := a
	a.Task, a.Workplace = orElse(l.Task, a.Task), orElse(l.Workplace, a.Workplace)
	a.Employment = orElse(l.Employment, a.Employment)
	if a != was {
		b.putAssignment(a)
	}
	p, _ := b.People.Get(l.PersonID)
	old := p
	p.Name, p.Kana = orElse(l.Name, p.Name), orElse(l.Kana, p.Kana)
	p.Latin, p.Alias, p.FormerName = orElse(l.Latin, p.Latin), orElse(l.Alias, p.Alias), orElse(l.FormerName, p.FormerName)
	if p.Name != old.Name && p.FormerName != old.FormerName {
		p.RenamedOn = s.Now.Day()
	}
	if l.Adult != "" {
		p.Adult = l.Adult == AttestedYes
	}
	if p != old {
		b.People.Put(p)
	}
	return a != was || p != old
}

func orElse[T ~string](v, old T) T {
	if v == "" {
		return old
	}
	return v
}

// amendRight gives a right another period. A shorter one holds at once, in
// place. A wider one is another right, which waits for the city; until it opens,
// the old one goes on as the city knows it, for as long as both periods have in
// common.
func (b *Book) amendRight(s Scene, l Line, c ChangeID, a Assignment, ps *Problems) (wider, changed bool) {
	r, found := b.listedRight(a, l.Triple())
	if !found {
		ps.add(l.Row, "asset", "RIGHT_NOT_FOUND")
		return false, false
	}
	from, until := orElse(l.Starts, r.Starts), orElse(l.Ends, r.Ends)
	switch {
	case from == r.Starts && until == r.Ends:
		return false, false
	case until < from:
		ps.add(l.Row, "until", "UNTIL_BEFORE_FROM")
		return false, false
	}
	wider = from < r.Starts || until > r.Ends
	if wider {
		r.ListedUntil = b.nextVersion()
		b.putRight(r)
	}
	b.clip(s, a, from, until, func(other Right) bool {
		return other.Triple() == r.Triple() && other.Starts <= r.Ends && r.Starts <= other.Ends
	})
	if !wider {
		return false, true
	}
	l.Starts, l.Ends = from, until
	b.putRight(newRight(s, a, l, c))
	if from < a.Starts || until > a.Ends {
		a, _ = b.Assignments.Get(a.ID)
		a.Starts, a.Ends = min(a.Starts, from), max(a.Ends, until)
		b.putAssignment(a)
	}
	return true, true
}

// clip takes from the rights of an assignment, one that still serves while a
// wider one waits included, what lies outside the period. A right of which
// nothing is left ends now.
func (b *Book) clip(s Scene, a Assignment, from, until Date, of func(Right) bool) {
	for _, r := range b.rightsOf(a.ID) {
		starts, ends := max(r.Starts, from), min(r.Ends, until)
		switch {
		case !of(r) || starts == r.Starts && ends == r.Ends:
			continue
		case ends < starts:
			r.EndedAt = s.Now
		default:
			r.Starts, r.Ends = starts, ends
		}
		b.putRight(r)
	}
}

func (b *Book) listedRight(a Assignment, t Triple) (Right, bool) {
	for _, r := range b.rightsOf(a.ID) {
		if r.Listed() && r.Triple() == t {
			return r, true
		}
	}
	return Right{}, false
}

// remove ends a person's assignment, or one right of it. Without a last day, or
// with one that has begun or passed, it ends now: a backdated removal works from
// the moment it is recorded.
func (b *Book) remove(s Scene, l Line, ps *Problems) {
	a, running := b.Running(l.PersonID)
	if !running {
		ps.add(l.Row, "person", "NOT_ON_ROSTER")
		return
	}
	later := l.Ends > s.Now.Day()
	switch {
	case l.HasTriple():
		b.removeRight(s, l, a, later, ps)
	case later && l.Ends > a.Ends:
		ps.add(l.Row, "until", "LATER_THAN_PLANNED")
	case later && l.Ends >= a.Starts:
		a.Ends = l.Ends
		b.putAssignment(a)
		b.clip(s, a, "", l.Ends, func(Right) bool { return true })
	default:
		b.end(s, a, l.Reason)
	}
	if l.Reason == ReasonDeparture && !later && !l.HasTriple() {
		b.departed(s, l.PersonID)
	}
}

// removeRight ends every right of the triple: also an older one that still
// served while a wider one waited.
func (b *Book) removeRight(s Scene, l Line, a Assignment, later bool, ps *Problems) {
	found, last := false, Date("")
	for _, r := range b.rightsOf(a.ID) {
		if r.Triple() == l.Triple() {
			found, last = true, max(last, r.Ends)
		}
	}
	switch {
	case !found:
		ps.add(l.Row, "asset", "RIGHT_NOT_FOUND")
		return
	case later && l.Ends > last:
		ps.add(l.Row, "until", "LATER_THAN_PLANNED")
		return
	}
	until := l.Ends
	if !later {
		until = "" // before every first day: nothing is left
	}
	b.clip(s, a, "", until, func(r Right) bool { return r.Triple() == l.Triple() })
	for _, r := range b.rightsOf(a.ID) {
		if r.Listed() && s.Now < r.Ends.End() {
			return
		}
	}
	b.end(s, a, l.Reason) // nobody stays on a roster without a right
}

// end ends an assignment now. Its rights keep their own periods: it is the
// member that ended.
func (b *Book) end(s Scene, a Assignment, why Reason) {
	a.EndedAt, a.EndReason = s.Now, why
	b.putAssignment(a)
}

// departed notes that a person has left. The account is gone with the person:
// whoever returns is a new person, bound to the same entry anew.
func (b *Book) departed(s Scene, id PersonID) {
	if p, ok := b.People.Get(id); ok && p.DepartedAt.IsZero() {
		p.DepartedAt = s.Now
		b.People.Put(p)
	}
	if a, ok := b.Accounts.Get(id); ok && a.State != AccountGone {
		a.State, a.Cause, a.ChangedAt = AccountGone, CauseDeparted, s.Now
		b.Accounts.Put(a)
	}
}

// Depart ends the person's assignment because the person left, cuts a version
// and tells the city and the contractor. It reports whether there was one.
func (b *Book) Depart(s Scene, ids []PersonID) bool {
	any := false
	for _, id := range ids {
		b.departed(s, id)
		if a, running := b.Running(id); running {
			b.end(s, a, ReasonDeparture)
			any = true
		}
	}
	if any {
		b.cut(s, nil)
		b.tellContractor(s, NoticeDeparted, 0)
	}
	return any
}
