package authz

import (
	"slices"
	"time"
)

// exemplar is a question that must be allowed, and faults of which each must deny it.
type exemplar struct {
	name   string
	ask    func() (Question, Facts) // fresh each time
	faults []fault
}

// fault spoils a question or its facts in one place.
type fault struct {
	name  string
	fails string // the conditions that it touches, and no others
	spoil func(*Question, *Facts)
}

// exemplars returns the questions on which every rule is proved before it is used.
func exemplars() []exemplar {
	return []exemplar{
		{"a subcontractor's person asks", subcontractorAsks,
			slices.Concat(questionFaults, callerFaults, contractFaults, chainFaults, personFaults, rightFaults, pledgeFaults,
				assetFaults, purposeFaults)},
		{"a person of a subcontractor with unlimited consent asks", unlimitedAsks, nil},
		{"the prime contractor's person asks", primeAsks, primeFaults},
	}
}

// In the exemplars everything begins at the asked moment, and a fault ends it there: whether a period includes its
// beginning and excludes its end is proved, too.
var (
	asked = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	later = asked.Add(time.Microsecond)
)

func subcontractorAsks() (Question, Facts) {
	term := Term{From: asked}
	q := Question{
		System: "system", Person: "person", Contract: "contract", Asset: "asset", Action: "view", Purpose: "U.TAX.INPUT",
		At: asked,
	}
	return q, Facts{
		System: &System{ID: "system", Scopes: []Scope{{Contract: "contract", Asset: "asset", Purpose: "U"}}},
		Contract: &Contract{
			ID: "contract", Prime: "prime", State: ContractActive, Complete: true, Term: term,
			Assets: []string{"asset"}, Purposes: []string{"U.TAX"}, Prohibited: []string{"U.LEVY"},
		},
		Asset:      &Asset{ID: "asset", Importance: 1, State: AssetActive},
		Purpose:    &Purpose{Code: "U.TAX.INPUT", Leaf: true, Term: term},
		Person:     &Person{ID: "person", Account: AccountEnabled},
		Assignment: &Assignment{Person: "person", Contract: "contract", Employer: "sub", Term: term},
		Rights: []Right{{
			ID: "right", Asset: "asset", Action: "view", Purpose: "U.TAX", Term: term, Opened: asked,
		}},
		Hops: []Hop{{Organization: "sub", Under: "prime", Consents: []Consent{{
			Term: term, Depth: 1, FlowDown: true, Started: true,
			Assets: []string{"asset"}, Actions: []string{"view"}, Purposes: []string{"U.TAX"},
		}}}},
		Pledges: []Pledge{{
			Person: "person", Contract: "contract", Employer: "sub", State: PledgeValid, Term: term,
		}},
		Prohibited: []string{"Z"},
	}
}

func unlimitedAsks() (Question, Facts) {
	q, f := subcontractorAsks()
	c := &f.Hops[0].Consents[0]
	c.Assets, c.Actions, c.Purposes = []string{All}, []string{All}, []string{All}
	return q, f
}

func primeAsks() (Question, Facts) {
	q, f := subcontractorAsks()
	f.Hops = nil
	f.Assignment.Employer, f.Pledges[0].Employer = "prime", "prime"
	return q, f
}
