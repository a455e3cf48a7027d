package ledger

import (
	"context"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// A DirectoryView is what the ledger knows of the directory as a whole.
type DirectoryView struct {
	Last   meibo.Reading
	Proven meibo.Instant // zero: never
	Frozen bool
	People map[meibo.AccountState]int
	Holds  map[string]int // people in holds, by the reason
	Held   int            // in all of them
	// Doubted are the people of whom the directory gives no sure word, in a hold or not;
	// Oldest is since when the first of them.
	Doubted int
	Oldest  meibo.Instant
	// Silence is how old its last word may be until the first rights are refused; zero:
	// as old as it likes.
	Silence time.Duration
}

// peopleAtOnce is how many people are listed at once.
const peopleAtOnce = 500

// DirectoryPeople lists what the directory says of people, by their standing and
// after one of them, and whom the next page comes after; empty: it is the last.
func (l *Ledger) DirectoryPeople(ctx context.Context, c meibo.Caller, standing string, after meibo.PersonID) (list []meibo.Account, next meibo.PersonID, err error) {
	if err := l.may(c, meibo.AnyContract, verbReadDirectory); err != nil {
		return nil, "", err
	}
	err = l.db.View(ctx, func(r *store.Reader) (err error) {
		list, err = r.AccountsBy(standing, after, peopleAtOnce+1)
		return err
	})
	if len(list) > peopleAtOnce {
		list = list[:peopleAtOnce]
		next = list[peopleAtOnce-1].PersonID
	}
	return list, next, wrap("list people of the directory", err)
}

// DirectoryStatus is for callers who may read it.
func (l *Ledger) DirectoryStatus(ctx context.Context, c meibo.Caller) (DirectoryView, error) {
	if err := l.may(c, meibo.AnyContract, verbReadDirectory); err != nil {
		return DirectoryView{}, err
	}
	return l.DirectoryNow(ctx)
}

// DirectoryNow is DirectoryStatus for the server itself.
func (l *Ledger) DirectoryNow(ctx context.Context) (DirectoryView, error) {
	last, err := l.LastReading(ctx)
	if err != nil {
		return DirectoryView{}, err
	}
	v := DirectoryView{Last: last, Proven: l.DirectoryProven(), Frozen: l.Frozen()}
	err = l.db.View(ctx, func(r *store.Reader) (err error) {
		if v.People, err = r.AccountStates(); err != nil {
			return err
		}
		if v.Silence, err = silence(r); err != nil {
			return err
		}
		return v.doubts(r)
	})
	return v, wrap("read the directory's status", err)
}

// doubts counts the people in holds and in doubt.
func (v *DirectoryView) doubts(r *store.Reader) error {
	doubted, err := r.AccountsInDoubt()
	v.Doubted, v.Holds = len(doubted), map[string]int{}
	for _, a := range doubted {
		if a.HoldID != "" {
			v.Held++
			v.Holds[a.Held.V.Why]++
		}
		if v.Oldest.IsZero() || a.DoubtedAt < v.Oldest {
			v.Oldest = a.DoubtedAt
		}
	}
	return err
}

// silence is how old the directory's last word may be for the class of assets that
// bears it the least, as the city has settled; zero: as old as it likes.
func silence(r *store.Reader) (least time.Duration, err error) {
	rows, err := r.Parameters()
	for _, class := range parametersOf(rows).Classes {
		if s := class.Staleness; s > 0 && (least == 0 || s < least) {
			least = s
		}
	}
	return least, err
}

// Health sums up whether the directory can be relied on: red when the account does
// not see it as it is, or when it was silent until rights are refused; yellow when
// nothing new is granted, nobody is listened to, or people are in a hold or in doubt.
func (v DirectoryView) Health(f meibo.Following, now meibo.Instant) string {
	switch {
	case f.Blind, v.Silence > 0 && v.Proven <= now.Add(-v.Silence):
		return "red"
	case v.Frozen, !f.Connected, v.Doubted > 0:
		return "yellow"
	}
	return "green"
}
