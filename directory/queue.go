package directory

import (
	"context"
	"maps"
)

// arrive takes a signal from a stream. It never blocks.
func (r *run) arrive(s *signal) {
	s.at = r.source.config.Now()
	r.mu.Lock()
	r.clock++
	s.seq = r.clock
	r.queue = append(r.queue, s)
	r.open++
	if s.id != "" {
		r.arrivals[s.id] = s.seq
	}
	if s.mark != nil {
		r.heard[s.subtree] = s.mark
	}
	express := r.restricts(s)
	if express {
		r.express = append(r.express, s)
	}
	r.mu.Unlock()
	r.stand(func(st *Standing) { st.Heard = s.at })
	if express {
		nudge(r.urgent)
	} else {
		nudge(r.news)
	}
}

func nudge(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// restricts tells whether what the server sent says more against an account than what was known.
func (r *run) restricts(s *signal) bool {
	if s.entry == nil || s.entry.flaw != flawNone && s.entry.flaw != flawText || s.refresh != nil {
		return false
	}
	to := s.entry.Status
	was, known := r.mirror.get(s.id)
	switch {
	case to.State == Disabled:
		return !known || was.status.State != Disabled || was.status.Cause != to.Cause
	case to.State == LockedTemporarily:
		return !known || was.status.State == Enabled
	}
	return to.State == Enabled && known && was.status.State == Enabled && sooner(to.Until, was.status.Until)
}

// expresses hands on what restricts as soon as it comes, whatever the desk is doing.
func (r *run) expresses(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.urgent:
		}
		if err := r.flush(); err != nil {
			r.fail(err)
			return
		}
		nudge(r.news)
	}
}

// flush hands on what waits for express. When nothing came before it that is not settled, it moves the token on too.
func (r *run) flush() error {
	r.deliver1.Lock()
	defer r.deliver1.Unlock()
	r.mu.Lock()
	waiting := r.express
	r.express = nil
	moves := r.open == len(waiting) && r.whole && !r.mode.hints()
	next := maps.Clone(r.settled)
	for _, s := range waiting {
		next.advance(s)
	}
	r.mu.Unlock()
	if len(waiting) == 0 {
		return nil
	}
	b := Batch{Cause: BatchStream, Completeness: Completeness{URL: r.desk.url, Vendor: r.view.Vendor}}
	for _, s := range waiting {
		e := s.entry.event(ProofEntry)
		e.At, e.mark = s.at, r.view.mark(s.entry.whole())
		b.Events = append(b.Events, e)
	}
	var token *Token
	if moves {
		t := r.binding.token(next)
		token = &t
	}
	if err := r.handLocked(r.caller, b, token); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range waiting {
		s.told = true
		if moves {
			r.settle1(s)
		}
	}
	return nil
}

// settle1 counts a signal off. It is called with mu held.
func (r *run) settle1(s *signal) {
	if !s.settled {
		s.settled = true
		r.open--
		r.settled.advance(s)
	}
}

// advance moves a mark on.
func (m marks) advance(s *signal) {
	if s.mark != nil {
		m[s.subtree] = s.mark
	}
}

// take empties the queue.
func (r *run) take() []*signal {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.queue
	r.queue = nil
	return all
}

// now is the number of the last arrival.
func (r *run) now() uint64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.clock
}

// since tells whether nothing was heard of an event's person after an arrival: what was read then is not overtaken.
func (r *run) since(seq uint64) func(Event) bool {
	return func(e Event) bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return r.arrivals[e.ID.Value] <= seq
	}
}
