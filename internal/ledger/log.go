package ledger

import (
	"context"
	"fmt"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// A Head is how far the ledger's log has come.
type Head struct {
	Revision   int64
	Epoch      string
	Size       int64
	Checkpoint string // signed note
}

// Head reads the newest signed head of the log. It says nothing about anybody:
// the city and every contractor may have it.
func (l *Ledger) Head(ctx context.Context) (Head, error) {
	var h Head
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		if h.Revision, h.Epoch, err = r.Revision(); err != nil {
			return err
		}
		h.Size, h.Checkpoint, err = r.Head()
		return err
	})
	return h, wrap("read head", err)
}

// Consistency leads from a size of the log that somebody has seen to its newest
// head. It says nothing about anybody.
func (l *Ledger) Consistency(ctx context.Context, from int64) (seal.Consistency, error) {
	c := seal.Consistency{Format: seal.ConsistencyFormat, From: from}
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		c.Checkpoint, c.Way, err = r.Consistency(from)
		return err
	})
	return c, wrap("prove consistency", err)
}

// Entries reads n records of the log from number from on, as they are stored.
func (l *Ledger) Entries(ctx context.Context, c meibo.Caller, from int64, n int) ([]string, error) {
	if err := l.may(c, meibo.AnyContract, verbReadLog); err != nil {
		return nil, err
	}
	var records []string
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		records, err = r.Entries(from, n)
		return err
	})
	return records, wrap("read entries", err)
}

// SealDecisions ties the decisions recorded so far to the log: from then on the
// signed head answers for them, too.
func (l *Ledger) SealDecisions(ctx context.Context) error {
	open, err := l.db.Unsealed(ctx)
	if err != nil || len(open) == 0 {
		return wrap("seal decisions", err)
	}
	_, err = write(ctx, l, deed{itself, meibo.ActSealDecisions, newID(), nil},
		func(tx *store.Tx, s meibo.Scene) (struct{}, outcome, error) {
			var out outcome
			for _, h := range open {
				h.At = s.Now
				out.rows = append(out.rows, h)
			}
			return struct{}{}, out, nil
		})
	return err
}

// Verified is what Verify went through.
type Verified = store.Verified

// Tampered is the first thing that Verify found wrong.
type Tampered = store.Tampered

// Verify re-checks a ledger from its stored bytes, beside a running server or
// without one: the log, its tree and its signed head, that every row is the one
// that its newest entry answers for, the chains of rosters and of decisions. The
// error is *Tampered for the first bad row. public is the log's public key; data the
// data key, without which nobody can tell whether what is sealed is what was written.
func Verify(ctx context.Context, url, public string, data []byte, now func() meibo.Instant, progress func(stage string, done, total int64)) (Verified, error) {
	verifier, err := seal.NewVerifier(public)
	if err != nil {
		return Verified{}, err
	}
	db, err := store.Open(ctx, store.Options{URL: url, Now: now, ReadOnly: true, DataKey: data})
	if err != nil {
		return Verified{}, err
	}
	defer db.Close()
	return db.Verify(ctx, store.Auditor{
		Open: func(note string) (int64, [32]byte, error) {
			c, err := verifier.Open(note)
			return c.Size, c.Root, err
		},
		Progress: progress,
	})
}

// A SchemaVersion is how far one series of the schema's steps has come.
type SchemaVersion = store.SchemaVersion

// Migrate brings the schema of a database up to date and tells how far it is.
func Migrate(ctx context.Context, url string, data []byte, now func() meibo.Instant) ([]SchemaVersion, error) {
	db, err := store.Open(ctx, store.Options{URL: url, Now: now, DataKey: data})
	if err != nil {
		return nil, fmt.Errorf("migrate: %w", err)
	}
	defer db.Close()
	return db.Schema(ctx)
}
