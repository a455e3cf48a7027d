package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

func TestACleanStoreVerifiesWithProgress(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := furnished(t, url)
		stages := map[string][2]int64{}
		var order []string
		v, err := db.Verify(context.Background(), auditor(t, func(stage string, done, total int64) {
			if _, known := stages[stage]; !known {
				order = append(order, stage)
			}
			stages[stage] = [2]int64{done, total}
		}))
		must(t, err)
		rows := int64(len(full()) + len(bare()) - 1) // one seal instead of two
		if v.Entries != 4 || v.Rows != rows || v.Decisions != 4 || v.Unsealed != 1 || v.Root == "" || v.Head == "" {
			t.Errorf("verified %+v, want 4 entries and %d rows", v, rows)
		}
		if diff := cmp.Diff([]string{"entries", "tree", "images", "rows", "decisions"}, order); diff != "" {
			t.Errorf("stages (-want +got):\n%s", diff)
		}
		for stage, p := range stages {
			if p[0] != p[1] || p[0] == 0 {
				t.Errorf("%s ended at %d of %d", stage, p[0], p[1])
			}
		}
	})
}

func TestVerificationRunsBesideAServer(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		furnished(t, url)
		if _, err := beside(t, url).Verify(context.Background(), auditor(t, nil)); err != nil {
			t.Error(err)
		}
	})
}

// beside opens a store for reading only, beside whoever has it open.
func beside(t *testing.T, url string) *store.DB {
	t.Helper()
	o := options(t, url)
	o.ReadOnly, o.Sign = true, nil
	db, err := store.Open(context.Background(), o)
	must(t, err)
	t.Cleanup(func() { db.Close() })
	return db
}

// A vandal gets at the rows themselves.
type vandal struct {
	t         *testing.T
	db        *store.DB // of the verifier, beside him
	ledger    *sqlx.Conn
	decisions *sqlx.Conn
}

func newVandal(t *testing.T, url string) *vandal {
	t.Helper()
	l, d := store.Raw(furnished(t, url))
	v := &vandal{t: t, db: beside(t, url)}
	for _, side := range []struct {
		pool *sqlx.DB
		conn **sqlx.Conn
	}{{l, &v.ledger}, {d, &v.decisions}} {
		conn, err := side.pool.Connx(context.Background())
		must(t, err)
		*side.conn = conn
		t.Cleanup(func() { conn.Close() })
		v.unchain(conn)
	}
	return v
}

// unchain takes away what refers and what is append-only.
func (v *vandal) unchain(conn *sqlx.Conn) {
	v.t.Helper()
	if v.db.Engine() == "PostgreSQL" {
		v.exec(conn, "SET session_replication_role = replica")
		return
	}
	v.exec(conn, "PRAGMA foreign_keys = 0")
	v.exec(conn, "PRAGMA ignore_check_constraints = 1")
	v.all(conn, "SELECT 'DROP TRIGGER ' || name FROM sqlite_master WHERE type = 'trigger'")
}

