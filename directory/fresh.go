package directory

import "time"

// Freshness says how far what is known of a directory can be relied on.
type Freshness string

// The three stages of silence.
const (
	Fresh  Freshness = "fresh"  // proven lately
	Frozen Freshness = "frozen" // nothing new is granted or extended
	Stale  Freshness = "stale"  // what was granted is suspended until there is a proof again
)

// FreshnessLimits are how long a directory may be silent. A field that is zero is the default; a negative SuspendAfter
// is never, which has to be said.
type FreshnessLimits struct {
	FreezeAfter  time.Duration // default 15 min
	SuspendAfter time.Duration // default 24 h
}

// At is the freshness at a moment, when the last proof is of another. It is a pure function. Without any proof all is
// stale. A proof of the future is one of now: a clock that was put back does not make anything older.
func (l FreshnessLimits) At(proven, now time.Time) Freshness {
	freeze, suspend := l.ends(proven)
	switch {
	case proven.IsZero(), !suspend.IsZero() && !now.Before(suspend):
		return Stale
	case !now.Before(freeze):
		return Frozen
	}
	return Fresh
}

// Next is when the freshness will change, should no proof come; zero: never.
func (l FreshnessLimits) Next(proven, now time.Time) time.Time {
	freeze, suspend := l.ends(proven)
	switch l.At(proven, now) {
	case Fresh:
		if !suspend.IsZero() && suspend.Before(freeze) {
			return suspend
		}
		return freeze
	case Frozen:
		return suspend
	}
	return time.Time{}
}

func (l FreshnessLimits) ends(proven time.Time) (freeze, suspend time.Time) {
	or(&l.FreezeAfter, 15*time.Minute)
	or(&l.SuspendAfter, 24*time.Hour)
	if l.SuspendAfter > 0 {
		suspend = proven.Add(l.SuspendAfter)
	}
	return proven.Add(l.FreezeAfter), suspend
}
