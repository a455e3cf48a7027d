package ledger_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// directoryNotices are the notices of C01 that speak of what the directory shows.
func directoryNotices(t *testing.T, c *meibotest.City) (list []string) {
	t.Helper()
	if _, err := c.Ledger.TellDirectory(t.Context()); err != nil {
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

// held puts people into a hold, and everybody else out of it.
func held(t *testing.T, c *meibotest.City, logins ...string) {
	t.Helper()
	set := ledger.HoldSet{ID: "hold-" + strings.Join(logins, "-"), Why: "limit"}
	for _, login := range logins {
		set.Members = append(set.Members, ledger.HeldPerson{Entry: "entryUUID:" + login, Change: meibo.HeldChange{Absent: true}})
	}
	if _, err := c.Ledger.Reconcile(t.Context(), report("t", ledger.Finding{Holds: []ledger.HoldSet{set}})); err != nil {
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
		if o, err := c.Ledger.TellDirectory(t.Context()); err != nil || len(o.Unbound) != 1 || len(o.Absent) != 1 {
			t.Errorf("found %+v, %v", o, err)
		}
	})
}

// Whom the directory had locked before he was put on the roster, and before others were
// told of, is told of when he is on it; who was in doubt, when he is in a hold. A hold
// out of which others have come is none that is new.
func TestAConcernBeginsOnTheRoster(t *testing.T) {
	c := meibotest.NewCity(t, meibotest.SQLite(t), directoryOf())
	later := func() {
		c.Clock.Set(c.Clock.Now().Add(time.Hour))
		c.Prove()
	}
	wants := func(want ...string) {
		t.Helper()
		if got := directoryNotices(t, c); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		later()
	}
	locked := func(login string) {
		t.Helper()
		if _, err := c.Reconcile(ledger.Finding{Changed: []meibo.Account{{Entry: "entryUUID:" + login, State: meibo.AccountDisabled, Cause: "admin"}}}); err != nil {
			t.Fatal(err)
		}
	}
	waiting := c.Submit(c.Submitter, meibotest.Line("e001"))
	c.Employed("e002")
	c.Employed("e003")
	locked("e001")
	later()
	locked("e002")
	wants("disabled K1")
	c.Approve(c.Approver, waiting)
	wants("disabled K1", "disabled K1")

	doubt := report("d", ledger.Finding{Doubted: []string{"entryUUID:e003"}})
	doubt.Entries = []string{"entryUUID:e003"}
	if _, err := c.Ledger.Reconcile(t.Context(), doubt); err != nil {
		t.Fatal(err)
	}
	later()
	held(t, c, "e002")
	wants("disabled K1", "disabled K1", "held CITY", "held K1")
	held(t, c, "e002", "e003")
	wants("disabled K1", "disabled K1", "held CITY", "held CITY", "held K1", "held K1")
	held(t, c, "e003")
	wants("disabled K1", "disabled K1", "held CITY", "held CITY", "held K1", "held K1")
}
