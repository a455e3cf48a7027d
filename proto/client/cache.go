package client

import (
	"container/list"
	"sync"
	"time"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A cache keeps allows: at most size of them, the ones used last. It knows how far
// the ledger has come as far as any answer, or the watch, has shown.
type cache struct {
	size int
	now  func() time.Time

	mu      sync.Mutex
	entries map[key]*list.Element
	order   *list.List // used last comes first
	tide    tide
}

// An entry is an allow that was given. Its answer is never changed.
type entry struct {
	key      key
	contract string // "" where the question left it to the system's registration
	answer   *pb.CheckAccessResponse
	asked    time.Time // before the question was sent
}

// A tide is how far the ledger is known to have come.
type tide struct {
	seen    int64 // the newest revision that anything has shown
	needed  bool  // nothing is given unless a watch is heard
	live    bool  // one is
	heard   time.Time
	covered int64  // up to which revision it has told what was touched
	epoch   string // the history that it tells of
}

func newCache(size int, watched bool, now func() time.Time) *cache {
	return &cache{size: size, now: now, entries: map[key]*list.Element{}, order: list.New(), tide: tide{needed: watched}}
}

// get finds the allow that was given to a question, if it may still be given.
func (c *cache) get(k key) (*Decision, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	place, there := c.entries[k]
	if !there {
		return nil, false
	}
	e := place.Value.(*entry)
	age := elapsed(e.asked, c.now())
	if age < 0 || age >= maxAge(e.answer) {
		c.drop(place)
		return nil, false
	}
	if !c.tide.holds(e.answer.Revision, c.now()) {
		return nil, false
	}
	d, err := decisionOf(e.answer, age)
	if err != nil {
		return nil, false
	}
	c.order.MoveToFront(place)
	d.Cached = true
	return d, true
}

// holds reports whether an allow of a revision may still be given as far as the
// revision goes: nothing newer was seen; or all that is newer was told by the
// watch, which has taken away what it touched.
func (t tide) holds(revision int64, now time.Time) bool {
	if t.needed && (!t.live || elapsed(t.heard, now) > silence) {
		return false
	}
	return revision >= t.seen || t.live && t.covered >= t.seen
}

// put notes an answer to a question that was asked at a moment, and keeps an allow
// unless the ledger is known to have moved on since.
func (c *cache) put(k key, q *pb.CheckAccessRequest, a *pb.CheckAccessResponse, asked time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	current := a.Revision >= c.tide.seen
	c.tide.seen = max(c.tide.seen, a.Revision)
	if place, there := c.entries[k]; there {
		c.drop(place)
	}
	if c.size < 1 || !current || maxAge(a) <= 0 {
		return
	}
	c.entries[k] = c.order.PushFront(&entry{k, q.GetContract(), a, asked})
	for len(c.entries) > c.size {
		c.drop(c.order.Back())
	}
}

func (c *cache) drop(place *list.Element) {
	delete(c.entries, place.Value.(*entry).key)
	c.order.Remove(place)
}

// elapsed is how long ago a moment was, by whichever clock has run further: the
// monotonic one stands still while a machine sleeps, the other one can be set back.
func elapsed(then, now time.Time) time.Duration {
	return max(now.Sub(then), now.Round(0).Sub(then.Round(0)))
}
