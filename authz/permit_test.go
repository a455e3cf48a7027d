package authz_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/authz"
)

// carrying is a question of E002, who carries something out to the city on a medium under the permit PM-01.
func carrying() (authz.Question, authz.Facts) {
	q, f := allowed()
	q.Action, f.Rights[0].Action = "carry_out", "carry_out"
	q.Context = authz.Context{Permit: "PM-01", Recipient: "city", Medium: "usb", Rows: 100}
	one := permit("PM-01", "carry_out")
	one.Recipients, one.Media, one.Rows, one.RowsUsed = []string{"city"}, []string{"usb", "paper"}, 500, 400
	one.Obligations = []authz.Obligation{{Name: authz.Encrypt}}
	f.Permits, f.System.Obligations = []authz.Permit{one}, []authz.ObligationName{authz.Encrypt}
	return q, f
}

var permits = []denial{
	{"what needs a permit needs one that is stated", func(q *authz.Question, _ *authz.Facts) {
		q.Context.Permit = ""
	}, codes{authz.CodePermitRequired}},
	{"a permit that is not known is none", func(q *authz.Question, _ *authz.Facts) {
		q.Context.Permit = "PM-99"
	}, codes{authz.CodePermitRequired}},
	{"a permit that is not decided is none", func(_ *authz.Question, f *authz.Facts) {
		f.Permits[0].State = authz.PermitPending
	}, codes{authz.CodePermitRequired}},
	{"a permit that nobody approved is none", func(_ *authz.Question, f *authz.Facts) {
		f.Permits[0].Approver = ""
	}, codes{authz.CodePermitRequired}},
	{"a permit that begins tomorrow has not started", func(_ *authz.Question, f *authz.Facts) {
		f.Permits[0].Term.From = jst("2026-10-16")
	}, codes{authz.CodePermitNotStarted}},
	{"a permit that is over has expired", func(_ *authz.Question, f *authz.Facts) {
		f.Permits[0].Term = days("2026-10-01", "2026-10-14")
	}, codes{authz.CodePermitExpired}},
	{"a revoked permit is revoked", func(_ *authz.Question, f *authz.Facts) {
		f.Permits[0].Revoked = asOf
	}, codes{authz.CodePermitRevoked}},
	{"another asset does not match", func(_ *authz.Question, f *authz.Facts) {
		f.Permits[0].Assets = []string{"A09"}
	}, codes{authz.CodePermitMismatch}},
	{"another recipient does not match", func(q *authz.Question, _ *authz.Facts) {
		q.Context.Recipient = "friend"
	}, codes{authz.CodePermitMismatch}},
	{"a medium that is not stated does not match", func(q *authz.Question, _ *authz.Facts) {
		q.Context.Medium = ""
	}, codes{authz.CodePermitMismatch}},
	{"another person does not match", func(_ *authz.Question, f *authz.Facts) {
		f.Permits[0].Person = "E003"
	}, codes{authz.CodePermitMismatch}},
	{"more records than it is for in all do not match", func(q *authz.Question, _ *authz.Facts) {
		q.Context.Rows = 501
	}, codes{authz.CodePermitMismatch}},
	{"records that are not counted do not match", func(q *authz.Question, _ *authz.Facts) {
		q.Context.Rows = 0
	}, codes{authz.CodePermitMismatch}},
	{"more records than are left exhaust it", func(q *authz.Question, _ *authz.Facts) {
		q.Context.Rows = 101
	}, codes{authz.CodePermitExhausted}},
	{"as many uses as it is for exhaust it", func(_ *authz.Question, f *authz.Facts) {
		f.Permits[0].Uses, f.Permits[0].UsesMade = 3, 3
	}, codes{authz.CodePermitExhausted}},
	{"nobody uses a permit that he approved himself", func(_ *authz.Question, f *authz.Facts) {
		f.Permits[0].Approver = "E002"
	}, codes{authz.CodeSoDConflict}},
	{"a system that cannot encrypt must not let it out", func(_ *authz.Question, f *authz.Facts) {
		f.System.Obligations = nil
	}, codes{authz.CodeObligationUnsupported}},
	{"nothing is carried out while something is overdue", func(_ *authz.Question, f *authz.Facts) {
		f.Loans = []authz.Loan{{Person: "E002", Due: jst("2026-10-10")}}
	}, codes{authz.CodeReturnOverdue}},
	{"a purpose that is not stated is no fault of the permit", func(q *authz.Question, f *authz.Facts) {
		q.Purpose, f.Permits[0].Purposes = "", []string{"U.TAX"}
	}, codes{authz.CodePurposeMissing}},
	{"after the end a permit to carry out closes nothing", func(_ *authz.Question, f *authz.Facts) {
		f.Contract.Terminated = jst("2026-10-01")
	}, codes{authz.CodeContractTerminated}},
}

