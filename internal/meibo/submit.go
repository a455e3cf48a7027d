package meibo

import "slices"

// Named is what the ledger knows of the person whom a line names by login: a
// person it keeps, or an entry of the directory. Without a directory both are
// empty for a newcomer.
type Named struct {
	LoginKey string
	PersonID PersonID
	Account  *Account
	Problem  ProblemCode // why the login names nobody, or more than one
}

// A Submission is what came of submitted lines.
type Submission struct {
	Changes  []Change
	Warnings Problems
	Before   []Member // the roster as it is
	After    []Member // as it will be once everything is approved
	Rows     []RowEffect
}

// RowEffect says what one line does.
type RowEffect struct {
	Row       int
	Operation Operation
	PersonID  PersonID
	Waits     bool // for approval
}

// Submit judges lines of one contract all together: either every problem of
// every line at once, as Problems, or a Submission whose taking away is in force
// and whose adding waits (decisions of the city's rules: additions and widenings
// need an approver, removals, suspensions and narrowings need nobody).
func (b *Book) Submit(s Scene, id string, lines []Line, named map[int]Named) (Submission, error) {
	var ps Problems
	lines = b.settlePeople(s, lines, named, &ps)
	sub := Submission{Before: b.Members(s.Now)}
	trial := b.clone()
	var holds, waits []Line
	for _, l := range lines {
		wait, problems := trial.apply(s, l, "")
		ps = append(ps, problems...)
		if problems.Err() != nil {
			continue
		}
		sub.Rows = append(sub.Rows, RowEffect{l.Row, l.Operation, l.PersonID, wait})
		if wait {
			waits = append(waits, l)
		} else {
			holds = append(holds, l)
		}
	}
	b.warnHomonyms(lines, &ps)
	if err := ps.Err(); err != nil {
		return Submission{}, ps
	}
	sub.After = trial.Members(s.Now)
	if c := b.file(s, id, holds, ChangeAccepted); c != nil {
		for _, l := range holds {
			_, problems := b.apply(s, l, c.ID)
			ps = append(ps, problems.Fatal()...) // of the others was warned already
		}
		if err := ps.Err(); err != nil { // lines that only hold in the order of their approval
			return Submission{}, ps
		}
		if slices.ContainsFunc(holds, func(l Line) bool { return l.Operation != Suspend }) {
			b.cut(s, c) // a suspension alone is shown by the next version
		}
		sub.Changes = append(sub.Changes, *c)
	}
	if c := b.file(s, id, waits, ChangeSubmitted); c != nil {
		b.requestPledges(s, waits)
		sub.Changes = append(sub.Changes, *c)
	}
	sub.Warnings = ps.Warnings()
	return sub, nil
}

// file puts a change and its lines.
func (b *Book) file(s Scene, id string, lines []Line, state ChangeState) *Change {
	if len(lines) == 0 {
		return nil
	}
	c := Change{
		ID: ChangeID(s.NewID()), SubmissionID: id, ContractID: b.Contract.ID,
		OrganizationID: s.Caller.Client.OrganizationID, SubmittedBy: s.Caller.Client.ID,
		SubmitterID: s.Caller.Client.PersonID, SubmittedAt: s.Now, State: state,
	}
	if state == ChangeAccepted {
		c.DecidedAt = s.Now
	}
	b.Changes.Put(c)
	for _, l := range lines {
		l.ChangeID = c.ID
		b.Lines.Put(l)
	}
	return &c
}

// settlePeople turns logins into people: a known person, or a new one that is
// bound to its directory entry once and for all. Lines that are wrong by
// themselves drop out with their problems.
func (b *Book) settlePeople(s Scene, lines []Line, named map[int]Named, ps *Problems) []Line {
	newcomers := map[string]Person{}
	good := make([]Line, 0, len(lines))
	for _, l := range lines {
		problems := l.Check()
		if l.Operation == Add && l.PersonID == "" && !b.knows(named[l.Row], newcomers) {
			l.checkNewcomer(&problems)
		}
		l.Kana = Personal(b.fullWidth(l, &problems))
		if l.Pledge == "" {
			l.Pledge = PledgeToRequest
		}
		if l.PersonID == "" && len(problems.Fatal()) == 0 {
			l.PersonID = b.settlePerson(s, l, named[l.Row], newcomers, &problems)
		} else if l.PersonID != "" {
			b.judgePerson(s, l, &problems)
		}
		if len(problems.Fatal()) == 0 {
			good = append(good, l)
		}
		*ps = append(*ps, problems...)
	}
	return good
}

