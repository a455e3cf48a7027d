package ledger_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// directoryNotices are the notices of C01 that speak of what the directory shows.
func directoryNotices(t *testing.T, c *meibotest.City) (list []string) {
	t.Helper()
	if err := c.Ledger.TellDirectory(t.Context()); err != nil {
		t.Fatal(err)
	}
	all, err := c.Ledger.Notices(t.Context(), c.Operator, "C01")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range all {
		if n.Kind == meibo.NoticeHeld || n.Kind == meibo.NoticeElsewhere || n.Kind == meibo.NoticeDisabled {
			list = append(list, fmt.Sprint(n.Kind, " ", n.OrganizationID))
		}
	}
	slices.Sort(list)
	return list
}

// held puts somebody into a hold.
func held(t *testing.T, c *meibotest.City, login string) {
	t.Helper()
	member := ledger.HeldPerson{Entry: "entryUUID:" + login, Change: meibo.HeldChange{Absent: true}}
	sets := []ledger.HoldSet{{ID: "hold-" + login, Why: "limit", Members: []ledger.HeldPerson{member}}}
	if _, err := c.Ledger.Reconcile(t.Context(), report("t", ledger.Finding{Holds: sets})); err != nil {
		t.Fatal(err)
	}
}

// Somebody who is bound to no entry stands before one in a hold: each who must look
// is told once of the contract, also where its names cannot be read.
func TestWhoIsUnboundKeepsNoNoticeBack(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		c.Employed("e001")
		c.Options.Directory = directoryOf()
		c.Reopen()
		c.Prove()
		c.Employed("e002")
		held(t, c, "e002")
		behind(t, url, "UPDATE contracts SET responsible = 'sealed by nobody' WHERE id = 'C01'")
		if got, want := directoryNotices(t, c), []string{"held CITY", "held K1"}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
	})
}
