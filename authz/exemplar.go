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
		{"a subcontractor's person asks", subcontractorAsks, generalFaults()},
		{"a person of a subcontractor with unlimited consent asks", unlimitedAsks, nil},
		{"the prime contractor's person asks where nothing more is asked for", primeAsks, primeFaults},
		{"a service account asks", serviceAsks, serviceFaults},
		{"a service account asks on behalf of another", deputyAsks, deputyFaults},
		{"a person with a permit asks", permitAsks, permitFaults},
		{"a person returns things after the end", closeOutAsks, closeOutFaults},
		{"a person claims an emergency", emergencyAsks, emergencyFaults},
	}
}

// generalFaults are those of the first exemplar.
func generalFaults() []fault {
	return slices.Concat(questionFaults, callerFaults, contractFaults, chainFaults, personFaults, holdFaults, rightFaults,
		limitFaults, pledgeFaults, assetFaults, purposeFaults, contextFaults)
}

// In the exemplars everything begins at the asked moment, and a fault ends it there: whether a period includes its
// beginning and excludes its end is proved, too. The moment is nine o'clock on a Wednesday in Japan.
var (
	asked = time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)
	later = asked.Add(time.Microsecond)
	ago   = asked.Add(-time.Hour)
	past  = Term{From: ago, Until: asked}
)

// subcontractorAsks returns a question of which everything is asked that can be.
func subcontractorAsks() (Question, Facts) {
	term := Term{From: asked}
	q := Question{
		System: "system", Person: "person", Contract: "contract", Asset: "asset", Action: "view", Purpose: "U.TAX.INPUT",
		At: asked, Context: Context{
			Zone: "zone", Workplace: "site", Device: "device", Mode: ModeInteractive, AuthLevel: 2, AuthTime: later.Add(-time.Hour),
			CaseRef: "R8-1", Rows: 5, Nonce: "nonce", Asked: asked,
		},
	}
	return q, Facts{
		Parameters: strictParameters(), Directory: &Directory{Read: later.Add(-time.Hour)},
		System: &System{
			ID: "system", Scopes: []Scope{{Contract: "contract", Asset: "asset", Purpose: "U"}}, Zones: OnlyOf("zone", "other"), Nonces: true,
			Obligations: []ObligationName{LogFull, MaxRows, Mask, Encrypt, ReviewWithin},
		},
		Contract: &Contract{
			ID: "contract", Prime: "prime", State: ContractActive, Complete: true, Term: term,
			Assets: []string{"asset"}, Purposes: []string{"U.TAX"}, Prohibited: []string{"U.LEVY"},
			Provisos:         []Proviso{{Purpose: "U.TAX", CaseRef: true, Workplaces: OnlyOf("site")}},
			TrainingRequired: true, ReviewDue: later, Workplaces: OnlyOf("site"), Devices: OnlyOf("device"), Rows: 5,
			Hours: &Hours{Windows: []Window{{Days: []time.Weekday{time.Wednesday}, From: 9 * time.Hour, Until: 10 * time.Hour}}},
		},
		Asset: &Asset{
			ID: "asset", Importance: 1, State: AssetActive, Purposes: OnlyOf("U.TAX"), Prohibited: []string{"U.NHI"},
			Provisos: []Proviso{{Purpose: "U.TAX", AuthLevel: 2}},
		},
		Purpose:    &Purpose{Code: "U.TAX.INPUT", Leaf: true, Term: term, Actions: OnlyOf("view", "carry_out", "return"), CaseForms: OnlyOf("A9-9")},
		Person:     &Person{ID: "person", Account: AccountEnabled, Begins: asked, Leaves: []Term{past}, Organizations: OnlyOf("sub")},
		Assignment: &Assignment{Person: "person", Contract: "contract", Employer: "sub", Term: term, Workplaces: OnlyOf("site"), Devices: OnlyOf("device")},
		Rights: []Right{{
			ID: "right", Asset: "asset", Action: "view", Purpose: "U.TAX", Term: term, Opened: asked, Limits: &Limits{
				Prohibited: []string{"U.TAX.CALC"}, Provisos: []Proviso{{Purpose: "U", AuthLevel: 2, Obligations: []Obligation{{Name: Mask}}}},
			},
		}},
		Hops: []Hop{{Organization: "sub", Under: "prime", Consents: []Consent{{
			Term: term, Depth: 1, FlowDown: true, Started: true,
			Assets: []string{"asset"}, Actions: []string{"view"}, Purposes: []string{"U.TAX"},
		}}}},
		Pledges: []Pledge{{
			Person: "person", Contract: "contract", Employer: "sub", State: PledgeValid, Term: term,
		}},
		Trainings: []Training{{Person: "person", Contract: "contract", Term: term}},
		Loans:     []Loan{{Person: "person", Due: asked}},
		Holds: []Hold{
			{ID: "over", Kind: HoldIncident, Person: "person", From: ago, Until: asked},
			{ID: "evidence", Kind: HoldLegal, Asset: "asset", From: asked},
		},
		Prohibited: []string{"Z"},
	}
}

// strictParameters ask for everything of assets of the highest importance.
func strictParameters() *Parameters {
	p := DefaultParameters()
	p.Classes[0] = Class{
		Staleness: time.Hour, Zones: OnlyOf("zone"), AuthLevel: 2, AuthAge: time.Hour, CaseRef: true, Rows: 9,
		Permits: []string{"carry_out"},
	}
	p.Duties = []Duty{{Importance: 1, Action: All, Obligation: Obligation{Name: LogFull}}}
	return p
}

