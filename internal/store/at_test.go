package store_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

func TestAStoreIsBuiltAsItWas(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := furnished(t, url)
		at := func(seq int64, more ...any) (people []meibo.Dossier, rev int64) {
			t.Helper()
			past, err := db.At(t.Context(), t.TempDir(), seq, more...)
			must(t, err)
			defer past.Close()
			view(t, past, func(r *store.Reader) (err error) {
				if rev, _, err = r.Revision(); err != nil {
					return err
				}
				people, err = r.Dossiers([]meibo.PersonID{"E001", "E002"})
				return err
			})
			return people, rev
		}
		first, rev := at(1)
		same(t, len(first), 2)
		same(t, first[0].Person.Name, meibo.Personal(hardName))
		later, next := at(2)
		same(t, later[0].Person.Name, meibo.Personal(harderName))
		if next <= rev || len(later[0].Trainings) != 1 || len(later[0].Pledges) != 1 {
			t.Errorf("at revision %d, then %d: %+v", rev, next, later[0])
		}
		candidate := later[0].Person
		candidate.Name = "候補"
		tried, _ := at(2, candidate)
		same(t, tried[0].Person.Name, "候補")
		now, _ := at(2)
		same(t, now[0].Person.Name, meibo.Personal(harderName)) // nothing was written here
	})
}
