package ledger

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// keepProof is how often a proof that nothing has changed is written down. A
// restart forgets no more than that.
const keepProof = 5 * time.Minute

// FreezeAfter is for how long the directory may be silent, by default, until
// nothing new is granted.
const FreezeAfter = 15 * time.Minute

// proven is what is known of the directory's last word.
type proven struct {
	mu      sync.Mutex
	last    meibo.Reading
	current meibo.Instant // when the directory was known to be what the ledger says
	heard   time.Time     // the same by the machine's clock, which nobody sets; zero: read from the store
	kept    time.Time     // when that was written down last
}

// remember keeps a reading, and the proof that came with it.
func (l *Ledger) remember(r meibo.Reading, current meibo.Instant) {
	now := l.Now()
	l.proven.mu.Lock()
	defer l.proven.mu.Unlock()
	l.proven.last = r
	if current.IsZero() {
		return
	}
	heard := time.Now().Add(-max(0, now.Time().Sub(current.Time())))
	if heard.After(l.proven.heard) {
		l.proven.current, l.proven.heard = current, heard
	}
}

// due tells whether a report that changes nothing is to be written down all the
// same.
func (p *proven) due(r Report, reading meibo.Reading) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	news := reading.Outcome != p.last.Outcome || reading.Code != p.last.Code
	if reading.Outcome == meibo.ReadingNothing && p.last.Outcome == meibo.ReadingApplied {
		news = false
	}
	return news || (r.Token != nil || r.Current > 0) && time.Since(p.kept) >= keepProof
}

func (p *proven) keep(r Report) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if r.Token != nil || r.Current > 0 {
		p.kept = time.Now()
	}
}

// recall reads what was written down last, by this server or another.
func (l *Ledger) recall(ctx context.Context) error {
	return l.db.View(ctx, func(r *store.Reader) error {
		mark, err := r.Bookmark()
		if err != nil {
			return err
		}
		last, err := r.LastReading()
		l.proven.mu.Lock()
		defer l.proven.mu.Unlock()
		if mark != nil && mark.ProvenAt > l.proven.current {
			l.proven.current, l.proven.heard, l.proven.kept = mark.ProvenAt, time.Time{}, time.Now()
		}
		if last != nil && l.proven.last.Outcome == "" {
			l.proven.last = *last
		}
		return err
	})
}

// DirectoryProven is when the directory was known to be what the ledger says, by
// the ledger's clock; zero: never. That it grows old is measured by the machine's
// own clock, so that setting the clock makes nothing older or newer.
func (l *Ledger) DirectoryProven() meibo.Instant {
	now := l.Now()
	l.proven.mu.Lock()
	defer l.proven.mu.Unlock()
	if l.proven.heard.IsZero() {
		return l.proven.current
	}
	return now.Add(-time.Since(l.proven.heard))
}

// Frozen tells whether the directory has been silent for so long that nothing new
// may be granted.
func (l *Ledger) Frozen() bool {
	if l.directory == nil {
		return false
	}
	return l.DirectoryProven() < l.Now().Add(-l.freezeAfter())
}

// A Silence is how far a directory's silence has come.
type Silence string

const (
	NotSilent     Silence = ""
	SilenceFrozen Silence = "frozen" // nothing new is granted
	SilenceStale  Silence = "stale"  // and of the first class of assets everything is refused
)

// Silence tells how far the directory's silence has come; one that has never spoken is
// no silence yet.
func (l *Ledger) Silence(ctx context.Context) (Silence, error) {
	proven := l.DirectoryProven()
	if l.directory == nil || proven.IsZero() {
		return NotSilent, nil
	}
	var most time.Duration
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		most, err = silence(r)
		return err
	})
	switch {
	case err != nil:
		return NotSilent, wrap("read how long a silence may last", err)
	case most > 0 && proven <= l.Now().Add(-most):
		return SilenceStale, nil
	case l.Frozen():
		return SilenceFrozen, nil
	}
	return NotSilent, nil
}

func (l *Ledger) freezeAfter() time.Duration { return cmp.Or(l.directory.FreezeAfter, FreezeAfter) }

// grantable refuses to let a change widen anything while the directory is silent,
// for people in one of its holds, or of whom it has been in doubt for as long.
func (l *Ledger) grantable(tx *store.Tx, id meibo.ChangeID) error {
	if l.directory == nil {
		return nil
	}
	if l.Frozen() {
		return meibo.Refuse(meibo.ErrConflict, "DIRECTORY_STALE")
	}
	doubted, err := tx.AccountsInDoubt()
	if err != nil || len(doubted) == 0 {
		return err
	}
	lines, err := tx.LinesOf(id)
	for _, line := range lines {
		for _, a := range doubted {
			switch {
			case a.PersonID != line.PersonID:
			case a.HoldID != "":
				return meibo.Refuse(meibo.ErrConflict, "PERSON_ON_HOLD")
			case a.DoubtedAt < l.Now().Add(-l.freezeAfter()):
				return meibo.Refuse(meibo.ErrConflict, "DIRECTORY_STALE")
			}
		}
	}
	return err
}

// MaySync asks whether the caller may have the directory read.
func (l *Ledger) MaySync(c meibo.Caller) error { return l.may(c, meibo.AnyContract, verbSyncDirectory) }

// LastReading is what the newest reading of the directory came to; its outcome is
// empty before the first.
func (l *Ledger) LastReading(ctx context.Context) (meibo.Reading, error) {
	l.proven.mu.Lock()
	last := l.proven.last
	l.proven.mu.Unlock()
	if last.Outcome != "" {
		return last, nil
	}
	err := l.recall(ctx)
	l.proven.mu.Lock()
	defer l.proven.mu.Unlock()
	return l.proven.last, wrap("read the last reading", err)
}

// Bookmark says up to where the directory was followed; empty before the first
// reading.
func (l *Ledger) Bookmark(ctx context.Context) (meibo.Bookmark, error) {
	var mark meibo.Bookmark
	err := l.db.View(ctx, func(r *store.Reader) error {
		stored, err := r.Bookmark()
		if stored != nil {
			mark = *stored
		}
		return err
	})
	return mark, wrap("read bookmark", err)
}

// Recall takes over what another server on the same database has proven.
func (l *Ledger) Recall(ctx context.Context) error {
	return wrap("recall the directory", l.recall(ctx))
}
