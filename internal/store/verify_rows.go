package store

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// rows holds every row against the newest entry that committed to it.
func (v *verification) rows(r *Reader) error {
	left := map[string]int{}
	for name := range v.newest {
		left[name.table]++
	}
	total := int64(len(v.newest))
	for _, t := range tables {
		if err := v.table(r, t, left[t.name], total); err != nil {
			return err
		}
		delete(left, t.name)
	}
	for name := range left {
		return &Tampered{name, "", "no table of that name"}
	}
	return nil
}

func (v *verification) table(r *Reader, t *table, claimed int, total int64) error {
	salts, err := r.salts(t)
	if err != nil {
		return err
	}
	rows, err := r.tx.QueryxContext(r.ctx, "SELECT * FROM "+t.name+" ORDER BY "+strings.Join(t.key, ", "))
	if err != nil {
		return r.dialect.kind(err)
	}
	defer rows.Close()
	seen := map[string]bool{}
	for rows.Next() {
		row := reflect.New(t.row)
		if err := rows.StructScan(row.Interface()); err != nil {
			return &Tampered{t.name, "", "unreadable: " + err.Error()}
		}
		key, err := v.row(t, row.Elem(), salts)
		if err != nil {
			return err
		}
		seen[key] = true
		v.found.Rows++
		if v.found.Rows%chunk == 0 {
			v.Progress("rows", v.found.Rows, total)
		}
	}
	if err := rows.Err(); err != nil {
		return r.dialect.kind(err)
	}
	v.Progress("rows", v.found.Rows, total)
	if len(seen) == claimed && len(salts) == claimed {
		return nil
	}
	for name := range v.newest {
		if name.table == t.name && !seen[name.key] {
			return &Tampered{t.name, name.key, "removed"}
		}
	}
	return &Tampered{"salts", t.name, "unexplained"}
}

func (v *verification) row(t *table, row reflect.Value, salts map[string]string) (string, error) {
	values := make([]any, len(t.columns))
	for i := range t.columns {
		var err error
		if values[i], err = value(row.Field(i)); err != nil {
			return "", err
		}
	}
	key := t.keyOf(values)
	claim, explained := v.newest[rowName{t.name, key}]
	if !explained {
		return "", &Tampered{t.name, key, "unexplained: no entry wrote this row"}
	}
	image, err := canonical(t.image(values))
	if err != nil {
		return "", fmt.Errorf("verify %s %s: %w", t.name, key, err)
	}
	if commitment(salts[key], meibo.RowEvidence{Table: t.name, Key: key}, string(image)) != claim.hash {
		return "", &Tampered{t.name, key, fmt.Sprintf("edited since entry %d", claim.seq)}
	}
	return key, nil
}

func (r *Reader) salts(t *table) (map[string]string, error) {
	var rows []struct{ OfKey, Salt string }
	if err := r.list(&rows, "SELECT of_key, salt FROM salts WHERE of_table = ?", t.name); err != nil {
		return nil, err
	}
	salts := make(map[string]string, len(rows))
	for _, row := range rows {
		salts[row.OfKey] = row.Salt
	}
	return salts, nil
}

// decisions follows each writer's chain from its first batch and holds the seals
// of the log against it.
func (v *verification) decisions(ctx context.Context, db *DB) error {
	var batches []struct {
		Writer         string
		Seq, Size      int
		Previous, Hash string
	}
	err := db.log.SelectContext(ctx, &batches, "SELECT writer, seq, size, previous, hash FROM batches ORDER BY writer, seq")
	if err != nil {
		return fmt.Errorf("read batches: %w", db.dialect.kind(err))
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
		if b.Seq != seq || b.Previous != head || len(records) != b.Size || chain(head, records) != b.Hash {
			return &Tampered{"batches", key, "the chain of decisions is broken"}
		}
		head = b.Hash
		seal := sealed[b.Writer]
		if seal.Batch == b.Seq {
			if seal.Hash != b.Hash {
				return &Tampered{"batches", key, "differs from the log's seal"}
			}
			delete(sealed, b.Writer)
		}
		if b.Seq > seal.Batch {
			v.found.Unsealed += int64(b.Size)
		}
		v.found.Decisions += int64(b.Size)
		v.Progress("decisions", v.found.Decisions, total)
	}
	for w, s := range sealed {
		return &Tampered{"batches", fmt.Sprintf("%s/%d", w, s.Batch), "removed"}
	}
	return v.strays(ctx, db)
}

// batch reads the records of a batch and checks that the columns beside them say
// the same.
func (v *verification) batch(ctx context.Context, db *DB, writer string, seq int) ([]string, error) {
	var rows []struct {
		ID                                       string
		At                                       meibo.Instant
		ClientID, SystemID, PersonID, ContractID string
		AssetID, Action, Purpose, PrimaryCode    string
		Allowed                                  bool
		Revision                                 int64
		Record                                   string
	}
	err := db.log.SelectContext(ctx, &rows, db.log.Rebind(`SELECT id, at, client_id, system_id, person_id, contract_id, asset_id,
		action, purpose, primary_code, allowed, revision, record FROM decisions WHERE writer = ? AND batch = ? ORDER BY line`), writer, seq)
	if err != nil {
		return nil, fmt.Errorf("read decisions: %w", db.dialect.kind(err))
	}
	records := make([]string, len(rows))
	for i, row := range rows {
		var d meibo.Decision
		if err := json.Unmarshal([]byte(row.Record), &d); err != nil {
			return nil, &Tampered{"decisions", row.ID, "unreadable"}
		}
		said := []any{d.ID, d.At, d.ClientID, d.SystemID, d.Question.Person, d.Question.Contract, d.Question.Asset,
			d.Question.Action, d.Question.Purpose, d.PrimaryCode, d.Allowed, d.Revision}
		stands := []any{row.ID, row.At, row.ClientID, row.SystemID, row.PersonID, row.ContractID, row.AssetID,
			row.Action, row.Purpose, row.PrimaryCode, row.Allowed, row.Revision}
		if fmt.Sprint(said...) != fmt.Sprint(stands...) {
			return nil, &Tampered{"decisions", row.ID, "edited"}
		}
		records[i] = row.Record
	}
	return records, nil
}

// strays finds decisions that belong to no batch.
func (v *verification) strays(ctx context.Context, db *DB) error {
	var stray []string
	err := db.log.SelectContext(ctx, &stray, `SELECT d.id FROM decisions d
		LEFT JOIN batches b ON b.writer = d.writer AND b.seq = d.batch WHERE b.writer IS NULL LIMIT 1`)
	if err != nil {
		return fmt.Errorf("read decisions: %w", db.dialect.kind(err))
	}
	if len(stray) > 0 {
		return &Tampered{"decisions", stray[0], "unexplained: no batch holds it"}
	}
	return nil
}