// unguard takes away what is checked and what is unique.
func (v *vandal) unguard() {
	v.t.Helper()
	for _, conn := range []*sqlx.Conn{v.ledger, v.decisions} {
		if v.db.Engine() == "SQLite" {
			v.all(conn, "SELECT 'DROP INDEX ' || name FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
			continue
		}
		v.all(conn, `SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
			FROM pg_constraint WHERE contype IN ('c', 'f') AND connamespace = current_schema()::regnamespace`)
		v.all(conn, `SELECT format('DROP INDEX %I', relname) FROM pg_index i JOIN pg_class c ON c.oid = indexrelid
			WHERE indisunique AND indpred IS NOT NULL AND relnamespace = current_schema()::regnamespace`)
	}
}

// all executes each statement that a query makes.
func (v *vandal) all(conn *sqlx.Conn, query string) {
	v.t.Helper()
	var statements []string
	must(v.t, conn.SelectContext(context.Background(), &statements, query))
	for _, s := range statements {
		v.exec(conn, s)
	}
}

func (v *vandal) exec(conn *sqlx.Conn, statement string, args ...any) {
	v.t.Helper()
	if _, err := conn.ExecContext(context.Background(), conn.Rebind(statement), args...); err != nil {
		v.t.Fatalf("%s: %v", statement, err)
	}
}

// rows are the stored rows of a table by column, in the order of its key.
func (v *vandal) rows(conn *sqlx.Conn, table string, key []string) []map[string]any {
	v.t.Helper()
	found, err := conn.QueryxContext(context.Background(), "SELECT * FROM "+table+" ORDER BY "+strings.Join(key, ", "))
	must(v.t, err)
	defer found.Close()
	var list []map[string]any
	for found.Next() {
		row := map[string]any{}
		must(v.t, found.MapScan(row))
		list = append(list, row)
	}
	must(v.t, found.Err())
	return list
}

func (v *vandal) insert(conn *sqlx.Conn, table string, row map[string]any) {
	v.t.Helper()
	var columns, marks []string
	var values []any
	for c, value := range row {
		columns, marks, values = append(columns, c), append(marks, "?"), append(values, value)
	}
	v.exec(conn, "INSERT INTO "+table+" ("+strings.Join(columns, ", ")+") VALUES ("+strings.Join(marks, ", ")+")", values...)
}

func (v *vandal) remove(conn *sqlx.Conn, table string, key []string, row map[string]any) {
	v.t.Helper()
	where, args := byKey(key, row)
	v.exec(conn, "DELETE FROM "+table+where, args...)
}

// edit reports whether the database let it: of two rows with one key it does not,
// nor of a word in a column of numbers where it knows the difference.
func (v *vandal) edit(conn *sqlx.Conn, table string, key []string, row map[string]any, column string, value any) bool {
	v.t.Helper()
	where, args := byKey(key, row)
	_, err := conn.ExecContext(context.Background(), conn.Rebind("UPDATE "+table+" SET "+column+" = ?"+where), append([]any{value}, args...)...)
	return err == nil
}

func byKey(key []string, row map[string]any) (string, []any) {
	var parts []string
	var args []any
	for _, k := range key {
		parts, args = append(parts, k+" = ?"), append(args, row[k])
	}
	return " WHERE " + strings.Join(parts, " AND "), args
}

// keyText is how verification names a row.
func keyText(key []string, row map[string]any) string {
	var parts []string
	for _, k := range key {
		parts = append(parts, fmt.Sprint(row[k]))
	}
	return strings.Join(parts, "/")
}

// finds fails the test unless verification names a row of the table. An empty
// key stands for any row.
func (v *vandal) finds(what string, keys []string, tables ...string) {
	v.t.Helper()
	_, err := v.db.Verify(context.Background(), auditor(v.t, nil))
	var tampered *store.Tampered
	switch {
	case err == nil:
		v.t.Errorf("%s: nothing was found", what)
	case !errors.As(err, &tampered):
		v.t.Errorf("%s: verification ended with %v", what, err)
	case !slices.Contains(tables, tampered.Table):
		v.t.Errorf("%s: verification names %v", what, tampered)
	case keys != nil && !slices.Contains(keys, tampered.Key):
		v.t.Errorf("%s: verification names %v, want the key %v", what, tampered, keys)
	}
}

// clean fails the test unless everything verifies.
func (v *vandal) clean(what string) {
	v.t.Helper()
	if _, err := v.db.Verify(context.Background(), auditor(v.t, nil)); err != nil {
		v.t.Fatalf("after %s was undone: %v", what, err)
	}
}

// A target is a table of either database with its key.
type target struct {
	conn  *sqlx.Conn
	table string
	key   []string
}

func (v *vandal) targets() []target {
	list := []target{
		{v.ledger, "data_keys", []string{"id"}}, {v.ledger, "meta", []string{"id"}}, {v.ledger, "entries", []string{"seq"}}, {v.ledger, "tree_hashes", []string{"place"}},
		{v.ledger, "heads", []string{"id"}}, {v.ledger, "images", []string{"of_table", "of_key", "seq"}},
		{v.decisions, "batches", []string{"writer", "seq"}}, {v.decisions, "decisions", []string{"id"}},
	}
	for table, key := range store.Tables() {
		list = append(list, target{v.ledger, table, key})
	}
	sort.Slice(list, func(i, j int) bool { return list[i].table < list[j].table })
	return list
}

// soak asks for the long form of a test.
var soak = os.Getenv("MEIBO_SOAK") != ""

// others are values that a vandal could put in place of one: all of them in the
// long form, else the plainest in the first row, which has something in every
// column, and the subtlest in the next, which has nothing.
func others(value any, row int) []any {
	all := everyOther(value)
	switch {
	case soak:
		return all
	case row == 0:
		return all[:1]
	}
	return all[len(all)-1:]
}

func everyOther(value any) []any {
	switch value := value.(type) {
	case nil:
		return []any{"2026-10-15", "2026-10-15T01:00:00.000000Z", ""}
	case string:
		return []any{value + "x", "", "[]"}
	case []byte:
		return []any{append([]byte("x"), value...)}
	case int64:
		return []any{value + 1, int64(0), "x"}
	case bool:
		return []any{!value}
	}
	panic(fmt.Sprintf("a column holds %T", value))
}

// names are the tables and keys that verification may name when a column of a
// row was edited: the row itself, but for columns that say to what a row belongs.
func (g target) names(row map[string]any, column string) (tables, keys []string) {
	tables, keys = []string{g.table}, []string{keyText(g.key, row)}
	switch {
	case slices.Contains(g.key, column):
		keys = nil
	case g.table == "decisions":
		tables, keys = append(tables, "batches"), nil
	}
	return tables, keys
}

func TestEveryEditOfEveryColumnIsFound(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		v := newVandal(t, url)
		v.unguard()
		edits := 0
		for _, g := range v.targets() {
			for n, row := range sealedRows(g, v.rows(g.conn, g.table, g.key)) {
				for column, value := range row {
					for _, other := range others(value, n) {
						if cmp.Equal(other, value) || !v.edit(g.conn, g.table, g.key, row, column, other) {
							continue
						}
						where := row
						if slices.Contains(g.key, column) {
							where = with(row, column, other)
						}
						what := fmt.Sprintf("%s %s: %s from %#v to %#v", g.table, keyText(g.key, row), column, value, other)
						tables, keys := g.names(row, column)
						if _, number := value.(int64); number && other == "x" { // what cannot be read has no key
							keys = nil
						}
						v.finds(what, keys, tables...)
						if !v.edit(g.conn, g.table, g.key, where, column, value) {
							t.Fatalf("%s cannot be undone", what)
						}
						edits++
					}
				}
			}
		}
		v.clean("every edit")
		if edits < 400 {
			t.Errorf("only %d edits were tried", edits)
		}
	})
}

