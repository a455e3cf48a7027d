package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

// nowAndThen holds the rows of a table against their newest images.
func nowAndThen[R any](t *testing.T, r *store.Reader, last int64, now []R, err error) {
	t.Helper()
	must(t, err)
	then, err := store.Past[R](r, last)
	must(t, err)
	byText := cmpopts.SortSlices(func(a, b R) bool { return cmp.Diff(a, b) < cmp.Diff(b, a) })
	if diff := cmp.Diff(now, then, byText, cmpopts.EquateEmpty()); diff != "" || len(now) == 0 {
		t.Errorf("%T (-now +past):\n%s", *new(R), diff)
	}
}

func TestThePastIsReadAsItWas(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := furnished(t, url)
		view(t, db, func(r *store.Reader) error {
			last, err := r.LastEntry(meibo.Forever)
			must(t, err)
			contracts, err := r.Contracts()
			nowAndThen(t, r, last, contracts, err)
			assets, err := r.Assets()
			nowAndThen(t, r, last, assets, err)
			purposes, err := r.Purposes()
			nowAndThen(t, r, last, purposes, err)
			systems, err := r.Systems()
			nowAndThen(t, r, last, systems, err)
			templates, err := r.Templates()
			nowAndThen(t, r, last, templates, err)
			consents, err := r.Subcontracts()
			nowAndThen(t, r, last, consents, err)
			people, err := r.People([]meibo.PersonID{"E001", "E002"})
			nowAndThen(t, r, last, people, err)
			for seq, want := range map[int64]meibo.Personal{1: hardName, 2: harderName} {
				then, err := store.Past[meibo.Person](r, seq)
				must(t, err)
				if then[0].ID != "E001" || then[0].Name != want {
					t.Errorf("after entry %d: %s is called %q, want %q", seq, then[0].ID, then[0].Name, want)
				}
			}
			none, err := store.Past[meibo.Person](r, 0)
			must(t, err)
			if len(none) != 0 {
				t.Errorf("before anybody came: %v", none)
			}
			return nil
		})
	})
}
