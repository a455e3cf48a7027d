package ledger

import (
	"context"
	"errors"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

// ErrOtherDataKey says that the data key does not open the database.
var ErrOtherDataKey = store.ErrOtherDataKey

// RotateDataKey has names and documents sealed under a new key, row by row, and
// destroys the old one when nothing lies under it any more. It may be ended at any
// moment and begun again. newData, if not nil, is from the last step on the data key
// that opens the database; Secrets.Data is it until then. It opens the store: on
// PostgreSQL servers may go on meanwhile, on SQLite a running one is ErrConflict.
func RotateDataKey(ctx context.Context, o Options, newData []byte, progress func(done, total int64)) (err error) {
	l, err := build(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	if err := l.recognize(ctx); err != nil {
		return err
	}
	entry := meibo.Entry{Client: itself.Client.ID, Act: meibo.ActRotateDataKey}
	err = l.db.Update(ctx, func(tx *store.Tx) error {
		begun, err := tx.GrowKeys()
		if err != nil {
			return err
		}
		if entry.Note = "begun"; !begun {
			entry.Note = "resumed"
		}
		_, err = tx.Record(entry, nil)
		return err
	})
	if err != nil {
		return wrap("rotate data key", err)
	}
	if err := l.db.Reseal(ctx, progress); err != nil {
		return wrap("rotate data key", err)
	}
	return wrap("rotate data key", l.db.Update(ctx, func(tx *store.Tx) error {
		if err := tx.PruneKeys(); err != nil {
			return err
		}
		if newData != nil {
			if err := tx.Rewrap(newData); err != nil {
				return err
			}
		}
		entry.Note = "ended"
		_, err := tx.Record(entry, nil)
		return err
	}))
}

// NewDataKey makes a data key.
func NewDataKey() []byte { return random(store.DataKeySize) }