func TestPermitsNameTheirReasons(t *testing.T) {
	policy := load(t)
	for _, c := range permits {
		t.Run(c.name, func(t *testing.T) {
			q, f := carrying()
			c.spoil(&q, &f)
			checkDenied(t, decide(t, policy, q, f), c.want)
		})
	}
}

func TestWhatAPermitOpens(t *testing.T) {
	q, f := carrying()
	d := decide(t, load(t), q, f)
	if !d.Allowed || d.Permit != "PM-01" || d.MaxAge != 0 {
		t.Errorf("got %+v, want it allowed by PM-01 and not kept", d)
	}
	if diff := cmp.Diff([]authz.Obligation{{Name: authz.Encrypt}}, d.Obligations); diff != "" {
		t.Errorf("obligations (-want +got):\n%s", diff)
	}
	f.Loans = []authz.Loan{
		{Person: "E002", Due: jst("2026-10-10"), Returned: jst("2026-10-11")}, {Person: "E003", Due: jst("2026-10-10")}, {Person: "E002"},
	}
	if d := decide(t, load(t), q, f); !d.Allowed {
		t.Errorf("got %v although everything was brought back or is not due", d.Codes)
	}
}

// closing is a question of E002, who returns something after the contract was terminated.
func closing() (authz.Question, authz.Facts) {
	q, f := allowed()
	q.Action, f.Rights[0].Action, q.Context.Permit = "dispose", "dispose", "PM-02"
	f.Contract.Terminated = jst("2026-10-01")
	f.Permits = []authz.Permit{permit("PM-02", "dispose")}
	f.Permits[0].CloseOut = true
	return q, f
}

func TestCloseOut(t *testing.T) {
	policy := load(t)
	q, f := closing()
	if d := decide(t, policy, q, f); !d.Allowed || d.Permit != "PM-02" {
		t.Errorf("got %v by permit %q, want the return allowed", d.Codes, d.Permit)
	}
	for _, c := range []denial{
		{"only what closes may be done", func(q *authz.Question, f *authz.Facts) {
			q.Action, f.Rights[0].Action = "view", "view"
		}, codes{authz.CodeCloseoutOnly}},
		{"the permit must be stated", func(q *authz.Question, _ *authz.Facts) {
			q.Context.Permit = ""
		}, codes{authz.CodeCloseoutOnly}},
		{"without a permit the contract has just been terminated", func(_ *authz.Question, f *authz.Facts) {
			f.Permits = nil
		}, codes{authz.CodeContractTerminated}},
		{"who left the roster is told so, because the contract is no longer the fault", func(_ *authz.Question, f *authz.Facts) {
			f.Assignment.Term.Until = f.Contract.Terminated
		}, codes{authz.CodeRosterMemberEnded}},
		{"a suspended contract stays suspended", func(_ *authz.Question, f *authz.Facts) {
			f.Contract.State = authz.ContractSuspended
		}, codes{authz.CodeContractSuspended}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, f := closing()
			c.spoil(&q, &f)
			checkDenied(t, decide(t, policy, q, f), c.want)
		})
	}
}

