package authz_test

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"

	"github.com/meibo-dev/meibo/authz"
)

// sizes are the numbers of rights of the benchmarks.
var sizes = []struct {
	name   string
	rights int
}{{"1k", 1_000}, {"10k", 10_000}, {"100k", 100_000}, {"1M", 1_000_000}}

func each(b *testing.B, run func(b *testing.B, s *authz.Snapshot, people int)) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			s, people := city(b, size.rights)
			run(b, s, people)
		})
	}
}

// BenchmarkCheck decides on a snapshot. Beside the whole check stand its parts and what to measure it by: the verdict alone,
// laying out the facts alone, everything but the verdict, and the same check on stock Casbin over the person's own rows.
func BenchmarkCheck(b *testing.B) {
	policy := load(b)
	each(b, func(b *testing.B, s *authz.Snapshot, people int) {
		q := cityQuestion(people/2, 1)
		b.Run("allow", func(b *testing.B) { check(b, policy, s, true, q) })
		b.Run("allow, cold", func(b *testing.B) { check(b, policy, s, true, coldQuestions(people)...) })
		b.Run("allow, parallel", func(b *testing.B) {
			questions := coldQuestions(people)
			b.RunParallel(func(pb *testing.PB) {
				for i := 0; pb.Next(); i++ {
					if d, err := policy.DecideIn(s, questions[i%len(questions)]); err != nil || !d.Allowed {
						b.Error(d.Codes, err)
					}
				}
			})
		})
		b.Run("deny", func(b *testing.B) { check(b, policy, s, false, worst(q)) })
		b.Run("deny, cold", func(b *testing.B) {
			questions := coldQuestions(people)
			for i := range questions {
				questions[i] = worst(questions[i])
			}
			check(b, policy, s, false, questions...)
		})
		b.Run("allow, cold, without the verdict", func(b *testing.B) {
			questions, allows := coldQuestions(people), authz.WithoutVerdict(policy, s)
			defer spent(b)()
			for i := 0; b.Loop(); i++ {
				if !allows(questions[i%len(questions)]) {
					b.Fatal("denied")
				}
			}
		})
		b.Run("the facts alone", func(b *testing.B) {
			b.ReportAllocs()
			defer spent(b)()
			for b.Loop() {
				if f := s.Facts(q); f.Assignment == nil {
					b.Fatal("no facts")
				}
			}
		})
		b.Run("allow, on stock casbin over the person's rows", func(b *testing.B) {
			b.ReportAllocs()
			defer spent(b)()
			for b.Loop() {
				if d, err := policy.DecideByReference(q, s.Facts(q)); err != nil || !d.Allowed {
					b.Fatal(d.Codes, err)
				}
			}
		})
	})
}

// worst asks for what fails in many ways at once: a purpose of nobody and an asset of another contract.
func worst(q authz.Question) authz.Question {
	q.Purpose, q.Asset, q.Action = "U", assetName(0, 0), "dispose"
	if q.Contract == contractName(0) {
		q.Asset = assetName(1, 0)
	}
	return q
}

func check(b *testing.B, policy *authz.Policy, s *authz.Snapshot, allowed bool, questions ...authz.Question) {
	b.ReportAllocs()
	defer spent(b)()
	for i := 0; b.Loop(); i++ {
		if d, err := policy.DecideIn(s, questions[i%len(questions)]); err != nil || d.Allowed != allowed {
			b.Fatal(d.Codes, err)
		}
	}
}

// BenchmarkUpdate changes one person.
func BenchmarkUpdate(b *testing.B) {
	each(b, func(b *testing.B, s *authz.Snapshot, people int) {
		subject := citySubject(people / 2)
		b.ReportAllocs()
		defer spent(b)()
		for b.Loop() {
			s = s.With(authz.PutSubject(subject))
		}
	})
}

// BenchmarkRegister reads a whole register into a snapshot.
func BenchmarkRegister(b *testing.B) {
	for _, size := range sizes {
		b.Run(size.name, func(b *testing.B) {
			_, people := city(b, size.rights)
			defer spent(b)()
			for b.Loop() {
				if s := new(authz.Snapshot).WithAll(cityChanges(people)); s.Subjects() != people {
					b.Fatal("people are missing")
				}
			}
			b.ReportMetric(perPerson[size.rights], "B/person")
		})
	}
}

