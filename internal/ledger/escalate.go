package ledger

import (
	"context"
	"errors"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// EscalateNotices tells those who must act of every notice whose day has passed
// without the city having been told, or having answered. It returns how many there
// were. Nothing is acknowledged by silence.
func (l *Ledger) EscalateNotices(ctx context.Context) (late int, err error) {
	var contracts []meibo.ContractID
	err = l.db.View(ctx, func(r *store.Reader) (err error) {
		contracts, err = r.LateContracts(r.Now.Day())
		return err
	})
	if err != nil {
		return 0, wrap("find late notices", err)
	}
	var failed []error // one contract's must not keep the others'
	for _, id := range contracts {
		n, err := write(ctx, l, deed{itself, meibo.ActEscalate, newID(), id}, func(tx *store.Tx, s meibo.Scene) (int, outcome, error) {
			b, err := tx.Book(id)
			if err != nil {
				return 0, outcome{}, err
			}
			n := b.Escalate(s)
			rows, err := settled(tx, b)
			return n, outcome{contract: id, rows: rows}, err
		})
		failed = append(failed, wrap("escalate notices of "+string(id), err))
		late += n
	}
	return late, errors.Join(failed...)
}

// CountNotices counts the notices that wait for something: by their state, and under
// "overdue" those of which the day has passed. Every key is there, also with zero.
func (l *Ledger) CountNotices(ctx context.Context) (counts map[string]int, err error) {
	counts = map[string]int{"overdue": 0}
	for _, state := range []meibo.NoticeState{meibo.NoticeQueued, meibo.NoticeSending, meibo.NoticeSent, meibo.NoticeFailed, meibo.NoticeBounced} {
		counts[string(state)] = 0
	}
	err = l.db.View(ctx, func(r *store.Reader) error {
		waiting, err := r.WaitingNotices()
		for _, n := range waiting {
			if !n.Settled() {
				counts[string(n.State)]++
			}
			if n.Overdue() {
				counts["overdue"]++
			}
		}
		return err
	})
	return counts, wrap("count notices", err)
}