// emergency is a question of E027, who breaks the glass to save a life: from home, at night, without a case.
func emergency() (authz.Question, authz.Facts) {
	q, f := cityContract("C04", "K2", "A05", days("2026-04-01", "2027-03-31"), leaf("E.LIFE"))
	q.At, q.Context.Reason = at("2026-10-15T03:00:00+09:00"), "救急隊からの照会"
	f.Parameters = authz.DefaultParameters()
	f.Parameters.Emergency.Enabled, f.Parameters.Classes[0].CaseRef = true, true
	f.Directory = &authz.Directory{Read: asOf.AddDate(0, 0, -3)}
	f.System.Obligations = []authz.ObligationName{authz.LogFull, authz.NotifySupervisor, authz.ReviewWithin}
	f.Contract.EmergencyStaff, f.Contract.Workplaces = []string{"E002"}, authz.OnlyOf("hq")
	f.Contract.Hours = hours(8*time.Hour, 18*time.Hour, time.Thursday)
	return q, f
}

func TestAnEmergencyLiftsWhatItMay(t *testing.T) {
	q, f := emergency()
	d := decide(t, load(t), q, f)
	if !d.Allowed || d.Primary != authz.CodeAllowEmergency || d.MaxAge != 0 {
		t.Fatalf("got %+v, want it allowed as an emergency and not kept", d)
	}
	want := []authz.Obligation{{Name: authz.LogFull}, {Name: authz.NotifySupervisor}, {Name: authz.ReviewWithin, Number: 3}}
	if diff := cmp.Diff(want, d.Obligations); diff != "" {
		t.Errorf("obligations (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(codes{authz.CodeAdviceSyncOld}, d.Advice); diff != "" {
		t.Errorf("advice (-want +got):\n%s", diff)
	}
}

// lifted are the codes that come out where an emergency would lift them, but cannot be claimed.
var lifted = codes{authz.CodeSyncStale, authz.CodeCaseRefRequired, authz.CodeWorkplaceNotPermitted, authz.CodeOutOfHours}

var emergencies = []denial{
	{"emergencies are off by default", func(_ *authz.Question, f *authz.Facts) {
		f.Parameters.Emergency.Enabled = false
	}, append(lifted, authz.CodeEmergencyNotEligible)},
	{"only who was named beforehand claims one", func(_ *authz.Question, f *authz.Facts) {
		f.Contract.EmergencyStaff = nil
	}, append(lifted, authz.CodeEmergencyNotEligible)},
	{"it needs a reason", func(q *authz.Question, _ *authz.Facts) {
		q.Context.Reason = " "
	}, append(lifted, authz.CodeEmergencyJustificationRequired)},
	{"it lasts an hour", func(q *authz.Question, f *authz.Facts) {
		f.Contract.Emergencies = []authz.Emergency{{Person: "E002", Since: q.At.Add(-time.Hour)}}
	}, append(lifted, authz.CodeEmergencyExpired)},
	{"it lasts no longer than an hour whatever the city says", func(q *authz.Question, f *authz.Facts) {
		f.Contract.Emergencies = []authz.Emergency{{Person: "E002", Since: q.At.Add(-time.Hour)}}
		f.Parameters.Emergency.Duration = 24 * time.Hour
	}, append(lifted, authz.CodeEmergencyExpired)},
	{"a claim that was not reviewed blocks the next one", func(q *authz.Question, f *authz.Facts) {
		f.Contract.Emergencies = []authz.Emergency{{Person: "E003", Since: q.At.Add(-time.Hour)}}
	}, append(lifted, authz.CodeEmergencyNotEligible)},
	{"it never lifts the contract", func(_ *authz.Question, f *authz.Facts) {
		f.Contract.Terminated = jst("2026-10-01")
	}, codes{authz.CodeContractTerminated}},
	{"it never lifts a pledge", func(_ *authz.Question, f *authz.Facts) {
		f.Pledges = nil
	}, codes{authz.CodePledgeMissing}},
	{"it never lifts a departure", func(_ *authz.Question, f *authz.Facts) {
		f.Person.Account = authz.AccountDeparted
	}, codes{authz.CodeSubjectDeparted}},
	{"it never lifts a prohibition", func(_ *authz.Question, f *authz.Facts) {
		f.Contract.Prohibited = []string{"E"}
	}, codes{authz.CodePurposeProhibited}},
	{"it never lifts the consent to a subcontractor", func(_ *authz.Question, f *authz.Facts) {
		f.Assignment.Employer, f.Pledges[0].Employer = "S9", "S9"
	}, codes{authz.CodeSubcontractNotApproved}},
	{"it never lifts a hold", held(authz.Hold{Kind: authz.HoldIncident}), codes{authz.CodeIncidentHold}},
	{"it never opens more than viewing", func(q *authz.Question, f *authz.Facts) {
		q.Action, f.Rights[0].Action = "print", "print"
	}, append(lifted, authz.CodeEmergencyNotEligible)},
	{"nor what a system cannot account for", func(_ *authz.Question, f *authz.Facts) {
		f.System.Obligations = nil
	}, codes{authz.CodeObligationUnsupported}},
}

func TestEmergenciesNameTheirReasons(t *testing.T) {
	policy := load(t)
	for _, c := range emergencies {
		t.Run(c.name, func(t *testing.T) {
			q, f := emergency()
			c.spoil(&q, &f)
			checkDenied(t, decide(t, policy, q, f), c.want)
		})
	}
}

func TestAnotherPurposeIsNoEmergency(t *testing.T) {
	q, f := emergency()
	q.Purpose, f.Purpose = "O.FAULT", leaf("O.FAULT")
	f.Contract.Purposes, f.Rights[0].Purpose, f.System.Scopes[0].Purpose = []string{"O"}, "O", "O"
	checkDenied(t, decide(t, load(t), q, f), lifted)
}

func TestObligationsOfOneNameBecomeTheStricter(t *testing.T) {
	q, f := allowed()
	q.Context.Rows = 1
	f.System.Obligations = []authz.ObligationName{authz.LogFull, authz.MaxRows, authz.Mask, authz.SessionLock}
	f.Parameters = authz.DefaultParameters()
	f.Parameters.Classes[0].Rows = 50
	f.Parameters.Duties = []authz.Duty{
		{Importance: 1, Action: "view", Obligation: authz.Obligation{Name: authz.SessionLock, Number: 15}},
		{Importance: 2, Action: authz.All, Obligation: authz.Obligation{Name: authz.Watermark}},
		{Importance: 0, Action: "print", Obligation: authz.Obligation{Name: authz.Watermark}},
	}
	f.Contract.Provisos = []authz.Proviso{
		{Purpose: "U.TAX", Obligations: []authz.Obligation{{Name: authz.Mask, Fields: []string{"salary", "address"}}}},
		{Purpose: "U.NHI", Obligations: []authz.Obligation{{Name: authz.TwoPerson}}},
	}
	f.Asset.Provisos = []authz.Proviso{{Purpose: "U", Rows: 20, Obligations: []authz.Obligation{{Name: authz.SessionLock, Number: 5}}}}
	f.Rights[0].Limits = &authz.Limits{Provisos: []authz.Proviso{
		{Purpose: "U", Obligations: []authz.Obligation{{Name: authz.Mask, Fields: []string{"bank", "salary"}}, {Name: authz.LogFull}}},
	}}
	d := decide(t, load(t), q, f)
	want := []authz.Obligation{
		{Name: authz.LogFull}, {Name: authz.Mask, Fields: []string{"address", "bank", "salary"}}, {Name: authz.MaxRows, Number: 20},
		{Name: authz.SessionLock, Number: 5},
	}
	if diff := cmp.Diff(want, d.Obligations); diff != "" {
		t.Errorf("allowed = %t with %v, obligations (-want +got):\n%s", d.Allowed, d.Codes, diff)
	}
}