// BenchmarkSearch asks who may view one asset, of all people.
func BenchmarkSearch(b *testing.B) {
	policy := load(b)
	each(b, func(b *testing.B, s *authz.Snapshot, people int) {
		found := 0
		defer spent(b)()
		for b.Loop() {
			found = 0
			for range policy.People(s, cityQuestion(people/2, 0), "") {
				found++
			}
		}
		b.ReportMetric(float64(found), "found")
	})
}

// BenchmarkBaseline measures what to compare with: a bare look-up in a map, the verdict of stock Casbin alone, and stock
// Casbin as it is usually run, over the rights of everybody with one condition only.
func BenchmarkBaseline(b *testing.B) {
	for _, size := range sizes {
		people := size.rights / rightsEach
		b.Run("a map look-up, cold/"+size.name, func(b *testing.B) {
			type key struct{ person, contract, asset, action, purpose string }
			of := func(q authz.Question) key { return key{q.Person, q.Contract, q.Asset, q.Action, q.Purpose} }
			rights := make(map[key]bool, size.rights)
			for i := range people {
				for j := range rightsEach {
					rights[of(cityQuestion(i, j))] = true
				}
			}
			questions := coldQuestions(people)
			runtime.GC()
			defer spent(b)()
			for i := 0; b.Loop(); i++ {
				if !rights[of(questions[i%len(questions)])] {
					b.Fatal("not there")
				}
			}
		})
	}
	for _, size := range sizes[:2] {
		for _, person := range []string{personID(size.rights / rightsEach / 2), "nobody"} {
			name := map[bool]string{true: "deny", false: "allow"}[person == "nobody"]
			b.Run(fmt.Sprintf("one condition on flat stock casbin, %s/%s", name, size.name), func(b *testing.B) {
				enforcer, q := flat(b, size.rights/rightsEach), cityQuestion(size.rights/rightsEach/2, 1)
				b.ReportAllocs()
				defer spent(b)()
				for b.Loop() {
					if _, err := enforcer.Enforce(person, q.Contract, q.Asset, q.Action, "2026-10-15T01:00:00.000000Z"); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	b.Run("the verdict alone", func(b *testing.B) {
		verdict := authz.Verdict(load(b))
		b.ReportAllocs()
		defer spent(b)()
		for b.Loop() {
			if allowed, err := verdict(); err != nil || !allowed {
				b.Fatal(err)
			}
		}
	})
}

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

func flat(b *testing.B, people int) *casbin.Enforcer {
	b.Helper()
	m, err := model.NewModelFromString(flatModel)
	if err != nil {
		b.Fatal(err)
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		b.Fatal(err)
	}
	for i := range people {
		for j := range rightsEach {
			asset, action, _ := cityRight(i, j)
			m["p"]["p"].Policy = append(m["p"]["p"].Policy, []string{
				personID(i), contractName(i), asset, action, "2026-03-31T15:00:00.000000Z", "2027-03-31T15:00:00.000000Z",
			})
		}
	}
	return enforcer
}

// BenchmarkDecide decides on facts that somebody else has collected.
func BenchmarkDecide(b *testing.B) {
	policy := load(b)
	for _, c := range []struct {
		name string
		ask  func() (authz.Question, authz.Facts)
	}{
		{"the prime contractor's person", allowed},
		{"a subcontractor of a subcontractor", func() (authz.Question, authz.Facts) { return subcontractedTwice(allowed()) }},
		{"where everything is asked for", demanding},
		{"with a permit", carrying},
		{"among 40 rights", func() (authz.Question, authz.Facts) {
			q, f := allowed()
			for i := range 39 {
				other := f.Rights[0]
				other.ID, other.Asset = fmt.Sprintf("Q%d", i), fmt.Sprintf("B%d", i)
				f.Rights = append(f.Rights, other)
			}
			return q, f
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			q, f := c.ask()
			b.ReportAllocs()
			for b.Loop() {
				if d, err := policy.Decide(q, f); err != nil || !d.Allowed {
					b.Fatal(d.Codes, err)
				}
			}
		})
	}
}

// BenchmarkLoad reads and proves the rule.
func BenchmarkLoad(b *testing.B) {
	model, checklist := []byte(read(b, "model.conf")), []byte(read(b, "checklist.csv"))
	for b.Loop() {
		if _, err := authz.Parse(model, checklist); err != nil {
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
