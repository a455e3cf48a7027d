package directory

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Following says what a [Follower] follows, and for whom.
type Following struct {
	// From is the token that was stored last; empty: everybody is read.
	From Token
	// Known are the people of the caller, as it knows them now. It is asked at the start and for each reading, possibly
	// while Apply runs.
	Known func(context.Context) ([]Known, error)
	// Apply takes each batch, one at a time: it decides, applies and stores the token in one transaction. An error ends
	// the follower, which can be made anew from the token that was stored.
	Apply func(context.Context, Batch) error
	// Report, if not nil, is told what the follower does and what goes wrong. It must return soon, and may be called by
	// several goroutines.
	Report func(Notice)

	Mode Mode // to follow in; empty: the best that the server offers
	// Everyone makes a follower of all people in the directory, whether they are known or not.
	Everyone bool
	Pace     Pace
}

// Pace is how often a follower does what. A zero field is the default.
type Pace struct {
	Beat     time.Duration // heart-beats, on a connection of their own; default 5 s
	BeatLate time.Duration // after which one is missing; default 3 s
	Deaf     time.Duration // how long a stream may lag behind its server; default 10 s
	Canaries time.Duration // proofs that nothing has changed; default 1 min
	Sweep    time.Duration // readings of everybody's state; default 10 min, and 30 s in ModePoll
	Full     time.Duration // readings of everybody's attributes; default 24 h
	Ask      time.Duration // asking for changes, in ModeDirSync and ModeUSN; default 5 s
	Soonest  time.Duration // of two attempts to connect, the first time; default 200 ms
	Latest   time.Duration // of two attempts, in the end; default 30 s
	Jitter   float64       // share of the time between two attempts that is random, up to 1; default 0.5
}

// WithDefaults is the pace that is in force. Sweep depends on the mode, too, and stays zero.
func (p Pace) WithDefaults() Pace {
	or(&p.Beat, 5*time.Second)
	or(&p.BeatLate, 3*time.Second)
	or(&p.Deaf, 10*time.Second)
	or(&p.Canaries, time.Minute)
	or(&p.Full, 24*time.Hour)
	or(&p.Ask, 5*time.Second)
	or(&p.Soonest, 200*time.Millisecond)
	or(&p.Latest, 30*time.Second)
	or(&p.Jitter, 0.5)
	return p
}

// sweep is how often everybody is read.
func (p Pace) sweep(m Mode) time.Duration {
	otherwise := 10 * time.Minute
	if m == ModePoll {
		otherwise = 30 * time.Second
	}
	or(&p.Sweep, otherwise)
	return p.Sweep
}

// Follower keeps a caller's picture of a directory true: it hears of changes as the server tells them, looks up by id
// whatever would lift or end, reads everybody from time to time, watches the clock for accounts that expire, and never
// takes silence, a failure or a half answer for news.
//
// What restricts a person is handed on as it is heard. What would lift a restriction or end a person is looked up
// first, with canaries and people who are known to be there: a look-up that finds nobody at all finds nothing out.
// Nothing is handed on before a refresh phase has come to its end.
type Follower struct {
	source *Source
	Following

	mirror   mirror
	deliver1 sync.Mutex // one batch at a time
	token    Token      // held with deliver1

	mu       sync.Mutex
	standing Standing
	asked    []ID            // by Look
	sweeping bool            // asked for by Sweep just now
	asks     uint64          // of Sweep, counted
	answered uint64          // of these
	known    map[string]bool // the caller's people, by the values of their ids
	refused  map[Mode]time.Time
	fullAt   time.Time     // when everybody was read with all attributes
	hurry    chan struct{} // there is no reason to wait until the next attempt
	wake     chan struct{} // there is something to do for the connection that is there
}

