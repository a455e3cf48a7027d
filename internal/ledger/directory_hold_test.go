package ledger_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// What a person said of a set holds as long as the directory goes on to show it: when
// everybody was read without it, and it is found again, somebody must look again.
func TestARejectionLastsAsLongAsWhatWasRejected(t *testing.T) {
	c := meibotest.NewCity(t, meibotest.SQLite(t), directoryOf())
	c.Employed("e001")
	set := []ledger.HoldSet{{ID: "h", Why: "limit", Members: []ledger.HeldPerson{{Entry: "entryUUID:e001", Change: meibo.HeldChange{Absent: true}}}}}
	held := func(whole bool, f ledger.Finding) int {
		t.Helper()
		r := report("t", f)
		r.Whole = whole
		done, err := c.Ledger.Reconcile(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return done.Held
	}
	if held(true, ledger.Finding{Holds: set}) != 1 {
		t.Error("it is not held")
	}
	if _, err := c.Ledger.SettleHold(t.Context(), c.Operator, c.Key(), "h", false); err != nil {
		t.Fatal(err)
	}
	held(false, ledger.Finding{})                    // of others
	held(true, ledger.Finding{Incomplete: "canary"}) // of nobody
	if held(true, ledger.Finding{Holds: set}) != 0 {
		t.Error("it is held again though it was rejected")
	}
	held(true, ledger.Finding{}) // they are there
	if held(true, ledger.Finding{Holds: set}) != 1 {
		t.Error("it is never held again, though they have been there meanwhile")
	}
}
