package authz_test

import (
	"os"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/authz"
)

// asOf is the moment of the fictitious city: 15 October 2026, 10:00 in Japan.
var asOf = at("2026-10-15T10:00:00+09:00")

func at(text string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		panic(err)
	}
	return t
}

// jst returns midnight in Japan of a civil day.
func jst(day string) time.Time { return at(day + "T00:00:00+09:00") }

// days is the period from the first to the last civil day, both included.
func days(first, last string) authz.Term {
	return authz.Term{From: jst(first), Until: jst(last).AddDate(0, 0, 1)}
}

func load(t testing.TB) *authz.Policy {
	t.Helper()
	p, err := authz.Load()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func read(t testing.TB, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func decide(t testing.TB, p *authz.Policy, q authz.Question, f authz.Facts) authz.Decision {
	t.Helper()
	d, err := p.Decide(q, f)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// allowed returns a question of the prime contractor's person E002 on the tax ledger, with facts that allow it.
func allowed() (authz.Question, authz.Facts) {
	year := days("2026-04-01", "2027-03-31")
	q := authz.Question{
		System: "P01", Person: "E002", Contract: "C01", Asset: "A01", Action: "view",
		Purpose: "U.TAX.RES.ASSESS.INPUT", At: asOf,
	}
	return q, authz.Facts{
		System: &authz.System{ID: "P01", Scopes: []authz.Scope{{Contract: "C01", Asset: "A01", Purpose: "U.TAX"}}},
		Contract: &authz.Contract{
			ID: "C01", Prime: "K1", State: authz.ContractActive, Complete: true, Term: year,
			Assets: []string{"A01", "A09"}, Purposes: []string{"U.TAX.RES.ASSESS"},
		},
		Asset:      &authz.Asset{ID: "A01", Importance: 1, State: authz.AssetActive},
		Purpose:    leaf("U.TAX.RES.ASSESS.INPUT"),
		Person:     &authz.Person{ID: "E002", Account: authz.AccountEnabled},
		Assignment: &authz.Assignment{Person: "E002", Contract: "C01", Employer: "K1", Term: year},
		Rights: []authz.Right{{
			ID: "R1", Asset: "A01", Action: "view", Purpose: "U.TAX.RES.ASSESS", Term: year,
			Opened: jst("2026-04-01"), Acknowledged: true,
		}},
		Pledges: []authz.Pledge{{
			Person: "E002", Contract: "C01", Employer: "K1", State: authz.PledgeValid,
			Term: authz.Term{From: jst("2026-03-25")},
		}},
		Prohibited: []string{"Z"},
	}
}

func leaf(code string) *authz.Purpose {
	return &authz.Purpose{Code: code, Leaf: true, Term: authz.Term{From: jst("2020-01-01")}}
}

// subcontracted moves the person to S1, a subcontractor of K1 to which the city has consented.
func subcontracted(q authz.Question, f authz.Facts) (authz.Question, authz.Facts) {
	f.Assignment.Employer, f.Pledges[0].Employer = "S1", "S1"
	f.Hops = []authz.Hop{{Organization: "S1", Under: "K1", Consents: []authz.Consent{consent(1)}}}
	return q, f
}

// subcontractedTwice moves the person to S2, a subcontractor of S1.
func subcontractedTwice(q authz.Question, f authz.Facts) (authz.Question, authz.Facts) {
	q, f = subcontracted(q, f)
	f.Assignment.Employer, f.Pledges[0].Employer = "S2", "S2"
	f.Hops = append([]authz.Hop{{Organization: "S2", Under: "S1", Consents: []authz.Consent{consent(2)}}}, f.Hops...)
	return q, f
}

// permit is a permit for the person E002 under the contract C01, without any limit but the action.
func permit(id, action string) authz.Permit {
	every := []string{authz.All}
	return authz.Permit{
		ID: id, Person: "E002", Contract: "C01", State: authz.PermitGranted, Approver: "city-1", Term: days("2026-04-01", "2027-03-31"),
		Assets: every, Actions: []string{action}, Purposes: every, Recipients: every, Media: every,
		Rows: authz.Unlimited, Uses: authz.Unlimited,
	}
}

// hours are the same on each of the days.
func hours(from, until time.Duration, on ...time.Weekday) *authz.Hours {
	return &authz.Hours{Windows: []authz.Window{{Days: on, From: from, Until: until}}}
}

// consent is an unlimited consent for the fiscal year down to the depth.
func consent(depth int) authz.Consent {
	return authz.Consent{
		Term: days("2026-04-01", "2027-03-31"), Depth: depth, FlowDown: true, Started: true,
		Assets: []string{authz.All}, Actions: []string{authz.All}, Purposes: []string{authz.All},
	}
}
