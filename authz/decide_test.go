package authz_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/authz"
)

type (
	codes = []authz.Code
	// denial is an allowed question, spoiled, and the codes that must come out, all of them.
	denial struct {
		name  string
		spoil func(q *authz.Question, f *authz.Facts)
		want  codes
	}
)

var requestAndContract = []denial{
	{"a question without a contract is malformed", func(q *authz.Question, f *authz.Facts) {
		q.Contract = ""
	}, codes{authz.CodeRequestMalformed}},
	{"a system that is not registered is unknown", func(q *authz.Question, f *authz.Facts) {
		f.System = nil
	}, codes{authz.CodeCallerUnknown}},
	{"a system asks about an asset that is not its own", func(q *authz.Question, f *authz.Facts) {
		f.System.Scopes[0].Asset = "A04"
	}, codes{authz.CodeCallerNotEntitled}},
	{"two scopes that would do only together do not do", func(q *authz.Question, f *authz.Facts) {
		f.System.Scopes = []authz.Scope{
			{Contract: "C01", Asset: "A04", Purpose: "U.TAX"}, {Contract: "C01", Asset: "A01", Purpose: "O"},
		}
	}, codes{authz.CodeCallerNotEntitled}},
	{"of a contract that is not known nothing else is said", func(q *authz.Question, f *authz.Facts) {
		f.Contract = nil
	}, codes{authz.CodeContractUnknown}},
	{"before the contract begins, the person's own period is no second fault", func(q *authz.Question, f *authz.Facts) {
		begin := days("2026-11-01", "2027-03-31")
		f.Contract.Term, f.Assignment.Term, f.Rights[0].Term, f.Pledges[0].Term = begin, begin, begin, begin
	}, codes{authz.CodeContractNotStarted}},
	{"a person who begins after the contract is told so, too", func(q *authz.Question, f *authz.Facts) {
		f.Contract.Term = days("2026-11-01", "2027-03-31")
		f.Assignment.Term = days("2026-12-01", "2027-03-31")
	}, codes{authz.CodeContractNotStarted, authz.CodeRosterNotYetEffective}},
	{"after the contract has ended, all that ended with it is no second fault", func(q *authz.Question, f *authz.Facts) {
		over := days("2025-04-01", "2026-03-31")
		f.Contract.Term, f.Assignment.Term, f.Rights[0].Term, f.Pledges[0].Term = over, over, over, over
	}, codes{authz.CodeContractEnded}},
	{"a contract that was terminated has not just ended", func(q *authz.Question, f *authz.Facts) {
		f.Contract.Terminated = at("2026-09-15T17:00:00+09:00")
		f.Contract.Term.Until = jst("2026-10-01")
	}, codes{authz.CodeContractTerminated}},
	{"a suspended contract whose registration is open has two faults", func(q *authz.Question, f *authz.Facts) {
		f.Contract.State, f.Contract.Complete = authz.ContractSuspended, false
	}, codes{authz.CodeContractSuspended, authz.CodeContractIncomplete}},
	{"an asset outside the contract is not also a missing right", func(q *authz.Question, f *authz.Facts) {
		f.Contract.Assets, f.Rights = []string{"A09"}, nil
	}, codes{authz.CodeAssetNotInContract}},
}

