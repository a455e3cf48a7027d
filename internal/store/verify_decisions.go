package store

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// decisions follows each writer's chain from its first batch and holds the seals
// of the log against it. Of batches whose records were destroyed, as the log says,
// the hashes stand for the records.
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
	gone, err := v.destroyed(ctx, db)
	if err != nil {
		return err
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
		hashes := hashesOf(records)
		if text, is := gone[key]; is {
			if len(records) > 0 {
				return &Tampered{"destroyed", key, "unexplained: there are records of the batch"}
			}
			hashes = splitHashes(text)
			delete(gone, key)
			v.found.Destroyed += int64(b.Size)
		}
		if b.Seq != seq || b.Previous != head || len(hashes) != b.Size || chain(head, b.At, hashes) != b.Hash {
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
	for key := range gone {
		return &Tampered{"destroyed", key, "unexplained: there is no such batch"}
	}
	return v.strays(ctx, db)
}

// destroyed are the hashes of the batches whose records were destroyed. Where the
// log does not say that they were to be, they were removed.
func (v *verification) destroyed(ctx context.Context, db *DB) (map[string]string, error) {
	var rows []struct {
		Writer string
		Batch  int
		Hashes string
	}
	if err := v.recorded(ctx, db, "destroyed", &rows, "SELECT writer, batch, hashes FROM destroyed ORDER BY writer, batch"); err != nil {
		return nil, err
	}
	hashes := map[string]string{}
	for _, row := range rows {
		key := fmt.Sprintf("%s/%d", row.Writer, row.Batch)
		if row.Batch > v.ended[row.Writer] {
			return nil, &Tampered{"destroyed", key, "unexplained: the log does not say that its records were to be destroyed"}
		}
		hashes[key] = row.Hashes
	}
	return hashes, nil
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
