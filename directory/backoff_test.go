package directory_test

import (
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

// TestAttemptsBecomeRarer: twice as rare each time, up to the latest, and less than
// that by a random part.
func TestAttemptsBecomeRarer(t *testing.T) {
	for _, jitter := range []float64{0.25, 1} {
		p := directory.Pace{Soonest: 200 * time.Millisecond, Latest: time.Second, Jitter: jitter}
		for range 100 {
			for i, got := range directory.Waits(p, 5) {
				most := min(p.Soonest<<i, p.Latest)
				if least := most - time.Duration(jitter*float64(most)); got < least || got > most {
					t.Errorf("attempt %d after %v, want %v to %v", i+1, got, least, most)
				}
			}
		}
	}
	p := directory.Pace{}.WithDefaults()
	seen := map[time.Duration]bool{}
	for range 20 {
		seen[directory.Waits(p, 1)[0]] = true
	}
	if len(seen) < 10 {
		t.Errorf("%d different waits of 20: servers that come back are met by all at once", len(seen))
	}
}
