package store

import (
	"fmt"
	"slices"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A Feed names the rows that entries wrote, by table.
type Feed map[string][]string

// Since names the rows that were written by entries after one, and the last of
// those entries: an ordered feed of changes, of which nothing is passed over,
// because entries are numbered in the transaction that writes them, one after the
// other.
func (r *Reader) Since(seq int64) (feed Feed, last int64, err error) {
	size, err := r.size()
	if err != nil {
		return nil, 0, fmt.Errorf("follow the log: %w", err)
	}
	var rows []struct{ OfTable, OfKey string }
	err = r.list(&rows, "SELECT DISTINCT of_table, of_key FROM images WHERE seq > ? AND seq < ? ORDER BY of_table, of_key", seq, size)
	if err != nil {
		return nil, 0, fmt.Errorf("follow the log: %w", err)
	}
	feed = Feed{}
	for _, row := range rows {
		feed[row.OfTable] = append(feed[row.OfTable], row.OfKey)
	}
	return feed, size - 1, nil
}

// owners are the queries that tell whose the rows of a table are.
var owners = map[string]string{
	"people":       "SELECT id FROM people WHERE id IN (?)",
	"accounts":     "SELECT person_id FROM accounts WHERE person_id IN (?)",
	"assignments":  "SELECT person_id FROM assignments WHERE id IN (?)",
	"rights":       "SELECT person_id FROM rights WHERE id IN (?)",
	"pledges":      "SELECT person_id FROM pledges WHERE id IN (?)",
	"trainings":    "SELECT person_id FROM trainings WHERE id IN (?)",
	"changes":      "SELECT person_id FROM change_lines WHERE change_id IN (?)",
	"permits":      "SELECT person_id FROM permit_uses WHERE permit_id IN (?)",
	"delegations":  "SELECT principal_id FROM delegations WHERE id IN (?)",
	"permit_uses":  "SELECT person_id FROM permit_uses WHERE decision_id IN (?)",
	"subcontracts": "SELECT contract_id FROM subcontracts WHERE id IN (?)",
	"emergencies":  "SELECT contract_id FROM emergencies WHERE id IN (?)",
	"notices":      "SELECT contract_id FROM notices WHERE id IN (?)",
	"answers":      "SELECT contract_id FROM acknowledgements WHERE id IN (?)",
	"rosters":      "SELECT DISTINCT contract_id FROM rosters WHERE contract_id || '/' || version IN (?)",
	"spent":        "SELECT permit_id FROM permit_uses WHERE decision_id IN (?)",
}

// whose finds to which people, contracts or permits rows belong.
func whose[K ~string](r *Reader, of string, keys []string) ([]K, error) {
	var ids []K
	for part := range slices.Chunk(keys, 1000) {
		var some []K
		query, args, err := r.in(owners[of], part)
		if err != nil {
			return nil, err
		}
		if err := r.list(&some, query, args...); err != nil {
			return nil, fmt.Errorf("find whose %s are: %w", of, err)
		}
		ids = append(ids, some...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// PeopleIn are those of whom the feed wrote something.
func (r *Reader) PeopleIn(f Feed) ([]meibo.PersonID, error) {
	var ids []meibo.PersonID
	for _, table := range []string{"people", "accounts", "assignments", "rights", "pledges", "trainings", "changes", "permits", "permit_uses", "delegations"} {
		some, err := whose[meibo.PersonID](r, table, f[table])
		if err != nil {
			return nil, err
		}
		ids = append(ids, some...)
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

// ContractsIn are the contracts of which the feed wrote something, and those whose
// roster versions came further on their way to the city.
func (r *Reader) ContractsIn(f Feed) (written, versions []meibo.ContractID, err error) {
	for _, id := range f["contracts"] {
		written = append(written, meibo.ContractID(id))
	}
	for _, table := range []string{"subcontracts", "emergencies"} {
		some, err := whose[meibo.ContractID](r, table, f[table])
		if err != nil {
			return nil, nil, err
		}
		written = append(written, some...)
	}
	for table, of := range map[string]string{"rosters": "rosters", "notices": "notices", "acknowledgements": "answers"} {
		some, err := whose[meibo.ContractID](r, of, f[table])
		if err != nil {
			return nil, nil, err
		}
		versions = append(versions, some...)
	}
	slices.Sort(written)
	slices.Sort(versions)
	return slices.Compact(written), slices.Compact(versions), nil
}

// PermitsIn are the permits that the feed wrote or used up.
func (r *Reader) PermitsIn(f Feed) ([]meibo.PermitID, error) {
	ids, err := whose[meibo.PermitID](r, "spent", f["permit_uses"])
	for _, id := range f["permits"] {
		ids = append(ids, meibo.PermitID(id))
	}
	slices.Sort(ids)
	return slices.Compact(ids), err
}

// Spent is how much of a permit was used up.
func (r *Reader) Spent(id meibo.PermitID) (uses, rows int, err error) {
	var n struct{ Uses, Used int }
	err = r.scan(&n, "SELECT COUNT(*) AS uses, COALESCE(SUM(rows), 0) AS used FROM permit_uses WHERE permit_id = ?", id)
	return n.Uses, n.Used, err
}

// Members are the people who have, or had, to do with contracts.
func (r *Reader) Members(of ...meibo.ContractID) ([]meibo.PersonID, error) {
	query, args, err := r.in(`SELECT person_id FROM assignments WHERE contract_id IN (?) UNION SELECT person_id FROM pledges WHERE contract_id IN (?)
		UNION SELECT l.person_id FROM change_lines l JOIN changes c ON c.id = l.change_id WHERE c.contract_id IN (?) ORDER BY 1`, of, of, of)
	if err != nil {
		return nil, err
	}
	var ids []meibo.PersonID
	if err := r.list(&ids, query, args...); err != nil {
		return nil, fmt.Errorf("list members: %w", err)
	}
	return ids, nil
}

// RightsBeyond are the rights of a contract that have not ended, that were first
// listed after one version and still are in another.
func (r *Reader) RightsBeyond(id meibo.ContractID, after, in int) ([]meibo.Right, error) {
	return all[meibo.Right](r, "WHERE contract_id = ? AND ended_at IS NULL AND listed_from > ? AND (listed_until = 0 OR listed_until > ?)", id, after, in)
}

// Employers are the organizations for which people work under a contract.
func (r *Reader) Employers(id meibo.ContractID) ([]meibo.OrganizationID, error) {
	var ids []meibo.OrganizationID
	err := r.list(&ids, "SELECT DISTINCT employer_id FROM assignments WHERE contract_id = ? ORDER BY employer_id", id)
	return ids, err
}

// Consents are the city's consents to a contract's chain.
func (r *Reader) Consents(id meibo.ContractID) ([]meibo.Subcontract, error) {
	return all[meibo.Subcontract](r, "WHERE contract_id = ? ORDER BY starts, id", id)
}

// Emergencies are the claims of emergencies under a contract.
func (r *Reader) Emergencies(id meibo.ContractID) ([]meibo.Emergency, error) {
	return all[meibo.Emergency](r, "WHERE contract_id = ? ORDER BY since, id", id)
}

// Some reads those of the rows of a table that have one of the ids.
func Some[R any, K ~string](r *Reader, ids []K) ([]R, error) {
	return among[R](r, "WHERE id IN (?) ORDER BY id", ids)
}

// OpenHolds are the holds that were not lifted.
func (r *Reader) OpenHolds() ([]meibo.Hold, error) {
	return all[meibo.Hold](r, "WHERE lifted_at IS NULL ORDER BY opened_at, id")
}

// Holds are all holds, the newest first.
func (r *Reader) Holds() ([]meibo.Hold, error) {
	return all[meibo.Hold](r, "ORDER BY opened_at DESC, id DESC")
}

// TrainingsOf are the trainings of a person.
func (r *Reader) TrainingsOf(id meibo.PersonID) ([]meibo.Training, error) {
	return all[meibo.Training](r, "WHERE person_id = ? ORDER BY completed_on, id", id)
}
