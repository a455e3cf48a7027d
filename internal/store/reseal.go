package store

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// GrowKeys makes a new key that seals from now on; the old ones still open. Where one
// was made whose turn has not ended (Reseal, then PruneKeys), it stays the newest, and
// begun is false.
func (t *Tx) GrowKeys() (begun bool, err error) {
	if t.codec.ring.keys.Len() > 1 {
		return false, nil
	}
	ring, err := t.codec.ring.grown(t.wrap)
	if err != nil {
		return false, err
	}
	return true, t.keepKeys(ring)
}

// PruneKeys destroys all keys but the newest. What is sealed under another cannot be
// read any more: Reseal comes before.
func (t *Tx) PruneKeys() error {
	ring, err := t.codec.ring.pruned(t.wrap)
	if err != nil {
		return err
	}
	return t.keepKeys(ring)
}

// Rewrap seals the keyring under another data key. From the commit on only that one
// opens the database.
func (t *Tx) Rewrap(dataKey []byte) error {
	wrap, err := wrapOf(dataKey)
	if err != nil {
		return err
	}
	ring, err := ringOf(t.codec.ring.keys, wrap)
	if err != nil {
		return err
	}
	return t.keepKeys(ring)
}

func (t *Tx) keepKeys(ring *keyring) error {
	if err := t.exec("UPDATE data_keys SET keyset = ? WHERE id = 1", ring.wrapped); err != nil {
		return fmt.Errorf("keep keys: %w", err)
	}
	t.codec.ring = ring
	return nil
}

// resealedAtOnce bounds for how long other writers wait.
const resealedAtOnce = 200

// Reseal seals anew, under the newest key, whatever lies under an older one, some
// rows at a time. Others may read and write meanwhile: what they write is under the
// newest key. It may be ended at any moment and begun again. What a document holds
// lies under a key of its own, which alone is sealed anew.
func (db *DB) Reseal(ctx context.Context, progress func(done, total int64)) error {
	var done, total int64
	walks := db.walks()
	err := db.View(ctx, func(r *Reader) error {
		for _, w := range walks {
			var n int64
			if err := r.scan(&n, "SELECT COUNT(*) FROM "+w.table); err != nil {
				return fmt.Errorf("count %s: %w", w.table, err)
			}
			total += n
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, w := range walks {
		for after := []any(nil); ; {
			n := 0
			err := db.inTurn(ctx, func(t *Tx) (err error) {
				after, n, err = w.step(t, after)
				return err
			})
			if err != nil {
				return fmt.Errorf("seal %s anew: %w", w.table, err)
			}
			done += int64(n)
			progress(done, max(done, total))
			if n < resealedAtOnce {
				break
			}
		}
	}
	return nil
}

// A walk goes through a table in the order of its key.
type walk struct {
	table   string
	key     []string
	columns []string
	place   func(key []any, column string) place
}

// walks are the tables in which something is sealed under the keyring.
func (db *DB) walks() []walk {
	images := walk{"images", []string{"of_table", "of_key", "seq"}, []string{"image"}, func(key []any, column string) place {
		return place{"images", column, keyOfTexts(key)}
	}}
	var list []walk
	for _, t := range tables {
		w := walk{table: t.name, key: t.key, place: func(key []any, column string) place { return place{t.name, column, keyOfTexts(key)} }}
		for _, i := range t.sealed {
			if t.own < 0 || i == t.own || t.row.Field(i).Type.Kind() == reflect.String {
				w.columns = append(w.columns, t.columns[i])
			}
		}
		if len(w.columns) > 0 {
			list = append(list, w)
		}
	}
	return append(list, images)
}

func keyOfTexts(key []any) string {
	parts := make([]string, len(key))
	for i, k := range key {
		parts[i] = fmt.Sprint(k)
	}
	return strings.Join(parts, "/")
}

// step seals some rows anew and returns the key of the last, and how many there were.
func (w walk) step(t *Tx, after []any) ([]any, int, error) {
	where := ""
	if after != nil {
		where = fmt.Sprintf("WHERE (%s) > (%s)", strings.Join(w.key, ", "), strings.TrimSuffix(strings.Repeat("?, ", len(w.key)), ", "))
	}
	query := fmt.Sprintf("SELECT %s, %s FROM %s %s ORDER BY %s LIMIT %d",
		strings.Join(w.key, ", "), strings.Join(w.columns, ", "), w.table, where, strings.Join(w.key, ", "), resealedAtOnce)
	rows, err := t.tx.QueryxContext(t.ctx, t.tx.Rebind(query), after...)
	if err != nil {
		return after, 0, t.dialect.kind(err)
	}
	defer rows.Close()
	var read [][]any
	for rows.Next() {
		row, err := rows.SliceScan()
		if err != nil {
			return after, 0, t.dialect.kind(err)
		}
		read = append(read, row)
	}
	if err := rows.Err(); err != nil {
		return after, 0, t.dialect.kind(err)
	}
	for _, row := range read {
		after = row[:len(w.key)]
		if err := w.reseal(t, after, row[len(w.key):]); err != nil {
			return after, 0, err
		}
	}
	return after, len(read), nil
}

// reseal seals those columns of a row anew that lie under an older key.
func (w walk) reseal(t *Tx, key, values []any) error {
	if of, is := key[0].(string); w.table == "images" && is && !secretTables[of] {
		return nil
	}
	var sets []string
	var args []any
	for i, column := range w.columns {
		fresh, changed, err := w.anew(t, w.place(key, column), values[i])
		if err != nil {
			return fmt.Errorf("%s of %s: %w", column, keyOfTexts(key), err)
		}
		if changed {
			sets, args = append(sets, column+" = ?"), append(args, fresh)
		}
	}
	if len(sets) == 0 {
		return nil
	}
	return t.exec(fmt.Sprintf("UPDATE %s SET %s WHERE (%s) = (%s)", w.table, strings.Join(sets, ", "), strings.Join(w.key, ", "),
		strings.TrimSuffix(strings.Repeat("?, ", len(w.key)), ", ")), append(args, key...)...)
}

// anew is a stored value under the newest key.
func (w walk) anew(t *Tx, p place, value any) (fresh any, changed bool, err error) {
	sealed, binary := value.([]byte)
	if text, is := value.(string); is {
		if sealed, err = unpack(text); err != nil {
			return nil, false, err
		}
	} else if !binary {
		return nil, false, fmt.Errorf("%w: it holds %T", meibo.ErrInvalid, value)
	}
	if len(sealed) == 0 || t.codec.ring.newest(sealed) {
		return nil, false, nil
	}
	plain, err := t.codec.open(p, sealed)
	if err != nil {
		return nil, false, err
	}
	if binary {
		fresh, err = t.codec.seal(p, plain)
	} else {
		fresh, err = t.codec.sealText(p, string(plain))
	}
	return fresh, true, err
}
