package store

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// named are the rows that name a person in a matter of a contract, and acted those that
// name the client with which somebody acted in one. A right names whom its assignment
// names.
const (
	named = `SELECT person_id, contract_id FROM assignments UNION SELECT submitter_id, contract_id FROM changes
		UNION SELECT l.person_id, c.contract_id FROM change_lines l JOIN changes c ON c.id = l.change_id
		UNION SELECT l.successor, c.contract_id FROM change_lines l JOIN changes c ON c.id = l.change_id
		UNION SELECT person_id, contract_id FROM pledges UNION SELECT recorder_id, contract_id FROM pledges
		UNION SELECT person_id, contract_id FROM permits UNION SELECT approver_id, contract_id FROM permits
		UNION SELECT person_id, contract_id FROM delegations UNION SELECT principal_id, contract_id FROM delegations
		UNION SELECT owner_id, contract_id FROM service_accounts UNION SELECT person_id, contract_id FROM trainings
		UNION SELECT person_id, contract_id FROM emergencies UNION SELECT person_id, contract_id FROM acknowledgements
		UNION SELECT person_id, contract_id FROM holds UNION SELECT proposer_id, contract_id FROM disposals`
	acted = `SELECT client_id, contract_id FROM grants UNION SELECT submitted_by, contract_id FROM changes
		UNION SELECT a.client_id, c.contract_id FROM approvals a JOIN changes c ON c.id = a.change_id
		UNION SELECT recorded_by, contract_id FROM pledges UNION SELECT verified_by, contract_id FROM pledges
		UNION SELECT client_id, contract_id FROM acknowledgements UNION SELECT recorded_by, contract_id FROM trainings
		UNION SELECT reviewed_by, contract_id FROM emergencies
		UNION SELECT opened_by, contract_id FROM holds UNION SELECT lifted_by, contract_id FROM holds
		UNION SELECT proposed_by, contract_id FROM disposals UNION SELECT decided_by, contract_id FROM disposals`
	concerned = "SELECT person_id, contract_id FROM (" + named + " UNION SELECT k.person_id, a.contract_id FROM (" + acted +
		") AS a JOIN clients k ON k.id = a.client_id) AS t WHERE person_id <> '' AND contract_id IN (SELECT id FROM contracts)"
)

// ConcernedBy is with which contracts the people of a contract have to do, it included:
// whoever works on it or acted in a matter of it, and who may claim an emergency.
func (r *Reader) ConcernedBy(id meibo.ContractID) ([]Work, error) {
	staff, err1 := r.emergencyStaff()
	var ids []meibo.PersonID
	err2 := r.list(&ids, "SELECT DISTINCT person_id FROM ("+concerned+") AS t2 WHERE contract_id = ?", id)
	if err := errors.Join(err1, err2); err != nil {
		return nil, fmt.Errorf("read the people of %s: %w", id, err)
	}
	of := map[meibo.PersonID]bool{}
	for _, p := range ids {
		of[p] = true
	}
	for _, w := range staff {
		of[w.PersonID] = of[w.PersonID] || w.ContractID == id
	}
	maps.DeleteFunc(of, func(_ meibo.PersonID, is bool) bool { return !is })
	var list []Work
	for part := range slices.Chunk(slices.Sorted(maps.Keys(of)), maxListed) {
		var some []Work
		query, args, err := r.in("SELECT person_id, contract_id FROM ("+concerned+") AS t2 WHERE person_id IN (?)", part)
		if err == nil {
			err = r.list(&some, query, args...)
		}
		if err != nil {
			return nil, fmt.Errorf("read with what the people of %s have to do: %w", id, err)
		}
		list = append(list, some...)
	}
	for _, w := range staff {
		if of[w.PersonID] {
			list = append(list, w)
		}
	}
	slices.SortFunc(list, func(a, b Work) int {
		return cmp.Or(cmp.Compare(a.PersonID, b.PersonID), cmp.Compare(a.ContractID, b.ContractID))
	})
	return slices.Compact(list), nil
}

// emergencyStaff are those who may claim an emergency, with the contracts in which.
func (r *Reader) emergencyStaff() (list []Work, err error) {
	var rows []struct {
		ID             meibo.ContractID
		EmergencyStaff meibo.List[meibo.PersonID]
	}
	err = r.list(&rows, "SELECT id, emergency_staff FROM contracts WHERE emergency_staff <> '[]'")
	for _, row := range rows {
		for _, p := range row.EmergencyStaff {
			list = append(list, Work{p, row.ID})
		}
	}
	return list, err
}

