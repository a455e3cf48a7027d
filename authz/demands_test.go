package authz_test

import (
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/authz"
)

// settle gives the question parameters of the city to alter.
func settle(alter func(p *authz.Parameters)) func(*authz.Question, *authz.Facts) {
	return func(_ *authz.Question, f *authz.Facts) {
		f.Parameters = authz.DefaultParameters()
		alter(f.Parameters)
	}
}

// highest alters what is asked for assets of the highest importance.
func highest(alter func(c *authz.Class)) func(*authz.Question, *authz.Facts) {
	return settle(func(p *authz.Parameters) { alter(&p.Classes[0]) })
}

// both spoils in two ways.
func both(first, second func(*authz.Question, *authz.Facts)) func(*authz.Question, *authz.Facts) {
	return func(q *authz.Question, f *authz.Facts) {
		first(q, f)
		second(q, f)
	}
}

// held puts a hold on what the question is about.
func held(h authz.Hold) func(*authz.Question, *authz.Facts) {
	return func(_ *authz.Question, f *authz.Facts) { f.Holds = append(f.Holds, h) }
}

var systemAndHolds = []denial{
	{"a zone outside those of the class is not permitted", both(highest(func(c *authz.Class) { c.Zones = authz.OnlyOf("lgwan") }),
		func(q *authz.Question, _ *authz.Facts) { q.Context.Zone = "internet" }), codes{authz.CodeZoneNotPermitted}},
	{"a zone outside those of the system is not permitted", func(q *authz.Question, f *authz.Facts) {
		f.System.Zones, q.Context.Zone = authz.OnlyOf("lgwan"), "internet"
	}, codes{authz.CodeZoneNotPermitted}},
	{"a zone that is not stated is not permitted where zones matter", highest(func(c *authz.Class) { c.Zones = authz.OnlyOf("lgwan") }),
		codes{authz.CodeZoneNotPermitted}},
	{"a nonce that was used before shows a replay", func(q *authz.Question, f *authz.Facts) {
		f.System.Nonces, q.Repeated = true, true
		q.Context.Nonce, q.Context.Asked = "n-1", asOf
	}, codes{authz.CodeReplayDetected}},
	{"a system that must show that it asks once states no nonce", func(q *authz.Question, f *authz.Facts) {
		f.System.Nonces, q.Context.Asked = true, asOf
	}, codes{authz.CodeReplayDetected}},
	{"it asked more than a minute ago", func(q *authz.Question, f *authz.Facts) {
		f.System.Nonces = true
		q.Context.Nonce, q.Context.Asked = "n-1", asOf.Add(-61*time.Second)
	}, codes{authz.CodeReplayDetected}},
	{"a directory read a day ago is stale for the highest importance", func(_ *authz.Question, f *authz.Facts) {
		f.Directory = &authz.Directory{Read: asOf.Add(-24 * time.Hour)}
	}, codes{authz.CodeSyncStale}},
	{"a person in doubt for a day is one too long for the highest importance", func(_ *authz.Question, f *authz.Facts) {
		f.Person.Doubted = asOf.Add(-24 * time.Hour)
	}, codes{authz.CodeSyncStale}},
	{"of an asset without a class it is not said that the directory is stale", func(_ *authz.Question, f *authz.Facts) {
		f.Directory, f.Asset.Importance = &authz.Directory{}, 0
	}, codes{authz.CodeAssetUnclassified}},
	{"a clock that is off is not trusted", func(_ *authz.Question, f *authz.Facts) {
		f.Clock.Offset = -6 * time.Second
	}, codes{authz.CodeClockUntrusted}},
	{"a clock that cannot be compared is not trusted", func(_ *authz.Question, f *authz.Facts) {
		f.Clock.Lost = true
	}, codes{authz.CodeClockUntrusted}},
	{"what the directory says of the person waits for somebody", func(_ *authz.Question, f *authz.Facts) {
		f.Person.Held = asOf
	}, codes{authz.CodeIncidentHold}},
	{"an incident on the person holds", held(authz.Hold{Kind: authz.HoldIncident, Person: "E002"}), codes{authz.CodeIncidentHold}},
	{"an incident on an asset within the asset holds", both(held(authz.Hold{Kind: authz.HoldIncident, Asset: "A08"}), func(_ *authz.Question, f *authz.Facts) {
		f.Asset.Members = []authz.Asset{{ID: "A08", Importance: 2, State: authz.AssetActive}}
	}), codes{authz.CodeIncidentHold}},
	{"evidence must not be changed", func(q *authz.Question, f *authz.Facts) {
		q.Action, f.Rights[0].Action = "update", "update"
		f.Holds = []authz.Hold{{Kind: authz.HoldLegal, Asset: "A01"}}
	}, codes{authz.CodeLegalHold}},
	{"a credential that seems to be shared holds", held(authz.Hold{Kind: authz.HoldShared, Person: "E002"}),
		codes{authz.CodeCredentialSharedSuspected}},
}

