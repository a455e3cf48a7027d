package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/jmoiron/sqlx"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Decisions are up to n recorded decisions after a place, newest first or oldest
// first, by when they were decided. What is recorded meanwhile moves nothing: pages
// that follow each other show each decision once.
func (db *DB) Decisions(ctx context.Context, f meibo.DecisionFilter, after meibo.DecisionPlace, oldest bool, n int) ([]meibo.Recorded, error) {
	w := conditions(f)
	order, beyond := "DESC", "(at, id) < (?, ?)"
	if oldest {
		order, beyond = "ASC", "(at, id) > (?, ?)"
	}
	if after.ID != "" {
		w.and(beyond, after.At.String(), string(after.ID))
	}
	return db.recorded(ctx, w, fmt.Sprintf("ORDER BY at %s, id %[1]s LIMIT ?", order), n)
}

// Decision is one recorded decision; none is ErrNotFound.
func (db *DB) Decision(ctx context.Context, id meibo.DecisionID, f meibo.DecisionFilter) (meibo.Recorded, error) {
	w := conditions(f)
	w.and("id = ?", string(id))
	list, err := db.recorded(ctx, w, "LIMIT ?", 1)
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("read decision %s: %w", id, meibo.ErrNotFound)
	}
	if err != nil {
		return meibo.Recorded{}, err
	}
	return list[0], nil
}

func (db *DB) recorded(ctx context.Context, w *conjunction, rest string, n int) ([]meibo.Recorded, error) {
	var rows []struct {
		Record, Writer string
		Batch, Line    int
	}
	query := "SELECT record, writer, batch, line FROM decisions " + w.where() + " " + rest
	if err := db.readPast(ctx, &rows, query, append(w.args, n)...); err != nil {
		return nil, fmt.Errorf("read decisions: %w", err)
	}
	list := make([]meibo.Recorded, len(rows))
	for i, row := range rows {
		list[i] = meibo.Recorded{Record: row.Record, Writer: row.Writer, Batch: row.Batch, Line: row.Line}
		if err := json.Unmarshal([]byte(row.Record), &list[i].Decision); err != nil {
			return nil, fmt.Errorf("read decision %d of batch %s/%d: unreadable", row.Line, row.Writer, row.Batch)
		}
	}
	return list, nil
}

// CountDecisions counts recorded decisions that are alike, the most frequent first,
// up to n kinds of them.
func (db *DB) CountDecisions(ctx context.Context, f meibo.DecisionFilter, n int) ([]meibo.DecisionCount, error) {
	w := conditions(f)
	var counts []meibo.DecisionCount
	query := `SELECT system_id, contract_id, asset_id, action, purpose, allowed, primary_code, COUNT(*) AS decisions,
		COUNT(DISTINCT person_id) AS people, MIN(at) AS first, MAX(at) AS last FROM decisions ` + w.where() + `
		GROUP BY system_id, contract_id, asset_id, action, purpose, allowed, primary_code
		ORDER BY decisions DESC, system_id, contract_id, asset_id, action, purpose, primary_code LIMIT ?`
	if err := db.readPast(ctx, &counts, query, append(w.args, n)...); err != nil {
		return nil, fmt.Errorf("count decisions: %w", err)
	}
	return counts, nil
}

// Uses are what the filter's decisions allowed to whom, and when last.
func (db *DB) Uses(ctx context.Context, f meibo.DecisionFilter) ([]meibo.Use, error) {
	f.Allowed = meibo.Yes
	w := conditions(f)
	var uses []meibo.Use
	query := "SELECT person_id, asset_id, action, purpose, MAX(at) AS last FROM decisions " + w.where() + `
		GROUP BY person_id, asset_id, action, purpose ORDER BY person_id, asset_id, action, purpose`
	if err := db.readPast(ctx, &uses, query, w.args...); err != nil {
		return nil, fmt.Errorf("read uses: %w", err)
	}
	return uses, nil
}

func (db *DB) readPast(ctx context.Context, into any, query string, args ...any) error {
	query, args, err := sqlx.In(query, args...)
	if err != nil {
		return err
	}
	return db.dialect.kind(db.past.SelectContext(ctx, into, db.past.Rebind(query), args...))
}

// A conjunction is the conditions of a query.
type conjunction struct {
	terms []string
	args  []any
}

func (c *conjunction) and(term string, args ...any) {
	c.terms, c.args = append(c.terms, term), append(c.args, args...)
}

func (c *conjunction) where() string {
	if len(c.terms) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(c.terms, " AND ")
}

// none stands in a list that must not be empty: it is nobody's id.
const none = "~"

// conditions writes a filter as SQL.
func conditions(f meibo.DecisionFilter) *conjunction {
	c := &conjunction{}
	for _, x := range []struct{ column, value string }{
		{"person_id", string(f.Person)}, {"system_id", string(f.System)}, {"contract_id", string(f.Contract)},
		{"asset_id", string(f.Asset)}, {"action", string(f.Action)},
	} {
		if x.value != "" {
			c.and(x.column+" = ?", x.value)
		}
	}
	if f.Purpose != "" {
		c.and("(purpose = ? OR purpose LIKE ? ESCAPE '!')", string(f.Purpose), literally(string(f.Purpose))+".%")
	}
	if f.Code != "" { // canonical JSON has its members in order: nothing else lies between these
		code := `%"` + literally(f.Code) + `"%`
		c.and(`(record LIKE ? ESCAPE '!' OR record LIKE ? ESCAPE '!')`, `%"codes":[`+code+`"question":{%`, `{"advice":[`+code+`],"allowed":%`)
	}
	if f.Allowed != "" {
		c.and("allowed = ?", f.Allowed == meibo.Yes)
	}
	if !f.From.IsZero() {
		c.and("at >= ?", f.From.String())
	}
	if !f.Until.IsZero() {
		c.and("at < ?", f.Until.String())
	}
	if f.People != nil {
		c.and("person_id IN (?)", append(f.People, none))
	}
	if f.Contracts != nil {
		c.and("contract_id IN (?)", append(f.Contracts, none))
	}
	return c
}

// literally is a text in a pattern of LIKE.
func literally(text string) string {
	return strings.NewReplacer("_", "!_", "%", "!%", "!", "!!").Replace(text)
}
