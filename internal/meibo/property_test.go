package meibo_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A history is a desk at which anything happens in any order, with what the
// city has in its hands kept apart from the book.
type history struct {
	*desk
	documents map[int][]meibo.Member
	seen      map[string]int // how often what was worth seeing was seen
}

// act does something on a copy of the book; what is refused leaves nothing.
func (h *history) act(do func(*meibo.Book) error) {
	b := h.copy()
	if err := do(b); err != nil {
		return
	}
	if b.Cut != nil {
		h.documents[b.Cut.Version] = b.Cut.Members
	}
	h.Book = b
	h.commit()
}

var (
	anybody  = rapid.SampledFrom([]meibo.PersonID{"E001", "E002", "E046"})
	anyAsset = rapid.SampledFrom([]meibo.AssetID{"A01", "A02"})
	anyDay   = rapid.SampledFrom([]meibo.Date{
		"2026-10-01", "2026-10-15", "2026-10-16", "2026-10-20", "2026-11-01", "2026-11-10", "2026-12-31", "2027-03-31",
	})
	anyCaller = rapid.SampledFrom([]meibo.Caller{primeSubmitter, subSubmitter})
)

func anyLine(t *rapid.T) meibo.Line {
	p, a := anybody.Draw(t, "person"), anyAsset.Draw(t, "asset")
	operation := rapid.SampledFrom([]meibo.Operation{
		meibo.Add, meibo.Add, meibo.Add, meibo.Amend, meibo.Amend, meibo.Suspend, meibo.Resume, meibo.Remove,
	}).Draw(t, "operation")
	if operation == meibo.Add {
		return during(add(p, a), anyDay.Draw(t, "from"), anyDay.Draw(t, "until"))
	}
	l := about(operation, p, rapid.SampledFrom([]meibo.Reason{meibo.ReasonTransfer, meibo.ReasonLeave}).Draw(t, "reason"))
	sometimes := func(what string) bool { return rapid.Bool().Draw(t, what) }
	if (operation == meibo.Amend || operation == meibo.Remove) && sometimes("one right") {
		l = on(a, l)
	}
	if (operation == meibo.Amend || operation == meibo.Suspend) && sometimes("has from") {
		l.Starts = anyDay.Draw(t, "from")
	}
	if (operation == meibo.Amend || operation == meibo.Remove) && sometimes("has until") {
		l.Ends = anyDay.Draw(t, "until")
	}
	return l
}

func anyLines(t *rapid.T) []meibo.Line {
	return numbered(rapid.SliceOfN(rapid.Custom(anyLine), 1, 2).Draw(t, "lines"))
}

func (h *history) anyVersion(t *rapid.T) int {
	return rapid.IntRange(1, max(1, len(h.Rosters.All()))).Draw(t, "version")
}

// live lets so many acts happen, each followed by the check.
func (h *history) live(t *rapid.T, acts int) {
	actions := h.actions()
	for range rapid.IntRange(0, acts).Draw(t, "acts") {
		actions[rapid.SampledFrom([]string{
			"submit", "submit", "submit", "approve", "approve", "notify", "notify", "bounce", "answer", "answer", "time passes",
		}).Draw(t, "act")](t)
		h.check(t)
	}
}

func (h *history) actions() map[string]func(*rapid.T) {
	return map[string]func(*rapid.T){
		"submit": func(t *rapid.T) {
			by, lines := anyCaller.Draw(t, "by"), anyLines(t)
			h.act(func(b *meibo.Book) error {
				_, err := b.Submit(h.scene(by), "S", lines, nil)
				return err
			})
		},
		"approve": func(t *rapid.T) {
			by := rapid.SampledFrom([]meibo.Caller{primeApprover, subApprover}).Draw(t, "by")
			for _, c := range h.Changes.All() {
				if c.State == meibo.ChangeSubmitted {
					h.act(func(b *meibo.Book) error { _, err := b.Approve(h.scene(by), c.ID); return err })
				}
			}
		},
		"notify": func(t *rapid.T) { h.notify() },
		"bounce": func(t *rapid.T) {
			for _, n := range h.Notices.All() {
				if bounced, err := n.Bounce(); err == nil && n.Kind == meibo.NoticeRoster && rapid.Bool().Draw(t, "bounces") {
					h.Notices.Put(bounced)
				}
			}
			h.commit()
		},
		"answer": func(t *rapid.T) {
			v := h.anyVersion(t)
			verdict := rapid.SampledFrom([]meibo.Verdict{meibo.Acknowledged, meibo.Returned}).Draw(t, "verdict")
			line := rapid.SampledFrom([]meibo.PersonID{"", "E001", "E002"}).Draw(t, "line")
			h.act(func(b *meibo.Book) error {
				r, _ := b.Rosters.Get(v)
				return b.Answer(h.scene(cityReceiver), v, r.Hash, verdict, line, "理由")
			})
		},
		"time passes": func(t *rapid.T) {
			h.now = h.now.Add(time.Duration(rapid.IntRange(1, 3*24).Draw(t, "hours")) * time.Hour)
		},
	}
}