var people = []denial{
	{"an identifier that names several people is ambiguous", func(_ *authz.Question, f *authz.Facts) {
		f.Person.Ambiguous = true
	}, codes{authz.CodeSubjectAmbiguous}},
	{"a person whose employment begins tomorrow has not started", func(_ *authz.Question, f *authz.Facts) {
		f.Person.Begins = jst("2026-10-16")
	}, codes{authz.CodeSubjectNotStarted}},
	{"a person in another unit than the roster's waits for confirmation", func(_ *authz.Question, f *authz.Facts) {
		f.Person.Transferred = jst("2026-10-01")
	}, codes{authz.CodeSubjectTransferred}},
	{"a person on leave is on leave", func(_ *authz.Question, f *authz.Facts) {
		f.Person.Leaves = []authz.Term{days("2026-08-01", "2027-03-31")}
	}, codes{authz.CodeSubjectOnLeave}},
	{"a disabled person in another unit is told both", func(_ *authz.Question, f *authz.Facts) {
		f.Person.Account, f.Person.Transferred = authz.AccountDisabled, jst("2026-10-01")
	}, codes{authz.CodeSubjectDisabled, authz.CodeSubjectTransferred}},
	{"an employer other than the directory's does not match", func(_ *authz.Question, f *authz.Facts) {
		f.Person.Organizations = authz.OnlyOf("S1")
	}, codes{authz.CodeEmployerMismatch}},
	{"a password alone is too weak where more is asked for", both(highest(func(c *authz.Class) { c.AuthLevel = 2 }),
		func(q *authz.Question, _ *authz.Facts) { q.Context.AuthLevel = 1 }), codes{authz.CodeAuthLevelLow}},
	{"an authentication of this morning is too old after an hour", both(highest(func(c *authz.Class) { c.AuthAge = time.Hour }),
		func(q *authz.Question, _ *authz.Facts) { q.Context.AuthTime = asOf.Add(-time.Hour) }), codes{authz.CodeAuthLevelLow}},
	{"nobody acts for another without leave", func(q *authz.Question, f *authz.Facts) {
		q.Context.OnBehalfOf, f.Principal = "E003", principal("E003")
		f.Principal.Delegations = nil
	}, codes{authz.CodeImpersonationNotAllowed}},
	{"nobody acts for another who is on leave", func(q *authz.Question, f *authz.Facts) {
		q.Context.OnBehalfOf, f.Principal = "E003", principal("E003")
		f.Principal.Person.Leaves = []authz.Term{days("2026-08-01", "2027-03-31")}
	}, codes{authz.CodeImpersonationNotAllowed}},
	{"nobody acts for another who is not eligible", func(q *authz.Question, f *authz.Facts) {
		q.Context.OnBehalfOf, f.Principal = "E003", principal("E003")
		f.Principal.Pledges = nil
	}, codes{authz.CodeImpersonationNotAllowed}},
	{"a system in which people act for others must name for whom", func(_ *authz.Question, f *authz.Facts) {
		f.System.OnBehalf = true
	}, codes{authz.CodeImpersonationNotAllowed}},
	{"of a person who is not known it is not said that he acts for nobody", func(_ *authz.Question, f *authz.Facts) {
		f.Person = nil
	}, codes{authz.CodeSubjectUnknown}},
	{"a service account for which nobody answers is not bound", both(service, func(_ *authz.Question, f *authz.Facts) {
		f.Owner, f.Assignment, f.Rights, f.Pledges = nil, nil, nil, nil
	}), codes{authz.CodeServiceAccountNotBound}},
	{"a service account whose owner left the roster is told so", both(service, func(_ *authz.Question, f *authz.Facts) {
		f.Owner.Account, f.Assignment.Ended = authz.AccountDeparted, jst("2026-09-01")
	}), codes{authz.CodeServiceAccountNotBound, authz.CodeRosterMemberEnded}},
	{"a service account counts on its owner's pledge", both(service, func(_ *authz.Question, f *authz.Facts) {
		f.Pledges[0].State = authz.PledgeRequested
	}), codes{authz.CodePledgeNotSigned}},
	{"a service account has no rights of its owner", both(service, func(_ *authz.Question, f *authz.Facts) {
		f.Rights[0].Holder = ""
	}), codes{authz.CodeRightMissing}},
	{"no human uses a service account", both(service, func(q *authz.Question, _ *authz.Facts) {
		q.Context.Mode = authz.ModeInteractive
	}), codes{authz.CodeServiceAccountInteractive}},
	{"a roster that was not confirmed in time is overdue", func(_ *authz.Question, f *authz.Facts) {
		f.Contract.ReviewDue = jst("2026-10-01")
	}, codes{authz.CodeRosterReviewOverdue}},
	{"a roster need not be confirmed after the contract's end", func(_ *authz.Question, f *authz.Facts) {
		f.Contract.ReviewDue, f.Contract.Terminated = jst("2026-10-01"), jst("2026-09-01")
	}, codes{authz.CodeContractTerminated}},
	{"a pledge older than the city lets has expired", settle(func(p *authz.Parameters) { p.PledgeMonths = 6 }), codes{authz.CodePledgeExpired}},
	{"a person who was never trained lacks training", func(_ *authz.Question, f *authz.Facts) {
		f.Contract.TrainingRequired = true
	}, codes{authz.CodeTrainingMissing}},
	{"training counts for twelve months", func(_ *authz.Question, f *authz.Facts) {
		f.Contract.TrainingRequired = true
		f.Trainings = []authz.Training{{Person: "E002", Contract: authz.All, Term: authz.Term{From: jst("2025-10-15")}}}
	}, codes{authz.CodeTrainingExpired}},
}

