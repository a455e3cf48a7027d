package store

import (
	"crypto/sha256"
	"database/sql/driver"
	"encoding/hex"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A table ties a word of the ground to the table that keeps it. Columns are the
// fields' names in snake case.
type table struct {
	name    string
	key     []string
	columns []string
	none    []any // what an empty field of each column is stored as
	row     reflect.Type
	upsert  string
	sealed  []int // columns that pass the codec
	own     int   // column of the key of its own under which a row's bytes are sealed; -1: there is none
}

// tables lists every table that the ledger's log answers for.
var tables = []*table{
	of[meibo.Organization]("organizations", "id"),
	of[meibo.Asset]("assets", "id"),
	of[meibo.Purpose]("purposes", "code"),
	of[meibo.Contract]("contracts", "id"),
	of[meibo.Subcontract]("subcontracts", "id"),
	of[meibo.PledgeTemplate]("pledge_templates", "id", "version"),
	of[meibo.System]("systems", "id"),
	of[meibo.Parameters]("parameters", "id"),
	of[meibo.Permit]("permits", "id"),
	of[meibo.ServiceAccount]("service_accounts", "id"),
	of[meibo.Delegation]("delegations", "id"),
	of[meibo.Client]("clients", "id"),
	of[meibo.Grant]("grants", "client_id", "role", "organization_id", "contract_id"),
	of[meibo.Key]("keys", "id"),
	of[meibo.Person]("people", "id"),
	of[meibo.Account]("accounts", "person_id"),
	of[meibo.Passkey]("passkeys", "id").seals("credential").seals("public_key"), // they tell of their person at other places
	of[meibo.Change]("changes", "id"),
	of[meibo.Line]("change_lines", "change_id", "row"),
	of[meibo.Approval]("approvals", "change_id", "organization_id"),
	of[meibo.Assignment]("assignments", "id"),
	of[meibo.Right]("rights", "id"),
	of[meibo.Document]("documents", "id"),
	of[meibo.Pledge]("pledges", "id").seals("text_hash").seals("evidence"), // a name can be tried against the one, a certificate found by the other
	of[meibo.SealedPaper]("sealed_papers", "of_table", "of_key", "form", "reader_id"),
	of[meibo.Roster]("rosters", "contract_id", "version"),
	of[meibo.Notice]("notices", "id"),
	of[meibo.Acknowledgement]("acknowledgements", "id"),
	of[meibo.Hold]("holds", "id"),
	of[meibo.Disposal]("disposals", "id"),
	of[meibo.Training]("trainings", "id"),
	of[meibo.PermitUse]("permit_uses", "decision_id"),
	of[meibo.Emergency]("emergencies", "id"),
	of[meibo.Reading]("readings", "id"),
	of[meibo.Bookmark]("bookmarks", "id"),
	of[meibo.DirectoryHold]("directory_holds", "id"),
	of[meibo.Seal]("seals", "writer"),
	of[meibo.Destruction]("destructions", "writer"),
	of[meibo.Request]("requests", "client_id", "request"),
}

func of[R any](name string, key ...string) *table {
	t := &table{name: name, key: key, row: reflect.TypeFor[R](), own: -1}
	var sets, marks []string
	for i := range t.row.NumField() {
		c := snake(t.row.Field(i).Name)
		none, err := value(reflect.Zero(t.row.Field(i).Type))
		if err != nil {
			panic(err)
		}
		t.columns, t.none = append(t.columns, c), append(t.none, none)
		switch f := t.row.Field(i); {
		case f.Type == reflect.TypeFor[[]byte]():
			t.sealed = append(t.sealed, i)
			if f.Name == "Key" {
				t.own = i
			}
		case f.Type == reflect.TypeFor[meibo.Personal]():
			t.sealed = append(t.sealed, i)
		}
		marks = append(marks, "?")
		sets = append(sets, c+" = excluded."+c)
	}
	t.upsert = fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s) ON CONFLICT (%s) DO UPDATE SET %s",
		name, strings.Join(t.columns, ", "), strings.Join(marks, ", "), strings.Join(key, ", "), strings.Join(sets, ", "))
	return t
}

