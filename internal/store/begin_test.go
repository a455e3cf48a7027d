package store_test

import (
	"context"
	"errors"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

func TestALedgerBeginsOnce(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		hasBegun := func(want bool) {
			t.Helper()
			view(t, db, func(r *store.Reader) error {
				got, err := r.Begun()
				if got != want {
					t.Errorf("begun = %t, want %t", got, want)
				}
				return err
			})
		}
		begin := func(epoch string) error {
			return db.Update(context.Background(), func(tx *store.Tx) error {
				if err := tx.Begin(epoch); err != nil {
					return err
				}
				_, err := tx.Record(meibo.Entry{Act: meibo.ActInit}, nil)
				return err
			})
		}
		hasBegun(false)
		must(t, begin("E1"))
		hasBegun(true)
		if err := begin("E2"); !errors.Is(err, meibo.ErrConflict) {
			t.Errorf("begin again: %v, want %v", err, meibo.ErrConflict)
		}
		view(t, db, func(r *store.Reader) error {
			rev, epoch, err := r.Revision()
			if rev != 1 || epoch != "E1" {
				t.Errorf("at %d of %q, want 1 of E1", rev, epoch)
			}
			return err
		})
	})
}

func TestNothingIsRecordedBeforeALedgerHasBegun(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := open(t, url)
		if err := record(db, meibo.Organization{ID: "G0", Kind: meibo.City}); !errors.Is(err, meibo.ErrNotFound) {
			t.Errorf("got %v, want %v", err, meibo.ErrNotFound)
		}
	})
}

func TestADirectoryEntryStandsForOnePersonAtATime(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		must(t, record(db,
			meibo.Organization{ID: "K1", Kind: meibo.Contractor, Name: "架空"},
			meibo.Person{ID: "E1", OrganizationID: "K1", LoginKey: "k", CreatedAt: asOf},
			meibo.Person{ID: "E2", OrganizationID: "K1", LoginKey: "k2", CreatedAt: asOf},
			meibo.Account{PersonID: "E1", Entry: "entryUUID:1", State: meibo.AccountEnabled, ChangedAt: asOf},
		))
		second := meibo.Account{PersonID: "E2", Entry: "entryUUID:1", State: meibo.AccountEnabled, ChangedAt: asOf}
		if err := record(db, second); !errors.Is(err, meibo.ErrConflict) {
			t.Errorf("a second person on the entry: %v, want %v", err, meibo.ErrConflict)
		}
		must(t, record(db, meibo.Account{PersonID: "E1", Entry: "entryUUID:1", State: meibo.AccountGone, ChangedAt: asOf}))
		byEntry := func(want meibo.PersonID) {
			t.Helper()
			view(t, db, func(r *store.Reader) error {
				a, err := r.AccountByEntry("entryUUID:1")
				if want == "" && a != nil || want != "" && (a == nil || a.PersonID != want) {
					t.Errorf("the entry stands for %+v, want %q", a, want)
				}
				return err
			})
		}
		byEntry("")
		must(t, record(db, second))
		byEntry("E2")
	})
}
