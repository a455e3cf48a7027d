package authz_test

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/authz"
)

func TestASnapshotKnowsWhatItsRegisterSays(t *testing.T) {
	policy := load(t)
	allows := 0
	rapid.Check(t, func(t *rapid.T) {
		r, questions := registerWorld(t)
		s := new(authz.Snapshot).With(r.changes()...)
		for _, q := range questions {
			want, wantErr := policy.Decide(q, r.facts(q))
			got, err := policy.DecideIn(s, q)
			if diff := gocmp.Diff(want, got); diff != "" || (err == nil) != (wantErr == nil) {
				t.Errorf("decision (-register +snapshot):\n%s", diff)
			}
			if got, _ := policy.Decide(q, s.Facts(q)); !reflect.DeepEqual(want, got) {
				t.Errorf("decision on the facts (-register +snapshot):\n%s", gocmp.Diff(want, got))
			}
			if got.Allowed {
				allows++
			}
		}
	})
	if allows == 0 {
		t.Error("nothing was ever allowed: the registers are too wild")
	}
}

func TestASnapshotStaysAsItIs(t *testing.T) {
	policy := load(t)
	type answer struct {
		snapshot *authz.Snapshot
		question authz.Question
		want     authz.Decision
	}
	rapid.Check(t, func(t *rapid.T) {
		r, questions := registerWorld(t)
		s := new(authz.Snapshot).With(r.changes()...)
		var answers []answer
		for range 4 {
			for _, q := range questions {
				d, _ := policy.DecideIn(s, q)
				answers = append(answers, answer{s, q, d})
			}
			s = s.With(alter(t, &r)...)
			fresh := new(authz.Snapshot).With(r.changes()...)
			for _, q := range questions {
				want, _ := policy.DecideIn(fresh, q)
				if got, _ := policy.DecideIn(s, q); !reflect.DeepEqual(want, got) {
					t.Errorf("decision (-made anew +changed):\n%s", gocmp.Diff(want, got))
				}
			}
		}
		for _, a := range answers {
			if got, _ := policy.DecideIn(a.snapshot, a.question); !reflect.DeepEqual(a.want, got) {
				t.Errorf("an earlier snapshot has changed (-before +after):\n%s", gocmp.Diff(a.want, got))
			}
		}
	})
}

// alter changes the register in one place, and returns what does the same to its snapshot.
func alter(t *rapid.T, r *register) []authz.Change {
	one := func(n int) int { return rapid.IntRange(0, n-1).Draw(t, "element") }
	switch rapid.IntRange(0, 5).Draw(t, "what") {
	case 0:
		if len(r.Subjects) > 1 {
			id := r.Subjects[one(len(r.Subjects))].Person.ID
			r.Subjects = slices.DeleteFunc(slices.Clone(r.Subjects), func(s authz.Subject) bool { return s.Person.ID == id })
			return []authz.Change{authz.DropSubject(id)}
		}
	case 1:
		if len(r.Contracts) > 0 {
			record := r.Contracts[one(len(r.Contracts))]
			record.Contract.State = authz.ContractSuspended
			r.Contracts = append(slices.Clone(r.Contracts), record)
			return []authz.Change{authz.PutContract(record)}
		}
	case 2:
		hold := authz.Hold{ID: fmt.Sprint("N", one(3)), Person: "E100", Kind: authz.HoldIncident}
		r.Holds = append(slices.Clone(r.Holds), hold)
		return []authz.Change{authz.PutHold(hold)}
	case 3:
		r.Holds = slices.DeleteFunc(slices.Clone(r.Holds), func(h authz.Hold) bool { return h.ID == "N0" })
		return []authz.Change{authz.DropHold("N0")}
	case 4:
		r.Clock.Lost = !r.Clock.Lost
		return []authz.Change{authz.SetClock(r.Clock)}
	}
	if len(r.Subjects) == 0 {
		return nil
	}
	s := r.Subjects[one(len(r.Subjects))]
	s.Person.Account = rapid.SampledFrom([]authz.Account{authz.AccountEnabled, authz.AccountDisabled}).Draw(t, "account")
	r.Subjects = append(slices.Clone(r.Subjects), s)
	return []authz.Change{authz.PutSubject(s)}
}

