package ledger

import (
	"context"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// TellDirectory owes notices to those who must look at what the directory shows of
// people at work: that they are in a hold, locked out, at another employer or in
// another unit. It goes by what is kept, so nothing is forgotten by an end in between,
// and nobody is told twice of the same. The orphans among these people are returned,
// whether somebody is owed a notice or not: all is read once.
func (l *Ledger) TellDirectory(ctx context.Context) (meibo.Orphans, error) {
	idle := false
	var found meibo.Orphans
	err := l.db.View(ctx, func(r *store.Reader) error {
		people, err := r.Concerned()
		if err != nil {
			return err
		}
		found = orphansOf(people)
		owed, err := owedOf(r, people, meibo.Scene{Now: r.Now, NewID: newID})
		idle = len(owed) == 0
		return err
	})
	if err != nil || idle {
		return found, wrap("tell of the directory", err)
	}
	_, err = write(ctx, l, deed{itself, meibo.ActTellDirectory, newID(), nil}, func(tx *store.Tx, s meibo.Scene) (struct{}, outcome, error) {
		var out outcome
		people, err := tx.Concerned()
		if err != nil {
			return struct{}{}, out, err
		}
		owed, err := owedOf(&tx.Reader, people, s)
		for _, n := range owed {
			out.rows, out.subjects = append(out.rows, n), append(out.subjects, string(n.ID))
		}
		return struct{}{}, out, err
	})
	return found, wrap("tell of the directory", err)
}

// owedOf are the notices that are owed of these people, contract by contract. They name
// nobody: that a name cannot be read keeps none of them back.
func owedOf(r *store.Reader, people []store.Concerned, s meibo.Scene) ([]meibo.Notice, error) {
	concerns := map[meibo.ContractID][]meibo.Concern{}
	var order []meibo.ContractID
	for _, p := range people {
		list := p.Account().Concerns(p.EmployerID, p.AssignedAt)
		if len(list) == 0 { // bound to no entry, or at both of two employers
			continue
		}
		if concerns[p.ContractID] == nil {
			order = append(order, p.ContractID)
		}
		concerns[p.ContractID] = append(concerns[p.ContractID], list...)
	}
	if len(order) == 0 {
		return nil, nil
	}
	city, err := r.City()
	if err != nil {
		return nil, err
	}
	organizations, err := r.Organizations()
	if err != nil {
		return nil, err
	}
	var owed []meibo.Notice
	for _, id := range order {
		contract, err := store.One[meibo.Contract](r.Nameless(), id)
		if err != nil {
			return nil, err
		}
		notices, err := r.Notices(id)
		if err != nil {
			return nil, err
		}
		owed = append(owed, meibo.Owed(s, contract, city.ID, organizations, notices, concerns[id])...)
	}
	return owed, nil
}
