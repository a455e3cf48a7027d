package ledger

import (
	"context"
	"errors"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// RemindPledges owes reminders to the contractors whose people lack a pledge, contract
// by contract, and returns how many. What is owed is found by what is kept: nobody is
// reminded twice within a week, whoever asks.
func (l *Ledger) RemindPledges(ctx context.Context) (owed int, err error) {
	if l.Sealed() {
		return 0, nil
	}
	due, err := l.unreminded(ctx)
	failed := []error{err} // one contract's must not keep the others'
	for _, id := range due {
		n, err := write(ctx, l, deed{itself, meibo.ActRemind, newID(), id}, func(tx *store.Tx, s meibo.Scene) (int, outcome, error) {
			b, n, err := remind(&tx.Reader, s, id)
			if err != nil {
				return 0, outcome{}, err
			}
			rows, err := settled(tx, b)
			return n, outcome{contract: id, rows: rows}, err
		})
		failed = append(failed, wrap("remind of pledges of "+string(id), err))
		owed += n
	}
	return owed, errors.Join(failed...)
}

// unreminded are the contracts on which somebody has to be reminded. Whom it is about
// does not matter: no name is read.
func (l *Ledger) unreminded(ctx context.Context) (due []meibo.ContractID, err error) {
	var contracts []meibo.Contract
	err = l.db.View(ctx, func(r *store.Reader) (err error) {
		contracts, err = r.Nameless().Contracts()
		return err
	})
	failed := []error{wrap("remind of pledges", err)}
	for _, c := range contracts {
		err := l.db.View(ctx, func(r *store.Reader) error {
			if c.Over(r.Now) {
				return nil
			}
			_, n, err := remind(r.Nameless(), meibo.Scene{Now: r.Now, NewID: newID}, c.ID)
			if n > 0 {
				due = append(due, c.ID)
			}
			return err
		})
		failed = append(failed, wrap("remind of pledges of "+string(c.ID), err))
	}
	return due, errors.Join(failed...)
}

// remind is a contract's book with the reminders that are owed now.
func remind(r *store.Reader, s meibo.Scene, contract meibo.ContractID) (*meibo.Book, int, error) {
	b, err := r.Book(contract)
	if err != nil {
		return nil, 0, err
	}
	city, err := r.CityParameters()
	if err != nil {
		return nil, 0, err
	}
	return b, b.Remind(s, city), nil
}
