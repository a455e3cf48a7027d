package ledger_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// logOf reads all pages of the log of decisions.
func logOf(t *testing.T, c *meibotest.City, by meibo.Caller, f meibo.DecisionFilter, oldest bool, limit int) (ids []meibo.DecisionID) {
	t.Helper()
	p := ledger.Page{Limit: limit}
	for {
		page, err := c.Ledger.Decisions(t.Context(), by, f, oldest, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range page.Decisions {
			ids = append(ids, d.ID)
		}
		if len(page.Decisions) > limit || page.Next != "" && len(page.Decisions) < limit {
			t.Fatalf("a page of %d with limit %d", len(page.Decisions), limit)
		}
		if p.Token = page.Next; p.Token == "" {
			return ids
		}
	}
}

func TestTheLogOfDecisionsIsFiltered(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		one, two := c.Employed("e001"), c.Employed("e002")
		var all []meibo.Decision
		asks := func(q meibo.Question) {
			c.Clock.Set(c.Clock.Now() + 1_000_000)
			all = append(all, c.Ask(q))
		}
		asks(meibotest.Question(one))
		asks(meibotest.Question(two))
		for _, edit := range []func(*meibo.Question){
			func(q *meibo.Question) { q.Purpose = "Z.CURIOUS" }, func(q *meibo.Question) { q.Asset = "A11" }, func(q *meibo.Question) { q.Action = "print" },
			func(q *meibo.Question) { q.Contract = "C99" }, func(q *meibo.Question) { q.Person = "nobody" }, func(q *meibo.Question) { q.Person = "a b" },
			func(q *meibo.Question) { q.Circumstances.CaseRef = `"codes":["SUBJECT_UNKNOWN"],"question":{` },
			func(q *meibo.Question) { q.Circumstances.Reason = `{"advice":["SUBJECT_UNKNOWN"],"allowed":true` },
		} {
			q := meibotest.Question(one)
			edit(&q)
			asks(q)
		}
		for name, x := range map[string]struct {
			filter meibo.DecisionFilter
			fits   func(meibo.Decision) bool
		}{
			"all":              {meibo.DecisionFilter{}, func(meibo.Decision) bool { return true }},
			"a person":         {meibo.DecisionFilter{Person: two}, func(d meibo.Decision) bool { return d.Question.Person == two }},
			"a system":         {meibo.DecisionFilter{System: "P01"}, func(meibo.Decision) bool { return true }},
			"another system":   {meibo.DecisionFilter{System: "P02"}, func(meibo.Decision) bool { return false }},
			"a contract":       {meibo.DecisionFilter{Contract: "C99"}, func(d meibo.Decision) bool { return d.Question.Contract == "C99" }},
			"an asset":         {meibo.DecisionFilter{Asset: "A11"}, func(d meibo.Decision) bool { return d.Question.Asset == "A11" }},
			"an action":        {meibo.DecisionFilter{Action: "print"}, func(d meibo.Decision) bool { return d.Question.Action == "print" }},
			"a purpose":        {meibo.DecisionFilter{Purpose: "Z.CURIOUS"}, func(d meibo.Decision) bool { return d.Question.Purpose == "Z.CURIOUS" }},
			"a node":           {meibo.DecisionFilter{Purpose: "U.TAX"}, func(d meibo.Decision) bool { return d.Question.Purpose == meibotest.Purpose }},
			"half a node":      {meibo.DecisionFilter{Purpose: "U.TA"}, func(meibo.Decision) bool { return false }},
			"a code":           {meibo.DecisionFilter{Code: "SUBJECT_UNKNOWN"}, func(d meibo.Decision) bool { return slices.Contains(d.Codes, "SUBJECT_UNKNOWN") }},
			"a secondary code": {meibo.DecisionFilter{Code: "RIGHT_MISSING"}, func(d meibo.Decision) bool { return slices.Contains(d.Codes, "RIGHT_MISSING") }},
			"advice":           {meibo.DecisionFilter{Code: "ADV_ROSTER_UNACKED"}, func(d meibo.Decision) bool { return slices.Contains(d.Advice, "ADV_ROSTER_UNACKED") }},
			"allowed":          {meibo.DecisionFilter{Allowed: meibo.Yes}, func(d meibo.Decision) bool { return d.Allowed }},
			"denied":           {meibo.DecisionFilter{Allowed: meibo.No}, func(d meibo.Decision) bool { return !d.Allowed }},
			"since":            {meibo.DecisionFilter{From: all[3].At}, func(d meibo.Decision) bool { return d.At >= all[3].At }},
			"before":           {meibo.DecisionFilter{Until: all[3].At}, func(d meibo.Decision) bool { return d.At < all[3].At }},
			"several":          {meibo.DecisionFilter{Person: one, Allowed: meibo.Yes, Contract: "C01"}, func(d meibo.Decision) bool { return d.Question.Person == one && d.Allowed }},
		} {
			var want []meibo.DecisionID
			for _, d := range all {
				if x.fits(d) {
					want = append(want, d.ID)
				}
			}
			for _, limit := range []int{1, 3, 500} {
				if diff := cmp.Diff(want, logOf(t, c, c.Auditor, x.filter, true, limit)); diff != "" {
					t.Errorf("%s by %d (-want +got):\n%s", name, limit, diff)
				}
			}
			slices.Reverse(want)
			if diff := cmp.Diff(want, logOf(t, c, c.Auditor, x.filter, false, 2)); diff != "" {
				t.Errorf("%s, newest first (-want +got):\n%s", name, diff)
			}
		}
		d, reasons, err := c.Ledger.Decision(t.Context(), c.Auditor, all[3].ID)
		if err != nil || len(reasons) != len(all[3].Codes) || d.Record == "" || d.Batch == 0 {
			t.Errorf("one decision: %+v, %v, %v", d, reasons, err)
		}
	})
}