// sealedRows leaves out what no seal answers for yet, and of long tables all but
// the first rows.
func sealedRows(g target, rows []map[string]any) []map[string]any {
	rows = slices.DeleteFunc(rows, func(row map[string]any) bool {
		return g.table == "decisions" && row["id"] == "D9" || g.table == "batches" && row["seq"] == int64(4)
	})
	return rows[:min(2, len(rows))]
}

func with(row map[string]any, column string, value any) map[string]any {
	copied := map[string]any{}
	for c, v := range row {
		copied[c] = v
	}
	copied[column] = value
	return copied
}

func TestEveryRemovedRowIsFound(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		v := newVandal(t, url)
		v.unguard()
		for _, g := range v.targets() {
			for _, row := range sealedRows(g, v.rows(g.conn, g.table, g.key)) {
				v.remove(g.conn, g.table, g.key, row)
				keys := []string{keyText(g.key, row)}
				tables := []string{g.table}
				if g.table == "decisions" {
					tables, keys = []string{"batches"}, nil
				}
				if g.table == "batches" { // the next one has lost its place, or the seal its batch
					keys = nil
				}
				v.finds("the removal of "+g.table+" "+keyText(g.key, row), keys, tables...)
				v.insert(g.conn, g.table, row)
			}
		}
		v.clean("every removal")
	})
}

func TestEveryRowThatNoEntryExplainsIsFound(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		v := newVandal(t, url)
		v.unguard()
		for _, g := range v.targets() {
			row := v.rows(g.conn, g.table, g.key)[0]
			forged := with(row, "", nil)
			delete(forged, "")
			for _, column := range append(g.key, "number", "line", "credential_key") {
				switch value := row[column].(type) {
				case string:
					forged[column] = value + "x"
				case int64:
					forged[column] = value + 100
				}
			}
			v.insert(g.conn, g.table, forged)
			keys := []string{keyText(g.key, forged)}
			if g.table == "decisions" || g.table == "batches" {
				keys = nil
			}
			if g.table == "entries" || g.table == "tree_hashes" { // the first that is not where it should be
				keys = nil
			}
			v.finds("the insertion of "+g.table+" "+keyText(g.key, forged), keys, g.table, map[bool]string{true: "batches"}[g.table == "decisions"])
			v.remove(g.conn, g.table, g.key, forged)
		}
		v.clean("every insertion")
	})
}