func (b *Book) fullWidth(l Line, ps *Problems) string {
	wide := FullWidthKana(string(l.Kana))
	if wide != string(l.Kana) {
		ps.warn(l.Row, "kana", "KANA_WIDENED")
	}
	return wide
}

func (b *Book) settlePerson(s Scene, l Line, n Named, newcomers map[string]Person, ps *Problems) PersonID {
	if n.Problem != "" {
		ps.add(l.Row, "login", n.Problem)
		return ""
	}
	p, known := newcomers[n.LoginKey]
	if !known {
		p, known = b.People.Get(n.PersonID)
	}
	switch {
	case known && renames(l, p):
		ps.add(l.Row, "name", "NAME_DIFFERS")
		return ""
	case known:
		if _, bound := b.Accounts.Get(p.ID); n.Account != nil && !bound {
			b.bind(s, p.ID, *n.Account)
		}
		return p.ID
	case l.Operation != Add:
		ps.add(l.Row, "login", "PERSON_UNKNOWN")
		return ""
	}
	p = Person{
		ID: PersonID(s.NewID()), OrganizationID: l.EmployerID, Login: l.Login, LoginKey: n.LoginKey,
		Name: l.Name, Kana: l.Kana, Latin: l.Latin, Alias: l.Alias, FormerName: l.FormerName,
		Adult: l.Adult == AttestedYes, CreatedAt: s.Now,
	}
	newcomers[n.LoginKey] = p
	b.People.Put(p)
	if n.Account != nil {
		b.bind(s, p.ID, *n.Account)
	}
	return p.ID
}

// knows reports whether a login names somebody whom the roster, or an earlier
// line, has.
func (b *Book) knows(n Named, newcomers map[string]Person) bool {
	_, before := b.People.Get(n.PersonID)
	_, here := newcomers[n.LoginKey]
	return before || here
}

// bind ties a person to an entry of the directory, once and for all.
func (b *Book) bind(s Scene, id PersonID, a Account) {
	a.PersonID, a.ChangedAt = id, s.Now
	if !a.Employers.IsZero() {
		a.EmployersAt = s.Now
	}
	b.Accounts.Put(a)
}

// judgePerson: a line that names a person by id must name one whom the caller
// may know: his own organization's, or, for the prime, one of the chain's.
func (b *Book) judgePerson(s Scene, l Line, ps *Problems) {
	p, known := b.People.Get(l.PersonID)
	own := s.Caller.Client.OrganizationID
	if !known || (p.OrganizationID != own && (own != b.Contract.PrimeID || !b.Takes(p.OrganizationID))) {
		ps.add(l.Row, "person", "PERSON_UNKNOWN")
	} else if renames(l, p) {
		ps.add(l.Row, "name", "NAME_DIFFERS")
	}
}

// renames: an addition must not slip in another name; that is a change of its
// own, with its reason.
func renames(l Line, p Person) bool {
	return l.Operation == Add && l.Name != "" && l.Name != p.Name
}

// warnHomonyms suggests that a newcomer may be somebody who is already there.
// Identity is the id; the names only raise the question.
func (b *Book) warnHomonyms(lines []Line, ps *Problems) {
	seen := map[string]PersonID{}
	for _, a := range b.Assignments.All() {
		if p, ok := b.People.Get(a.PersonID); ok && a.Running() {
			seen[NameKey(p.Name)] = p.ID
		}
	}
	warned := map[PersonID]bool{}
	for _, l := range lines {
		if l.Operation != Add || l.Name == "" || warned[l.PersonID] {
			continue
		}
		key := NameKey(l.Name)
		if other, twice := seen[key]; twice && other != l.PersonID {
			ps.warn(l.Row, "name", "SIMILAR_NAME")
		}
		seen[key], warned[l.PersonID] = l.PersonID, true
	}
}