// tableOf finds the table of a row.
func tableOf(row reflect.Type) *table {
	for _, t := range tables {
		if t.row == row {
			return t
		}
	}
	panic("no table keeps a " + row.String())
}

// seals has one more column pass the codec.
func (t *table) seals(column string) *table {
	t.sealed = append(t.sealed, slices.Index(t.columns, column))
	return t
}

// values are a row's columns as they are before they pass the codec.
func (t *table) values(row reflect.Value) ([]any, error) {
	values := make([]any, len(t.columns))
	for i, column := range t.columns {
		v, err := value(row.Field(i))
		if err != nil {
			return nil, fmt.Errorf("write %s.%s: %w", t.name, column, err)
		}
		values[i] = v
	}
	return values, nil
}

// value turns a field into one of the few types that both databases keep alike.
func value(f reflect.Value) (any, error) {
	if v, ok := f.Interface().(driver.Valuer); ok {
		return v.Value()
	}
	switch f.Kind() {
	case reflect.String:
		return f.String(), nil
	case reflect.Int, reflect.Int64:
		return f.Int(), nil
	case reflect.Bool:
		return f.Bool(), nil
	case reflect.Slice:
		return f.Bytes(), nil
	}
	return nil, fmt.Errorf("no column keeps a %s", f.Type())
}

// keyOf is the row's key as text.
func (t *table) keyOf(values []any) string {
	var parts []string
	for _, k := range t.key {
		for i, c := range t.columns {
			if c == k {
				parts = append(parts, fmt.Sprint(values[i]))
			}
		}
	}
	return strings.Join(parts, "/")
}

// image is a row by columns, without those that are empty, so that a column
// added later does not change the images of the rows that are there.
func (t *table) image(values []any) map[string]any {
	image := map[string]any{}
	for i, v := range values {
		if bytes, ok := v.([]byte); ok {
			if len(bytes) > 0 {
				sum := sha256.Sum256(bytes)
				image[t.columns[i]] = "sha256:" + hex.EncodeToString(sum[:])
			}
		} else if v != t.none[i] {
			image[t.columns[i]] = v
		}
	}
	return image
}

// get reads the one row that the condition selects; none is ErrNotFound.
func get[R any](r *Reader, where string, args ...any) (R, error) {
	var row R
	t := tableOf(reflect.TypeFor[R]())
	if err := r.scan(&row, r.selects(t, where), args...); err != nil {
		return row, fmt.Errorf("read %s: %w", t.name, err)
	}
	return row, r.open(t, reflect.ValueOf(&row).Elem())
}

// all reads every row that the condition selects.
func all[R any](r *Reader, where string, args ...any) ([]R, error) {
	var rows []R
	t := tableOf(reflect.TypeFor[R]())
	query, args, err := r.in(r.selects(t, where), args...)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	if err := r.list(&rows, query, args...); err != nil {
		return nil, fmt.Errorf("read %s: %w", t.name, err)
	}
	for i := range rows {
		if err := r.open(t, reflect.ValueOf(&rows[i]).Elem()); err != nil {
			return nil, err
		}
	}
	return rows, nil
}

// maxListed is how many values a condition lists at once: databases take no more than
// 32,766 in a statement.
const maxListed = 10_000

// among reads every row that the condition selects, which lists the values, in parts if
// they are many. An order is kept within each part.
func among[R, V any](r *Reader, where string, values []V) (rows []R, err error) {
	for part := range slices.Chunk(values, maxListed) {
		some, err := all[R](r, where, part)
		if err != nil {
			return nil, err
		}
		rows = append(rows, some...)
	}
	return rows, nil
}

func (t *table) selects(where string) string {
	return "SELECT " + strings.Join(t.columns, ", ") + " FROM " + t.name + " " + where
}

// snake turns a field's name into a column's.
func snake(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		upper := unicode.IsUpper(r)
		if upper && i > 0 && (unicode.IsLower(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
