package store

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// PersonIDs are up to n ids of people in their order, after one.
func (r *Reader) PersonIDs(after meibo.PersonID, n int) ([]meibo.PersonID, error) {
	var ids []meibo.PersonID
	if err := r.list(&ids, "SELECT id FROM people WHERE id > ? ORDER BY id LIMIT ?", after, n); err != nil {
		return nil, fmt.Errorf("list people: %w", err)
	}
	return ids, nil
}

// Population is how many people there are.
func (r *Reader) Population() (n int, err error) {
	err = r.scan(&n, "SELECT COUNT(*) FROM people")
	return n, err
}

// Dossiers read everything of people's own. Ids of nobody are left out.
func (r *Reader) Dossiers(ids []meibo.PersonID) ([]meibo.Dossier, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	people, err := all[meibo.Person](r, "WHERE id IN (?) ORDER BY id", ids)
	if err != nil {
		return nil, err
	}
	d := dossiers{list: make([]meibo.Dossier, len(people)), place: make(map[meibo.PersonID]int, len(people))}
	for i, p := range people {
		d.list[i].Person, d.place[p.ID] = p, i
	}
	for _, read := range []func(*Reader, []meibo.PersonID) error{d.accounts, d.work, d.drafts, d.pledges, d.trainings, d.loans, d.delegations} {
		if err := read(r, ids); err != nil {
			return nil, err
		}
	}
	return d.list, nil
}

// dossiers are being filled.
type dossiers struct {
	list  []meibo.Dossier
	place map[meibo.PersonID]int
}

// of finds the dossier of a person; rows of nobody go into one that is thrown away.
func (d *dossiers) of(id meibo.PersonID) *meibo.Dossier {
	if i, known := d.place[id]; known {
		return &d.list[i]
	}
	return new(meibo.Dossier)
}

func (d *dossiers) accounts(r *Reader, ids []meibo.PersonID) error {
	rows, err := all[meibo.Account](r, "WHERE person_id IN (?)", ids)
	for _, a := range rows {
		d.of(a.PersonID).Account = &a
	}
	return err
}

// work reads assignments and their rights.
func (d *dossiers) work(r *Reader, ids []meibo.PersonID) error {
	rows, err := all[meibo.Assignment](r, "WHERE person_id IN (?) ORDER BY COALESCE(ended_at, '9999') DESC, id DESC", ids)
	if err != nil {
		return err
	}
	chosen := map[meibo.AssignmentID]bool{}
	for _, a := range rows {
		own := d.of(a.PersonID)
		if !slices.ContainsFunc(own.Assignments, func(b meibo.Assignment) bool { return b.ContractID == a.ContractID }) {
			own.Assignments, chosen[a.ID] = append(own.Assignments, a), true
		}
	}
	rights, err := all[meibo.Right](r, "WHERE person_id IN (?) AND ended_at IS NULL ORDER BY id", ids)
	for _, right := range rights {
		if chosen[right.AssignmentID] {
			own := d.of(right.PersonID)
			own.Rights = append(own.Rights, right)
		}
	}
	return err
}

// drafts finds for which contracts changes that still wait would add people.
func (d *dossiers) drafts(r *Reader, ids []meibo.PersonID) error {
	var rows []struct {
		PersonID   meibo.PersonID
		ContractID meibo.ContractID
	}
	query, args, err := r.in(`SELECT DISTINCT l.person_id, c.contract_id FROM change_lines l JOIN changes c ON c.id = l.change_id
		WHERE l.person_id IN (?) AND c.state = 'submitted' AND l.operation = 'add'`, ids)
	if err != nil {
		return err
	}
	if err := r.list(&rows, query, args...); err != nil {
		return fmt.Errorf("read drafts: %w", err)
	}
	for _, row := range rows {
		own := d.of(row.PersonID)
		own.Drafted = append(own.Drafted, row.ContractID)
	}
	return nil
}

// pledges are read with their texts, also by who reads nameless: a promise counts only
// as long as its text is the one that was agreed to. One whose text does not open stays
// without it, and ends that person's work, not everybody's.
func (d *dossiers) pledges(r *Reader, ids []meibo.PersonID) error {
	named := *r
	named.nameless = false
	t := tableOf(reflect.TypeFor[meibo.Pledge]())
	query, args, err := r.in(named.selects(t, "WHERE person_id IN (?) AND state NOT IN ('superseded', 'disposed') ORDER BY requested_at, id"), ids)
	if err != nil {
		return err
	}
	var rows []meibo.Pledge
	if err := r.list(&rows, query, args...); err != nil {
		return fmt.Errorf("read pledges: %w", err)
	}
	for _, p := range rows {
		err := named.open(t, reflect.ValueOf(&p).Elem())
		if errors.Is(err, errSealed) {
			p.Text, p.TextHash = "", ""
		} else if err != nil {
			return err
		}
		own := d.of(p.PersonID)
		own.Pledges = append(own.Pledges, p)
	}
	return nil
}

func (d *dossiers) trainings(r *Reader, ids []meibo.PersonID) error {
	rows, err := all[meibo.Training](r, "WHERE person_id IN (?) ORDER BY completed_on, id", ids)
	for _, t := range rows {
		own := d.of(t.PersonID)
		own.Trainings = append(own.Trainings, t)
	}
	return err
}

func (d *dossiers) delegations(r *Reader, ids []meibo.PersonID) error {
	rows, err := all[meibo.Delegation](r, "WHERE principal_id IN (?) ORDER BY id", ids)
	for _, one := range rows {
		own := d.of(one.PrincipalID)
		own.Delegations = append(own.Delegations, one)
	}
	return err
}

// loans finds what people carried out under permits that want it back.
func (d *dossiers) loans(r *Reader, ids []meibo.PersonID) error {
	uses, err := all[meibo.PermitUse](r, "WHERE person_id IN (?) ORDER BY decision_id", ids)
	if err != nil || len(uses) == 0 {
		return err
	}
	var of []meibo.PermitID
	for _, u := range uses {
		of = append(of, u.PermitID)
	}
	permits, err := all[meibo.Permit](r, "WHERE return_due IS NOT NULL AND id IN (?)", of)
	for _, p := range permits {
		lent := map[meibo.PersonID]bool{}
		for _, u := range uses {
			if own := d.of(u.PersonID); u.PermitID == p.ID && !lent[u.PersonID] {
				own.Loans, lent[u.PersonID] = append(own.Loans, p), true
			}
		}
	}
	return err
}
