package store_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

func TestEveryRowComesBackByteForByte(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		rows := append(full(), bare()...)
		must(t, record(db, rows...))
		db.Close()
		db = open(t, url)
		seen := map[string]int{}
		view(t, db, func(r *store.Reader) error {
			for _, row := range rows {
				table := store.TableOf(row)
				stored, err := store.Stored(r, row)
				if err != nil {
					return err
				}
				if !contains(stored, row) {
					t.Errorf("%s: wrote\n%+v\nand found\n%s", table, row, cmp.Diff(row, stored))
				}
				seen[table]++
			}
			return nil
		})
		for table := range store.Tables() {
			if seen[table] < 2 {
				t.Errorf("%s was not tried twice", table)
			}
		}
	})
}

func contains(rows []any, row any) bool {
	for _, r := range rows {
		if cmp.Equal(r, row) {
			return true
		}
	}
	return false
}

// A row with a field left empty would not show that the field is kept.
func TestTheFullRowsAreFull(t *testing.T) {
	for _, row := range full() {
		v := reflect.ValueOf(row)
		if _, second := row.(meibo.Organization); second && v.FieldByName("Name").IsZero() {
			continue
		}
		for i := range v.NumField() {
			if v.Field(i).IsZero() && v.Type().Field(i).Name != "PreviousHash" { // the first version has none
				t.Errorf("%s: %s is empty", v.Type(), v.Type().Field(i).Name)
			}
		}
	}
}

func TestARowIsReplacedWhole(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		must(t, record(db, full()...))
		var emptied []any
		for _, row := range full() {
			switch row := row.(type) {
			case meibo.Person:
				emptied = append(emptied, meibo.Person{ID: row.ID, OrganizationID: row.OrganizationID, CreatedAt: row.CreatedAt})
			case meibo.Notice:
				emptied = append(emptied, meibo.Notice{
					ID: row.ID, ContractID: row.ContractID, Kind: row.Kind, OrganizationID: row.OrganizationID, State: meibo.NoticeQueued, CreatedAt: row.CreatedAt,
				})
			}
		}
		must(t, record(db, emptied...))
		view(t, db, func(r *store.Reader) error {
			for _, row := range emptied {
				stored, err := store.Stored(r, row)
				if err != nil {
					return err
				}
				if diff := cmp.Diff([]any{row}, stored); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
			return nil
		})
	})
}

func TestSnake(t *testing.T) {
	for field, column := range map[string]string{
		"ID": "id", "PrimeID": "prime_id", "CatalogAccepted": "catalog_accepted", "OfKey": "of_key", "MyNumber": "my_number", "At": "at", "IDOf": "id_of",
	} {
		if got := store.Snake(field); got != column {
			t.Errorf("%s became %s, want %s", field, got, column)
		}
	}
	if names := tableNames(); strings.Contains(names, "images") || !strings.Contains(names, "rights") {
		t.Errorf("the log answers for %s", names)
	}
}
