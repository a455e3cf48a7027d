package client

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A world is a ledger that changes, a watch that tells of it late, and a cache.
type world struct {
	now      time.Time
	cache    *cache
	revision int64
	touched  map[int64]string             // by revision, the contract; "": everybody
	pending  []*pb.WatchRevisionsResponse // told, not heard yet
	told     int64
	known    int64 // the newest revision that the cache can know of
}

func (w *world) change(contract string) {
	w.revision++
	w.touched[w.revision] = contract
}

// tell sums up what has happened since the last word.
func (w *world) tell(everybody bool) {
	m := &pb.WatchRevisionsResponse{Epoch: "e", Revision: w.revision, Everybody: everybody}
	for r := w.told + 1; r <= w.revision; r++ {
		if w.touched[r] == "" {
			m.Everybody = true
		} else {
			m.Touched = append(m.Touched, &pb.Touched{Contract: w.touched[r], Person: "p"})
		}
	}
	w.pending, w.told = append(w.pending, m), w.revision
}

// taken reports whether an allow of a revision was touched by then.
func (w *world) taken(contract string, since, until int64) bool {
	for r := since + 1; r <= until; r++ {
		if w.touched[r] == "" || w.touched[r] == contract || contract == "" {
			return true
		}
	}
	return false
}

// TestNothingIsGivenThatIsKnownToBeTouched plays random histories of changes, of
// answers and words that come late, of watches that break and fall silent.
func TestNothingIsGivenThatIsKnownToBeTouched(t *testing.T) {
	given := 0
	rapid.Check(t, func(t *rapid.T) {
		w := &world{now: time.Unix(1_000_000, 0), touched: map[int64]string{}}
		w.cache = newCache(8, true, func() time.Time { return w.now })
		contract := rapid.SampledFrom([]string{"C01", "C02", ""})
		live, heard := false, time.Time{}
		last := map[string]*pb.CheckAccessResponse{}
		t.Repeat(map[string]func(*rapid.T){
			"change": func(t *rapid.T) { w.change(contract.Draw(t, "contract")) },
			"tell": func(t *rapid.T) {
				if live {
					w.tell(false)
				}
			},
			"hear": func(t *rapid.T) {
				if !live || len(w.pending) == 0 {
					return
				}
				w.cache.hear(w.pending[0])
				w.known, heard = max(w.known, w.pending[0].Revision), w.now
				w.pending = w.pending[1:]
			},
			"break": func(t *rapid.T) {
				w.cache.deaf()
				w.pending, live = nil, false
			},
			"begin": func(t *rapid.T) {
				if !live {
					w.told, live = w.revision, true
					w.tell(true)
				}
			},
			"answer": func(t *rapid.T) {
				q := &pb.CheckAccessRequest{Contract: contract.Draw(t, "contract"), Person: rapid.SampledFrom([]string{"p", "q"}).Draw(t, "person")}
				late := rapid.Int64Range(0, min(2, w.revision)).Draw(t, "late")
				a := &pb.CheckAccessResponse{DecisionId: fmt.Sprint(given, w.now), Allowed: true, MaxAge: 30, Revision: w.revision - late}
				k, _ := keyOf(q)
				w.cache.put(k, q, a, w.now)
				last[q.String()] = a
				w.known = max(w.known, a.Revision)
			},
			"wait": func(t *rapid.T) {
				w.now = w.now.Add(time.Duration(rapid.IntRange(1, 4000).Draw(t, "ms")) * time.Millisecond)
			},
			"ask": func(t *rapid.T) {
				q := &pb.CheckAccessRequest{Contract: contract.Draw(t, "contract"), Person: rapid.SampledFrom([]string{"p", "q"}).Draw(t, "person")}
				k, _ := keyOf(q)
				d, there := w.cache.get(k)
				if !there {
					return
				}
				given++
				if d.ID != last[q.String()].DecisionId || !live || w.now.Sub(heard) > silence || w.taken(q.Contract, d.Revision, w.known) {
					t.Fatalf("gave %+v for %v; live %t, heard %v ago, known %d, touched %v", d, q, live, w.now.Sub(heard), w.known, w.touched)
				}
			},
		})
	})
	if given == 0 {
		t.Error("nothing was ever given: the test shows nothing")
	}
}

func TestAnotherHistoryEndsEverything(t *testing.T) {
	now := time.Now()
	c := newCache(8, true, func() time.Time { return now })
	q := &pb.CheckAccessRequest{Contract: "C01"}
	k, _ := keyOf(q)
	c.hear(&pb.WatchRevisionsResponse{Epoch: "one", Revision: 7, Everybody: true})
	c.put(k, q, &pb.CheckAccessResponse{DecisionId: "d", Allowed: true, MaxAge: 30, Revision: 9}, now)
	if _, there := c.get(k); !there {
		t.Fatal("nothing is kept")
	}
	c.hear(&pb.WatchRevisionsResponse{Epoch: "two", Revision: 8})
	if _, there := c.get(k); there || len(c.entries) > 0 {
		t.Error("an allow of the history before is given")
	}
}

func TestAnAllowWaitsForTheWatchToCatchUp(t *testing.T) {
	now := time.Now()
	c := newCache(8, true, func() time.Time { return now })
	kept, other := &pb.CheckAccessRequest{Contract: "C01"}, &pb.CheckAccessRequest{Contract: "C02"}
	k, _ := keyOf(kept)
	o, _ := keyOf(other)
	gives := func(want bool, when string) {
		t.Helper()
		if _, there := c.get(k); there != want {
			t.Errorf("%s: given %t, want %t", when, there, want)
		}
	}
	allow := func(revision int64) *pb.CheckAccessResponse {
		return &pb.CheckAccessResponse{DecisionId: "d", Allowed: true, MaxAge: 30, Revision: revision}
	}
	c.put(k, kept, allow(5), now)
	gives(false, "before the watch")
	c.hear(&pb.WatchRevisionsResponse{Revision: 5, Everybody: true})
	gives(true, "the watch has come to its revision")
	c.put(o, other, allow(6), now)
	gives(false, "what revision 6 touched is not told yet")
	c.hear(&pb.WatchRevisionsResponse{Revision: 6, Touched: []*pb.Touched{{Contract: "C02"}}})
	gives(true, "revision 6 did not touch it")
	now = now.Add(silence + time.Millisecond)
	gives(false, "nothing was heard for too long")
	c.hear(&pb.WatchRevisionsResponse{Revision: 6})
	gives(true, "the watch speaks again")
	c.deaf()
	gives(false, "the watch has broken")
}
