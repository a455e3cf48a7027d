package ledger

import (
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// depart ends what the people do, contract by contract but for those that are
// done, and their accounts.
func depart(tx *store.Tx, s meibo.Scene, gone []meibo.PersonID, done map[meibo.ContractID]bool) ([]any, error) {
	if len(gone) == 0 {
		return nil, nil
	}
	running, err := tx.RunningOf(gone)
	if err != nil {
		return nil, err
	}
	byContract := map[meibo.ContractID][]meibo.PersonID{}
	var ids []meibo.ContractID
	for _, a := range running {
		if done[a.ContractID] {
			continue
		}
		byContract[a.ContractID] = append(byContract[a.ContractID], a.PersonID)
		ids = append(ids, a.ContractID)
	}
	list, err := books(&tx.Reader, ids, nil)
	if err != nil {
		return nil, err
	}
	for _, b := range list {
		b.Depart(s, byContract[b.Contract.ID])
	}
	rows, err := settled(tx, list...)
	if err != nil {
		return nil, err
	}
	return farewell(tx, s, gone, rows)
}

// farewell adds the rows of people who left without being on any roster, and of
// the accounts of all.
func farewell(tx *store.Tx, s meibo.Scene, gone []meibo.PersonID, rows []any) ([]any, error) {
	written := map[meibo.PersonID]bool{}
	closed := map[meibo.PersonID]bool{}
	for i, row := range rows {
		switch row := row.(type) {
		case meibo.Person:
			written[row.ID] = true
		case meibo.Account:
			closed[row.PersonID] = true
			row.Leave()
			rows[i] = row
		}
	}
	people, err := tx.People(gone)
	if err != nil {
		return nil, err
	}
	for _, p := range people {
		if !written[p.ID] && p.DepartedAt.IsZero() {
			p.DepartedAt = s.Now
			rows = append(rows, p)
		}
		a, err := tx.Account(p.ID)
		if err != nil {
			return nil, err
		}
		if a != nil && !closed[p.ID] && a.State != meibo.AccountGone {
			a.State, a.Cause, a.ChangedAt = meibo.AccountGone, meibo.CauseDeparted, s.Now
			a.Leave()
			rows = append(rows, *a)
		}
	}
	return rows, nil
}