// check holds the book to what must be so whatever happened.
func (h *history) check(t *rapid.T) {
	running := map[meibo.PersonID]bool{}
	for _, a := range h.Assignments.All() {
		if a.Ends < a.Starts {
			t.Fatalf("%s works from %s until %s", a.PersonID, a.Starts, a.Ends)
		}
		if a.Running() && running[a.PersonID] {
			t.Fatalf("%s is at work twice", a.PersonID)
		}
		running[a.PersonID] = running[a.PersonID] || a.Running()
	}
	h.look()
	statuses := h.Statuses()
	for _, r := range h.Rights.All() {
		a, _ := h.Assignments.Get(r.AssignmentID)
		if r.Ends < r.Starts {
			t.Fatalf("a right of %s lasts from %s until %s", r.PersonID, r.Starts, r.Ends)
		}
		if a.Running() && r.EndedAt.IsZero() && (r.Starts < a.Starts || a.Ends < r.Ends) {
			t.Fatalf("%s works from %s until %s, with a right from %s until %s", r.PersonID, a.Starts, a.Ends, r.Starts, r.Ends)
		}
		if opened, _ := r.Opened(statuses, h.Contract.AckRequired); !opened.IsZero() && r.EndedAt.IsZero() && a.Running() && !h.cityKnows(r, statuses) {
			t.Fatalf("%s %s %s..%s is open, and no version in the city's hands has it", r.PersonID, r.AssetID, r.Starts, r.Ends)
		}
	}
	for i, n := range slices.DeleteFunc(slices.Clone(h.Notices.All()), func(n meibo.Notice) bool { return n.OrganizationID != "G0" }) {
		if n.Number != i+1 {
			t.Fatalf("notice %d to the city has the number %d", i+1, n.Number)
		}
	}
}

// look counts what is worth seeing.
func (h *history) look() {
	h.seen["open"] += len(h.open())
	h.seen["version"] += len(h.Rosters.All())
	for _, r := range h.Rights.All() {
		if !r.ReturnedAt.IsZero() {
			h.seen["returned"]++
		}
		if r.ListedUntil > 0 && r.EndedAt.IsZero() {
			h.seen["replaced"]++
		}
	}
	for _, a := range h.Assignments.All() {
		if a.Suspended(h.now) {
			h.seen["suspended"]++
		}
	}
}

// cityKnows looks for the right in the documents that the city was notified of
// (or has acknowledged, where the contract asks for it) and has not returned.
func (h *history) cityKnows(r meibo.Right, statuses []meibo.VersionStatus) bool {
	for _, v := range statuses {
		at := v.NotifiedAt
		if h.Contract.AckRequired {
			at = v.AcknowledgedAt
		}
		if at.IsZero() || !v.ReturnedAt.IsZero() {
			continue
		}
		for _, m := range h.documents[v.Version] {
			for _, x := range m.Rights {
				if m.PersonID == r.PersonID && x.Asset == r.AssetID && x.Action == r.Action && x.Purpose == r.Purpose && x.From <= r.Starts && r.Ends <= x.Until {
					return true
				}
			}
		}
	}
	return false
}

func TestNothingIsOpenThatTheCityDoesNotKnow(t *testing.T) {
	for _, ack := range []bool{false, true} {
		t.Run(fmt.Sprintf("acknowledgement required: %t", ack), func(t *testing.T) {
			seen := map[string]int{}
			rapid.Check(t, func(r *rapid.T) {
				h := &history{newDesk(t), map[int][]meibo.Member{}, seen}
				h.Contract.AckRequired = ack
				h.live(r, 200)
			})
			for _, what := range []string{"open", "returned", "replaced", "suspended", "version"} {
				if seen[what] < 20 {
					t.Errorf("%s was seen %d times only: the histories are too tame", what, seen[what])
				}
			}
		})
	}
}

func TestTakingAwayNeverOpens(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(r *rapid.T) {
		h := &history{newDesk(t), map[int][]meibo.Member{}, seen}
		h.live(r, 40)
		before := h.open()
		l := anyLine(r)
		taken := l.Operation == meibo.Remove || l.Operation == meibo.Suspend
		h.act(func(b *meibo.Book) error {
			s, err := b.Submit(h.scene(primeSubmitter), "S", numbered([]meibo.Line{l}), nil)
			taken = taken || err == nil && s.Changes[0].State == meibo.ChangeAccepted
			return err
		})
		after := h.open()
		if !taken {
			if !slices.Equal(before, after) {
				r.Fatalf("what waits for approval changed %v to %v", before, after)
			}
			return
		}
		if len(after) > len(before) {
			r.Fatalf("%+v opened: %v, then %v", l, before, after)
		}
		for _, p := range []meibo.PersonID{"E001", "E002", "E046"} {
			has := func(list []string) int {
				return len(slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s[:4] != string(p) }))
			}
			if has(after) > has(before) {
				r.Fatalf("%+v opened something for %s: %v, then %v", l, p, before, after)
			}
			if now := l.Ends <= h.now.Day(); l.Operation == meibo.Remove && !l.HasTriple() && l.PersonID == p && now && has(after) > 0 {
				r.Fatalf("%s was removed and has %v", p, after)
			}
		}
	})
}
