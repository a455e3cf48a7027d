package authz_test

import (
	"fmt"
	"testing"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"

	"github.com/meibo-dev/meibo/authz"
)

// The baseline is Casbin as it is usually run: one enforcer over the rights of everybody, and one condition only.

const flatModel = `
[request_definition]
r = person, contract, asset, action, at
[policy_definition]
p = person, contract, asset, action, from, until
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.person == p.person && r.contract == p.contract && r.asset == p.asset && r.action == p.action && p.from <= r.at && r.at < p.until
`

func flat(b *testing.B, rights int) *casbin.Enforcer {
	b.Helper()
	m, err := model.NewModelFromString(flatModel)
	if err != nil {
		b.Fatal(err)
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		b.Fatal(err)
	}
	for i := range rights {
		m["p"]["p"].Policy = append(m["p"]["p"].Policy, []string{
			fmt.Sprintf("E%06d", i/4), "C01", fmt.Sprintf("A%02d", i%4), "view", "2026-03-31T15:00:00.000000Z", "2027-03-31T15:00:00.000000Z",
		})
	}
	return enforcer
}

func BenchmarkDecide(b *testing.B) {
	policy := load(b)
	for _, c := range []struct {
		name  string
		facts func(authz.Question, authz.Facts) (authz.Question, authz.Facts)
	}{
		{"prime", func(q authz.Question, f authz.Facts) (authz.Question, authz.Facts) { return q, f }},
		{"subcontractor", subcontracted},
		{"subcontractor twice", subcontractedTwice},
		{"40 rights", func(q authz.Question, f authz.Facts) (authz.Question, authz.Facts) {
			for i := range 39 {
				other := f.Rights[0]
				other.ID, other.Asset = fmt.Sprintf("Q%d", i), fmt.Sprintf("B%d", i)
				f.Rights = append(f.Rights, other)
			}
			return q, f
		}},
		{"denied", func(q authz.Question, f authz.Facts) (authz.Question, authz.Facts) {
			f.Rights, f.Pledges, f.Contract.State = nil, nil, authz.ContractSuspended
			return q, f
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			q, f := c.facts(allowed())
			b.ReportAllocs()
			for b.Loop() {
				if _, err := policy.Decide(q, f); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("parallel", func(b *testing.B) {
		q, f := allowed()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if d, err := policy.Decide(q, f); err != nil || !d.Allowed {
					b.Error(d.Codes, err)
				}
			}
		})
	})
	for _, rights := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("baseline, one flat condition over %d rights, allowed", rights), func(b *testing.B) {
			benchmarkFlat(b, rights, fmt.Sprintf("E%06d", rights/8))
		})
		b.Run(fmt.Sprintf("baseline, one flat condition over %d rights, denied", rights), func(b *testing.B) {
			benchmarkFlat(b, rights, "nobody")
		})
	}
}

func benchmarkFlat(b *testing.B, rights int, person string) {
	enforcer := flat(b, rights)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := enforcer.Enforce(person, "C01", "A00", "view", "2026-10-15T01:00:00.000000Z"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := authz.Load(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRoles(b *testing.B) {
	roles := loadRoles(b)
	grants := []authz.Grant{
		{Client: "u1", Role: "submitter", Organization: "K1", Contract: "C01"}, {Client: "u1", Role: "auditor", Organization: "K1", Contract: "*"},
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := roles.Allows(grants, "u1", "K1", "C01", "key.read"); err != nil {
			b.Fatal(err)
		}
	}
}
