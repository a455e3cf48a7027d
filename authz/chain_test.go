package authz_test

import (
	"fmt"
	"testing"

	"github.com/meibo-dev/meibo/authz"
)

// The chain of these cases is K1, the prime contractor, then S1, then S2, for which the person works. Hops are listed
// from the employer up: f.Hops[0] is S2, f.Hops[1] is S1.
var chains = []denial{
	{"a hop without any consent is not approved", func(q *authz.Question, f *authz.Facts) {
		f.Hops[0].Consents = nil
	}, codes{authz.CodeSubcontractNotApproved}},
	{"the hop above without any consent is not approved either", func(q *authz.Question, f *authz.Facts) {
		f.Hops[1].Consents = nil
	}, codes{authz.CodeSubcontractNotApproved}},
	{"leaving out the hop that lacks consent does not help", func(q *authz.Question, f *authz.Facts) {
		f.Hops[1].Consents = nil
		f.Hops = f.Hops[:1]
	}, codes{authz.CodeSubcontractNotApproved}},
	{"a hop that works under somebody else leads nowhere", func(q *authz.Question, f *authz.Facts) {
		f.Hops[0].Under = "K2"
	}, codes{authz.CodeSubcontractNotApproved}},
	{"an employer outside the chain is not approved", func(q *authz.Question, f *authz.Facts) {
		f.Assignment.Employer, f.Pledges[0].Employer = "S9", "S9"
	}, codes{authz.CodeSubcontractNotApproved}},
	{"a consent that begins tomorrow has not started", func(q *authz.Question, f *authz.Facts) {
		f.Hops[1].Consents[0].Term.From = jst("2026-10-16")
	}, codes{authz.CodeSubcontractNotStarted}},
	{"a consent has not started before the start is reported", func(q *authz.Question, f *authz.Facts) {
		f.Hops[1].Consents[0].Started = false
	}, codes{authz.CodeSubcontractNotStarted}},
	{"a consent that ended before the contract has expired", func(q *authz.Question, f *authz.Facts) {
		f.Hops[1].Consents[0].Term = days("2026-04-01", "2026-09-30")
	}, codes{authz.CodeSubcontractExpired}},
	{"a consent that ended with the contract is no second fault", func(q *authz.Question, f *authz.Facts) {
		f.Contract.Term, f.Hops[1].Consents[0].Term = days("2026-04-01", "2026-09-30"), days("2026-04-01", "2026-09-30")
	}, codes{authz.CodeContractEnded}},
	{"a revoked consent is revoked", func(q *authz.Question, f *authz.Facts) {
		f.Hops[0].Consents[0].Revoked = asOf
	}, codes{authz.CodeSubcontractRevoked}},
	{"a hop deeper than approved exceeds the depth", func(q *authz.Question, f *authz.Facts) {
		f.Hops[0].Consents[0].Depth = 1
	}, codes{authz.CodeSubcontractDepthExceeded}},
	{"conditions must be handed down", func(q *authz.Question, f *authz.Facts) {
		f.Hops[0].Consents[0].FlowDown = false
	}, codes{authz.CodeFlowdownMissing}},
	{"each hop is told its own fault", func(q *authz.Question, f *authz.Facts) {
		f.Hops[0].Consents[0].Depth, f.Hops[0].Consents[0].FlowDown = 1, false
		f.Hops[1].Consents[0].Revoked = asOf
	}, codes{authz.CodeSubcontractRevoked, authz.CodeSubcontractDepthExceeded, authz.CodeFlowdownMissing}},
	{"the scope is what all hops have in common: an asset", func(q *authz.Question, f *authz.Facts) {
		f.Hops[0].Consents[0].Assets, f.Hops[1].Consents[0].Assets = []string{"A01", "A02"}, []string{"A02"}
	}, codes{authz.CodeSubcontractOutOfScope}},
	{"the scope is what all hops have in common: an action", func(q *authz.Question, f *authz.Facts) {
		f.Hops[1].Consents[0].Actions = []string{"print"}
	}, codes{authz.CodeSubcontractOutOfScope}},
	{"the scope is what all hops have in common: a purpose", func(q *authz.Question, f *authz.Facts) {
		f.Hops[0].Consents[0].Purposes = []string{"U.TAX"}
		f.Hops[1].Consents[0].Purposes = []string{"U.TAX.RES.COLLECT"}
	}, codes{authz.CodeSubcontractOutOfScope}},
	{"a consent that names nothing covers nothing", func(q *authz.Question, f *authz.Facts) {
		f.Hops[0].Consents[0].Actions = nil
	}, codes{authz.CodeSubcontractOutOfScope}},
	{"two consents that would do only together do not do", func(q *authz.Question, f *authz.Facts) {
		running, over := consent(2), consent(2)
		running.Assets, over.Term = []string{"A02"}, days("2026-04-01", "2026-09-30")
		f.Hops[0].Consents = []authz.Consent{running, over}
	}, codes{authz.CodeSubcontractOutOfScope}},
	{"of several consents the one closest to being in force is spoken of", func(q *authz.Question, f *authz.Facts) {
		revoked, over := consent(2), consent(2)
		revoked.Revoked, over.Term = jst("2026-05-01"), days("2026-04-01", "2026-09-30")
		f.Hops[0].Consents = []authz.Consent{revoked, over}
	}, codes{authz.CodeSubcontractExpired}},
	{"a purpose that is not stated is no fault of a consent", func(q *authz.Question, f *authz.Facts) {
		f.Hops[0].Consents[0].Purposes = []string{"U.TAX"}
		q.Purpose = ""
	}, codes{authz.CodePurposeMissing}},
}