// TestPagesStandStillWhileDecisionsAreMade reads page by page while others ask.
func TestPagesStandStillWhileDecisionsAreMade(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		q := meibotest.Question(c.Employed("e001"))
		var want []meibo.DecisionID
		for range 20 {
			want = append(want, c.Ask(q).ID) // all at one instant
		}
		slices.Sort(want)
		for _, oldest := range []bool{true, false} {
			seen, p := map[meibo.DecisionID]int{}, ledger.Page{Limit: 3}
			for first := true; first || p.Token != ""; first = false {
				page, err := c.Ledger.Decisions(t.Context(), c.Auditor, meibo.DecisionFilter{Allowed: meibo.Yes}, oldest, p)
				if err != nil {
					t.Fatal(err)
				}
				for _, d := range page.Decisions {
					seen[d.ID]++
				}
				if p.Token = page.Next; len(seen) < 20 {
					c.Ask(q)
				}
			}
			for _, id := range want {
				if seen[id] != 1 {
					t.Errorf("%s is shown %d times", id, seen[id])
				}
			}
		}
	})
}

func TestWhoReadsTheLogOfDecisions(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		own := c.Employed("e001")
		sub := meibotest.Line("e002")
		sub.EmployerID = "S1"
		theirs := c.Submit(c.Sub, sub).Rows[0].PersonID
		c.Check(own)
		c.Check(theirs)
		c.Check("nobody")
		decision := c.Check(own).ID
		limited := c.Caller("k1-other", "K1", "")
		limited.Grants = []meibo.Grant{{ClientID: limited.Client.ID, Role: meibo.RoleApprover, OrganizationID: "K1", ContractID: "C99"}}
		for name, x := range map[string]struct {
			by   meibo.Caller
			want int
			one  error
		}{
			"auditor": {c.Auditor, 4, nil}, "receiver": {c.Receiver, 4, nil}, "prime": {c.Approver, 2, nil}, "sub": {c.SubApprover, 1, meibo.ErrNotFound},
			"stranger": {c.Stranger, 0, meibo.ErrNotFound}, "limited": {limited, 0, meibo.ErrNotFound},
		} {
			if got := len(logOf(t, c, x.by, meibo.DecisionFilter{}, false, 100)); got != x.want {
				t.Errorf("%s reads %d, want %d", name, got, x.want)
			}
			if _, _, err := c.Ledger.Decision(t.Context(), x.by, decision); !errors.Is(err, x.one) {
				t.Errorf("%s: %v, want %v", name, err, x.one)
			}
			report, err := c.Ledger.DecisionReport(t.Context(), x.by, meibo.DecisionFilter{})
			sum := 0
			for _, n := range report.Counts {
				sum += n.Decisions
			}
			if err != nil || sum != x.want {
				t.Errorf("%s counts %d, want %d, %v", name, sum, x.want, err)
			}
		}
		if got := logOf(t, c, c.Approver, meibo.DecisionFilter{Person: theirs}, false, 100); len(got) != 0 {
			t.Errorf("the prime reads %d of a subcontractor's", len(got))
		}
		for name, by := range map[string]meibo.Caller{"system": c.System, "operator": c.Operator, "submitter": c.Submitter} {
			if _, err := c.Ledger.Decisions(t.Context(), by, meibo.DecisionFilter{}, false, ledger.Page{}); !errors.Is(err, meibo.ErrForbidden) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestATokenServesWhomItWasMadeFor(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person := c.Employed("e001")
		c.Check(person)
		c.Check(person)
		f := meibo.DecisionFilter{Person: person}
		page, err := c.Ledger.Decisions(t.Context(), c.Auditor, f, false, ledger.Page{Limit: 1})
		if err != nil || page.Next == "" {
			t.Fatal(page, err)
		}
		for name, ask := range map[string]func() error{
			"another caller": func() error {
				_, err := c.Ledger.Decisions(t.Context(), c.Receiver, f, false, ledger.Page{Limit: 1, Token: page.Next})
				return err
			},
			"another filter": func() error {
				_, err := c.Ledger.Decisions(t.Context(), c.Auditor, meibo.DecisionFilter{}, false, ledger.Page{Limit: 1, Token: page.Next})
				return err
			},
			"another order": func() error {
				_, err := c.Ledger.Decisions(t.Context(), c.Auditor, f, true, ledger.Page{Limit: 1, Token: page.Next})
				return err
			},
			"another token": func() error {
				_, err := c.Ledger.Decisions(t.Context(), c.Auditor, f, false, ledger.Page{Limit: 1, Token: "A" + page.Next[1:]})
				return err
			},
			"no token": func() error {
				_, err := c.Ledger.Decisions(t.Context(), c.Auditor, f, false, ledger.Page{Limit: 1, Token: "%"})
				return err
			},
			"a great page": func() error {
				_, err := c.Ledger.Decisions(t.Context(), c.Auditor, f, false, ledger.Page{Limit: 501})
				return err
			},
			"no filter": func() error {
				_, err := c.Ledger.Decisions(t.Context(), c.Auditor, meibo.DecisionFilter{Person: "a b", Allowed: "maybe", From: 5, Until: 4}, false, ledger.Page{})
				return err
			},
		} {
			if err := ask(); !errors.Is(err, meibo.ErrInvalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

// TestALateRemovalIsLookedBackUpon: it works from when it is recorded; what was
// allowed since its last day is listed, and nothing else.
func TestALateRemovalIsLookedBackUpon(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person, other := c.Employed("e001"), c.Employed("e002")
		before := c.Check(person)
		c.Clock.At(t, "2026-10-20 23:59:59.999")
		onTheLastDay := c.Check(person)
		c.Clock.At(t, "2026-10-21 00:00:00.000")
		first := c.Check(person)
		c.Clock.At(t, "2026-10-25 10:00:00.000")
		c.Check(other)
		denied := meibotest.Question(person)
		denied.Purpose = "Z.CURIOUS"
		c.Ask(denied)
		second := c.Check(person)
		c.Submit(c.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: meibo.ReasonTransfer, Ends: "2026-10-20"})
		c.Submit(c.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: other, Reason: meibo.ReasonTransfer, Ends: "2026-10-31"})
		wants(t, c.Check(person), "ROSTER_MEMBER_ENDED")
		for name, x := range map[string]struct {
			by     meibo.Caller
			filter meibo.DecisionFilter
			want   int
		}{
			"auditor": {c.Auditor, meibo.DecisionFilter{}, 1}, "the contract": {c.Receiver, meibo.DecisionFilter{Contract: "C01"}, 1},
			"the employer": {c.Approver, meibo.DecisionFilter{Person: person}, 1}, "another employer": {c.Stranger, meibo.DecisionFilter{}, 0},
			"another person": {c.Auditor, meibo.DecisionFilter{Person: other}, 0}, "an earlier period": {c.Auditor, meibo.DecisionFilter{Until: second.At}, 0},
		} {
			report, err := c.Ledger.DecisionReport(t.Context(), x.by, x.filter)
			if err != nil || len(report.LookBack) != x.want {
				t.Errorf("%s: %d look-backs, want %d, %v", name, len(report.LookBack), x.want, err)
				continue
			}
			for _, back := range report.LookBack {
				var got []meibo.DecisionID
				for _, d := range back.Allowed {
					got = append(got, d.ID)
				}
				if diff := cmp.Diff([]meibo.DecisionID{first.ID, second.ID}, got); diff != "" {
					t.Errorf("%s (-want +got, of %s, %s):\n%s", name, before.ID, onTheLastDay.ID, diff)
				}
				if back.Effective != first.At || back.Recorded != second.At || back.PersonID != person {
					t.Errorf("%s: %+v", name, back.LateRemoval)
				}
			}
		}
	})
}