var person = []denial{
	{"of a person who is not known nothing else is said", func(q *authz.Question, f *authz.Facts) {
		f.Person, f.Assignment, f.Rights, f.Pledges = nil, nil, nil, nil
	}, codes{authz.CodeSubjectUnknown}},
	{"a person who is not bound to a directory entry is unknown", func(q *authz.Question, f *authz.Facts) {
		f.Person.Account = authz.AccountUnbound
	}, codes{authz.CodeSubjectUnknown}},
	{"a disabled account is disabled", func(q *authz.Question, f *authz.Facts) {
		f.Person.Account = authz.AccountDisabled
	}, codes{authz.CodeSubjectDisabled}},
	{"an expired account is disabled", func(q *authz.Question, f *authz.Facts) {
		f.Person.Until = asOf
	}, codes{authz.CodeSubjectDisabled}},
	{"a departed person was removed from the roster, too", func(q *authz.Question, f *authz.Facts) {
		f.Person.Account, f.Assignment.Ended = authz.AccountDeparted, jst("2026-09-01")
	}, codes{authz.CodeSubjectDeparted, authz.CodeRosterMemberEnded}},
	{"a person on no roster owes no pledge and has no rights", func(q *authz.Question, f *authz.Facts) {
		f.Assignment, f.Rights, f.Pledges = nil, nil, nil
	}, codes{authz.CodeRosterNotListed}},
	{"a person on no roster who was asked for a pledge is told so", func(q *authz.Question, f *authz.Facts) {
		f.Assignment, f.Rights, f.Pledges[0].State = nil, nil, authz.PledgeRequested
	}, codes{authz.CodeRosterNotListed, authz.CodePledgeNotSigned}},
	{"a person in a draft owes the pledge", func(q *authz.Question, f *authz.Facts) {
		f.Assignment, f.Rights, f.Pledges, f.Drafted = nil, nil, nil, true
	}, codes{authz.CodeRosterDraft, authz.CodePledgeMissing}},
	{"a removed person who is in a draft again is told both", func(q *authz.Question, f *authz.Facts) {
		f.Assignment.Ended, f.Drafted = jst("2026-09-01"), true
	}, codes{authz.CodeRosterDraft, authz.CodeRosterMemberEnded}},
	{"a draft that widens a member changes nothing", func(q *authz.Question, f *authz.Facts) {
		f.Assignment.Suspended, f.Drafted = jst("2026-10-01"), true
	}, codes{authz.CodeRosterMemberSuspended}},
	{"the rights of a person who begins later are no second fault", func(q *authz.Question, f *authz.Facts) {
		f.Assignment.Term, f.Rights[0].Term = days("2026-11-01", "2027-03-31"), days("2026-11-01", "2027-03-31")
	}, codes{authz.CodeRosterNotYetEffective}},
	{"a person whose period is over while the contract runs has ended", func(q *authz.Question, f *authz.Facts) {
		f.Assignment.Term = days("2026-04-01", "2026-10-14")
	}, codes{authz.CodeRosterMemberEnded}},
	{"a suspended member of a contract that has ended is told both", func(q *authz.Question, f *authz.Facts) {
		f.Contract.Term.Until, f.Assignment.Suspended = jst("2026-10-01"), jst("2026-09-01")
	}, codes{authz.CodeContractEnded, authz.CodeRosterMemberSuspended}},
	{"an employer that is no name is not a nameless prime contractor", func(q *authz.Question, f *authz.Facts) {
		f.Assignment.Employer, f.Contract.Prime = "!", ""
	}, codes{authz.CodeSubcontractNotApproved, authz.CodePledgeScopeMismatch}},
	{"another person's assignment is none", func(q *authz.Question, f *authz.Facts) {
		f.Assignment.Person = "E003"
	}, codes{authz.CodeRosterNotListed}},
}

var notification = []denial{
	{"a right in a draft is a draft", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Opened, f.Rights[0].Waiting = time.Time{}, authz.WaitApproval
	}, codes{authz.CodeRosterDraft}},
	{"a right of which the city has not been notified is not open", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Opened, f.Rights[0].Waiting = time.Time{}, authz.WaitNotification
	}, codes{authz.CodeRosterNotNotified}},
	{"a right waits for the acknowledgement where the contract asks for it", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Opened, f.Rights[0].Waiting = time.Time{}, authz.WaitAcknowledgement
	}, codes{authz.CodeRosterNotAcknowledged}},
	{"a notified right is not open where the contract asks for acknowledgement", func(q *authz.Question, f *authz.Facts) {
		f.Contract.AcknowledgementRequired, f.Rights[0].Acknowledged = true, false
	}, codes{authz.CodeRosterNotAcknowledged}},
	{"a returned right is closed", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Opened, f.Rights[0].Waiting = time.Time{}, authz.WaitCorrection
	}, codes{authz.CodeRosterReturned}},
	{"where no right covers and none is open, both is said", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Asset, f.Rights[0].Opened = "A09", time.Time{}
	}, codes{authz.CodeRosterNotNotified, authz.CodeRightMissing}},
	{"where no right covers but one is open, the waiting ones are not spoken of", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Asset = "A09"
		f.Rights = append(f.Rights, authz.Right{ID: "R2", Asset: "A08", Action: "view", Purpose: "U", Term: f.Contract.Term})
	}, codes{authz.CodeRightMissing}},
}