func TestASearchIsAFilterOfChecks(t *testing.T) {
	policy := load(t)
	found := 0
	rapid.Check(t, func(t *rapid.T) {
		r, questions := registerWorld(t)
		s := new(authz.Snapshot).With(r.changes()...)
		allows := func(q authz.Question) bool {
			d, _ := policy.DecideIn(s, q)
			return d.Allowed
		}
		for _, q := range questions {
			var people, assets, actions []string
			for _, id := range []string{"E002", "E003", "SV01", "E100", "E101", "E102", "E103"} {
				if one := q; allows(set(one, func(q *authz.Question) { q.Person = id })) {
					people = append(people, id)
				}
			}
			for _, word := range r.words() {
				if allows(set(q, func(q *authz.Question) { q.Asset = word })) {
					assets = append(assets, word)
				}
				if allows(set(q, func(q *authz.Question) { q.Action = word })) {
					actions = append(actions, word)
				}
			}
			got := slices.Collect(policy.People(s, q, ""))
			if !slices.Equal(slices.Sorted(slices.Values(got)), people) {
				t.Errorf("people: got %v, want %v", got, people)
			}
			if len(got) > 1 {
				found++
				if rest := slices.Collect(policy.People(s, q, got[0])); !slices.Equal(rest, got[1:]) {
					t.Errorf("people after %s: got %v, want %v", got[0], rest, got[1:])
				}
			}
			assets, actions = slices.Compact(slices.Sorted(slices.Values(assets))), slices.Compact(slices.Sorted(slices.Values(actions)))
			if got := slices.Collect(policy.Assets(s, q)); !slices.Equal(got, assets) {
				t.Errorf("assets: got %v, want %v", got, assets)
			}
			if got := slices.Collect(policy.Actions(s, q)); !slices.Equal(got, actions) {
				t.Errorf("actions: got %v, want %v", got, actions)
			}
			for range policy.People(s, q, "") {
				break
			}
		}
	})
	if found == 0 {
		t.Error("no search ever found more than one")
	}
}

