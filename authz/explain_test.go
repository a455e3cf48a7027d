package authz_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/authz"
)

// explained returns the rows of one condition.
func explained(t *testing.T, q authz.Question, f authz.Facts, outcome string) []authz.Row {
	t.Helper()
	d, err := load(t).Explain(q, f)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range d.Conditions {
		if c.Outcome == outcome {
			return c.Rows
		}
	}
	t.Fatalf("there is no condition %s", outcome)
	return nil
}

func TestExplainShowsTheRowThatWasFound(t *testing.T) {
	q, f := allowed()
	got := explained(t, q, f, "member")
	want := []authz.Row{{
		Matcher: "m32", Section: "p7", Columns: []string{"person", "contract", "from", "until", "ended", "suspended"},
		Values: []string{"E002", "C01", "2026-03-31T15:00:00.000000Z", "2027-03-31T15:00:00.000000Z",
			"9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestExplainShowsTheRowThatCameNearest(t *testing.T) {
	q, f := allowed()
	f.Pledges = append(f.Pledges, f.Pledges[0])
	f.Pledges[0].Contract, f.Pledges[0].State = "C08", authz.PledgeRejected
	f.Pledges[1].Due = asOf
	got := explained(t, q, f, "pledge")
	if len(got) != 1 || !slices.Equal(got[0].Unmet, []string{"r2.at < p9.due"}) || got[0].Values[1] != "C01" {
		t.Errorf("got %+v, want the pledge under C01 that fails by its due date alone", got)
	}
}

func TestExplainShowsWhatForbids(t *testing.T) {
	q, f := allowed()
	if got := explained(t, q, f, "permitted"); got != nil {
		t.Errorf("got %+v where nothing forbids", got)
	}
	f.Prohibited = []string{"K", "U.TAX"}
	got := explained(t, q, f, "permitted")
	if len(got) != 1 || got[0].Unmet != nil || !slices.Equal(got[0].Values, []string{"*", "*", "U.TAX"}) {
		t.Errorf("got %+v, want the prohibition of U.TAX", got)
	}
}

func TestExplainShowsAllThatMustHoldTogether(t *testing.T) {
	q, f := allowed()
	q.Context.OnBehalfOf, f.Principal = "E003", principal("E003")
	var sections []string
	for _, row := range explained(t, q, f, "principal") {
		sections = append(sections, row.Section)
	}
	if !slices.Equal(sections, []string{"p20", "p6", "p7", "p9"}) {
		t.Errorf("got rows of %v, want the delegation, account, assignment and pledge of the principal", sections)
	}
}

func TestExplainDecidesAsDecideDoes(t *testing.T) {
	policy := load(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := world(t)
		want, err := policy.Decide(q, f)
		if err != nil {
			t.Fatal(err)
		}
		got, err := policy.Explain(q, f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(authz.Condition{}, "Rows")); diff != "" {
			t.Errorf("decision (-decided +explained):\n%s", diff)
		}
		for _, c := range got.Conditions {
			for _, row := range c.Rows {
				if len(row.Columns) != len(row.Values) || strings.Contains(strings.Join(row.Values, ""), "\n") {
					t.Errorf("condition %s: row %+v", c.Outcome, row)
				}
			}
			found := slices.ContainsFunc(c.Rows, func(r authz.Row) bool { return len(r.Unmet) == 0 })
			forbids := slices.Contains([]string{"incident", "evidence", "present", "unshared", "permitted", "provided", "returned", "protected"}, c.Outcome)
			if !found && c.Held != forbids {
				t.Errorf("condition %s: held = %t without a row that was found", c.Outcome, c.Held)
			}
		}
	})
}
