package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// noncesLast is for how long a used nonce is known. A question that says that it was
// asked longer ago is refused for that.
const noncesLast = time.Hour

// UseNonces makes durable that a system uses nonces, and reports of each whether it
// is the first to: of the same nonce used many times, by whatever replica, one use
// is. An empty one is never.
func (db *DB) UseNonces(ctx context.Context, system meibo.SystemID, now meibo.Instant, nonces []string) (first []bool, err error) {
	if db.opts.ReadOnly {
		return nil, errReadOnly
	}
	first = make([]bool, len(nonces))
	tx, err := db.log.BeginTxx(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("use nonces: %w", db.dialect.kind(err))
	}
	defer tx.Rollback()
	if _, err := tx.ExecContext(ctx, tx.Rebind("DELETE FROM nonces WHERE at < ?"), now.Add(-noncesLast).String()); err != nil {
		return nil, fmt.Errorf("use nonces: %w", db.dialect.kind(err))
	}
	insert := tx.Rebind("INSERT INTO nonces (system_id, nonce, at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
	for _, i := range inOrder(nonces) { // so that no two wait for each other
		if nonces[i] == "" {
			continue
		}
		result, err := tx.ExecContext(ctx, insert, string(system), nonces[i], now.String())
		if err != nil {
			return nil, fmt.Errorf("use nonces: %w", db.dialect.kind(err))
		}
		n, err := result.RowsAffected()
		if err != nil {
			return nil, fmt.Errorf("use nonces: %w", err)
		}
		first[i] = n == 1
	}
	if err := tx.Commit(); err != nil {
		return nil, fmt.Errorf("use nonces: %w", db.dialect.kind(err))
	}
	return first, nil
}

// inOrder are the places of words, by the words.
func inOrder(words []string) []int {
	places := make([]int, len(words))
	for i := range places {
		places[i] = i
	}
	slices.SortStableFunc(places, func(a, b int) int { return cmp.Compare(words[a], words[b]) })
	return places
}
