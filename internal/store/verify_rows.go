package store

import (
	"bytes"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/jmoiron/sqlx"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// rows holds every row against the newest entry that committed to it.
func (v *verification) rows(r *Reader) error {
	claimed := map[string]int{}
	for name := range v.newest {
		claimed[name.table]++
	}
	for _, t := range tables {
		if err := v.table(r, t, claimed[t.name]); err != nil {
			return err
		}
		delete(claimed, t.name)
	}
	if len(claimed) > 0 {
		return &Tampered{slices.Min(slices.Collect(maps.Keys(claimed))), "", "no table of that name"}
	}
	return nil
}

func (v *verification) table(r *Reader, t *table, claimed int) error {
	rows, err := r.tx.QueryxContext(r.ctx, t.selects("ORDER BY "+strings.Join(t.key, ", ")))
	if err != nil {
		return r.dialect.kind(err)
	}
	defer rows.Close()
	seen := map[string]bool{}
	for rows.Next() {
		key, err := v.row(r, t, rows)
		if err != nil {
			return err
		}
		seen[key] = true
		v.found.Rows++
		if v.found.Rows%chunk == 0 {
			v.Progress("rows", v.found.Rows, int64(len(v.newest)))
		}
	}
	if err := rows.Err(); err != nil {
		return r.dialect.kind(err)
	}
	v.Progress("rows", v.found.Rows, int64(len(v.newest)))
	if len(seen) < claimed {
		var missing []string
		for name := range v.newest {
			if name.table == t.name && !seen[name.key] {
				missing = append(missing, name.key)
			}
		}
		return &Tampered{t.name, slices.Min(missing), "removed"}
	}
	return nil
}

// row checks that a stored row is the one that its newest entry committed to,
// and stored as it was written: also what reads the same must be the same.
func (v *verification) row(r *Reader, t *table, rows *sqlx.Rows) (string, error) {
	stored, err := rows.SliceScan()
	if err != nil {
		return "", &Tampered{t.name, "", "unreadable: " + err.Error()}
	}
	row := reflect.New(t.row)
	if err := rows.StructScan(row.Interface()); err != nil {
		return "", &Tampered{t.name, t.keyOf(stored), "unreadable: " + err.Error()}
	}
	values, err := t.values(row.Elem())
	if err != nil {
		return "", err
	}
	key := t.keyOf(values)
	claim, explained := v.newest[rowName{t.name, key}]
	if !explained {
		return "", &Tampered{t.name, key, "unexplained: no entry wrote this row"}
	}
	for i, column := range t.columns {
		if !asWritten(stored[i], values[i]) {
			return "", &Tampered{t.name, key, fmt.Sprintf("edited since entry %d: %s is not stored as it was written", claim.seq, column)}
		}
	}
	if err := r.open(t, row.Elem()); err != nil {
		return "", &Tampered{t.name, key, fmt.Sprintf("edited since entry %d: %v", claim.seq, err)}
	}
	if values, err = t.values(row.Elem()); err != nil {
		return "", err
	}
	image, err := meibo.Canonical(t.image(values))
	if err != nil {
		return "", &Tampered{t.name, key, "unreadable: " + err.Error()}
	}
	if commitment(claim.salt, rowName{t.name, key}, string(image)) != claim.hash {
		return "", &Tampered{t.name, key, fmt.Sprintf("edited since entry %d", claim.seq)}
	}
	return key, nil
}

// asWritten reports whether a stored value is the very one that was written.
func asWritten(stored, written any) bool {
	switch w := written.(type) {
	case string:
		if text, ok := stored.([]byte); ok {
			return string(text) == w
		}
		return stored == written
	case []byte:
		b, _ := stored.([]byte)
		return bytes.Equal(b, w)
	case bool:
		if n, ok := stored.(int64); ok { // SQLite has no others
			return n == 1 && w || n == 0 && !w
		}
	}
	return stored == written
}
