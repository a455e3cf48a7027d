package authz_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/authz"
)

// The people of the fictitious city (架空市) on 15 October 2026, each asking under the own contract for its main asset
// and a proper purpose. The codes are all that come out, not only the first.

// cityContract is a contract of the city, seen from one person who works on it for its prime contractor.
func cityContract(id, prime, asset string, term authz.Term, purpose *authz.Purpose) (authz.Question, authz.Facts) {
	q, f := allowed()
	q.Contract, q.Asset, q.Purpose = id, asset, purpose.Code
	root, _, _ := strings.Cut(purpose.Code, ".")
	f.System.Scopes = []authz.Scope{{Contract: id, Asset: asset, Purpose: root}}
	f.Contract.ID, f.Contract.Prime, f.Contract.Term = id, prime, term
	f.Contract.Assets, f.Contract.Purposes = []string{asset}, []string{purpose.Code}
	f.Asset.ID, f.Purpose = asset, purpose
	f.Assignment.Contract, f.Assignment.Employer, f.Assignment.Term = id, prime, term
	f.Rights[0].Asset, f.Rights[0].Purpose, f.Rights[0].Term = asset, purpose.Code, term
	f.Pledges[0].Contract, f.Pledges[0].Employer = id, prime
	return q, f
}

func c01() (authz.Question, authz.Facts) { return allowed() }

func c02() (authz.Question, authz.Facts) {
	return cityContract("C02", "K1", "A03", days("2026-05-01", "2026-10-15"), leaf("U.NHI.NOTICE"))
}

func c03() (authz.Question, authz.Facts) {
	return cityContract("C03", "K2", "A04", days("2024-04-01", "2029-03-31"), leaf("O.MAINT.PATCH"))
}

func c04() (authz.Question, authz.Facts) {
	q, f := cityContract("C04", "K2", "A05", days("2026-04-01", "2027-03-31"), leaf("O.MAINT.PATCH"))
	f.Contract.AcknowledgementRequired = true
	return q, f
}

func c05() (authz.Question, authz.Facts) {
	return cityContract("C05", "K3", "A06", days("2026-06-01", "2026-11-30"), leaf("U.CHILD.ALLOW.INTAKE"))
}

func c06() (authz.Question, authz.Facts) {
	q, f := cityContract("C06", "K3", "A08", days("2026-07-01", "2027-02-28"), leaf("N.CALL"))
	f.Contract.Terminated = at("2026-09-15T17:00:00+09:00")
	return q, f
}

func c07() (authz.Question, authz.Facts) {
	return cityContract("C07", "K2", "A07", days("2026-11-01", "2027-03-31"), leaf("O.MAINT.PATCH"))
}

func c08() (authz.Question, authz.Facts) {
	q, f := c01()
	q.Contract, f.Contract.ID, f.Assignment.Contract, f.Pledges[0].Contract = "C08", "C08", "C08", "C08"
	f.System.Scopes[0].Contract = "C08"
	f.Contract.Term, f.Assignment.Term, f.Rights[0].Term = days("2025-04-01", "2026-03-31"), days("2025-04-01", "2026-03-31"), days("2025-04-01", "2026-03-31")
	return q, f
}

// s1 and s2 move the person to the subcontractor of the contract's prime contractor.
func s1(q authz.Question, f authz.Facts) (authz.Question, authz.Facts) { return under("S1", q, f) }
func s2(q authz.Question, f authz.Facts) (authz.Question, authz.Facts) { return under("S2", q, f) }

func under(sub string, q authz.Question, f authz.Facts) (authz.Question, authz.Facts) {
	one := consent(1)
	one.Term = f.Contract.Term
	f.Assignment.Employer, f.Pledges[0].Employer = sub, sub
	f.Hops = []authz.Hop{{Organization: sub, Under: f.Contract.Prime, Consents: []authz.Consent{one}}}
	return q, f
}

// The marks of the roster and the pledge.

func submitted(f *authz.Facts) {
	f.Rights[0].Opened, f.Rights[0].Waiting, f.Rights[0].Acknowledged = time.Time{}, authz.WaitNotification, false
}

func notified(f *authz.Facts) {
	f.Rights[0].Acknowledged = false
	if f.Contract.AcknowledgementRequired {
		f.Rights[0].Opened, f.Rights[0].Waiting = time.Time{}, authz.WaitAcknowledgement
	}
}

func returned(f *authz.Facts) {
	f.Rights[0].Opened, f.Rights[0].Waiting = time.Time{}, authz.WaitCorrection
}

