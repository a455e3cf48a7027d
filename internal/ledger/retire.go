package ledger

import (
	"context"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// RetireDecisions destroys the records of decisions whose time is over: what the
// city has settled, else seven years. Whole batches go, and only such as the log
// has sealed; their hashes stay, so that the chain still verifies, and the log says
// what was destroyed before it is. While evidence is kept (a legal hold) nothing is
// destroyed. It returns how many records were.
func (l *Ledger) RetireDecisions(ctx context.Context) (destroyed int, err error) {
	if l.Sealed() {
		return 0, nil
	}
	before, held, err := l.decisionsEnd(ctx)
	if err != nil || held {
		return 0, wrap("retire decisions", err)
	}
	ended, err := l.db.Ended(ctx, before)
	if err != nil || len(ended) == 0 {
		return 0, wrap("retire decisions", err)
	}
	due, further, err := l.due(ctx, ended)
	if err != nil {
		return 0, wrap("retire decisions", err)
	}
	if further {
		if err := l.announce(ctx, due); err != nil {
			return 0, wrap("retire decisions", err)
		}
	}
	for _, d := range due {
		n, err := l.db.Destroy(ctx, d)
		if destroyed += n; err != nil {
			return destroyed, wrap("retire decisions", err)
		}
	}
	return destroyed, nil
}

// decisionsEnd is before when decisions are not kept any more, and whether they are
// held as evidence.
func (l *Ledger) decisionsEnd(ctx context.Context) (before meibo.Instant, held bool, err error) {
	err = l.db.View(ctx, func(r *store.Reader) error {
		city, err := r.CityParameters()
		if err != nil {
			return err
		}
		before = city.DecisionsEnd(r.Now)
		holds, err := r.OpenHolds()
		for _, h := range holds {
			held = held || h.Kind == meibo.HoldLegal
		}
		return err
	})
	return before, held, err
}

// due cuts what has ended to what the log has sealed, and reports whether that goes
// further than what it already says.
func (l *Ledger) due(ctx context.Context, ended []meibo.Destruction) (due []meibo.Destruction, further bool, err error) {
	sealed, said := map[string]int{}, map[string]int{}
	err = l.db.View(ctx, func(r *store.Reader) error {
		seals, err := r.Seals()
		if err != nil {
			return err
		}
		for _, s := range seals {
			sealed[s.Writer] = s.Batch
		}
		before, err := r.Destructions()
		for _, d := range before {
			said[d.Writer] = d.Batch
		}
		return err
	})
	for _, d := range ended {
		d.Batch = max(min(d.Batch, sealed[d.Writer]), said[d.Writer])
		if d.Batch > 0 {
			due, further = append(due, d), further || d.Batch > said[d.Writer]
		}
	}
	return due, further, err
}

// announce says in the log what is to be destroyed.
func (l *Ledger) announce(ctx context.Context, due []meibo.Destruction) error {
	_, err := write(ctx, l, deed{itself, meibo.ActDestroyDecisions, newID(), nil},
		func(tx *store.Tx, s meibo.Scene) (struct{}, outcome, error) {
			var out outcome
			for _, d := range due {
				d.At = s.Now
				out.rows = append(out.rows, d)
			}
			return struct{}{}, out, nil
		})
	return err
}
