package authz_test

import (
	"testing"

	"github.com/meibo-dev/meibo/authz"
)

func TestADifferenceBetweenTheEnginesDeniesAndIsReported(t *testing.T) {
	q, f := allowed()
	f.Pledges = nil
	damaged := authz.Damaged(load(t), "pledge")
	if d := decide(t, damaged, q, f); !d.Allowed {
		t.Fatalf("got %v, want the damaged rule to allow without a pledge", d.Codes)
	}
	reported := 0
	d, err := damaged.Shadow(1, func(asked authz.Question, compiled, stock authz.Decision) {
		reported++
		if asked != q || !compiled.Allowed || stock.Primary != authz.CodePledgeMissing {
			t.Errorf("reported %v and %v", compiled.Codes, stock.Codes)
		}
	}).Decide(q, f)
	if err == nil || d.Allowed || d.Primary != authz.CodeStoreUnavailable || reported != 1 {
		t.Errorf("got %v and error %v, reported %d times, want a denial, an error and one report", d.Codes, err, reported)
	}
	if d, err := damaged.Shadow(1, nil).Decide(q, f); err == nil || d.Allowed {
		t.Errorf("got %v and error %v, want a denial without a report, too", d.Codes, err)
	}
}

func TestADifferenceBetweenReasonsIsADifference(t *testing.T) {
	q, f := allowed()
	f.Pledges, f.Person.Account = nil, authz.AccountDisabled
	if d, err := authz.Damaged(load(t), "pledge").Shadow(1, nil).Decide(q, f); err == nil || d.Primary != authz.CodeStoreUnavailable {
		t.Errorf("got %v and error %v, want the difference noticed", d.Codes, err)
	}
}

func TestOnlyAShareIsShadowed(t *testing.T) {
	q, f := allowed()
	f.Pledges = nil
	damaged, noticed := authz.Damaged(load(t), "pledge"), 0
	for range 400 {
		if _, err := damaged.Shadow(0.25, nil).Decide(q, f); err != nil {
			noticed++
		}
		if _, err := damaged.Shadow(0, nil).Decide(q, f); err != nil {
			t.Fatal("shadowed none, and noticed a difference")
		}
	}
	if noticed < 50 || 150 < noticed {
		t.Errorf("noticed %d of 400, want about a quarter", noticed)
	}
}

func TestAShadowedRuleDecidesAsBefore(t *testing.T) {
	policy := load(t).Shadow(1, func(q authz.Question, compiled, stock authz.Decision) {
		t.Errorf("%+v: compiled %v, stock %v", q, compiled.Codes, stock.Codes)
	})
	for _, base := range bases {
		q, f := base()
		if d := decide(t, policy, q, f); !d.Allowed {
			t.Errorf("got %v", d.Codes)
		}
		f.Rights = nil
		if d := decide(t, policy, q, f); d.Allowed {
			t.Errorf("got %v", d.Codes)
		}
	}
}
