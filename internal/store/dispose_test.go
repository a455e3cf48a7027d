package store_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

// A tie is a row that names somebody in one field: the contract C03, or one of C02.
type tie struct {
	field  string
	person meibo.PersonID
	row    any
}

// ties are one for every field that names a person, or the client of one, in a row that
// belongs to a contract, each for somebody else.
func ties() (list []tie) {
	for _, row := range full() {
		v := reflect.ValueOf(row)
		_, isContract := row.(meibo.Contract)
		if !isContract && !v.FieldByName("ContractID").IsValid() && !v.FieldByName("ChangeID").IsValid() {
			continue
		}
		for i := range v.NumField() {
			person := meibo.PersonID(fmt.Sprintf("T%02d", len(list)))
			alike := reflect.New(v.Type()).Elem()
			alike.Set(v)
			switch alike.Field(i).Interface().(type) {
			case meibo.PersonID:
				alike.Field(i).Set(reflect.ValueOf(person))
			case meibo.List[meibo.PersonID]:
				alike.Field(i).Set(reflect.ValueOf(meibo.List[meibo.PersonID]{"E009", person}))
			case meibo.ClientID:
				alike.Field(i).Set(reflect.ValueOf(meibo.ClientID(clientOf + person)))
			default:
				continue
			}
			list = append(list, tie{v.Type().Name() + "." + v.Type().Field(i).Name, person, elsewhere(alike, string(person), i)})
		}
	}
	return list
}

const clientOf = "of "

// elsewhere gives a row of C01 keys of its own and makes it one of C02, or C03 of C01.
func elsewhere(v reflect.Value, id string, number int) any {
	for name, value := range map[string]any{"ID": id, "ContractID": "C02", "ChangeID": "ch2", "Row": 100 + number} {
		if f := v.FieldByName(name); f.IsValid() {
			f.Set(reflect.ValueOf(value).Convert(f.Type()))
		}
	}
	switch row := v.Interface().(type) {
	case meibo.Contract:
		row.ID = "C03"
		return row
	case meibo.Pledge:
		row.State = meibo.PledgeSuperseded // one is valid at a time
		return row
	}
	return v.Interface()
}

// withTies opens a store with everybody of the ties at work on C01.
func withTies(t *testing.T, url string, list []tie) *store.DB {
	t.Helper()
	db := begun(t, url)
	version := roster(1, "", "")
	version.ContractID = "C02"
	rows := slices.DeleteFunc(append(full(), bare()...), func(row any) bool { _, is := row.(meibo.Seal); return is })
	rows = append(rows, version)
	for _, x := range list {
		rows = append(rows, meibo.Person{ID: x.person, OrganizationID: "K1", LoginKey: string(x.person), CreatedAt: asOf},
			meibo.Assignment{
				ID: meibo.AssignmentID("C01 " + x.person), ContractID: "C01", PersonID: x.person, EmployerID: "K1", Employment: meibo.Regular,
				Starts: "2026-10-15", Ends: "2027-03-31", CreatedAt: asOf,
			}, meibo.Client{ID: meibo.ClientID(clientOf + x.person), PersonID: x.person, CreatedAt: asOf})
	}
	for _, x := range list {
		rows = append(rows, x.row)
	}
	must(t, record(db, rows...))
	return db
}

// Whoever is named where a contract is kept is known as long as it is.
func TestEveryFieldThatNamesAPersonTiesHimToItsContract(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		list := ties()
		db := withTies(t, url, list)
		spare := []string{
			"Right.PersonID",    // whom its assignment names
			"ServiceAccount.ID", // a program
			"Disposal.People",   // who they were is what it destroys
		}
		view(t, db, func(r *store.Reader) error {
			work, err := r.ConcernedBy("C01")
			for _, x := range list {
				is := slices.ContainsFunc(work, func(w store.Work) bool {
					return w.PersonID == x.person && (w.ContractID == "C02" || w.ContractID == "C03")
				})
				if is == slices.Contains(spare, x.field) {
					t.Errorf("%s ties: %v", x.field, is)
				}
			}
			back, err2 := r.ConcernedBy("C03")
			if len(list) < 30 || !slices.Contains(back, store.Work{PersonID: "T00", ContractID: "C01"}) || err2 != nil {
				t.Errorf("%d fields; who may claim an emergency in C03 has to do with %v, %v", len(list), back, err2)
			}
			return err
		})
	})
}