// Follower makes a follower. It does nothing until it is run.
func (s *Source) Follower(f Following) (*Follower, error) {
	if f.Known == nil || f.Apply == nil {
		return nil, errors.New("follow directory: Known and Apply are needed")
	}
	f.Pace = f.Pace.WithDefaults()
	return &Follower{
		source: s, Following: f, token: f.From, wake: make(chan struct{}, 1), hurry: make(chan struct{}, 1),
		mirror: mirror{records: map[string]record{}}, known: map[string]bool{}, refused: map[Mode]time.Time{},
	}, nil
}

// Run follows until its context ends, and then returns nil. It returns the errors of Known and Apply as they are, and no
// other: what goes wrong at the directory is reported, and tried again without end. It is run once at a time.
func (f *Follower) Run(until context.Context) error {
	ctx, cancel := context.WithCancelCause(until)
	defer cancel(nil)
	if err := f.seed(ctx); err != nil {
		return err
	}
	var clock sync.WaitGroup
	clock.Go(func() {
		if err := f.watchClock(ctx); err != nil {
			cancel(err)
		}
	})
	defer clock.Wait()
	wait := newBackoff(f.Pace)
	for {
		lived, err := f.attempt(ctx)
		f.interrupted()
		var own *callerError
		if until.Err() == nil && (errors.As(err, &own) || errors.As(context.Cause(ctx), &own)) {
			cancel(nil)
			return own.error
		}
		if ctx.Err() != nil {
			return nil
		}
		if lived {
			wait.reset()
		}
		pause := wait.next(err)
		select {
		case <-f.hurry: // it was for this attempt
		default:
		}
		f.report(Notice{Kind: NoticeInterrupted, Err: err, Wait: pause})
		select {
		case <-ctx.Done():
		case <-f.hurry:
		case <-time.After(pause):
		}
	}
}

// callerError is an error of Known or Apply.
type callerError struct{ error }

func (e *callerError) Unwrap() error { return e.error }

// Look has these people looked up soon, as who has just bound a person to an entry should: what happened to the entry
// in between was nobody's news. Ids of another kind than the directory's are ignored.
func (f *Follower) Look(ids ...ID) {
	f.mu.Lock()
	for _, id := range ids {
		if id.valid() && id.Kind == f.source.config.IDKind {
			f.asked = append(f.asked, id)
			f.known[id.Value] = true
		}
	}
	f.mu.Unlock()
	f.nudge()
}

// Sweep has everybody read soon, with all attributes. Where the server is not followed at the moment, it is tried at
// once. A reading that fails is tried again.
func (f *Follower) Sweep() {
	f.mu.Lock()
	f.sweeping = true
	f.asks++
	f.mu.Unlock()
	f.nudge()
	select {
	case f.hurry <- struct{}{}:
	default:
	}
}

func (f *Follower) nudge() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// seed remembers what the caller knows, so that accounts expire although no server answers.
func (f *Follower) seed(ctx context.Context) error {
	known, err := f.learn(ctx)
	if err != nil {
		return err
	}
	for _, k := range known {
		if _, there := f.mirror.get(k.ID.Value); !there {
			f.mirror.put(k.ID.Value, record{status: Status{State: k.State, Until: k.Until}, base: k.Base})
		}
	}
	return nil
}

// learn asks the caller whom it knows.
func (f *Follower) learn(ctx context.Context) ([]Known, error) {
	known, err := f.Following.Known(ctx)
	if err != nil {
		return nil, &callerError{err}
	}
	for _, k := range known {
		if !k.ID.valid() || k.ID.Kind != f.source.config.IDKind {
			return nil, &callerError{fmt.Errorf("follow directory: %q is no %s", k.ID, f.source.config.IDKind)}
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.known = make(map[string]bool, len(known)+len(f.asked))
	for _, id := range f.asked {
		f.known[id.Value] = true
	}
	for _, k := range known {
		f.known[k.ID.Value] = true
	}
	return known, nil
}

// wants tells whether a person is the caller's.
func (f *Follower) wants(id string) bool {
	if f.Everyone {
		return true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.known[id]
}
