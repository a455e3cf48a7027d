package store

import "github.com/meibo-dev/meibo/internal/meibo"

// AccountsOf are the accounts, of those that can still change, that directory
// entries stand for.
func (r *Reader) AccountsOf(entries []string) ([]meibo.Account, error) {
	return among[meibo.Account](r, "WHERE state <> 'gone' AND entry IN (?)", entries)
}

// AccountsOnHold are the accounts of people in a hold of the directory.
func (r *Reader) AccountsOnHold() ([]meibo.Account, error) {
	return all[meibo.Account](r, "WHERE hold_id <> '' AND state <> 'gone' ORDER BY person_id")
}

// AccountsInDoubt are the accounts of people of whom the directory gives no sure
// word: everybody in a hold, and others.
func (r *Reader) AccountsInDoubt() ([]meibo.Account, error) {
	return all[meibo.Account](r, "WHERE doubted_at IS NOT NULL AND state <> 'gone' ORDER BY person_id")
}

// standings are what accounts can be asked for by.
var standings = map[string]string{
	"":            "state <> 'gone' AND (state <> 'enabled' OR cause <> '' OR until IS NOT NULL OR hold_id <> '' OR doubted_at IS NOT NULL OR transferred_at IS NOT NULL)",
	"locked":      "state = 'enabled' AND cause = 'locked'",
	"disabled":    "state = 'disabled'",
	"unknown":     "state = 'unknown'",
	"gone":        "state = 'gone'",
	"held":        "state <> 'gone' AND hold_id <> ''",
	"doubted":     "state <> 'gone' AND doubted_at IS NOT NULL",
	"transferred": "state <> 'gone' AND transferred_at IS NOT NULL",
	"expiring":    "state <> 'gone' AND until IS NOT NULL",
}

// AccountsBy are accounts of a standing after a person, so many; ErrInvalid: there
// is no such standing.
func (r *Reader) AccountsBy(standing string, after meibo.PersonID, limit int) ([]meibo.Account, error) {
	where, known := standings[standing]
	if !known {
		return nil, meibo.Problems{{Field: "standing", Code: "UNKNOWN_VALUE"}}
	}
	return all[meibo.Account](r, "WHERE person_id > ? AND "+where+" ORDER BY person_id LIMIT ?", after, limit)
}

// A Concerned is what is kept of the account of somebody who works on a contract, as
// the roster says, as far as a person may have to look at it.
type Concerned struct {
	ContractID    meibo.ContractID
	PersonID      meibo.PersonID
	EmployerID    meibo.OrganizationID
	AssignedAt    meibo.Instant
	Bound         bool // to an entry of the directory; else the rest is empty
	State         meibo.AccountState
	ChangedAt     meibo.Instant
	HoldID        string
	Held          meibo.Packed[meibo.HeldChange]
	TransferredAt meibo.Instant
	Employers     meibo.Packed[[]meibo.OrganizationID]
	EmployersAt   meibo.Instant
}

// Account is that account.
func (c Concerned) Account() meibo.Account {
	return meibo.Account{
		PersonID: c.PersonID, State: c.State, ChangedAt: c.ChangedAt, HoldID: c.HoldID, Held: c.Held, TransferredAt: c.TransferredAt,
		Employers: c.Employers, EmployersAt: c.EmployersAt,
	}
}

// Concerned are the people at work who are bound to no entry, locked out, in a hold, or may be at
// another employer than the roster's or in another unit than was confirmed.
func (r *Reader) Concerned() (list []Concerned, err error) {
	err = r.list(&list, `SELECT s.contract_id, s.person_id, s.employer_id, s.created_at AS assigned_at, a.person_id IS NOT NULL AS bound, COALESCE(a.state, '') AS state, a.changed_at, COALESCE(a.hold_id, '') AS hold_id,
			COALESCE(a.held, '') AS held, a.transferred_at, COALESCE(a.employers, '') AS employers, a.employers_at
		FROM assignments s LEFT JOIN accounts a ON a.person_id = s.person_id
		WHERE s.ended_at IS NULL AND (a.person_id IS NULL OR a.state <> 'gone' AND (a.hold_id <> '' OR a.state = 'disabled' OR a.transferred_at IS NOT NULL
			OR a.employers <> '' AND a.employers <> '["' || s.employer_id || '"]'))
		ORDER BY s.person_id, s.contract_id`)
	return list, err
}

// CountAccounts is how many accounts can still change.
func (r *Reader) CountAccounts() (n int, err error) {
	err = r.scan(&n, "SELECT COUNT(*) FROM accounts WHERE state <> 'gone'")
	return n, err
}

// Bookmark says up to where the directory was followed; nil before the first
// reading.
func (r *Reader) Bookmark() (b *meibo.Bookmark, err error) {
	err = find(r, &b, "WHERE id = ?", meibo.BookmarkID)
	return b, err
}

// Lately is what readings since an instant have put in force.
type Lately struct {
	Absent, Restricted, Lifted int
}

// Lately counts what readings since an instant have put in force.
func (r *Reader) Lately(since meibo.Instant) (n Lately, err error) {
	err = r.scan(&n, `SELECT COALESCE(SUM(absent), 0) AS absent, COALESCE(SUM(restricted), 0) AS restricted, COALESCE(SUM(lifted), 0) AS lifted
		FROM readings WHERE at >= ?`, since)
	return n, err
}

// DirectoryHolds are the directory's holds, newest first: those that are open or
// were rejected, or all of them.
func (r *Reader) DirectoryHolds(every bool) ([]meibo.DirectoryHold, error) {
	if every {
		return all[meibo.DirectoryHold](r, "ORDER BY opened_at DESC, id")
	}
	return all[meibo.DirectoryHold](r, "WHERE state IN ('open', 'rejected') ORDER BY opened_at DESC, id")
}

// AccountStates counts the accounts by their states, and as locked those of the
// enabled that are locked for a time.
func (r *Reader) AccountStates() (map[meibo.AccountState]int, error) {
	var rows []struct {
		State meibo.AccountState
		N     int
	}
	err := r.list(&rows, `SELECT CASE WHEN state = 'enabled' AND cause = 'locked' THEN 'locked' ELSE state END AS state, COUNT(*) AS n
		FROM accounts GROUP BY 1`)
	states := map[meibo.AccountState]int{}
	for _, row := range rows {
		states[row.State] += row.N
	}
	return states, err
}

// A Bound person stands for an entry of the directory, or did until he left.
type Bound struct {
	PersonID meibo.PersonID
	Entry    string
	State    meibo.AccountState
}

// Bound are all who were ever bound to an entry.
func (r *Reader) Bound() (list []Bound, err error) {
	err = r.list(&list, "SELECT person_id, entry, state FROM accounts ORDER BY person_id")
	return list, err
}
