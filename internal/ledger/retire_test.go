package ledger_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestRecordsOfDecisionsEnd: seven years after, unless the city has settled another
// time, and never while evidence is kept. The ledger still verifies.
func TestRecordsOfDecisionsEnd(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		person := c.Employed("e001")
		seal := func() {
			t.Helper()
			if err := c.Ledger.SealDecisions(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		retires := func(want int) {
			t.Helper()
			if n, err := c.Ledger.RetireDecisions(t.Context()); err != nil || n != want {
				t.Errorf("destroyed %d, want %d, %v", n, want, err)
			}
		}
		left := func(want ...meibo.DecisionID) {
			t.Helper()
			got := logOf(t, c, c.Auditor, meibo.DecisionFilter{}, true, 100)
			if len(got) != len(want) || len(got) > 0 && got[0] != want[0] {
				t.Errorf("left: %v, want %v", got, want)
			}
			found, err := ledger.Verify(t.Context(), url, c.Options.Secrets.LogPublic, c.Options.Secrets.Data, c.Clock.Now, nil)
			if err != nil || found.Decisions != 4 || int(found.Destroyed) != 4-len(want) {
				t.Errorf("verified %+v, %v", found, err)
			}
		}
		c.Clock.At(t, "2026-10-20 10:00:00.000")
		one := c.Check(person).ID
		two := c.Check(person).ID
		seal()
		c.Clock.At(t, "2027-10-20 10:00:00.000")
		three := c.Check(person).ID
		seal()
		four := c.Check(person).ID // not sealed
		left(one, two, three, four)
		c.Clock.At(t, "2033-10-20 10:00:00.000")
		retires(0) // to the day
		c.Clock.At(t, "2033-10-20 10:00:00.001")
		held, err := c.Ledger.OpenHold(t.Context(), c.Receiver, c.Key(), meibo.Hold{Kind: meibo.HoldLegal, AssetID: "A01"})
		if err != nil {
			t.Fatal(err)
		}
		retires(0) // evidence is kept
		if _, err := c.Ledger.LiftHold(t.Context(), c.CityApprover, c.Key(), held.Hold); err != nil {
			t.Fatal(err)
		}
		retires(2)
		left(three, four)
		retires(0)
		c.Clock.At(t, "2034-12-31 10:00:00.000")
		retires(1)
		left(four)
		seal()
		retires(1)
		left()
	})
}