var pledge = []denial{
	{"no pledge is a missing pledge", func(q *authz.Question, f *authz.Facts) {
		f.Pledges = nil
	}, codes{authz.CodePledgeMissing}},
	{"a requested pledge is not signed", func(q *authz.Question, f *authz.Facts) {
		f.Pledges[0].State = authz.PledgeRequested
	}, codes{authz.CodePledgeNotSigned}},
	{"a pledge on paper waits to be verified", func(q *authz.Question, f *authz.Facts) {
		f.Pledges[0].State = authz.PledgePending
	}, codes{authz.CodePledgePendingVerification}},
	{"a rejected pledge is rejected", func(q *authz.Question, f *authz.Facts) {
		f.Pledges[0].State = authz.PledgeRejected
	}, codes{authz.CodePledgeRejected}},
	{"a pledge on an old text is outdated when the grace is over", func(q *authz.Question, f *authz.Facts) {
		f.Pledges[0].Due = jst("2026-10-01")
	}, codes{authz.CodePledgeTemplateOutdated}},
	{"an outdated pledge with a new one requested is outdated", func(q *authz.Question, f *authz.Facts) {
		f.Pledges[0].Due = jst("2026-10-01")
		f.Pledges = append(f.Pledges, authz.Pledge{Person: "E002", Contract: "C01", Employer: "K1", State: authz.PledgeRequested})
	}, codes{authz.CodePledgeTemplateOutdated}},
	{"a pledge for another contract is of the wrong scope", func(q *authz.Question, f *authz.Facts) {
		f.Pledges[0].Contract = "C08"
	}, codes{authz.CodePledgeScopeMismatch}},
	{"a pledge for another employer is of the wrong scope", func(q *authz.Question, f *authz.Facts) {
		f.Pledges[0].Employer = "K3"
	}, codes{authz.CodePledgeScopeMismatch}},
	{"a pledge past its renewal has expired", func(q *authz.Question, f *authz.Facts) {
		f.Pledges[0].Term.Until = jst("2026-10-01")
	}, codes{authz.CodePledgeExpired}},
	{"a pledge with a broken signature does not count", func(q *authz.Question, f *authz.Facts) {
		f.Pledges[0].State = authz.PledgeUnproven
	}, codes{authz.CodePledgeSignatureInvalid}},
	{"a minor's pledge needs the guardian", func(q *authz.Question, f *authz.Facts) {
		f.Pledges[0].State = authz.PledgeUnassented
	}, codes{authz.CodePledgeGuardianConsentMissing}},
}

