package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
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
		key, err := v.row(t, rows)
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
func (v *verification) row(t *table, rows *sqlx.Rows) (string, error) {
	stored, err := rows.SliceScan()
	if err != nil {
		return "", &Tampered{t.name, "", "unreadable: " + err.Error()}
	}
	row := reflect.New(t.row)
	if err := rows.StructScan(row.Interface()); err != nil {
		return "", &Tampered{t.name, t.keyOf(stored), "unreadable: " + err.Error()}
	}
	values := make([]any, len(t.columns))
	for i := range t.columns {
		if values[i], err = value(row.Elem().Field(i)); err != nil {
			return "", err
		}
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

// decisions follows each writer's chain from its first batch and holds the seals
// of the log against it.
func (v *verification) decisions(ctx context.Context, db *DB) error {
	var batches []struct {
		Writer, At     string
		Seq, Size      int
		Previous, Hash string
	}
	err := v.recorded(ctx, db, "batches", &batches, "SELECT writer, seq, at, size, previous, hash FROM batches ORDER BY writer, seq")
	if err != nil {
		return err
	}
	sealed := map[string]meibo.Seal{}
	for _, s := range v.seals {
		sealed[s.Writer] = s
	}
	var total int64
	for _, b := range batches {
		total += int64(b.Size)
	}
	writer, seq, head := "", 0, ""
	for _, b := range batches {
		if b.Writer != writer {
			writer, seq, head = b.Writer, 0, ""
		}
		key := fmt.Sprintf("%s/%d", b.Writer, b.Seq)
		seq++
		records, err := v.batch(ctx, db, b.Writer, b.Seq)
		if err != nil {
			return err
		}
		if b.Seq != seq || b.Previous != head || len(records) != b.Size || chain(head, b.At, records) != b.Hash {
			return &Tampered{"batches", key, "the chain of decisions is broken"}
		}
		head = b.Hash
		seal := sealed[b.Writer]
		if seal.Batch == b.Seq && seal.Hash != b.Hash {
			return &Tampered{"batches", key, "differs from the log's seal"}
		}
		if b.Seq >= seal.Batch {
			delete(sealed, b.Writer)
		}
		if b.Seq > seal.Batch {
			v.found.Unsealed += int64(b.Size)
		}
		v.found.Decisions += int64(b.Size)
		v.Progress("decisions", v.found.Decisions, total)
	}
	for _, s := range v.seals {
		if _, missing := sealed[s.Writer]; missing {
			return &Tampered{"batches", fmt.Sprintf("%s/%d", s.Writer, s.Batch), "removed"}
		}
	}
	return v.strays(ctx, db)
}

// recorded reads rows of the decisions' tables whose bytes may be anything.
func (v *verification) recorded(ctx context.Context, db *DB, table string, into any, query string, args ...any) error {
	err := db.dialect.kind(db.log.SelectContext(ctx, into, db.log.Rebind(query), args...))
	if err == nil || errors.Is(err, meibo.ErrBusy) || ctx.Err() != nil {
		return err
	}
	return &Tampered{table, "", "unreadable: " + err.Error()}
}

// batch reads the records of a batch and checks that the columns beside them say
// the same.
func (v *verification) batch(ctx context.Context, db *DB, writer string, seq int) ([]string, error) {
	var rows []struct {
		ID, At                                   string
		Line                                     int
		ClientID, SystemID, PersonID, ContractID string
		AssetID, Action, Purpose, PrimaryCode    string
		Allowed                                  bool
		Revision                                 int64
		Record                                   string
	}
	err := v.recorded(ctx, db, "decisions", &rows, `SELECT id, line, at, client_id, system_id, person_id, contract_id, asset_id,
		action, purpose, primary_code, allowed, revision, record FROM decisions WHERE writer = ? AND batch = ? ORDER BY line`, writer, seq)
	if err != nil {
		return nil, err
	}
	records := make([]string, len(rows))
	for i, row := range rows {
		var d meibo.Decision
		if err := json.Unmarshal([]byte(row.Record), &d); err != nil {
			return nil, &Tampered{"decisions", row.ID, "unreadable"}
		}
		said := fmt.Sprintf("%q", []any{d.ID, d.ClientID, d.SystemID, d.Question.Person, d.Question.Contract, d.Question.Asset,
			d.Question.Action, d.Question.Purpose, d.PrimaryCode})
		stands := fmt.Sprintf("%q", []any{row.ID, row.ClientID, row.SystemID, row.PersonID, row.ContractID, row.AssetID,
			row.Action, row.Purpose, row.PrimaryCode})
		if said != stands || d.At.String() != row.At || d.Allowed != row.Allowed || d.Revision != row.Revision {
			return nil, &Tampered{"decisions", row.ID, "edited"}
		}
		if row.Line != i+1 {
			return nil, &Tampered{"decisions", row.ID, "reordered"}
		}
		records[i] = row.Record
	}
	return records, nil
}

// strays finds decisions that belong to no batch.
func (v *verification) strays(ctx context.Context, db *DB) error {
	var stray []string
	err := v.recorded(ctx, db, "decisions", &stray, `SELECT d.id FROM decisions d
		LEFT JOIN batches b ON b.writer = d.writer AND b.seq = d.batch WHERE b.writer IS NULL ORDER BY d.id LIMIT 1`)
	if err != nil {
		return err
	}
	if len(stray) > 0 {
		return &Tampered{"decisions", stray[0], "unexplained: no batch holds it"}
	}
	return nil
}
