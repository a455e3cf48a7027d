package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A writer collects the decisions of all checks that wait and writes them in one
// commit. Its batches form a chain of hashes.
type writer struct {
	mu      sync.Mutex // guards pending and last
	pending *batch
	last    *batch // the one that was begun last

	commit sync.Mutex // held by the batch that is being written; guards the rest
	id     string
	seq    int
	head   string
}

// A batch is written by whoever began it, for all who joined it.
type batch struct {
	decisions []meibo.Decision
	before    <-chan struct{} // closed when the batch before is done
	done      chan struct{}
	rev       int64
	epoch     string
	err       error
}

// maxBatch bounds one statement; whoever comes later begins the next batch.
const maxBatch = 256

func newWriter() *writer {
	return &writer{id: uuid.NewString()}
}

// RecordDecision makes a decision durable and returns the ledger's revision as
// it was afterwards (on PostgreSQL in the same statement). An answer may leave
// only if that is the revision at which it was decided. Checks that wait are
// written together.
func (db *DB) RecordDecision(ctx context.Context, d meibo.Decision) (rev int64, epoch string, err error) {
	if db.opts.ReadOnly {
		return 0, "", errReadOnly
	}
	b, first := db.batches.join(d)
	if first {
		go db.flush(b)
	}
	select {
	case <-b.done:
		return b.rev, b.epoch, b.err
	case <-ctx.Done():
		return 0, "", fmt.Errorf("%w: record decision: %w", meibo.ErrBusy, ctx.Err())
	}
}

func (w *writer) join(d meibo.Decision) (b *batch, first bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pending == nil || len(w.pending.decisions) == maxBatch {
		w.pending, first = &batch{before: w.last.ended(), done: make(chan struct{})}, true
		w.last = w.pending
	}
	w.pending.decisions = append(w.pending.decisions, d)
	return w.pending, first
}

// ended is closed when the batch is done; there is nothing to wait for where
// there is none.
func (b *batch) ended() <-chan struct{} {
	if b != nil {
		return b.done
	}
	none := make(chan struct{})
	close(none)
	return none
}

// flush waits for the batch before, closes this one to newcomers and writes it.
func (db *DB) flush(b *batch) {
	w := db.batches
	<-b.before
	w.commit.Lock()
	defer w.commit.Unlock()
	defer close(b.done)
	w.mu.Lock()
	if w.pending == b {
		w.pending = nil
	}
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), busyFor)
	defer cancel()
	b.rev, b.epoch, b.err = db.writeBatch(ctx, w, b.decisions)
	if b.err != nil { // whether the chain grew is unknown: begin another
		w.id, w.seq, w.head = uuid.NewString(), 0, ""
	}
}

func (db *DB) writeBatch(ctx context.Context, w *writer, decisions []meibo.Decision) (int64, string, error) {
	records := make([]string, len(decisions))
	for i, d := range decisions {
		text, err := meibo.Canonical(d)
		if err != nil {
			return 0, "", fmt.Errorf("record decision: %w", err)
		}
		records[i] = string(text)
	}
	at := db.opts.Now().String()
	head := chain(w.head, at, hashesOf(records))
	header := []any{w.id, w.seq + 1, at, len(decisions), w.head, head}
	lines := []any{}
	for i, d := range decisions {
		lines = append(lines, string(d.ID), w.id, w.seq+1, i+1, d.At.String(), string(d.ClientID), string(d.SystemID),
			string(d.Question.Person), string(d.Question.Contract), string(d.Question.Asset), string(d.Question.Action),
			string(d.Question.Purpose), d.Allowed, d.PrimaryCode, d.Revision, records[i])
	}
	rev, epoch, err := db.insertBatch(ctx, header, lines, len(decisions))
	if err == nil {
		w.seq, w.head = w.seq+1, head
	}
	return rev, epoch, err
}

// chain is the hash of a chain after a batch: over the hash before it, the moment
// of the batch and the hash of every record in it.
func chain(previous, at string, hashes [][32]byte) string {
	h := sha256.New()
	h.Write([]byte(previous + at))
	for _, sum := range hashes {
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func hashesOf(records []string) [][32]byte {
	hashes := make([][32]byte, len(records))
	for i, r := range records {
		hashes[i] = sha256.Sum256([]byte(r))
	}
	return hashes
}

const (
	insertHeader = "INSERT INTO batches (writer, seq, at, size, previous, hash) VALUES (?, ?, ?, ?, ?, ?)"
	insertLines  = `INSERT INTO decisions (id, writer, batch, line, at, client_id, system_id, person_id, contract_id,
		asset_id, action, purpose, allowed, primary_code, revision, record) VALUES `
	readRev = "SELECT rev, epoch FROM meta WHERE id = 1"
)

// insertBatch writes a batch and reads the revision: in one statement where one
// database holds both, else by a read that begins after the commit.
func (db *DB) insertBatch(ctx context.Context, header, lines []any, n int) (rev int64, epoch string, err error) {
	values := rows(n, len(lines)/n)
	if db.dialect.sameDatabase {
		query := "WITH header AS (" + insertHeader + "), lines AS (" + insertLines + values + ") " + readRev
		err = db.log.QueryRowxContext(ctx, db.log.Rebind(query), append(header, lines...)...).Scan(&rev, &epoch)
		return rev, epoch, db.dialect.kind(err)
	}
	tx, err := db.log.BeginTxx(ctx, nil)
	if err != nil {
		return 0, "", fmt.Errorf("record decisions: %w", db.dialect.kind(err))
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, tx.Rebind(insertHeader), header...); err != nil {
		return 0, "", fmt.Errorf("record decisions: %w", db.dialect.kind(err))
	}
	if _, err := tx.ExecContext(ctx, tx.Rebind(insertLines+values), lines...); err != nil {
		return 0, "", fmt.Errorf("record decisions: %w", db.dialect.kind(err))
	}
	if err := tx.Commit(); err != nil {
		return 0, "", fmt.Errorf("record decisions: %w", db.dialect.kind(err))
	}
	err = db.read.QueryRowxContext(ctx, readRev).Scan(&rev, &epoch)
	return rev, epoch, db.dialect.kind(err)
}

// Unsealed are the heads of the chains that the log has not sealed yet.
func (db *DB) Unsealed(ctx context.Context) ([]meibo.Seal, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var heads []meibo.Seal
	query := `SELECT b.writer, b.seq AS batch, b.hash, b.at FROM batches b
		JOIN (SELECT writer, MAX(seq) AS seq FROM batches GROUP BY writer) newest
		ON newest.writer = b.writer AND newest.seq = b.seq ORDER BY b.writer`
	if err := db.log.SelectContext(ctx, &heads, query); err != nil {
		return nil, fmt.Errorf("read heads of decisions: %w", db.dialect.kind(err))
	}
	sealed := map[string]int{}
	err := db.View(ctx, func(r *Reader) error {
		seals, err := all[meibo.Seal](r, "")
		for _, s := range seals {
			sealed[s.Writer] = s.Batch
		}
		return err
	})
	var open []meibo.Seal
	for _, h := range heads {
		if sealed[h.Writer] < h.Batch {
			open = append(open, h)
		}
	}
	return open, err
}