var assetRightAndPurpose = []denial{
	{"of an asset that is not known nothing else is said", func(q *authz.Question, f *authz.Facts) {
		q.Asset, f.Asset = "A99", nil
	}, codes{authz.CodeAssetUnknown}},
	{"an asset without a class is not classified", func(q *authz.Question, f *authz.Facts) {
		f.Asset.Importance = 0
	}, codes{authz.CodeAssetUnclassified}},
	{"an asset of a class that does not exist is not classified", func(q *authz.Question, f *authz.Facts) {
		f.Asset.Importance = 5
	}, codes{authz.CodeAssetUnclassified}},
	{"a disposed asset is disposed, classified or not", func(q *authz.Question, f *authz.Facts) {
		f.Asset.Importance, f.Asset.State = 0, authz.AssetDisposed
	}, codes{authz.CodeAssetDisposed}},
	{"a returned asset is returned", func(q *authz.Question, f *authz.Facts) {
		f.Asset.State = authz.AssetReturned
	}, codes{authz.CodeAssetReturned}},
	{"an asset under review is locked", func(q *authz.Question, f *authz.Facts) {
		f.Asset.State = authz.AssetLocked
	}, codes{authz.CodeAssetLocked}},
	{"no right to the asset is a missing right", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Asset = "A09"
	}, codes{authz.CodeRightMissing}},
	{"an action outside the right is not granted", func(q *authz.Question, f *authz.Facts) {
		q.Action = "print"
	}, codes{authz.CodeActionNotGranted}},
	{"a right that begins later has not started", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Term.From = jst("2026-10-16")
	}, codes{authz.CodeRightNotStarted}},
	{"a right that is over has expired", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Term.Until = jst("2026-10-15")
	}, codes{authz.CodeRightExpired}},
	{"a gap between two rights is before the second", func(q *authz.Question, f *authz.Facts) {
		f.Rights = append(f.Rights, f.Rights[0])
		f.Rights[0].Term, f.Rights[1].Term = days("2026-04-01", "2026-10-14"), days("2026-10-16", "2027-03-31")
	}, codes{authz.CodeRightNotStarted}},
	{"a purpose that is not stated is no fault of anything else", func(q *authz.Question, f *authz.Facts) {
		q.Purpose, f.Purpose = "", nil
	}, codes{authz.CodePurposeMissing}},
	{"a purpose that is not known is no fault of anything else", func(q *authz.Question, f *authz.Facts) {
		q.Purpose, f.Purpose = "U.NOWHERE", nil
	}, codes{authz.CodePurposeUnknown}},
	{"a purpose no longer in use is inactive", func(q *authz.Question, f *authz.Facts) {
		f.Purpose.Term.Until = asOf
	}, codes{authz.CodePurposeInactive}},
	{"a purpose above the agreed one is too broad and nothing else", func(q *authz.Question, f *authz.Facts) {
		q.Purpose, f.Purpose = "U.TAX", leaf("U.TAX")
		f.Purpose.Leaf = false
	}, codes{authz.CodePurposeTooBroad}},
	{"curiosity is prohibited, and no fault of the system, the contract or the right", func(q *authz.Question, f *authz.Facts) {
		q.Purpose, f.Purpose = "Z.CURIOUS", leaf("Z.CURIOUS")
	}, codes{authz.CodePurposeProhibited}},
	{"a purpose that the contract excepts is prohibited", func(q *authz.Question, f *authz.Facts) {
		f.Contract.Prohibited = []string{"U.TAX.RES.ASSESS.INPUT"}
	}, codes{authz.CodePurposeProhibited}},
	{"a purpose outside the contract is no fault of the system or the right", func(q *authz.Question, f *authz.Facts) {
		q.Purpose, f.Purpose = "U.LTC.CERT", leaf("U.LTC.CERT")
	}, codes{authz.CodePurposeNotInContract}},
	{"a purpose outside the right is not granted", func(q *authz.Question, f *authz.Facts) {
		f.Rights[0].Purpose = "U.TAX.RES.ASSESS.NOTICE"
	}, codes{authz.CodePurposeNotGranted}},
}

func TestDenialsNameTheirReasons(t *testing.T) {
	policy := load(t)
	for _, group := range [][]denial{requestAndContract, person, notification, pledge, assetRightAndPurpose} {
		for _, c := range group {
			t.Run(c.name, func(t *testing.T) {
				q, f := allowed()
				c.spoil(&q, &f)
				checkDenied(t, decide(t, policy, q, f), c.want)
			})
		}
	}
}

func checkDenied(t *testing.T, got authz.Decision, want codes) {
	t.Helper()
	if diff := cmp.Diff(want, got.Codes); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if got.Allowed || got.Primary != want[0] || got.MaxAge != 0 || got.Right != "" || got.Advice != nil {
		t.Errorf("got %+v, want a denial with the primary code %s", got, want[0])
	}
	info, _ := authz.Info(got.Primary)
	if got.Message == "" || len(got.Clauses) == 0 || !subset(info.Clauses, got.Clauses) {
		t.Errorf("got message %q and clauses %v, want those of %s", got.Message, got.Clauses, got.Primary)
	}
}