// Calling are the people in whose name a key of the service is in force.
func (r *Reader) Calling() (map[meibo.PersonID]bool, error) {
	var ids []meibo.PersonID
	err := r.list(&ids, `SELECT DISTINCT c.person_id FROM clients c JOIN keys k ON k.client_id = c.id
		WHERE c.person_id <> '' AND k.expires_at > ? AND (k.revoked_at IS NULL OR k.revoked_at > ?)`, r.Now, r.Now)
	calling := map[meibo.PersonID]bool{}
	for _, id := range ids {
		calling[id] = true
	}
	return calling, err
}

// PledgesAmong are the pledges of people.
func (r *Reader) PledgesAmong(ids []meibo.PersonID) ([]meibo.Pledge, error) {
	return among[meibo.Pledge](r, "WHERE person_id IN (?)", ids)
}

// AccountsAmong are the accounts of people.
func (r *Reader) AccountsAmong(ids []meibo.PersonID) ([]meibo.Account, error) {
	return among[meibo.Account](r, "WHERE person_id IN (?)", ids)
}

// PasskeysAmong are the passkeys of people.
func (r *Reader) PasskeysAmong(ids []meibo.PersonID) ([]meibo.Passkey, error) {
	return among[meibo.Passkey](r, "WHERE person_id IN (?)", ids)
}

// ClientsAmong are the clients of people.
func (r *Reader) ClientsAmong(ids []meibo.PersonID) ([]meibo.Client, error) {
	return among[meibo.Client](r, "WHERE person_id IN (?)", ids)
}

// PapersLeft is how many roster versions and changes of a contract still name
// somebody; the contract counts as one where it does.
func (r *Reader) PapersLeft(id meibo.ContractID) (n int, err error) {
	err = r.scan(&n, `SELECT (SELECT COUNT(*) FROM rosters WHERE contract_id = ? AND document <> '')
		+ (SELECT COUNT(*) FROM changes c WHERE c.contract_id = ? AND (c.reason <> '' OR EXISTS (SELECT 1 FROM change_lines l WHERE l.change_id = c.id
			AND (l.login <> '' OR l.name <> '' OR l.kana <> '' OR l.latin <> '' OR l.alias <> '' OR l.former_name <> ''))))
		+ (SELECT COUNT(*) FROM contracts WHERE id = ? AND (responsible <> '' OR supervisor <> ''))`, id, id, id)
	return n, err
}

// ChangeLines are the lines of all changes of a contract.
func (r *Reader) ChangeLines(id meibo.ContractID) ([]meibo.Line, error) {
	return all[meibo.Line](r, "WHERE change_id IN (SELECT id FROM changes WHERE contract_id = ?) ORDER BY change_id, row", id)
}

// RosterPapers are the sealed papers of a contract's rosters.
func (r *Reader) RosterPapers(id meibo.ContractID) ([]meibo.SealedPaper, error) {
	key := string(id) + "/"
	return all[meibo.SealedPaper](r, "WHERE of_table = ? AND substr(of_key, 1, ?) = ? ORDER BY of_key, form, reader_id", meibo.RostersTable, len(key), key)
}

// An Enclosure is a document that came with changes or with the city's answer: a
// package, or a signed message.
type Enclosure struct {
	ID    meibo.DocumentID
	Entry meibo.Entry // that wrote it down
}

// Enclosures are those of all contracts.
func (r *Reader) Enclosures() ([]Enclosure, error) {
	var rows []struct {
		OfKey  meibo.DocumentID
		Record string
	}
	err := r.list(&rows, `SELECT i.of_key, e.record FROM images i JOIN entries e ON e.seq = i.seq WHERE i.of_table = 'documents' AND
		(e.record LIKE '%"act":"change.submit"%' OR e.record LIKE '%"act":"roster.acknowledge"%' OR e.record LIKE '%"act":"roster.return"%') ORDER BY i.seq`)
	list := make([]Enclosure, len(rows))
	for i, row := range rows {
		list[i].ID = row.OfKey
		if err == nil {
			err = json.Unmarshal([]byte(row.Record), &list[i].Entry)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read enclosures: %w", err)
	}
	return list, nil
}
