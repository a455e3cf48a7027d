package directory

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// NoticeKind says what a follower reports.
type NoticeKind string

// What a follower reports.
const (
	NoticeConnected   NoticeKind = "connected"   // a server answers, and its changes are listened to
	NoticeCurrent     NoticeKind = "current"     // all that happened before has been handed on
	NoticeRejected    NoticeKind = "rejected"    // a token was not gone on from; Err is a *TokenRejected
	NoticeInterrupted NoticeKind = "interrupted" // the server is not followed now; Err says why, Wait until the next try
	NoticeBlind       NoticeKind = "blind"       // the same, since the account does not see the directory as it is
	NoticeSwept       NoticeKind = "swept"       // everybody was read
	NoticeUnswept     NoticeKind = "unswept"     // everybody was to be read, and was not; Err says why
	NoticeMissed      NoticeKind = "missed"      // a reading found changes that the server had not told of
	NoticeDisagreed   NoticeKind = "disagreed"   // a complete reading did not show people whom a look-up then found
)

// Notice is a report.
type Notice struct {
	Kind   NoticeKind
	At     time.Time
	URL    string
	Mode   Mode
	Reason string        // for the mode
	Err    error         // an *Incomplete, or a *TokenRejected
	Wait   time.Duration // until the next attempt
	Took   time.Duration // of a reading
	Began  time.Time     // of a reading, by the machine's own clock: nothing that happened before is missing from it
	Full   bool          // of a reading: with all attributes
	People int           // that a reading saw
	Missed int           // changes that it found and nobody had told of; of NoticeDisagreed, the people
}

// Standing is where a follower stands.
type Standing struct {
	Connected  bool
	URL        string
	Vendor     Vendor
	Mode       Mode
	Reason     string    // for the mode
	Since      time.Time // when the connection was made, or lost
	Err        error     // the last one that interrupted it; nil while connected
	Current    time.Time // of the last batch that proved it
	Swept      time.Time // when everybody was read last
	People     int       // in the directory, as far as they were read
	Lag        time.Duration
	Heard      time.Time // when the server told something last
	Reconnects int
	Refreshes  int // of everybody, for want of a good token
	Missed     int // changes that a reading found and nobody had told of
	Disagreed  int // people whom a complete reading did not show and a look-up found; there should be none
}

// Standing tells where the follower stands now.
func (f *Follower) Standing() Standing {
	people := f.mirror.size()
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.standing
	s.People = people
	return s
}

// stand changes the standing.
func (f *Follower) stand(change func(*Standing)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.standing)
}

// report tells the caller.
func (f *Follower) report(n Notice) {
	var why *Incomplete
	if n.Kind == NoticeInterrupted && errors.As(n.Err, &why) && (why.Code == CodeCanary || why.Code == CodeBlind) {
		n.Kind = NoticeBlind
	}
	n.At = f.source.config.Now()
	f.stand(func(s *Standing) {
		n.Mode, n.Reason, n.URL = s.Mode, s.Reason, s.URL
		if n.Kind == NoticeInterrupted || n.Kind == NoticeBlind {
			s.Err = n.Err
		}
	})
	if f.Following.Report != nil {
		f.Following.Report(n)
	}
}

// interrupted notes that there is no connection any more.
func (f *Follower) interrupted() {
	f.stand(func(s *Standing) {
		if s.Connected {
			s.Connected, s.Since = false, f.source.config.Now()
		}
		s.Lag = 0
	})
}

// backoff is how long to wait before the next attempt: twice as long each time, and never the same for two followers.
type backoff struct {
	pace Pace
	wait time.Duration
}

func newBackoff(p Pace) *backoff { return &backoff{pace: p, wait: p.Soonest} }

func (b *backoff) reset() { b.wait = b.pace.Soonest }

// next is the wait after an error. A server that refuses the account is not asked soon again: it counts refusals.
func (b *backoff) next(err error) time.Duration {
	var why *Incomplete
	if errors.As(err, &why) && why.Code == numeric(ldap.LDAPResultInvalidCredentials) {
		b.wait = b.pace.Latest
	}
	wait := b.wait
	b.wait = min(2*b.wait, b.pace.Latest)
	random := time.Duration(min(max(b.pace.Jitter, 0), 1) * float64(wait))
	return wait - random + rand.N(random+1)
}

// watchClock hands on that accounts have expired, at the second, whether a server answers or not.
func (f *Follower) watchClock(ctx context.Context) error {
	const tick = time.Second // the clock that counts may run otherwise than the machine's
	for {
		now := f.source.config.Now()
		over, next := f.mirror.expired(now)
		if err := f.expire(ctx, over, now); err != nil {
			return err
		}
		wait := tick
		if until := next.Sub(f.source.config.Now()); !next.IsZero() && until < tick {
			wait = max(until, time.Millisecond)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

func (f *Follower) expire(ctx context.Context, over map[string]record, now time.Time) error {
	if len(over) == 0 {
		return nil
	}
	b := Batch{Cause: BatchExpiry}
	for id, r := range over {
		b.Events = append(b.Events, Event{
			Kind: EventSeen, ID: ID{f.source.config.IDKind, id}, Status: r.status, Base: r.base, Proof: ProofClock, At: now,
		})
	}
	return f.hand(ctx, b, nil)
}
