package ledger_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestARightThatNobodyUsesIsAdvised: after as many days without a use as the city says, counted from when
// the right opened; no longer once it was used, whatever else happens to the person
// and whoever reads the ledger anew.
func TestARightThatNobodyUsesIsAdvised(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		c.Apply(meibo.Master{Parameters: []meibo.Parameters{{ID: meibo.ParametersID, City: meibo.Pack(meibo.CityParameters{UnusedDays: 30})}}})
		person := c.Employed("e001")
		advised := func() bool {
			t.Helper()
			d := c.Check(person)
			wants(t, d, "ALLOW")
			return slices.Contains(d.Advice, "ADV_RIGHT_UNUSED")
		}
		share := func() {
			t.Helper()
			if err := c.Ledger.ShareUsage(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		later := func(days int) { c.Clock.Set(c.Clock.Now().Add(time.Duration(days) * 24 * time.Hour)) }
		later(29)
		if advised() {
			t.Error("advised before 30 days have passed")
		}
		later(2) // the check before has used it
		share()
		if advised() {
			t.Error("advised two days after a use")
		}
		share()
		later(31)
		if !advised() {
			t.Error("not advised after 31 days without a use")
		}
		share()
		if advised() {
			t.Error("advised on the day of a use")
		}
		if _, err := c.Ledger.RecordTraining(t.Context(), c.Submitter, c.Key(), []meibo.Training{{PersonID: person, CompletedOn: c.Clock.Now().Day()}}); err != nil {
			t.Fatal(err)
		}
		if advised() {
			t.Error("advised again because something else was written of the person")
		}
		c.Reopen()
		if advised() {
			t.Error("advised by a ledger that was opened anew")
		}
		if difference, err := c.Ledger.Differs(context.Background(), c.System, nil); err != nil || difference != "" {
			t.Error(difference, err)
		}
	})
}
