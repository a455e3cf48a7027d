package ledger_test

import (
	"errors"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

func TestThePastAndWhatIsAheadAreExplained(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		before := c.Clock.Now()
		c.Clock.At(t, "2026-10-15 11:00:00.000")
		person := c.Employed("e001")
		employed := c.Clock.Now()
		c.Clock.At(t, "2026-10-16 09:00:00.000")
		if _, err := c.Ledger.Submit(t.Context(), c.Submitter, c.Key(), []meibo.Line{{
			Row: 1, Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: meibo.ReasonReassignment,
		}}); err != nil {
			t.Fatal(err)
		}
		explain := func(at meibo.Instant) meibo.Explanation {
			t.Helper()
			e, err := c.Ledger.Explain(t.Context(), c.Auditor, "P01", meibotest.Question(person), at)
			if err != nil {
				t.Fatal(err)
			}
			return e
		}
		primary(t, explain(before).Decision, "SUBJECT_UNKNOWN")
		allowed := explain(employed)
		primary(t, allowed.Decision, "ALLOW")
		for _, k := range allowed.Conditions {
			if !k.Held {
				t.Errorf("%s/%s does not hold beside an allow", k.Part, k.Name)
			}
		}
		now := explain(0)
		primary(t, now.Decision, "ROSTER_MEMBER_ENDED")
		wants(t, c.Check(person), "ROSTER_MEMBER_ENDED")
		shown := false
		for _, k := range now.Conditions {
			for _, row := range k.Rows {
				shown = shown || !k.Held && len(row.Unmet) > 0
			}
		}
		if !shown {
			t.Errorf("no row is named that fell short: %+v", now.Conditions)
		}
		ahead := c.Employed("e002")
		e, err := c.Ledger.Explain(t.Context(), c.Auditor, "P01", meibotest.Question(ahead), meibo.Date("2027-04-01").Start())
		if err != nil {
			t.Fatal(err)
		}
		if e.Decision.Allowed || e.Decision.PrimaryCode != "CONTRACT_ENDED" {
			t.Errorf("after the contract: %v", e.Decision.Codes)
		}
		if _, err := c.Ledger.Explain(t.Context(), c.System, "P01", meibotest.Question(ahead), 0); !errors.Is(err, meibo.ErrForbidden) {
			t.Errorf("a system was explained to: %v", err)
		}
	})
}

func primary(t *testing.T, d meibo.Decision, code string) {
	t.Helper()
	if d.PrimaryCode != code || d.Allowed != (code == "ALLOW") || d.ID != "" {
		t.Errorf("explained as %v, %s, want %s", d.Allowed, d.Codes, code)
	}
}