// principal is another person of K1 for whom E002 may act.
func principal(id string) *authz.Principal {
	year := days("2026-04-01", "2027-03-31")
	return &authz.Principal{
		Person:      &authz.Person{ID: id, Account: authz.AccountEnabled},
		Assignment:  &authz.Assignment{Person: id, Contract: "C01", Employer: "K1", Term: year},
		Pledges:     []authz.Pledge{{Person: id, Contract: "C01", Employer: "K1", State: authz.PledgeValid, Term: year}},
		Delegations: []authz.Delegation{{Person: "E002", Principal: id, Contract: "C01", Term: year}},
	}
}

// service lets a service account ask, for which E002 answers.
func service(q *authz.Question, f *authz.Facts) {
	q.Person, q.Context.Mode = "SV01", authz.ModeBatch
	f.Owner = f.Person
	f.Person = &authz.Person{ID: "SV01", Account: authz.AccountEnabled, Service: true, Owner: "E002"}
	if len(f.Rights) > 0 {
		f.Rights[0].Holder = "SV01"
	}
}

var purposesAndCircumstances = []denial{
	{"an asset within that is not classified leaves the whole unclassified", func(_ *authz.Question, f *authz.Facts) {
		f.Asset.Members = []authz.Asset{{ID: "A11", State: authz.AssetActive}}
	}, codes{authz.CodeAssetUnclassified}},
	{"an asset within that is disposed of closes the whole", func(_ *authz.Question, f *authz.Facts) {
		f.Asset.Members = []authz.Asset{
			{ID: "A08", Importance: 2, State: authz.AssetLocked}, {ID: "A13", Importance: 1, State: authz.AssetDisposed},
		}
	}, codes{authz.CodeAssetDisposed}},
	{"a purpose for which the asset is not there is not for the asset", func(_ *authz.Question, f *authz.Facts) {
		f.Asset.Purposes = authz.OnlyOf("U.NHI")
	}, codes{authz.CodePurposeNotForAsset}},
	{"a purpose for which an asset within is not there is not for the whole", func(_ *authz.Question, f *authz.Facts) {
		f.Asset.Members = []authz.Asset{{ID: "A08", Importance: 2, State: authz.AssetActive, Purposes: authz.OnlyOf("N.CALL")}}
	}, codes{authz.CodePurposeNotForAsset}},
	{"a purpose that the asset excepts is prohibited", func(_ *authz.Question, f *authz.Facts) {
		f.Asset.Prohibited = []string{"U.TAX.RES.ASSESS.INPUT"}
	}, codes{authz.CodePurposeProhibited}},
	{"a purpose that includes a prohibited one is prohibited", func(_ *authz.Question, f *authz.Facts) {
		f.Contract.Prohibited = []string{"U.TAX.RES.ASSESS.INPUT.NIGHT"}
	}, codes{authz.CodePurposeProhibited}},
	{"a purpose that is too broad is not also said to include a prohibited one", func(q *authz.Question, f *authz.Facts) {
		q.Purpose, f.Purpose = "U.TAX", leaf("U.TAX")
		f.Purpose.Leaf, f.Contract.Prohibited = false, []string{"U.TAX.RES"}
	}, codes{authz.CodePurposeTooBroad}},
	{"a purpose that the right excepts is prohibited", func(_ *authz.Question, f *authz.Facts) {
		f.Rights[0].Limits = &authz.Limits{Prohibited: []string{"U.TAX.RES.ASSESS.INPUT"}}
	}, codes{authz.CodePurposeProhibited}},
	{"an action that does not serve the purpose does not match it", func(_ *authz.Question, f *authz.Facts) {
		f.Purpose.Actions = authz.OnlyOf("create", "update")
	}, codes{authz.CodePurposeActionMismatch}},
	{"a condition of the contract is unmet", func(q *authz.Question, f *authz.Facts) {
		f.Contract.Provisos = []authz.Proviso{{Purpose: "U.TAX", CaseRef: true, Rows: 10}}
	}, codes{authz.CodePurposeConditionUnmet, authz.CodeObligationUnsupported}},
	{"a condition of an asset within is unmet", func(q *authz.Question, f *authz.Facts) {
		f.Asset.Members = []authz.Asset{{ID: "A08", Importance: 2, State: authz.AssetActive, Provisos: []authz.Proviso{{Purpose: "U", AuthLevel: 2}}}}
	}, codes{authz.CodePurposeConditionUnmet}},
	{"a condition of the right is unmet", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Limits = &authz.Limits{Provisos: []authz.Proviso{{Purpose: "U", Zones: authz.OnlyOf("lgwan")}}}
	}, codes{authz.CodePurposeConditionUnmet}},
	{"a right that asks for more than the system fulfils does not cover", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Limits = &authz.Limits{Provisos: []authz.Proviso{{Purpose: "U", Obligations: []authz.Obligation{{Name: authz.Mask}}}}}
	}, codes{authz.CodeObligationUnsupported}},
	{"a case must be named where the class asks for it", highest(func(c *authz.Class) { c.CaseRef = true }), codes{authz.CodeCaseRefRequired}},
	{"a case must be named in the form of the purpose", func(q *authz.Question, f *authz.Facts) {
		q.Context.CaseRef, f.Purpose.CaseRef, f.Purpose.CaseForms = "R8-XXXX", true, authz.OnlyOf("A9-9999")
	}, codes{authz.CodeCaseRefInvalid}},
	{"a workplace to which the city has not consented is not permitted", func(q *authz.Question, f *authz.Facts) {
		q.Context.Workplace, f.Contract.Workplaces = "home", authz.OnlyOf("hq")
	}, codes{authz.CodeWorkplaceNotPermitted}},
	{"a workplace of others is not permitted", func(q *authz.Question, f *authz.Facts) {
		q.Context.Workplace, f.Contract.Workplaces, f.Assignment.Workplaces = "hq", authz.OnlyOf("hq", "site"), authz.OnlyOf("site")
	}, codes{authz.CodeWorkplaceNotPermitted}},
	{"a device that is not known is not permitted", func(q *authz.Question, f *authz.Facts) {
		q.Context.Device, f.Contract.Devices = "own-phone", authz.OnlyOf("pc-1")
	}, codes{authz.CodeDeviceNotPermitted}},
	{"three in the morning is out of hours", func(q *authz.Question, f *authz.Facts) {
		q.At = at("2026-10-15T03:00:00+09:00")
		f.Contract.Hours = hours(8*time.Hour, 18*time.Hour, time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday)
	}, codes{authz.CodeOutOfHours}},
	{"a hundred and one records are too many", func(q *authz.Question, f *authz.Facts) {
		q.Context.Rows, f.Contract.Rows, f.System.Obligations = 101, 100, []authz.ObligationName{authz.MaxRows}
	}, codes{authz.CodeVolumeLimit}},
	{"records that are not counted are too many", func(q *authz.Question, f *authz.Facts) {
		f.Contract.Rows, f.System.Obligations = 100, []authz.ObligationName{authz.MaxRows}
	}, codes{authz.CodeVolumeLimit}},
	{"a system without a watermark must not print", both(settle(func(p *authz.Parameters) { p.Duties = authz.StandardDuties() }),
		func(q *authz.Question, f *authz.Facts) {
			q.Action, f.Rights[0].Action = "print", "print"
			f.System.Obligations = []authz.ObligationName{authz.LogFull, authz.NoCache}
		}), codes{authz.CodeObligationUnsupported}},
}

