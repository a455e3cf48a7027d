package ledger

import (
	"context"
	"errors"
	"os"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// viewAt is a view as of an instant: of the ledger as it was recorded by then, or,
// for one that is ahead, as it is now. The directory counts as having been read at
// the instant.
func (l *Ledger) viewAt(ctx context.Context, at meibo.Instant) (*view, error) {
	if at >= l.Now() {
		v, err := l.catchUp(ctx)
		if err != nil {
			return nil, err
		}
		return v.readAt(at), nil
	}
	var seq int64
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		seq, err = r.LastEntry(at)
		return err
	})
	if err != nil {
		return nil, err
	}
	v, err := l.viewOf(ctx, seq)
	if err != nil {
		return nil, err
	}
	return v.readAt(at), nil
}

// viewOf is a view of the rows as they were after an entry, with more rows on top.
func (l *Ledger) viewOf(ctx context.Context, seq int64, more ...any) (v *view, err error) {
	folder, err := os.MkdirTemp("", "meibo-past-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	past, err := l.db.At(ctx, folder, seq, more...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, past.Close()) }()
	err = past.View(ctx, func(r *store.Reader) (err error) {
		v, err = load(r, l.directory != nil, nil)
		return err
	})
	return v, err
}

// readAt is the view with the directory read at an instant.
func (v *view) readAt(at meibo.Instant) *view {
	next := *v
	if next.directory {
		next.Snapshot = next.With(authz.SetDirectory(&authz.Directory{Read: at.Time()}))
	}
	return &next
}
