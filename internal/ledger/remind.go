package ledger

import (
	"context"

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
	var due []meibo.ContractID
	err = l.db.View(ctx, func(r *store.Reader) error {
		contracts, err := r.Contracts()
		if err != nil {
			return err
		}
		for _, c := range contracts {
			_, n, err := remind(r, meibo.Scene{Now: r.Now, NewID: newID}, c)
			if err != nil {
				return err
			}
			if n > 0 {
				due = append(due, c.ID)
			}
		}
		return nil
	})
	for _, id := range due {
		n, err := write(ctx, l, deed{itself, meibo.ActRemind, newID(), id}, func(tx *store.Tx, s meibo.Scene) (int, outcome, error) {
			c, err := store.One[meibo.Contract](&tx.Reader, id)
			if err != nil {
				return 0, outcome{}, err
			}
			b, n, err := remind(&tx.Reader, s, c)
			if err != nil {
				return 0, outcome{}, err
			}
			rows, err := settled(tx, b)
			return n, outcome{contract: id, rows: rows}, err
		})
		if err != nil {
			return owed, wrap("remind of pledges", err)
		}
		owed += n
	}
	return owed, wrap("remind of pledges", err)
}

// remind is a contract's book with the reminders that are owed now.
func remind(r *store.Reader, s meibo.Scene, c meibo.Contract) (*meibo.Book, int, error) {
	if c.Over(r.Now) {
		return nil, 0, nil
	}
	b, err := r.Book(c.ID)
	if err != nil {
		return nil, 0, err
	}
	city, err := cityOf(r)
	return b, b.Remind(s, city), err
}
