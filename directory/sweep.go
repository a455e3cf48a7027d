package directory

import (
	"context"
	"errors"
	"time"
)

// sweep is a reading of everybody, or the refresh phase of a stream, which is one too.
type sweep struct {
	cause   BatchCause
	full    bool    // with all attributes
	partial bool    // only who has changed was read: present are the others
	known   []Known // when it began
	began   uint64  // the last arrival before it
	asks    uint64  // of Sweep before it, which it answers
	records map[string]record
	objects map[string]*seen // of the caller's people
	present map[string]bool  // who is there, unread
	proof   Completeness
	started time.Time
	took    time.Duration
	strays  int // people whom it did not show and a look-up found
	err     error
}

// startSweep starts a reading when it is due, and otherwise tells when it will be.
func (r *run) startSweep(ctx context.Context) <-chan time.Time {
	r.mu.Lock()
	due := r.due
	r.mu.Unlock()
	if r.running || due.IsZero() {
		return nil
	}
	if wait := time.Until(due); wait > 0 {
		return time.After(wait)
	}
	r.mu.Lock()
	r.due = time.Time{}
	r.mu.Unlock()
	r.running = true
	s := &sweep{cause: BatchSweep, began: r.now()}
	var asked bool
	s.asks, asked = r.asksForSweep()
	s.full = asked || r.mirror.unread() || time.Since(r.fullAt) >= r.Pace.Full
	s.started = time.Now()
	r.wg.Go(func() {
		s.err = r.sweep(ctx, s)
		s.took = time.Since(s.started)
		r.swept <- s
	})
	return nil
}

// asksForSweep counts how often Sweep was called, and tells whether one of these times is not answered.
func (f *Follower) asksForSweep() (n uint64, open bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asks, f.asks > f.answered
}

// answerSweep notes that the first so many calls of Sweep are answered.
func (f *Follower) answerSweep(n uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answered = max(f.answered, n)
}

// sweptAt is when everybody was read.
func (r *run) sweptAt() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last
}

// sweepSoon has everybody read after a while, if that is not to happen earlier.
func (r *run) sweepSoon(wait time.Duration) {
	due := time.Now().Add(wait)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.due.IsZero() || due.Before(r.due) {
		r.due = due
	}
}

// sweep reads everybody on a connection of its own.
func (r *run) sweep(ctx context.Context, s *sweep) (err error) {
	if s.known, err = r.learn(ctx); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, r.view.Timeouts.Whole)
	defer cancel()
	c, err := r.bound(ctx)
	if err != nil {
		return err
	}
	defer c.close()
	s.records, s.objects = make(map[string]record, r.mirror.size()), map[string]*seen{}
	ask := r.view.lean
	if s.full {
		ask = r.view.ask
	}
	s.proof, err = c.everybody(ctx, r.view, ask, true, func(o seen) error {
		s.take(r, o)
		return nil
	})
	return err
}

// take keeps what is needed of an object.
func (s *sweep) take(r *run, o seen) {
	s.records[o.ID.Value] = r.view.record(o.Object)
	if r.wants(o.ID.Value) {
		if !s.full {
			o.packed = ""
		}
		s.objects[o.ID.Value] = o.pack()
	}
}

// finish hands on what a reading has found.
func (r *run) finish(ctx context.Context, s *sweep) error {
	var own *callerError
	switch {
	case errors.As(s.err, &own):
		return s.err
	case s.err != nil:
		return r.unswept(s)
	}
	seq := r.now()
	events, missed, err := r.compare(ctx, s)
	if err != nil {
		return err
	}
	r.mirror.replace(r.merged(s))
	b := Batch{Cause: s.cause, Events: events, Full: true, Completeness: s.proof, Current: s.proof.Began}
	if err := r.handWhole(b, seq); err != nil {
		return err
	}
	if r.failed = 0; s.full && !s.partial {
		r.fullAt = time.Now()
		r.answerSweep(s.asks)
	}
	r.sweepSoon(r.Pace.sweep(r.mode))
	r.mu.Lock()
	r.last = time.Now()
	r.mu.Unlock()
	r.stand(func(st *Standing) {
		st.Swept = r.source.config.Now()
		st.Missed, st.Disagreed = st.Missed+missed, st.Disagreed+s.strays
	})
	if s.cause == BatchSweep {
		r.report(Notice{Kind: NoticeSwept, Full: s.full, Took: s.took, Began: s.started, People: s.proof.Entries, Missed: missed})
	}
	if missed > 0 && r.mode != ModePoll {
		r.report(Notice{Kind: NoticeMissed, Missed: missed})
	}
	if s.strays > 0 {
		r.report(Notice{Kind: NoticeDisagreed, Missed: s.strays})
	}
	return nil
}

// unswept notes that a reading failed. What it saw against accounts counts, unless a canary was wrong.
func (r *run) unswept(s *sweep) error {
	r.report(Notice{Kind: NoticeUnswept, Full: s.full, Err: s.err, Took: s.took, Began: s.started})
	var why *Incomplete
	if errors.As(s.err, &why) && why.Code == CodeCanary {
		return s.err
	}
	var events []Event
	for id, o := range s.objects {
		if was, _ := r.mirror.get(id); o.Status.State == Disabled && was.status != o.Status {
			e := o.event(ProofEntry)
			e.entry = nil
			events = append(events, e)
		}
	}
	r.failed++
	r.sweepSoon(min(time.Second<<min(r.failed, 6), r.Pace.sweep(r.mode)))
	if len(events) == 0 {
		return nil
	}
	return r.hand(Batch{Cause: s.cause, Events: events, Completeness: s.proof}, nil, r.since(s.began))
}

// handWhole hands on a reading of everybody. From then on nothing is missing from what was handed on, and a token says
// so.
func (r *run) handWhole(b Batch, seq uint64) error {
	r.mu.Lock()
	first := !r.whole
	token := r.binding.token(r.settled)
	r.mu.Unlock()
	if err := r.hand(b, &token, r.since(seq)); err != nil {
		return err
	}
	r.mu.Lock()
	r.whole = true
	r.mu.Unlock()
	if first {
		r.report(Notice{Kind: NoticeCurrent, People: b.Completeness.Entries})
	}
	return nil
}
