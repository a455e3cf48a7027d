package authz_test

import (
	"cmp"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/authz"
)

func TestTheRuleAgreesWithAnIndependentOne(t *testing.T) {
	policy := load(t)
	allows := 0
	rapid.Check(t, func(t *rapid.T) {
		q, f := world(t)
		d, err := policy.Decide(q, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(q.Malformed()) > 0 {
			if d.Primary != authz.CodeRequestMalformed || d.Allowed || len(d.Conditions) > 0 {
				t.Fatalf("got %+v for a malformed question", d)
			}
			return
		}
		want := oracle(q, f)
		allowed := true
		for _, c := range d.Conditions {
			if c.Held != want[c.Outcome] {
				t.Errorf("condition %s: held = %t, want %t", c.Outcome, c.Held, want[c.Outcome])
			}
			allowed = allowed && want[c.Outcome]
		}
		if len(d.Conditions) != len(want) || d.Allowed != allowed {
			t.Errorf("allowed = %t, want %t", d.Allowed, allowed)
		}
		if allowed {
			allows++
		}
	})
	if allows == 0 {
		t.Error("nothing was ever allowed: the worlds are too wild")
	}
}

func TestADecisionIsWellFormed(t *testing.T) {
	policy := load(t)
	order := map[authz.Code]int{}
	for i, info := range authz.Codes() {
		order[info.Code] = i
	}
	rapid.Check(t, func(t *rapid.T) {
		q, f := world(t)
		d, err := policy.Decide(q, f)
		if err != nil {
			t.Fatal(err)
		}
		if len(d.Codes) == 0 || d.Primary != d.Codes[0] || d.Message == "" || strings.ContainsAny(d.Message, "{}") {
			t.Errorf("primary code %s of %v with message %q", d.Primary, d.Codes, d.Message)
		}
		if !slices.IsSortedFunc(d.Codes, func(a, b authz.Code) int { return cmp.Compare(order[a], order[b]) }) ||
			len(slices.Compact(slices.Clone(d.Codes))) != len(d.Codes) {
			t.Errorf("codes %v are not in precedence, each once", d.Codes)
		}
		if d.Allowed != (d.Primary == authz.CodeAllow || d.Primary == authz.CodeAllowEmergency) || d.Allowed && len(d.Codes) != 1 {
			t.Errorf("allowed = %t with codes %v", d.Allowed, d.Codes)
		}
		if o := judgeOf(q, f); d.Allowed && !o.right(func(r authz.Right) bool { return o.open(r) && r.ID == d.Right }) {
			t.Errorf("allowed by the right %q, which does not cover the question or is not open", d.Right)
		}
		if !d.Allowed && (d.MaxAge != 0 || d.Advice != nil || d.Obligations != nil || d.Permit != "") || d.MaxAge < 0 ||
			d.MaxAge > max(0, judgeOf(q, f).class.MaxAge) {
			t.Errorf("allowed = %t with max age %v, advice %v, obligations %v, permit %q", d.Allowed, d.MaxAge, d.Advice, d.Obligations, d.Permit)
		}
		if slices.Contains(d.Codes, authz.CodeDefaultDeny) {
			t.Errorf("codes %v: the diagnosis found no reason", d.Codes)
		}
		var of []authz.Code
		for _, c := range d.Conditions {
			if of = append(of, c.Codes...); c.Held && len(c.Codes) > 0 {
				t.Errorf("condition %s held, with codes %v", c.Outcome, c.Codes)
			}
		}
		for _, code := range d.Codes {
			if len(d.Conditions) > 0 && !d.Allowed && !slices.Contains(of, code) {
				t.Errorf("code %s belongs to no condition", code)
			}
		}
	})
}

func TestTheOrderOfFactsNeverMatters(t *testing.T) {
	policy := load(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := world(t)
		before, err := policy.Decide(q, f)
		if err != nil {
			t.Fatal(err)
		}
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "order"), 1))
		for _, p := range placesOf(&q, &f) {
			if p.value.Kind() == reflect.Slice && p.path != "Facts.Hops" {
				random.Shuffle(p.value.Len(), reflect.Swapper(p.value.Interface()))
			}
		}
		after, err := policy.Decide(q, f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(before, after); diff != "" {
			t.Errorf("decision (-before +after):\n%s", diff)
		}
	})
}

func TestAnAllowedDecisionHoldsForItsMaxAge(t *testing.T) {
	policy := load(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := world(t)
		q.At = asOf.Add(time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "after")))
		d, err := policy.Decide(q, f)
		if err != nil {
			t.Fatal(err)
		}
		if !d.Allowed || d.MaxAge == 0 {
			return
		}
		start := q.At
		for _, age := range []time.Duration{d.MaxAge - 1, time.Duration(rapid.Int64Range(0, int64(d.MaxAge)-1).Draw(t, "age"))} {
			if q.At = start.Add(age); f.System.Nonces { // asked again, with another nonce
				q.Context.Asked = q.At
			}
			if later, _ := policy.Decide(q, f); !later.Allowed {
				t.Errorf("denied with %v after %v, within the max age %v", later.Codes, age, d.MaxAge)
			}
		}
	})
}

func TestBothEnginesDecideAlike(t *testing.T) {
	policy := load(t)
	rapid.Check(t, func(t *rapid.T) {
		q, f := world(t)
		compiled, err := policy.Decide(q, f)
		if err != nil {
			t.Fatal(err)
		}
		stock, err := policy.DecideByReference(q, f)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(stock, compiled); diff != "" {
			t.Errorf("decision (-stock +compiled):\n%s", diff)
		}
	})
}

// FuzzWorld lets the fuzzer draw worlds: whatever they are, nothing panics, both engines agree, and so does the oracle.
func FuzzWorld(f *testing.F) {
	policy := load(f)
	f.Fuzz(rapid.MakeFuzz(func(t *rapid.T) {
		q, facts := world(t)
		d, err := policy.Shadow(1, nil).Decide(q, facts)
		if err != nil {
			t.Fatal(err)
		}
		if d.Allowed {
			for outcome, holds := range oracle(q, facts) {
				if !holds {
					t.Errorf("allowed although the condition %s does not hold", outcome)
				}
			}
		}
	}))
}

func FuzzDecide(f *testing.F) {
	for _, word := range words {
		f.Add(word, word, word, word, word, word)
	}
	f.Add("P01", "E002", "C01", "A01", "view", "U.TAX.RES.ASSESS.INPUT")
	policy := load(f)
	f.Fuzz(func(t *testing.T, system, person, contract, asset, action, purpose string) {
		known, facts := allowed()
		q := authz.Question{System: system, Person: person, Contract: contract, Asset: asset, Action: action, Purpose: purpose, At: asOf}
		d, err := policy.Decide(q, facts)
		if err != nil {
			t.Fatal(err)
		}
		if d.Allowed != (q == known) {
			t.Errorf("allowed = %t for %+v", d.Allowed, q)
		}
	})
}

func TestTheBasesAreAllowed(t *testing.T) {
	policy := load(t)
	for i, base := range bases {
		q, f := base()
		if d := decide(t, policy, q, f); !d.Allowed {
			t.Errorf("base %d: got %v", i, d.Codes)
		}
	}
}
