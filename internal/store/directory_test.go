package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

// TestAccountsAreFoundByTheirEntries: those that can still change, by what the
// directory calls them, by their holds, and counted.
func TestAccountsAreFoundByTheirEntries(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		rows := []any{meibo.Organization{ID: "K1", Kind: meibo.Contractor}}
		for id, a := range map[meibo.PersonID]meibo.Account{
			"E1": {Entry: "e:1", State: meibo.AccountEnabled}, "E2": {Entry: "e:2", State: meibo.AccountEnabled, Cause: "locked"},
			"E3": {Entry: "e:3", State: meibo.AccountDisabled, HoldID: "h", Held: meibo.Pack(meibo.HeldChange{Why: "lifts", State: meibo.AccountEnabled})},
			"E4": {Entry: "e:4", State: meibo.AccountGone, HoldID: "old"},
		} {
			a.PersonID, a.ChangedAt = id, asOf
			rows = append(rows, meibo.Person{ID: id, OrganizationID: "K1", LoginKey: string(id), CreatedAt: asOf}, a)
		}
		must(t, record(db, rows...))
		view(t, db, func(r *store.Reader) error {
			some, err := r.AccountsOf([]string{"e:2", "e:4", "e:9"})
			if err != nil || len(some) != 1 || some[0].PersonID != "E2" {
				t.Errorf("by entry: %+v, %v", some, err)
			}
			crowd := make([]string, 70_000) // who has changed while nobody listened; a statement takes no more than 65,535
			ids := make([]meibo.PersonID, len(crowd))
			crowd[0], ids[0], crowd[len(crowd)-1], ids[len(ids)-1] = "e:1", "E1", "e:2", "E2"
			many, err := r.AccountsOf(crowd)
			if err != nil || len(many) != 2 {
				t.Errorf("of many entries: %d, %v", len(many), err)
			}
			people, err := r.People(ids)
			if err != nil || len(people) != 2 {
				t.Errorf("of many people: %d, %v", len(people), err)
			}
			if _, err := r.RunningOf(ids); err != nil {
				t.Errorf("of the work of many: %v", err)
			}
			none, err := r.AccountsOf(nil)
			if err != nil || len(none) != 0 {
				t.Errorf("of no entry: %+v, %v", none, err)
			}
			held, err := r.AccountsOnHold()
			if err != nil || len(held) != 1 || held[0].Held.V.Why != "lifts" {
				t.Errorf("on hold: %+v, %v", held, err)
			}
			n, err := r.CountAccounts()
			if err != nil || n != 3 {
				t.Errorf("counted %d, %v", n, err)
			}
			states, err := r.AccountStates()
			want := map[meibo.AccountState]int{meibo.AccountEnabled: 1, meibo.AccountLocked: 1, meibo.AccountDisabled: 1, meibo.AccountGone: 1}
			if diff := cmp.Diff(want, states); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
			mark, err := r.Bookmark()
			if mark != nil {
				t.Errorf("a bookmark before any: %+v", mark)
			}
			return err
		})
	})
}
