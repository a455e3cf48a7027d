package meibo

// A Book is one contract's part of the ledger as one transaction read it. Its
// methods decide, purely, and keep what they decided; Outcome is what is to be
// written.
type Book struct {
	City          Organization
	Calendar      Calendar // of the city's offices
	Contract      Contract
	Organizations Shelf[OrganizationID, Organization]
	Assets        Shelf[AssetID, Asset]
	Purposes      Shelf[PurposeCode, Purpose]
	Subcontracts  []Subcontract
	Templates     []PledgeTemplate

	People          Shelf[PersonID, Person]
	Accounts        Shelf[PersonID, Account]
	Assignments     Shelf[AssignmentID, Assignment]
	Rights          Shelf[RightID, Right]
	Changes         Shelf[ChangeID, Change]
	Lines           Shelf[LineKey, Line]
	Approvals       Shelf[ApprovalKey, Approval]
	Pledges         Shelf[PledgeID, Pledge]
	Rosters         Shelf[int, Roster] // without their documents
	Notices         Shelf[NoticeID, Notice]
	Acknowledgement Shelf[string, Acknowledgement]

	Newest []Member        // members of the newest roster version
	Cut    *RosterDocument // the version that was cut, to be written down

	running  map[PersonID]AssignmentID
	rightsAt map[AssignmentID][]RightID
}

// Keys of rows that have no id of their own.
type (
	LineKey struct {
		Change ChangeID
		Row    int
	}
	ApprovalKey struct {
		Change       ChangeID
		Organization OrganizationID
	}
)

func (o Organization) key() OrganizationID { return o.ID }
func (a Asset) key() AssetID               { return a.ID }
func (p Purpose) key() PurposeCode         { return p.Code }
func (p Person) key() PersonID             { return p.ID }
func (a Account) key() PersonID            { return a.PersonID }
func (a Assignment) key() AssignmentID     { return a.ID }
func (r Right) key() RightID               { return r.ID }
func (c Change) key() ChangeID             { return c.ID }
func (l Line) key() LineKey                { return LineKey{l.ChangeID, l.Row} }
func (a Approval) key() ApprovalKey        { return ApprovalKey{a.ChangeID, a.OrganizationID} }
func (p Pledge) key() PledgeID             { return p.ID }
func (r Roster) key() int                  { return r.Version }
func (n Notice) key() NoticeID             { return n.ID }
func (a Acknowledgement) key() string      { return a.ID }

// A Scene is when and by whom something is done, and where new ids come from.
type Scene struct {
	Caller Caller
	Now    Instant
	NewID  func() string
}

// Outcome is everything that the book's decisions write, in an order in which
// every row comes after those that it refers to.
func (b *Book) Outcome() []any {
	var rows []any
	rows = appendAll(rows, b.People.Written())
	rows = appendAll(rows, b.Accounts.Written())
	rows = appendAll(rows, b.Changes.Written())
	rows = appendAll(rows, b.Lines.Written())
	rows = appendAll(rows, b.Approvals.Written())
	rows = appendAll(rows, b.Assignments.Written())
	rows = appendAll(rows, b.Rights.Written())
	rows = appendAll(rows, b.Pledges.Written())
	rows = appendAll(rows, b.Rosters.Written())
	rows = appendAll(rows, b.Acknowledgement.Written())
	return appendAll(rows, b.Notices.Written())
}

func appendAll[R any](rows []any, more []R) []any {
	for _, r := range more {
		rows = append(rows, r)
	}
	return rows
}

// Meet makes a person, and the account if there is one, known to the book
// without writing them: another book of the same transaction writes them. Whom
// the book knows already stays as he is.
func (b *Book) Meet(p Person, a *Account) {
	b.People.know(p)
	if a != nil {
		b.Accounts.know(*a)
	}
}

// clone is a copy on which decisions can be tried.
func (b *Book) clone() *Book {
	c := *b
	c.running, c.rightsAt = nil, nil
	c.People = b.People.clone()
	c.Accounts = b.Accounts.clone()
	c.Assignments = b.Assignments.clone()
	c.Rights = b.Rights.clone()
	c.Changes = b.Changes.clone()
	c.Lines = b.Lines.clone()
	c.Approvals = b.Approvals.clone()
	c.Pledges = b.Pledges.clone()
	c.Rosters = b.Rosters.clone()
	c.Notices = b.Notices.clone()
	c.Acknowledgement = b.Acknowledgement.clone()
	return &c
}

// index finds assignments by person and rights by assignment.
func (b *Book) index() {
	if b.running != nil {
		return
	}
	b.running = map[PersonID]AssignmentID{}
	b.rightsAt = map[AssignmentID][]RightID{}
	for _, a := range b.Assignments.All() {
		if a.Running() {
			b.running[a.PersonID] = a.ID
		}
	}
	for _, r := range b.Rights.All() {
		b.rightsAt[r.AssignmentID] = append(b.rightsAt[r.AssignmentID], r.ID)
	}
}

// Running is the assignment of a person that has not ended.
func (b *Book) Running(p PersonID) (Assignment, bool) {
	b.index()
	return b.Assignments.Get(b.running[p])
}

// rightsOf are the rights of an assignment that have not ended.
func (b *Book) rightsOf(a AssignmentID) []Right {
	b.index()
	var live []Right
	for _, id := range b.rightsAt[a] {
		if r, _ := b.Rights.Get(id); r.EndedAt.IsZero() {
			live = append(live, r)
		}
	}
	return live
}

func (b *Book) putAssignment(a Assignment) {
	b.index()
	b.Assignments.Put(a)
	if a.Running() {
		b.running[a.PersonID] = a.ID
	} else if b.running[a.PersonID] == a.ID {
		delete(b.running, a.PersonID)
	}
}

func (b *Book) putRight(r Right) {
	b.index()
	if _, known := b.Rights.Get(r.ID); !known {
		b.rightsAt[r.AssignmentID] = append(b.rightsAt[r.AssignmentID], r.ID)
	}
	b.Rights.Put(r)
}

// Subcontracted reports whether an employer is not the prime contractor.
func (b *Book) Subcontracted(employer OrganizationID) bool { return employer != b.Contract.PrimeID }

// Takes reports whether an organization has a part in the contract: the city,
// the prime, a hop that the city consented to, or an employer on the roster.
func (b *Book) Takes(o OrganizationID) bool {
	if o == b.City.ID || o == b.Contract.PrimeID {
		return true
	}
	for _, s := range b.Subcontracts {
		if s.OrganizationID == o {
			return true
		}
	}
	for _, a := range b.Assignments.All() {
		if a.EmployerID == o {
			return true
		}
	}
	return false
}

// nextVersion is the number of the roster version that would be cut now.
func (b *Book) nextVersion() int { return len(b.Rosters.All()) + 1 }

// Statuses are the contract's roster versions on their way to the city.
func (b *Book) Statuses() []VersionStatus {
	return Statuses(b.Rosters.All(), b.Notices.All(), b.Acknowledgement.All())
}
