package authz_test

import (
	"fmt"
	"time"

	"github.com/meibo-dev/meibo/authz"
)

func Example() {
	policy, err := authz.Load()
	if err != nil {
		fmt.Println(err)
		return
	}
	year := authz.Term{
		From:  time.Date(2026, 4, 1, 0, 0, 0, 0, time.FixedZone("JST", 9*60*60)),
		Until: time.Date(2027, 4, 1, 0, 0, 0, 0, time.FixedZone("JST", 9*60*60)),
	}
	facts := authz.Facts{
		System: &authz.System{ID: "tax-entry", Scopes: []authz.Scope{{Contract: "C01", Asset: "A01", Purpose: "U.TAX"}}},
		Contract: &authz.Contract{
			ID: "C01", Prime: "K1", State: authz.ContractActive, Complete: true, Term: year,
			Assets: []string{"A01"}, Purposes: []string{"U.TAX.RES"},
		},
		Asset:      &authz.Asset{ID: "A01", Importance: 1, State: authz.AssetActive},
		Purpose:    &authz.Purpose{Code: "U.TAX.RES.ASSESS.INPUT", Leaf: true, Term: year},
		Person:     &authz.Person{ID: "E002", Account: authz.AccountEnabled},
		Assignment: &authz.Assignment{Person: "E002", Contract: "C01", Employer: "K1", Term: year},
		Rights: []authz.Right{{
			ID: "R7", Asset: "A01", Action: "view", Purpose: "U.TAX.RES.ASSESS", Term: year,
			Opened: year.From, Acknowledged: true,
		}},
		Pledges: []authz.Pledge{{
			Person: "E002", Contract: "C01", Employer: "K1", State: authz.PledgeValid, Term: year,
		}},
		Prohibited: []string{"Z"},
	}
	question := authz.Question{
		System: "tax-entry", Person: "E002", Contract: "C01", Asset: "A01", Action: "view",
		Purpose: "U.TAX.RES.ASSESS.INPUT", At: year.From.AddDate(0, 6, 0),
	}

	decision, err := policy.Decide(question, facts)
	fmt.Println(decision.Allowed, decision.Right, decision.MaxAge, err)

	facts.Assignment.Ended = question.At
	facts.Pledges = nil
	decision, err = policy.Decide(question, facts)
	fmt.Println(decision.Allowed, decision.Codes, decision.Clauses, err)
	fmt.Println(decision.Message)

	// Output:
	// true R7 30s <nil>
	// false [ROSTER_MEMBER_ENDED] [S2-6-2 S1-12-1] <nil>
	// 従事期間が終了しています(終了日: 2026年9月30日)。
}

func ExampleRoles_Allows() {
	roles, err := authz.LoadRoles()
	if err != nil {
		fmt.Println(err)
		return
	}
	grants := []authz.Grant{{Client: "tanaka", Role: "submitter", Organization: "K1", Contract: "C01"}}
	submit, err := roles.Allows(grants, "tanaka", "K1", "C01", "change.submit")
	fmt.Println(submit, err)
	approve, err := roles.Allows(grants, "tanaka", "K1", "C01", "change.approve")
	fmt.Println(approve, err)

	// Output:
	// true <nil>
	// false <nil>
}
