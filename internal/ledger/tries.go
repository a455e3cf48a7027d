package ledger

import (
	"sync"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// tries counts refused passwords per directory entry, so that nobody can guess
// them through meibo: after maxTries within triesWithin the entry waits.
type tries struct {
	mu      sync.Mutex
	refused map[string][]meibo.Instant
}

const (
	maxTries    = 10
	triesWithin = 15 * time.Minute
)

func (t *tries) allow(entry string, now meibo.Instant) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	recent := t.refused[entry]
	for len(recent) > 0 && now.Sub(recent[0]) > triesWithin {
		recent = recent[1:]
	}
	if len(recent) == 0 {
		delete(t.refused, entry)
		return true
	}
	t.refused[entry] = recent
	return len(recent) < maxTries
}

func (t *tries) failed(entry string, now meibo.Instant) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.refused == nil {
		t.refused = map[string][]meibo.Instant{}
	}
	t.refused[entry] = append(t.refused[entry], now)
}
