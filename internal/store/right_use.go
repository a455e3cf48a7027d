package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// usesAtOnce is how many uses of rights are written or read in one go.
const usesAtOnce = 1000

// NoteUses keeps when rights were last used; of several uses of a right the latest
// stays. They stand beside the decisions and outlast them.
func (db *DB) NoteUses(ctx context.Context, uses []meibo.RightUse) error {
	if db.opts.ReadOnly {
		return errReadOnly
	}
	slices.SortFunc(uses, func(a, b meibo.RightUse) int {
		return cmp.Or(cmp.Compare(a.RightID, b.RightID), cmp.Compare(b.At, a.At))
	})
	uses = slices.CompactFunc(uses, func(a, b meibo.RightUse) bool { return a.RightID == b.RightID }) // no statement meets a row twice
	noted := db.opts.Now().String()
	for part := range slices.Chunk(uses, usesAtOnce) {
		var args []any
		for _, u := range part {
			args = append(args, string(u.RightID), string(u.PersonID), u.At.String(), noted)
		}
		query := "INSERT INTO right_uses (right_id, person_id, at, noted_at) VALUES " + rows(len(part), 4) + ` ON CONFLICT (right_id)
			DO UPDATE SET at = excluded.at, noted_at = excluded.noted_at WHERE excluded.at > right_uses.at`
		if _, err := db.log.ExecContext(ctx, db.log.Rebind(query), args...); err != nil {
			return fmt.Errorf("note uses of rights: %w", db.dialect.kind(err))
		}
	}
	return nil
}

// UsesSince gives the last uses of rights that were noted since an instant to a
// function, some at a time, until there are no more or it fails.
func (db *DB) UsesSince(ctx context.Context, since meibo.Instant, f func([]meibo.RightUse) error) error {
	for after := ""; ; {
		var some []meibo.RightUse
		query := "SELECT right_id, person_id, at FROM right_uses WHERE noted_at >= ? AND right_id > ? ORDER BY right_id LIMIT ?"
		if err := db.readPast(ctx, &some, query, since.String(), after, usesAtOnce); err != nil {
			return fmt.Errorf("read uses of rights: %w", err)
		}
		if len(some) == 0 {
			return nil
		}
		if err := f(some); err != nil {
			return err
		}
		after = string(some[len(some)-1].RightID)
	}
}

// rows are the places of n rows of a statement, each of so many columns.
func rows(n, columns int) string {
	one := "(" + strings.TrimSuffix(strings.Repeat("?, ", columns), ", ") + ")"
	return strings.TrimSuffix(strings.Repeat(one+", ", n), ", ")
}
