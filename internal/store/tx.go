package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A Reader reads one snapshot. It has no way to write and no way back to the DB.
type Reader struct {
	ctx      context.Context
	tx       *sqlx.Tx
	dialect  dialect
	codec    *codec
	nameless bool // what is sealed is left empty

	// Now is the one instant of the transaction.
	Now meibo.Instant
}

// A Tx is a Reader that can record what was decided, once.
type Tx struct {
	Reader
	sign     func(size int64, root [32]byte) (string, error)
	wrap     tink.AEAD // seals the keyring
	epoch    string    // of the history that this transaction begins
	recorded bool
}

// scan reads one row into a value; no row is ErrNotFound.
func (r *Reader) scan(into any, query string, args ...any) error {
	err := r.tx.GetContext(r.ctx, into, r.tx.Rebind(query), args...)
	if errors.Is(err, sql.ErrNoRows) {
		return meibo.ErrNotFound
	}
	return r.dialect.kind(err)
}

// list reads all rows into a slice.
func (r *Reader) list(into any, query string, args ...any) error {
	return r.dialect.kind(r.tx.SelectContext(r.ctx, into, r.tx.Rebind(query), args...))
}

// exec runs a statement that writes.
func (t *Tx) exec(query string, args ...any) error {
	_, err := t.tx.ExecContext(t.ctx, t.tx.Rebind(query), args...)
	return t.dialect.kind(err)
}

// Revision is the number of changes so far, and the history that they belong to.
func (r *Reader) Revision() (rev int64, epoch string, err error) {
	var m struct {
		Rev   int64
		Epoch string
	}
	if err := r.scan(&m, "SELECT rev, epoch FROM meta WHERE id = 1"); err != nil {
		return 0, "", fmt.Errorf("read revision: %w", err)
	}
	return m.Rev, m.Epoch, nil
}

// Begun reports whether the database holds a ledger.
func (r *Reader) Begun() (bool, error) {
	var rows int
	if err := r.scan(&rows, "SELECT COUNT(*) FROM meta"); err != nil {
		return false, fmt.Errorf("read revision: %w", err)
	}
	return rows > 0, nil
}

// Begin begins a ledger, at revision 0 of the history epoch, and makes the keys that
// seal its rows. It belongs to the
// first transaction of a database; where a ledger has begun it is ErrConflict.
func (t *Tx) Begin(epoch string) error {
	begun, err := t.Begun()
	if err != nil {
		return fmt.Errorf("begin ledger: %w", err)
	}
	if begun {
		return fmt.Errorf("begin ledger: %w: there is one", meibo.ErrConflict)
	}
	if err := t.exec("INSERT INTO meta (id, epoch, rev) VALUES (1, ?, 0)", epoch); err != nil {
		return fmt.Errorf("begin ledger: %w", err)
	}
	t.epoch = epoch
	if t.codec.ring, err = newKeyring(t.wrap); err != nil {
		return fmt.Errorf("begin ledger: %w", err)
	}
	if err := t.exec("INSERT INTO data_keys (id, keyset) VALUES (1, ?)", t.codec.ring.wrapped); err != nil {
		return fmt.Errorf("begin ledger: %w", err)
	}
	return nil
}

// Restart begins another history of a ledger, at a revision not below least.
func (t *Tx) Restart(epoch string, least int64) error {
	err := t.exec("UPDATE meta SET epoch = ?, rev = CASE WHEN rev < ? THEN ? ELSE rev END WHERE id = 1", epoch, least, least)
	if err != nil {
		return fmt.Errorf("restart ledger: %w", err)
	}
	t.epoch = epoch
	return nil
}

// in expands ? for each list among the arguments.
func (r *Reader) in(query string, args ...any) (string, []any, error) {
	return sqlx.In(query, args...)
}