func TestEveryHopOfTheChainNeedsTheCitysConsent(t *testing.T) {
	policy := load(t)
	for _, c := range chains {
		t.Run(c.name, func(t *testing.T) {
			q, f := subcontractedTwice(allowed())
			c.spoil(&q, &f)
			checkDenied(t, decide(t, policy, q, f), c.want)
		})
	}
}

func TestTheMessageDoesNotDependOnTheOrderOfConsents(t *testing.T) {
	policy := load(t)
	q, f := subcontracted(allowed())
	long, short := consent(1), consent(1)
	long.Term, short.Term = days("2026-11-01", "2027-03-31"), days("2026-11-01", "2026-12-31")
	for _, consents := range [][]authz.Consent{{long, short}, {short, long}} {
		f.Hops[0].Consents = consents
		if d := decide(t, policy, q, f); d.Message != "再委託の承諾期間外です(期間: 2026年11月1日〜2027年3月31日)。" {
			t.Errorf("got %q, want the consent that ends last", d.Message)
		}
	}
}

func TestChainsAllow(t *testing.T) {
	policy := load(t)
	for _, c := range []struct {
		name  string
		alter func(f *authz.Facts)
	}{
		{"with unlimited consents to all hops", func(f *authz.Facts) {}},
		{"with consents that name what is asked", func(f *authz.Facts) {
			f.Hops[0].Consents[0].Assets, f.Hops[0].Consents[0].Purposes = []string{"A02", "A01"}, []string{"U.TAX"}
			f.Hops[1].Consents[0].Actions, f.Hops[1].Consents[0].Purposes = []string{"view"}, []string{"K", "U.TAX.RES.ASSESS.INPUT"}
		}},
		{"with a lapsed consent beside the one in force", func(f *authz.Facts) {
			over := consent(1)
			over.Revoked = jst("2026-05-01")
			f.Hops[1].Consents = append([]authz.Consent{over}, f.Hops[1].Consents...)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			q, f := subcontractedTwice(allowed())
			c.alter(&f)
			if d := decide(t, policy, q, f); !d.Allowed {
				t.Errorf("got %v, want an allowed decision", d.Codes)
			}
		})
	}
}

func TestTooManyConsentsAreAnErrorAndADenial(t *testing.T) {
	q, f := subcontractedTwice(allowed())
	for hop := range f.Hops {
		for i := range 20 {
			c := consent(2)
			c.Term.From = c.Term.From.AddDate(0, 0, i*len(f.Hops)+hop)
			c.Term.Until = c.Term.Until.AddDate(0, 0, i*(hop+1)*20)
			f.Hops[hop].Consents = append(f.Hops[hop].Consents, c)
		}
	}
	d, err := load(t).Decide(q, f)
	if err == nil || d.Allowed || fmt.Sprint(d.Codes) != "[DEFAULT_DENY]" {
		t.Errorf("got %+v and error %v, want a denial and an error", d.Codes, err)
	}
}
