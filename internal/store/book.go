package store

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Book reads one contract's part of the ledger, with the named people beside
// those who have to do with the contract. An unknown contract is ErrNotFound. Without
// names (Nameless) it lacks what the newest roster lists, and must not be settled.
func (r *Reader) Book(id meibo.ContractID, people ...meibo.PersonID) (*meibo.Book, error) {
	b := &meibo.Book{}
	if err := r.readTerms(b, id); err != nil {
		return nil, fmt.Errorf("read book of %s: %w", id, err)
	}
	if err := r.readWork(b, people); err != nil {
		return nil, fmt.Errorf("read book of %s: %w", id, err)
	}
	if err := r.readTold(b); err != nil {
		return nil, fmt.Errorf("read book of %s: %w", id, err)
	}
	return b, nil
}

// readTerms reads what the contract is about.
func (r *Reader) readTerms(b *meibo.Book, id meibo.ContractID) (err error) {
	if b.Contract, err = get[meibo.Contract](r, "WHERE id = ?", id); err != nil {
		return err
	}
	if b.City, err = r.City(); err != nil {
		return err
	}
	if b.Calendar, err = r.Calendar(); err != nil {
		return err
	}
	if b.Subcontracts, err = all[meibo.Subcontract](r, "WHERE contract_id = ? ORDER BY starts, id", id); err != nil {
		return err
	}
	if b.Templates, err = all[meibo.PledgeTemplate](r, "ORDER BY id, version"); err != nil {
		return err
	}
	return errors.Join(
		shelve(r, &b.Organizations, ""),
		shelve(r, &b.Assets, ""),
		shelve(r, &b.Purposes, ""),
	)
}

const (
	onContract = "SELECT person_id FROM assignments WHERE contract_id = ?"
	inWaiting  = "SELECT l.person_id FROM change_lines l JOIN changes c ON c.id = l.change_id WHERE c.contract_id = ? AND c.state = 'submitted'"
)

// readWork reads who does what, and what waits to be decided.
func (r *Reader) readWork(b *meibo.Book, people []meibo.PersonID) error {
	id := b.Contract.ID
	people = append(people, "") // IN needs one
	who := fmt.Sprintf("WHERE %%s IN (%s) OR %%[1]s IN (%s) OR %%[1]s IN (?)", onContract, inWaiting)
	return errors.Join(
		shelve(r, &b.People, fmt.Sprintf(who, "id"), id, id, people),
		shelve(r, &b.Accounts, fmt.Sprintf(who, "person_id"), id, id, people),
		shelve(r, &b.Assignments, "WHERE contract_id = ? ORDER BY created_at, id", id),
		shelve(r, &b.Rights, "WHERE contract_id = ? AND (ended_at IS NULL OR listed_until = 0) ORDER BY created_at, id", id),
		shelve(r, &b.Changes, "WHERE contract_id = ? ORDER BY submitted_at, id", id),
		shelve(r, &b.Lines, "WHERE change_id IN (SELECT id FROM changes WHERE contract_id = ? AND state = 'submitted') ORDER BY change_id, row", id),
		shelve(r, &b.Approvals, "WHERE change_id IN (SELECT id FROM changes WHERE contract_id = ? AND state = 'submitted')", id),
		shelve(r, &b.Pledges, "WHERE contract_id IN (?) ORDER BY requested_at, id", []meibo.ContractID{id, orSame(b.Contract.RenewalOf, id)}),
	)
}

func orSame(renewal, id meibo.ContractID) meibo.ContractID { return cmp.Or(renewal, id) }

// readTold reads what the city was told and what it answered.
func (r *Reader) readTold(b *meibo.Book) error {
	id := b.Contract.ID
	rosters, err := r.Rosters(id)
	if err != nil {
		return err
	}
	b.Rosters = meibo.ShelfOf[int](rosters)
	if len(rosters) > 0 && !r.nameless { // a roster's document is nothing but names
		newest, err := r.Roster(id, rosters[len(rosters)-1].Version)
		if err != nil {
			return err
		}
		if newest.Document == "" { // destroyed when its time was over
			newest.Document = "{}"
		}
		var document meibo.RosterDocument
		if err := json.Unmarshal([]byte(newest.Document), &document); err != nil {
			return fmt.Errorf("read roster %d of %s: %w", newest.Version, id, err)
		}
		b.Newest = document.Members
	}
	return errors.Join(
		shelve(r, &b.Notices, "WHERE contract_id = ? ORDER BY number, id", id),
		shelve(r, &b.Acknowledgement, "WHERE contract_id = ? ORDER BY at, id", id),
	)
}

// shelve reads rows onto a shelf.
func shelve[K comparable, R meibo.Keyed[K]](r *Reader, s *meibo.Shelf[K, R], where string, args ...any) error {
	rows, err := all[R](r, where, args...)
	*s = meibo.ShelfOf[K](rows)
	return err
}

// City is the city of this deployment; ErrNotFound before it was registered.
func (r *Reader) City() (meibo.Organization, error) {
	return get[meibo.Organization](r, "WHERE kind = 'city'")
}

// Rosters are a contract's versions in order, without their documents.
func (r *Reader) Rosters(id meibo.ContractID) ([]meibo.Roster, error) {
	var rosters []meibo.Roster
	err := r.list(&rosters, `SELECT contract_id, version, cut_at, change_id, '' AS document, hash, previous_hash,
		checkpoint, members, added, removed, changed, faults FROM rosters WHERE contract_id = ?`, id)
	if err != nil {
		return nil, fmt.Errorf("read rosters: %w", err)
	}
	slices.SortFunc(rosters, func(a, b meibo.Roster) int { return cmp.Compare(a.Version, b.Version) })
	return rosters, nil
}

// Roster is one version with its document.
func (r *Reader) Roster(id meibo.ContractID, version int) (meibo.Roster, error) {
	return get[meibo.Roster](r, "WHERE contract_id = ? AND version = ?", id, version)
}