// words returns what rights are about, and words that none is.
func (r *register) words() []string {
	all := []string{"A01", "view", "nothing", "*", ""}
	for _, s := range r.Subjects {
		for _, w := range s.Work {
			for _, right := range w.Rights {
				all = append(all, right.Asset, right.Action)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func set(q authz.Question, alter func(*authz.Question)) authz.Question {
	alter(&q)
	return q
}

func TestASubjectComesOutAsItWentIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q, f := rapid.SampledFrom(bases).Draw(t, "base")()
		r := registerOf(q, f)
		want := r.Subjects[rapid.IntRange(0, len(r.Subjects)-1).Draw(t, "subject")]
		for range rapid.IntRange(0, 8).Draw(t, "changes") {
			change(t, pick(t, places("", reflect.ValueOf(&want).Elem())[1:]).value)
		}
		got, known := new(authz.Snapshot).With(authz.PutSubject(want)).Subject(want.Person.ID)
		if !known {
			t.Fatal("not known")
		}
		inMicroseconds := gocmp.Transformer("time", func(t time.Time) string { return t.UTC().Truncate(time.Microsecond).Format(time.RFC3339Nano) })
		empty := gocmp.FilterValues(func(a, b any) bool {
			x, y := reflect.ValueOf(a), reflect.ValueOf(b)
			return x.IsValid() && y.IsValid() && x.Kind() == reflect.Slice && y.Kind() == reflect.Slice && x.Len()+y.Len() == 0
		}, gocmp.Comparer(func(_, _ any) bool { return true }))
		if diff := gocmp.Diff(want, got, inMicroseconds, empty); diff != "" {
			t.Errorf("subject (-in +out):\n%s", diff)
		}
	})
}

func TestTheEmptySnapshotAllowsNothing(t *testing.T) {
	q, _ := allowed()
	var s authz.Snapshot
	d, err := load(t).DecideIn(&s, q)
	if err != nil || d.Allowed || s.Subjects() != 0 || s.Rev() != 0 || s.Epoch() != "" {
		t.Errorf("got %v and error %v", d.Codes, err)
	}
	if _, known := s.Subject("E002"); known {
		t.Error("knows a subject")
	}
	if d, err := load(t).DecideIn(&s, authz.Question{}); err != nil || d.Primary != authz.CodeRequestMalformed {
		t.Errorf("got %v and error %v, want a malformed request", d.Codes, err)
	}
}

func TestASnapshotCarriesItsRevision(t *testing.T) {
	before := new(authz.Snapshot).With(authz.SetRevision(7, "epoch-1"))
	after := before.With(authz.SetRevision(8, "epoch-1"))
	if before.Rev() != 7 || after.Rev() != 8 || after.Epoch() != "epoch-1" {
		t.Errorf("got revisions %d and %d of %q", before.Rev(), after.Rev(), after.Epoch())
	}
}

func TestCloseOutIsFoundWithoutItsNumber(t *testing.T) {
	q, f := closing()
	r := registerOf(q, f)
	s := new(authz.Snapshot).With(r.changes()...)
	q.Context.Permit = ""
	if d, _ := load(t).DecideIn(s, q); d.Primary != authz.CodeCloseoutOnly {
		t.Errorf("got %v, want that closing out needs the permit's number", d.Codes)
	}
	if d, _ := load(t).DecideIn(s.With(authz.DropPermit("PM-02")), q); d.Primary != authz.CodeContractTerminated {
		t.Errorf("got %v after the permit was dropped", d.Codes)
	}
}

func TestEachRevocationIsSeenByTheNextCheck(t *testing.T) {
	policy := load(t)
	q, f := allowed()
	r := registerOf(q, f)
	var current atomic.Pointer[authz.Snapshot]
	current.Store(new(authz.Snapshot).With(r.changes()...))
	granted := r.Subjects[0]
	revoked := granted
	revoked.Work = []authz.Work{{Contract: "C01", Assignment: granted.Work[0].Assignment}}
	var wait sync.WaitGroup
	var stop atomic.Bool
	for range 3 {
		wait.Go(func() {
			for !stop.Load() {
				if d, err := policy.DecideIn(current.Load(), q); err != nil || !d.Allowed && d.Primary != authz.CodeRightMissing {
					t.Errorf("got %v and error %v", d.Codes, err)
					return
				}
				for range policy.People(current.Load(), q, "") {
					break
				}
			}
		})
	}
	for i := range 300 {
		subject, want := granted, i%2 == 0
		if !want {
			subject = revoked
		}
		current.Store(current.Load().With(authz.PutSubject(subject), authz.SetRevision(int64(i), "")))
		if d, err := policy.DecideIn(current.Load(), q); err != nil || d.Allowed != want {
			t.Errorf("change %d: allowed = %t, want %t (error %v)", i, d.Allowed, want, err)
		}
	}
	stop.Store(true)
	wait.Wait()
}

func TestASnapshotIsShadowed(t *testing.T) {
	q, f := allowed()
	f.Pledges = nil
	r := registerOf(q, f)
	s := new(authz.Snapshot).With(r.changes()...)
	if d, err := authz.Damaged(load(t), "pledge").Shadow(1, nil).DecideIn(s, q); err == nil || d.Allowed {
		t.Errorf("got %v and error %v, want the difference noticed", d.Codes, err)
	}
	if d, err := load(t).Shadow(1, nil).DecideIn(s, q); err != nil || d.Primary != authz.CodePledgeMissing {
		t.Errorf("got %v and error %v", d.Codes, err)
	}
}