func TestDemandsNameTheirReasons(t *testing.T) {
	policy := load(t)
	for _, group := range [][]denial{systemAndHolds, people, purposesAndCircumstances} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				q, f := allowed()
				c.spoil(&q, &f)
				checkDenied(t, decide(t, policy, q, f), c.want)
			})
		}
	}
}

func TestTheMessageNamesWhatIsUnmet(t *testing.T) {
	q, f := allowed()
	f.Contract.Provisos = []authz.Proviso{{Purpose: "U.TAX", Workplaces: authz.OnlyOf("hq")}, {CaseRef: true}}
	if d := decide(t, load(t), q, f); d.Message != "条件を満たしていないため利用できません(作業場所、受付番号等)。" {
		t.Errorf("got %q", d.Message)
	}
}

func TestWhatIsAskedForAndGiven(t *testing.T) {
	policy := load(t)
	for _, c := range []struct {
		name  string
		alter func(q *authz.Question, f *authz.Facts)
	}{
		{"what no rule asks for is not looked at", func(q *authz.Question, _ *authz.Facts) {
			q.Context = authz.Context{
				Zone: "髙", Workplace: "*", Device: "-", Mode: "!", AuthLevel: -3, AuthTime: asOf.AddDate(1, 0, 0), CaseRef: "\x00",
				Permit: "PM-77", Recipient: "a,b", Medium: strings.Repeat("x", 200), Rows: -1, Reason: "\xff",
			}
		}},
		{"a zone of the class", both(highest(func(c *authz.Class) { c.Zones = authz.OnlyOf("lgwan") }), func(q *authz.Question, _ *authz.Facts) {
			q.Context.Zone = "lgwan"
		})},
		{"a stronger authentication than is asked for", both(highest(func(c *authz.Class) { c.AuthLevel = 2 }), func(q *authz.Question, _ *authz.Facts) {
			q.Context.AuthLevel = 3
		})},
		{"a case in one of the forms of the purpose", func(q *authz.Question, f *authz.Facts) {
			q.Context.CaseRef, f.Purpose.CaseRef, f.Purpose.CaseForms = "R8-0123", true, authz.OnlyOf("T-99", "A9-9999")
		}},
		{"a case in Japanese where no form is given", func(q *authz.Question, f *authz.Facts) {
			q.Context.CaseRef, f.Purpose.CaseRef = "受付第8号", true
		}},
		{"work past midnight", func(q *authz.Question, f *authz.Facts) {
			q.At = at("2026-10-16T05:59:59.999999+09:00")
			f.Contract.Hours = hours(22*time.Hour, 30*time.Hour, time.Thursday)
		}},
		{"somebody who acts for another with leave", func(q *authz.Question, f *authz.Facts) {
			q.Context.OnBehalfOf, f.Principal = "E003", principal("E003")
		}},
		{"a service account with an owner", service},
		{"a dispatched worker of whom the directory knows agency and employer", func(_ *authz.Question, f *authz.Facts) {
			f.Person.Organizations = authz.OnlyOf("K1", "agency")
		}},
		{"evidence that is only viewed", held(authz.Hold{Kind: authz.HoldLegal, Asset: "A01"})},
		{"an incident that was closed", held(authz.Hold{Kind: authz.HoldIncident, Person: "E002", Until: asOf})},
		{"a right beside one that excepts the purpose", func(_ *authz.Question, f *authz.Facts) {
			f.Rights = append(f.Rights, f.Rights[0])
			f.Rights[0].ID, f.Rights[0].Limits = "R0", &authz.Limits{Prohibited: []string{"U"}}
		}},
		{"a container of assets of other importance", func(_ *authz.Question, f *authz.Facts) {
			f.Asset.Importance = 0
			f.Asset.Members = []authz.Asset{{ID: "A01", Importance: 1, State: authz.AssetActive}, {ID: "A08", Importance: 2, State: authz.AssetActive}}
		}},
		{"an asset that is there for a purpose above", func(_ *authz.Question, f *authz.Facts) {
			f.Asset.Purposes = authz.OnlyOf("U.NHI", "U.TAX.RES")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, f := allowed()
			c.alter(&q, &f)
			if d := decide(t, policy, q, f); !d.Allowed {
				t.Errorf("got %v, want an allowed decision", d.Codes)
			}
		})
	}
}
