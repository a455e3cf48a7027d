package store

import (
	"reflect"

	"github.com/jmoiron/sqlx"
)

// Raw are the connections of the ledger and of the decisions, for whoever gets
// at the database itself.
func Raw(db *DB) (ledger, decisions *sqlx.DB) { return db.write, db.log }

// Tables names every table that the log answers for, with its key.
func Tables() map[string][]string {
	all := map[string][]string{}
	for _, t := range tables {
		all[t.name] = t.key
	}
	return all
}

// Columns lists the columns of every table as the database has them.
func Columns(db *DB, pool *sqlx.DB) (columns []Column, err error) {
	return columns, pool.Select(&columns, db.dialect.tables)
}

// A Column is one column of a table.
type Column struct {
	OfTable, OfColumn string
	Required          bool
}

// TableOf names the table that keeps a row.
func TableOf(row any) string { return tableOf(reflect.TypeOf(row)).name }

// Stored reads every row of the kind of row, in the order of their keys.
func Stored(r *Reader, row any) ([]any, error) {
	t := tableOf(reflect.TypeOf(row))
	list := reflect.New(reflect.SliceOf(t.row))
	where := "ORDER BY "
	for i, k := range t.key {
		if i > 0 {
			where += ", "
		}
		where += k
	}
	if err := r.list(list.Interface(), t.selects(where)); err != nil {
		return nil, err
	}
	var rows []any
	for i := range list.Elem().Len() {
		one := list.Elem().Index(i)
		if err := r.open(t, one); err != nil {
			return nil, err
		}
		rows = append(rows, one.Interface())
	}
	return rows, nil
}

// Snake is how a field's name becomes a column's.
var Snake = snake

// Waiting is how many decisions wait for the batch that is being written.
func Waiting(db *DB) int {
	db.batches.mu.Lock()
	defer db.batches.mu.Unlock()
	if db.batches.pending == nil {
		return 0
	}
	return len(db.batches.pending.decisions)
}

// Exec runs a statement in a reader's transaction.
func Exec(r *Reader, statement string) error {
	_, err := r.tx.ExecContext(r.ctx, statement)
	return err
}

// Writing reports whether a batch of decisions is being written.
func Writing(db *DB) bool {
	if db.batches.commit.TryLock() {
		db.batches.commit.Unlock()
		return false
	}
	return true
}

// Keys is how many keys of the database open what is sealed.
func Keys(db *DB) int { return db.ring.Load().keys.Len() }
