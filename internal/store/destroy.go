package store

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Ended are, for each chain, the batches all of whose decisions, and all of those
// before, were made before an instant: up to which one. At is not said.
func (db *DB) Ended(ctx context.Context, before meibo.Instant) ([]meibo.Destruction, error) {
	var chains []struct {
		Writer        string
		Newest, Stays int
	}
	query := "SELECT writer, MAX(seq) AS newest, COALESCE(MIN(CASE WHEN at >= ? THEN seq END), 0) AS stays FROM batches GROUP BY writer ORDER BY writer"
	if err := db.readPast(ctx, &chains, query, before.String()); err != nil {
		return nil, fmt.Errorf("read ended decisions: %w", err)
	}
	var ended []meibo.Destruction
	for _, c := range chains {
		last := c.Newest
		if c.Stays > 0 {
			last = c.Stays - 1
		}
		if last > 0 {
			ended = append(ended, meibo.Destruction{Writer: c.Writer, Batch: last, DecidedBefore: before})
		}
	}
	return ended, nil
}

// Destroy destroys the records of decisions that a destruction names, batch by
// batch, and returns how many there were. Of each its hash stays. It can be repeated
// until it succeeds. The log's entry of it has to stand before.
func (db *DB) Destroy(ctx context.Context, d meibo.Destruction) (destroyed int, err error) {
	for {
		var batches []int
		err := db.readPast(ctx, &batches, "SELECT DISTINCT batch FROM decisions WHERE writer = ? AND batch <= ? ORDER BY batch LIMIT 1000", d.Writer, d.Batch)
		if err != nil || len(batches) == 0 {
			return destroyed, err
		}
		before := destroyed
		for _, batch := range batches {
			n, failed := db.destroyBatch(ctx, d.Writer, batch)
			if failed = db.dialect.kind(failed); failed != nil {
				err = fmt.Errorf("destroy batch %s/%d: %w", d.Writer, batch, failed)
			}
			if failed != nil && !errors.Is(failed, meibo.ErrConflict) { // else another replica did
				return destroyed, err
			}
			destroyed += n
		}
		if destroyed == before {
			return destroyed, err
		}
	}
}

func (db *DB) destroyBatch(ctx context.Context, writer string, batch int) (int, error) {
	tx, err := db.log.BeginTxx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback()
	var records []string
	if err := tx.SelectContext(ctx, &records, tx.Rebind("SELECT record FROM decisions WHERE writer = ? AND batch = ? ORDER BY line"), writer, batch); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, tx.Rebind("INSERT INTO destroyed (writer, batch, hashes) VALUES (?, ?, ?)"), writer, batch, joinHashes(hashesOf(records))); err != nil {
		return 0, err
	}
	if _, err := tx.ExecContext(ctx, tx.Rebind("DELETE FROM decisions WHERE writer = ? AND batch = ?"), writer, batch); err != nil {
		return 0, err
	}
	return len(records), tx.Commit()
}

// joinHashes writes hashes as text, splitHashes reads it; what is none is nil.
func joinHashes(hashes [][32]byte) string {
	texts := make([]string, len(hashes))
	for i, h := range hashes {
		texts[i] = hex.EncodeToString(h[:])
	}
	return strings.Join(texts, " ")
}

func splitHashes(text string) [][32]byte {
	var hashes [][32]byte
	for _, word := range strings.Split(text, " ") {
		b, err := hex.DecodeString(word)
		if err != nil || len(b) != 32 || word != strings.ToLower(word) {
			return nil
		}
		hashes = append(hashes, [32]byte(b))
	}
	return hashes
}
