package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Statuses are a contract's roster versions on their way to the city.
func (r *Reader) Statuses(id meibo.ContractID) ([]meibo.VersionStatus, error) {
	rosters, err := r.Rosters(id)
	if err != nil {
		return nil, err
	}
	notices, err := all[meibo.Notice](r, "WHERE contract_id = ? AND kind = 'roster'", id)
	if err != nil {
		return nil, err
	}
	answers, err := all[meibo.Acknowledgement](r, "WHERE contract_id = ?", id)
	return meibo.Statuses(rosters, notices, answers), err
}

// find reads the row that the condition selects, if there is one.
func find[R any](r *Reader, into **R, where string, args ...any) error {
	row, err := get[R](r, where, args...)
	if errors.Is(err, meibo.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	*into = &row
	return nil
}

// One reads the row of a table by its id; none is ErrNotFound.
func One[R any, K ~string](r *Reader, id K) (R, error) {
	return get[R](r, "WHERE id = ?", string(id))
}

// People reads people by id.
func (r *Reader) People(ids []meibo.PersonID) ([]meibo.Person, error) {
	return among[meibo.Person](r, "WHERE id IN (?)", ids)
}

// PersonByLogin finds the person whom a login names now; nil when none does.
func (r *Reader) PersonByLogin(key string) (p *meibo.Person, err error) {
	err = find(r, &p, "WHERE login_key = ? AND departed_at IS NULL", key)
	return p, err
}

// AccountByEntry finds the account that a directory entry stands for now; nil
// when it is new, or was that of somebody who has left.
func (r *Reader) AccountByEntry(entry string) (a *meibo.Account, err error) {
	err = find(r, &a, "WHERE entry = ? AND state <> 'gone'", entry)
	return a, err
}

// Account finds the account of a person; nil when it is not bound.
func (r *Reader) Account(id meibo.PersonID) (a *meibo.Account, err error) {
	err = find(r, &a, "WHERE person_id = ?", id)
	return a, err
}

// Accounts are all accounts that can still change.
func (r *Reader) Accounts() ([]meibo.Account, error) {
	return all[meibo.Account](r, "WHERE state <> 'gone'")
}

// Unbound are the people without an account who have not left.
func (r *Reader) Unbound() ([]meibo.Person, error) {
	return all[meibo.Person](r, "WHERE departed_at IS NULL AND id NOT IN (SELECT person_id FROM accounts)")
}

// RunningOf are the contracts on which a person's assignments run.
func (r *Reader) RunningOf(people []meibo.PersonID) ([]meibo.Assignment, error) {
	list, err := among[meibo.Assignment](r, "WHERE ended_at IS NULL AND person_id IN (?)", people)
	slices.SortFunc(list, func(a, b meibo.Assignment) int {
		return cmp.Or(cmp.Compare(a.ContractID, b.ContractID), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// Request finds what a caller's idempotency key was answered; nil when the key
// is new.
func (r *Reader) Request(client meibo.ClientID, key string) (q *meibo.Request, err error) {
	err = find(r, &q, "WHERE client_id = ? AND request = ?", client, key)
	return q, err
}

// Credentials reads a key with its client and the client's grants; an unknown
// key is ErrNotFound.
func (r *Reader) Credentials(id meibo.KeyID) (meibo.Key, meibo.Client, []meibo.Grant, error) {
	key, err := get[meibo.Key](r, "WHERE id = ?", id)
	if err != nil {
		return key, meibo.Client{}, nil, err
	}
	client, err := get[meibo.Client](r, "WHERE id = ?", key.ClientID)
	if err != nil {
		return key, client, nil, fmt.Errorf("read client of key: %w", err)
	}
	grants, err := all[meibo.Grant](r, "WHERE client_id = ?", client.ID)
	return key, client, grants, err
}

// Clients, grants and keys, for lists.
func (r *Reader) Clients() ([]meibo.Client, []meibo.Grant, []meibo.Key, error) {
	clients, err1 := all[meibo.Client](r, "ORDER BY id")
	grants, err2 := all[meibo.Grant](r, "ORDER BY client_id, role")
	keys, err3 := all[meibo.Key](r, "ORDER BY client_id, created_at, id")
	return clients, grants, keys, errors.Join(err1, err2, err3)
}

// KeysOf are a client's keys.
func (r *Reader) KeysOf(id meibo.ClientID) ([]meibo.Key, error) {
	return all[meibo.Key](r, "WHERE client_id = ?", id)
}

// Contracts are all contracts.
func (r *Reader) Contracts() ([]meibo.Contract, error) {
	return all[meibo.Contract](r, "ORDER BY id")
}

// Subcontracts are all consents.
func (r *Reader) Subcontracts() ([]meibo.Subcontract, error) {
	return all[meibo.Subcontract](r, "ORDER BY contract_id, id")
}

// Changes are a contract's changes, newest first; the lines of one are read by
// LinesOf.
func (r *Reader) Changes(id meibo.ContractID) ([]meibo.Change, error) {
	return all[meibo.Change](r, "WHERE contract_id = ? ORDER BY submitted_at DESC, id DESC", id)
}

// LinesOf are the lines of a change, in order.
func (r *Reader) LinesOf(id meibo.ChangeID) ([]meibo.Line, error) {
	return all[meibo.Line](r, "WHERE change_id = ? ORDER BY row", id)
}

// ApprovalsOf are the approvals of a change.
func (r *Reader) ApprovalsOf(id meibo.ChangeID) ([]meibo.Approval, error) {
	return all[meibo.Approval](r, "WHERE change_id = ? ORDER BY at", id)
}

// Pledges are a contract's pledges.
func (r *Reader) Pledges(id meibo.ContractID) ([]meibo.Pledge, error) {
	return all[meibo.Pledge](r, "WHERE contract_id = ? ORDER BY requested_at, id", id)
}

// PasskeysOf are a person's passkeys, the oldest first.
func (r *Reader) PasskeysOf(id meibo.PersonID) ([]meibo.Passkey, error) {
	return all[meibo.Passkey](r, "WHERE person_id = ? ORDER BY created_at, id", id)
}

// PasskeyTaken reports whether a credential is somebody's, or was.
func (r *Reader) PasskeyTaken(credentialKey string) (bool, error) {
	var n int
	err := r.scan(&n, "SELECT COUNT(*) FROM passkeys WHERE credential_key = ?", credentialKey)
	return n > 0, err
}

// PledgesToSeal are at most n pledges that are or were valid and whose document is
// not sealed yet, the oldest first.
func (r *Reader) PledgesToSeal(n int) ([]meibo.Pledge, error) {
	return all[meibo.Pledge](r, `WHERE valid_from IS NOT NULL AND state <> 'disposed' AND NOT EXISTS (SELECT 1 FROM sealed_papers s WHERE s.of_table = 'pledges' AND s.of_key = pledges.id)
		ORDER BY valid_from, id LIMIT ?`, n)
}

// SealedPaper is what became of a paper, which of names by its first four fields;
// ErrNotFound: it is not sealed.
func (r *Reader) SealedPaper(of meibo.SealedPaper) (meibo.SealedPaper, error) {
	return get[meibo.SealedPaper](r, "WHERE of_table = ? AND of_key = ? AND form = ? AND reader_id = ?", of.OfTable, of.OfKey, of.Form, string(of.ReaderID))
}

// Disposals are the disposals of a contract's pledges, the newest first.
func (r *Reader) Disposals(id meibo.ContractID) ([]meibo.Disposal, error) {
	return all[meibo.Disposal](r, "WHERE contract_id = ? ORDER BY proposed_at DESC, id DESC", id)
}

// Notices are the notices of a contract, or of all of them.
func (r *Reader) Notices(id meibo.ContractID) ([]meibo.Notice, error) {
	if id == "" {
		return all[meibo.Notice](r, "ORDER BY created_at, id")
	}
	return all[meibo.Notice](r, "WHERE contract_id = ? ORDER BY created_at, id", id)
}

// OpenNotices are those that are not settled, in the order in which they are
// owed.
func (r *Reader) OpenNotices() ([]meibo.Notice, error) {
	return all[meibo.Notice](r, "WHERE state IN ('queued', 'sending') ORDER BY contract_id, organization_id, number")
}

// WaitingNotices are those on which something is still to be done, by a sender or a
// person, and those whose day has passed.
func (r *Reader) WaitingNotices() ([]meibo.Notice, error) {
	return all[meibo.Notice](r, "WHERE state NOT IN ('notified', 'superseded') OR overdue_at IS NOT NULL ORDER BY id")
}

// Answers are the city's acknowledgements and returns of a contract's rosters.
func (r *Reader) Answers(id meibo.ContractID) ([]meibo.Acknowledgement, error) {
	return all[meibo.Acknowledgement](r, "WHERE contract_id = ? ORDER BY at, id", id)
}

// LastReading is the newest reading of the directory; nil before the first.
func (r *Reader) LastReading() (last *meibo.Reading, err error) {
	err = find(r, &last, "ORDER BY at DESC LIMIT 1")
	return last, err
}

// Entries are n entries of the log from number from on.
func (r *Reader) Entries(from int64, n int) ([]string, error) {
	var records []string
	err := r.list(&records, "SELECT record FROM entries WHERE seq >= ? ORDER BY seq LIMIT ?", from, n)
	return records, err
}