func unlimitedAsks() (Question, Facts) {
	q, f := subcontractorAsks()
	c := &f.Hops[0].Consents[0]
	c.Assets, c.Actions, c.Purposes = []string{All}, []string{All}, []string{All}
	f.Trainings[0].Contract = All
	return q, f
}

// primeAsks returns a question of which nothing is asked but what always is.
func primeAsks() (Question, Facts) {
	q, f := subcontractorAsks()
	q.Context = Context{}
	f.Hops, f.Parameters, f.Directory, f.Trainings, f.Loans, f.Holds = nil, nil, nil, nil, nil, nil
	f.System.Zones, f.System.Obligations, f.System.Nonces = nil, nil, false
	f.Contract = &Contract{
		ID: "contract", Prime: "prime", State: ContractActive, Complete: true, Term: f.Contract.Term,
		Assets: []string{"asset"}, Purposes: []string{"U.TAX"},
	}
	f.Asset = &Asset{ID: "asset", Importance: 1, State: AssetActive}
	f.Purpose.Actions, f.Purpose.CaseForms = nil, nil
	f.Person = &Person{ID: "person", Account: AccountEnabled}
	f.Assignment = &Assignment{Person: "person", Contract: "contract", Employer: "prime", Term: f.Assignment.Term}
	f.Rights[0].Limits = nil
	f.Pledges[0].Employer = "prime"
	return q, f
}

// serviceAsks returns a question of a service account, for which the person answers.
func serviceAsks() (Question, Facts) {
	q, f := subcontractorAsks()
	q.Person, q.Context.Mode = "service", ModeBatch
	f.Owner = f.Person
	f.Person = &Person{ID: "service", Account: AccountEnabled, Service: true, Owner: "person"}
	f.Rights[0].Holder = "service"
	return q, f
}

// deputyAsks returns a question of a service account on behalf of somebody else than the human who answers for it.
func deputyAsks() (Question, Facts) {
	q, f := serviceAsks()
	q.Context.OnBehalfOf = "principal"
	term := Term{From: asked}
	f.System.OnBehalf = true
	f.Principal = &Principal{
		Person:      &Person{ID: "principal", Account: AccountEnabled, Begins: asked},
		Assignment:  &Assignment{Person: "principal", Contract: "contract", Employer: "prime", Term: term},
		Pledges:     []Pledge{{Person: "principal", Contract: "contract", Employer: "prime", State: PledgeValid, Term: term}},
		Delegations: []Delegation{{Person: "service", Principal: "principal", Contract: "contract", Term: term}},
	}
	return q, f
}

// permitAsks returns a question about something that needs the city's permit.
func permitAsks() (Question, Facts) {
	q, f := deputyAsks()
	q.Action, q.Context.Permit, q.Context.Recipient, q.Context.Medium = "carry_out", "permit", "city", "usb"
	f.Rights[0].Action, f.Hops[0].Consents[0].Actions, f.Loans = "carry_out", []string{"carry_out"}, nil
	f.Permits = []Permit{{
		ID: "permit", Person: "service", Contract: "contract", State: PermitGranted, Approver: "officer", Term: Term{From: asked},
		Assets: []string{"asset"}, Actions: []string{"carry_out"}, Purposes: []string{"U.TAX"}, Recipients: []string{"city"},
		Media: []string{"usb"}, Rows: 9, RowsUsed: 4, Uses: 2, UsesMade: 1, Obligations: []Obligation{{Name: Encrypt}},
	}}
	return q, f
}

// closeOutAsks returns a question about the return of something after the contract's end.
func closeOutAsks() (Question, Facts) {
	q, f := permitAsks()
	q.Action, q.Context.Recipient, q.Context.Medium = "return", "", ""
	f.Rights[0].Action, f.Hops[0].Consents[0].Actions = "return", []string{"return"}
	f.Contract.Term = past
	p := &f.Permits[0]
	p.Actions, p.Recipients, p.Media, p.CloseOut = []string{"return"}, []string{All}, []string{All}, true
	return q, f
}

// emergencyAsks returns a question of a person who claims an emergency, and states nothing of what that lifts.
func emergencyAsks() (Question, Facts) {
	q, f := subcontractorAsks()
	q.Purpose, q.Context.CaseRef, q.Context.Workplace, q.Context.Reason = "E.LIFE", "", "", "生命の保護のため"
	f.Purpose.Code, f.Purpose.CaseRef, f.Directory.Read, f.Contract.Hours = "E.LIFE", true, ago, &Hours{}
	f.Parameters.Emergency = EmergencyRule{
		Enabled: true, Purposes: []string{"E"}, Duration: time.Hour, Obligations: []Obligation{{Name: ReviewWithin, Number: 3}},
	}
	f.Contract.Purposes, f.Contract.EmergencyStaff, f.Contract.Provisos = []string{"E"}, []string{"person"}, nil
	f.Asset.Purposes, f.Rights[0].Purpose, f.Hops[0].Consents[0].Purposes = OnlyOf("E"), "E", []string{"E"}
	f.System.Scopes[0].Purpose = "E"
	return q, f
}
