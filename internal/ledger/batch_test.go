package ledger_test

import (
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

func checkAll(t *testing.T, c *meibotest.City, qs []meibo.Question, stop func(meibo.Decision) bool) []meibo.Decision {
	t.Helper()
	ds, err := c.Ledger.CheckAll(t.Context(), c.System, qs, stop)
	if err != nil {
		t.Fatal(err)
	}
	return ds
}

// TestABatchIsItsSingles asks random questions together and one by one.
func TestABatchIsItsSingles(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		people := []meibo.PersonID{c.Employed("e001"), c.Employed("e002"), "nobody", "", "a b"}
		dice := rand.New(rand.NewPCG(1, 2))
		var qs []meibo.Question
		for range 60 {
			qs = append(qs, meibo.Question{
				Person: pick(dice, people), Contract: pick(dice, []meibo.ContractID{"C01", "C01", "C01", "C99", ""}),
				Asset: pick(dice, []meibo.AssetID{"A01", "A01", "A11", "A99"}), Action: pick(dice, []meibo.Action{"view", "view", "print", "fly"}),
				Purpose: pick(dice, []meibo.PurposeCode{meibotest.Purpose, meibotest.Purpose, "Z.CURIOUS", ""}),
			})
		}
		qs = append(qs, named(meibo.SubjectLogin, "e001"), named(meibo.SubjectLogin, "e009"))
		together := checkAll(t, c, qs, nil)
		if len(together) != len(qs) {
			t.Fatalf("%d answers to %d questions", len(together), len(qs))
		}
		ids, allowed := map[meibo.DecisionID]bool{}, 0
		for i, d := range together {
			single := c.Ask(qs[i])
			same := single
			same.ID, same.At = d.ID, d.At
			if diff := cmp.Diff(same, d); diff != "" {
				t.Errorf("%+v (-single +batch):\n%s", qs[i], diff)
			}
			if ids[d.ID] || d.Revision != together[0].Revision || d.At != together[0].At || d.Epoch != together[0].Epoch {
				t.Errorf("decision %s at revision %d and %s", d.ID, d.Revision, d.At)
			}
			if ids[d.ID] = true; d.Allowed {
				allowed++
			}
		}
		if allowed == 0 || allowed == len(qs) {
			t.Errorf("%d allowed: nothing was shown", allowed)
		}
	})
}

func pick[T any](dice *rand.Rand, list []T) T { return list[dice.IntN(len(list))] }

func TestABatchEndsWhereItIsTold(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		yes, no := meibotest.Question(c.Employed("e001")), meibotest.Question("nobody")
		for name, x := range map[string]struct {
			stop func(meibo.Decision) bool
			qs   []meibo.Question
			want int
		}{
			"never":                  {nil, []meibo.Question{yes, no, yes}, 3},
			"at the first denial":    {func(d meibo.Decision) bool { return !d.Allowed }, []meibo.Question{yes, no, yes}, 2},
			"at the first allow":     {func(d meibo.Decision) bool { return d.Allowed }, []meibo.Question{no, no, yes, no}, 3},
			"at a denial: none":      {func(d meibo.Decision) bool { return !d.Allowed }, []meibo.Question{yes, yes}, 2},
			"there are no questions": {nil, nil, 0},
		} {
			if ds := checkAll(t, c, x.qs, x.stop); len(ds) != x.want {
				t.Errorf("%s: %d answers, want %d", name, len(ds), x.want)
			}
		}
		many := make([]meibo.Question, ledger.MaxQuestions+1)
		if _, err := c.Ledger.CheckAll(t.Context(), c.System, many, nil); !errors.Is(err, meibo.ErrInvalid) {
			t.Errorf("too many: %v", err)
		}
		if _, err := c.Ledger.CheckAll(t.Context(), c.Submitter, nil, nil); !errors.Is(err, meibo.ErrForbidden) {
			t.Errorf("no system: %v", err)
		}
		if ds := checkAll(t, c, many[:ledger.MaxQuestions], nil); len(ds) != ledger.MaxQuestions { // more than one statement
			t.Errorf("%d answers to %d questions", len(ds), ledger.MaxQuestions)
		}
	})
}

// TestNoAnswerOfABatchContradictsAnother asks of one person many times over while
// he is disabled and enabled: all say the same.
func TestNoAnswerOfABatchContradictsAnother(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, directoryOf())
		q := meibotest.Question(c.Employed("e001"))
		qs := make([]meibo.Question, 40)
		for i := range qs {
			qs[i] = q
		}
		var allowed, denied atomic.Int64
		stop := make(chan struct{})
		var askers sync.WaitGroup
		for range 2 {
			askers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					ds, err := c.Ledger.CheckAll(t.Context(), c.System, qs, nil)
					if err != nil {
						t.Error(err)
						return
					}
					for _, d := range ds {
						if d.Allowed != ds[0].Allowed || d.Revision != ds[0].Revision {
							t.Errorf("%v at revision %d beside %v at %d", d.Codes, d.Revision, ds[0].Codes, ds[0].Revision)
						}
					}
					if ds[0].Allowed {
						allowed.Add(1)
					} else {
						denied.Add(1)
					}
				}
			})
		}
		states := []meibo.AccountState{meibo.AccountDisabled, meibo.AccountEnabled}
		for i := 0; i < 200 && (i < 20 || allowed.Load() == 0 || denied.Load() == 0); i++ {
			f := ledger.Finding{Changed: []meibo.Account{{Entry: "entryUUID:e001", State: states[i%2]}}}
			if _, err := c.Reconcile(f); err != nil {
				t.Fatal(err)
			}
		}
		close(stop)
		askers.Wait()
		if allowed.Load() == 0 || denied.Load() == 0 {
			t.Errorf("%d allowed, %d denied: nothing was shown", allowed.Load(), denied.Load())
		}
	})
}

func TestWithoutItsRecordsABatchAllowsNothing(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		q := meibotest.Question(c.Employed("e001"))
		release := lockDecisions(t, url)
		defer release()
		for _, d := range checkAll(t, c, []meibo.Question{q, q}, nil) {
			wants(t, d, "AUDIT_UNAVAILABLE")
		}
	})
}
