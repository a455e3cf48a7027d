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

func TestWhoCouldTouchAnAssetIsKnownAtEveryInstant(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		before := c.Clock.Now()
		c.Clock.At(t, "2026-10-15 11:00:00.000")
		person := c.Employed("e001")
		line := meibotest.Line("e002")
		line.Action = "carry_out"
		done := c.Submit(c.Submitter, line)
		c.Approve(c.Approver, done)
		carrier := done.Rows[0].PersonID
		c.Pledged(carrier)
		c.Notify()
		then := c.Clock.Now()
		c.Clock.At(t, "2026-10-16 09:00:00.000")
		if _, err := c.Ledger.OpenHold(t.Context(), c.CityApprover, c.Key(), meibo.Hold{Kind: meibo.HoldIncident, PersonID: person}); err != nil {
			t.Fatal(err)
		}
		who := func(at meibo.Instant) map[meibo.PersonID]meibo.Access {
			t.Helper()
			list, more, err := c.Ledger.Accesses(t.Context(), c.Auditor, "A01", at)
			if err != nil || more {
				t.Fatal(err, more)
			}
			by := map[meibo.PersonID]meibo.Access{}
			for _, a := range list {
				by[a.PersonID] = a
			}
			return by
		}
		if got := who(before); len(got) != 0 {
			t.Errorf("before anybody worked: %v", got)
		}
		got := who(then)
		if a := got[person]; len(got) != 2 || a.Action != "view" || a.SystemID != "P01" || a.RightID == "" || len(a.Conditions) != 0 {
			t.Errorf("then: %+v", got)
		}
		if a := got[carrier]; len(a.Conditions) != 1 || a.Conditions[0] != "PERMIT_REQUIRED" {
			t.Errorf("who carries out needs a permit on top: %+v", a)
		}
		if got := who(0); len(got) != 1 || got[carrier].PersonID != carrier {
			t.Errorf("now, with one held: %+v", got)
		}
		if got := who(meibo.Date("2027-04-01").Start()); len(got) != 0 {
			t.Errorf("after the contract: %+v", got)
		}
		if _, _, err := c.Ledger.Accesses(t.Context(), c.Submitter, "A01", 0); !errors.Is(err, meibo.ErrForbidden) {
			t.Errorf("a contractor was told: %v", err)
		}
	})
}