func drafted(f *authz.Facts)  { f.Assignment, f.Rights, f.Hops, f.Drafted = nil, nil, nil, true }
func unlisted(f *authz.Facts) { f.Assignment, f.Rights, f.Hops = nil, nil, nil }
func removed(f *authz.Facts)  { f.Assignment.Ended = at("2026-08-31T17:30:00+09:00") }
func departed(f *authz.Facts) { f.Person.Account = authz.AccountDeparted }
func unsigned(f *authz.Facts) { f.Pledges[0].State = authz.PledgeRequested }

func TestThePeopleOfTheCity(t *testing.T) {
	policy := load(t)
	type facts = func() (authz.Question, authz.Facts)
	via := func(base facts, sub func(authz.Question, authz.Facts) (authz.Question, authz.Facts)) facts {
		return func() (authz.Question, authz.Facts) { return sub(base()) }
	}
	edits := func(all ...func(*authz.Facts)) []func(*authz.Facts) { return all }
	for _, c := range []struct {
		name  string
		facts facts
		edits []func(*authz.Facts)
		want  codes
		says  codes // advice
	}{
		{"E001 is allowed", c01, nil, codes{"ALLOW"}, nil},
		{"E004 waits for the notification", c01, edits(submitted), codes{"ROSTER_NOT_NOTIFIED"}, nil},
		{"E005 is allowed on the last day", c02, nil, codes{"ALLOW"}, codes{"ADV_CONTRACT_ENDING"}},
		{"E007 pledged on an outdated text", c01, edits(func(f *authz.Facts) { f.Pledges[0].Due = jst("2026-07-01") }),
			codes{"PLEDGE_TEMPLATE_OUTDATED"}, nil},
		{"E008 has not signed", c01, edits(unsigned), codes{"PLEDGE_NOT_SIGNED"}, nil},
		{"E009 was trained too long ago", c02, edits(func(f *authz.Facts) {
			f.Contract.TrainingRequired = true
			f.Trainings = []authz.Training{{Person: "E002", Contract: authz.All, Term: authz.Term{From: jst("2025-10-01")}}}
		}), codes{"TRAINING_EXPIRED"}, nil},
		{"E012 has not used the right for 120 days", c01, edits(func(f *authz.Facts) { f.Rights[0].LastUse = asOf.AddDate(0, 0, -120) }),
			codes{"ALLOW"}, codes{"ADV_RIGHT_UNUSED"}},
		{"E010 is allowed before the city acknowledges", c01, edits(notified), codes{"ALLOW"}, codes{"ADV_ROSTER_UNACKED"}},
		{"E011 was returned by the city", c02, edits(returned), codes{"ROSTER_RETURNED"}, nil},
		{"E013 was removed", c02, edits(removed), codes{"ROSTER_MEMBER_ENDED"}, nil},
		{"E015 is on last year's contract", c08, nil, codes{"CONTRACT_ENDED"}, nil},
		{"E016 is allowed where the city acknowledged", c04, nil, codes{"ALLOW"}, nil},
		{"E018 pledged on paper", c03, edits(func(f *authz.Facts) { f.Pledges[0].State = authz.PledgePending }),
			codes{"PLEDGE_PENDING_VERIFICATION"}, nil},
		{"E019 has a tampered pledge", c03, edits(func(f *authz.Facts) { f.Pledges[0].State = authz.PledgeUnproven }),
			codes{"PLEDGE_SIGNATURE_INVALID"}, nil},
		{"E022 is disabled", c04, edits(func(f *authz.Facts) { f.Person.Account = authz.AccountDisabled }),
			codes{"SUBJECT_DISABLED"}, nil},
		{"E024 is on a contract that begins in November", c07, nil, codes{"CONTRACT_NOT_STARTED"}, nil},
		{"E025 is besides in a draft and has not signed", c07, edits(drafted, unsigned),
			codes{"CONTRACT_NOT_STARTED", "ROSTER_DRAFT", "PLEDGE_NOT_SIGNED"}, nil},
		{"E030 signs again by the end of October", c05, edits(func(f *authz.Facts) { f.Pledges[0].Due = jst("2026-11-01") }),
			codes{"ALLOW"}, codes{"ADV_PLEDGE_RESIGN_DUE"}},
		{"E033 pledged for another contract", c05, edits(func(f *authz.Facts) { f.Pledges[0].Contract = "C06" }),
			codes{"PLEDGE_SCOPE_MISMATCH"}, nil},
		{"E035 is on a terminated contract", c06, nil, codes{"CONTRACT_TERMINATED"}, nil},
		{"E034 asks for a hundred and one records", c05, edits(func(f *authz.Facts) {
			f.Contract.Rows, f.System.Obligations = 100, []authz.ObligationName{authz.MaxRows}
		}), codes{"VOLUME_LIMIT"}, nil},
		{"E039 moved to another unit", c05, edits(func(f *authz.Facts) { f.Person.Transferred = jst("2026-10-01") }),
			codes{"SUBJECT_TRANSFERRED"}, nil},
		{"E040 asks for data that is not classified", c05, edits(func(f *authz.Facts) { f.Asset.Importance = 0 }),
			codes{"ASSET_UNCLASSIFIED"}, nil},
		{"E041 left, too, and was removed", c06, edits(removed, departed),
			codes{"CONTRACT_TERMINATED", "SUBJECT_DEPARTED", "ROSTER_MEMBER_ENDED"}, nil},
		{"E042 begins in November", c05, edits(func(f *authz.Facts) {
			f.Assignment.Term.From, f.Rights[0].Term.From = jst("2026-11-01"), jst("2026-11-01")
		}), codes{"ROSTER_NOT_YET_EFFECTIVE"}, nil},
		{"E044 is on no roster, though pledged", c05, edits(unlisted), codes{"ROSTER_NOT_LISTED"}, nil},
		{"E045 is a minor without consent", c05, edits(func(f *authz.Facts) { f.Pledges[0].State = authz.PledgeUnassented }),
			codes{"PLEDGE_GUARDIAN_CONSENT_MISSING"}, nil},
		{"E046 works for a subcontractor and is allowed", via(c01, s1), nil, codes{"ALLOW"}, nil},
		{"E048 works from home", via(c01, s1), edits(func(f *authz.Facts) { f.Contract.Workplaces = authz.OnlyOf("hq") }),
			codes{"WORKPLACE_NOT_PERMITTED"}, nil},
		{"E051 is involved in an incident", via(c01, s1), edits(func(f *authz.Facts) {
			f.Holds = []authz.Hold{{ID: "I-01", Kind: authz.HoldIncident, Person: "E002", From: jst("2026-10-14")}}
		}), codes{"INCIDENT_HOLD"}, nil},
		{"E053 is on leave", via(c01, s1), edits(func(f *authz.Facts) {
			f.Person.Leaves = []authz.Term{days("2026-06-01", "2027-05-31")}
		}), codes{"SUBJECT_ON_LEAVE"}, nil},
		{"E060 shares a credential", via(c04, s2), edits(func(f *authz.Facts) {
			f.Holds = []authz.Hold{{Kind: authz.HoldShared, Person: "E002"}}
		}), codes{"CREDENTIAL_SHARED_SUSPECTED"}, nil},
		{"E049 works for one whose consent has ended", via(c02, s1), edits(func(f *authz.Facts) {
			f.Hops[0].Consents[0].Term.Until = jst("2026-10-01")
		}), codes{"SUBCONTRACT_EXPIRED"}, nil},
		{"E052 left", via(c01, s1), edits(removed, departed), codes{"SUBJECT_DEPARTED", "ROSTER_MEMBER_ENDED"}, nil},
		{"E054 was never listed and has not signed", via(c01, s1), edits(unlisted, unsigned),
			codes{"ROSTER_NOT_LISTED", "PLEDGE_NOT_SIGNED"}, nil},
		{"E055 works for a subcontractor and is allowed", via(c04, s2), nil, codes{"ALLOW"}, nil},
		{"E057 works for a hidden subcontractor of a subcontractor", via(c01, s1), edits(submitted, func(f *authz.Facts) {
			f.Assignment.Employer, f.Pledges[0].Employer = "S2", "S2"
			f.Hops = append([]authz.Hop{{Organization: "S2", Under: "S1"}}, f.Hops...)
		}), codes{"SUBCONTRACT_NOT_APPROVED", "ROSTER_NOT_NOTIFIED"}, nil},
		{"E058 waits for the acknowledgement", via(c04, s2), edits(notified), codes{"ROSTER_NOT_ACKNOWLEDGED"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, f := c.facts()
			for _, edit := range c.edits {
				edit(&f)
			}
			d := decide(t, policy, q, f)
			if diff := cmp.Diff(c.want, d.Codes); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(c.says, d.Advice); diff != "" {
				t.Errorf("advice (-want +got):\n%s", diff)
			}
		})
	}
}
