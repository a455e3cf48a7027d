package ledger

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// Differs reads everything anew and tells in what that differs, for the questions,
// from what the ledger has followed; empty when it does not.
func (l *Ledger) Differs(ctx context.Context, c meibo.Caller, qs []meibo.Question) (difference string, err error) {
	err = l.db.View(ctx, func(r *store.Reader) error {
		fresh, err := load(r, l.directory != nil, nil)
		if err != nil {
			return err
		}
		followed := l.view.Load()
		if fresh.Rev() != followed.Rev() || fresh.Epoch() != followed.Epoch() || fresh.last > followed.last {
			difference = fmt.Sprintf("revision %d of %s, followed to %d of %s", fresh.Rev(), fresh.Epoch(), followed.Rev(), followed.Epoch())
			return nil
		}
		for _, q := range qs {
			asked := questionOf(c, q, r.Now)
			a, b := fresh.Facts(asked), followed.Facts(asked)
			a.Directory, b.Directory = nil, nil                          // a reading that found nothing new is not recorded
			for _, rights := range [][]authz.Right{a.Rights, b.Rights} { // when they were last used is told otherwise
				for i := range rights {
					rights[i].LastUse = time.Time{}
				}
			}
			if !reflect.DeepEqual(a, b) {
				difference = fmt.Sprintf("for %+v:\nread:     %+v\nfollowed: %+v", q, a, b)
			}
		}
		return nil
	})
	return difference, err
}

// HoldEntries are the entries of the log that opened and lifted holds, in order.
func (l *Ledger) HoldEntries(ctx context.Context) (list []meibo.Entry, err error) {
	err = l.db.View(ctx, func(r *store.Reader) error {
		records, err := r.Entries(0, 1<<30)
		for _, record := range records {
			var e meibo.Entry
			if err := json.Unmarshal([]byte(record), &e); err != nil {
				return err
			}
			if e.Act == meibo.ActOpenHold || e.Act == meibo.ActLiftHold {
				list = append(list, e)
			}
		}
		return err
	})
	return list, err
}

// Simulating has a simulation run until end is called.
func (l *Ledger) Simulating() (end func()) {
	l.simulating.Lock()
	return l.simulating.Unlock
}

// Followed is the revision that checks are decided on as they begin.
func (l *Ledger) Followed() int64 { return l.view.Load().Rev() }

// ShareUsage does what Follow does from time to time.
func (l *Ledger) ShareUsage(ctx context.Context) error { return l.shareUsage(ctx) }

// Tightens reports whether a change should allow nothing new.
func (w WhatIf) Tightens() bool { return w.tightens() }

// Draw has as many papers be drawn as may be at one time, until it is told to end.
func (l *Ledger) Draw() (end func()) {
	for range atOneTime {
		l.drawing <- struct{}{}
	}
	return func() {
		for range atOneTime {
			<-l.drawing
		}
	}
}

// StillDue refuses unless everything that a disposal names is due by now.
func StillDue(of, due []meibo.PersonID) error { return stillDue(of, due) }
