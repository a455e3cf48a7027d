package demo

import (
	"sync"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// AsOf is when the demo's clock starts: 10:00 on 15 October 2026 in Japan.
var AsOf = meibo.InstantOf(time.Date(2026, 10, 15, 10, 0, 0, 0, meibo.JST))

// A Clock stands still while the city's history is played, and then runs.
type Clock struct {
	mu    sync.Mutex
	shows meibo.Instant
	since time.Time // zero: it stands still
}

// NewClock makes a clock that stands at an instant.
func NewClock(at meibo.Instant) *Clock { return &Clock{shows: at} }

// Now is what the clock shows.
func (c *Clock) Now() meibo.Instant {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.since.IsZero() {
		return c.shows
	}
	return c.shows.Add(time.Since(c.since))
}

// Set stops the clock at an instant.
func (c *Clock) Set(at meibo.Instant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shows, c.since = at, time.Time{}
}

// Run lets the clock run from an instant on.
func (c *Clock) Run(from meibo.Instant) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shows, c.since = from, time.Now()
}
