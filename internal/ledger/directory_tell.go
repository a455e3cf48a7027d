package ledger

import (
	"context"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// TellDirectory owes notices to those who must look at what the directory shows of
// people at work: that they are in a hold, locked out, at another employer or in another unit. It
// goes by what is kept, so nothing is forgotten by an end in between, and nobody is
// told twice of the same.
func (l *Ledger) TellDirectory(ctx context.Context) error {
	idle := false
	err := l.db.View(ctx, func(r *store.Reader) error {
		owed, err := owedOf(r, meibo.Scene{Now: r.Now, NewID: newID})
		idle = len(owed) == 0
		return err
	})
	if err != nil || idle {
		return wrap("tell of the directory", err)
	}
	_, err = write(ctx, l, deed{itself, meibo.ActTellDirectory, newID(), nil}, func(tx *store.Tx, s meibo.Scene) (struct{}, outcome, error) {
		owed, err := owedOf(&tx.Reader, s)
		var out outcome
		for _, n := range owed {
			out.rows, out.subjects = append(out.rows, n), append(out.subjects, string(n.ID))
		}
		return struct{}{}, out, err
	})
	return wrap("tell of the directory", err)
}

// owedOf are the notices that are owed, contract by contract. They name nobody: that a
// name cannot be read keeps none of them back.
func owedOf(r *store.Reader, s meibo.Scene) ([]meibo.Notice, error) {
	people, err := r.Concerned()
	if err != nil || len(people) == 0 {
		return nil, err
	}
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
