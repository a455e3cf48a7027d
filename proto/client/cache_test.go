package client

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A kept allow, as the model remembers it.
type kept struct {
	id       string
	asked    time.Time
	age      time.Duration
	revision int64
}

// TestTheCacheGivesOnlyWhatHolds plays random histories: questions are asked and
// answered in any order, time passes, the ledger moves on. What the cache gives
// must be what was last answered to that very question, young enough, and of the
// newest revision that was seen.
func TestTheCacheGivesOnlyWhatHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(1_000_000, 0)
		c := newCache(rapid.IntRange(0, 4).Draw(t, "size"), false, func() time.Time { return now })
		model := map[string]kept{}
		var seen, ledger int64 = 0, 1
		given := 0
		question := rapid.Custom(func(t *rapid.T) *pb.CheckAccessRequest {
			return &pb.CheckAccessRequest{Person: rapid.SampledFrom([]string{"p", "pa", ""}).Draw(t, "person"), Asset: rapid.SampledFrom([]string{"a", ""}).Draw(t, "asset")}
		})
		t.Repeat(map[string]func(*rapid.T){
			"answer": func(t *rapid.T) {
				q := question.Draw(t, "question")
				late := rapid.Int64Range(0, min(2, ledger)).Draw(t, "late")
				a := &pb.CheckAccessResponse{
					DecisionId: fmt.Sprint(given), Allowed: rapid.Bool().Draw(t, "allowed"), MaxAge: rapid.Int32Range(0, 30).Draw(t, "max age"), Revision: ledger - late,
				}
				given++
				asked := now.Add(-time.Duration(rapid.IntRange(0, 5).Draw(t, "took")) * time.Second)
				k, _ := keyOf(q)
				c.put(k, q, a, asked)
				delete(model, q.String())
				if a.Allowed && a.MaxAge > 0 && a.Revision >= seen {
					model[q.String()] = kept{a.DecisionId, asked, time.Duration(a.MaxAge) * time.Second, a.Revision}
				}
				seen = max(seen, a.Revision)
			},
			"move": func(t *rapid.T) { ledger++ },
			"wait": func(t *rapid.T) { now = now.Add(time.Duration(rapid.IntRange(1, 40).Draw(t, "s")) * time.Second) },
			"ask": func(t *rapid.T) {
				q := question.Draw(t, "question")
				k, _ := keyOf(q)
				d, there := c.get(k)
				if !there {
					return
				}
				m, known := model[q.String()]
				if !known || m.id != d.ID || now.Sub(m.asked) >= m.age || m.revision < seen || d.MaxAge != m.age-now.Sub(m.asked) {
					t.Fatalf("gave %+v for %v at %v; the model has %+v, seen %d", d, q, now, m, seen)
				}
			},
			"": func(t *rapid.T) {
				if len(c.entries) > c.size || c.order.Len() != len(c.entries) {
					t.Fatalf("keeps %d and %d of at most %d", len(c.entries), c.order.Len(), c.size)
				}
			},
		})
	})
}

func TestTheFasterClockCounts(t *testing.T) {
	then := time.Now()
	if got := elapsed(then, then.Add(time.Second)); got != time.Second {
		t.Errorf("both clocks ran: %v", got)
	}
	slept := then.Add(time.Hour).Round(0) // only the wall clock ran on
	if got := elapsed(then, slept); got != time.Hour {
		t.Errorf("the machine slept: %v", got)
	}
}

func TestAnAllowWithObligationsIsNoneUntilEachIsAcknowledged(t *testing.T) {
	d := &Decision{allowed: true, owed: []*Obligation{{Name: "mask", Fields: []string{"name"}}, {Name: "max_rows", Number: 10}}}
	for _, o := range d.Obligations() {
		if d.Allowed() {
			t.Errorf("allowed before %s was acknowledged", o.Name)
		}
		o.Acknowledge()
	}
	if !d.Allowed() {
		t.Error("denied though all was acknowledged")
	}
	d = &Decision{allowed: true, owed: []*Obligation{{Name: "watermark"}}}
	if err := d.fulfil(nil); err == nil || d.Allowed() {
		t.Error("an obligation that nobody fulfils lets in")
	}
	if err := d.fulfil(func(o *Obligation) error { return fmt.Errorf("cannot %s", o.Name) }); err == nil || d.Allowed() {
		t.Error("an obligation that was refused lets in")
	}
	if denied := (&Decision{}); denied.Allowed() || (*Decision)(nil).Allowed() || (*Decision)(nil).Obligations() != nil {
		t.Error("a denial lets in")
	}
}
