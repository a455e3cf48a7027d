package directory

import (
	"context"
)

// hand gives a batch to the caller and remembers what it says. With keep, events for which it is false are left out: it
// is asked while no other batch can be handed on, so that nothing older follows something newer. next is the token from
// now on; nil: the one that is there.
func (f *Follower) hand(ctx context.Context, b Batch, next *Token, keep ...func(Event) bool) error {
	f.deliver1.Lock()
	defer f.deliver1.Unlock()
	return f.handLocked(ctx, b, next, keep...)
}

// hand is [Follower.hand], which a connection that is lost meanwhile does not interrupt: what was heard is heard.
func (r *run) hand(b Batch, next *Token, keep ...func(Event) bool) error {
	return r.Follower.hand(r.caller, b, next, keep...)
}

func (f *Follower) handLocked(ctx context.Context, b Batch, next *Token, keep ...func(Event) bool) error {
	now := f.source.config.Now()
	events := b.Events[:0]
	for _, e := range b.Events {
		if len(keep) > 0 && !keep[0](e) {
			continue
		}
		e.Status = e.Status.At(now) // it may have been read a moment before
		if e.At.IsZero() {
			e.At = now
		}
		events = append(events, e)
	}
	b.Events, b.Next = events, f.token
	if next != nil {
		b.Next = *next
	}
	if err := f.Following.Apply(ctx, b); err != nil {
		return &callerError{err}
	}
	f.token = b.Next
	for _, e := range b.Events {
		f.remember(e)
	}
	if !b.Current.IsZero() {
		f.stand(func(s *Standing) { s.Current = b.Current })
	}
	return nil
}

// remember keeps what an event says.
func (f *Follower) remember(e Event) {
	switch e.Kind {
	case EventSeen:
		if e.mark != 0 {
			f.mirror.put(e.ID.Value, record{e.Status, e.Base, e.mark})
		}
	case EventLeft:
		f.mirror.drop(e.ID.Value)
	case EventUnfit:
		f.mirror.put(e.ID.Value, record{status: e.Status, base: e.Base}) // to be looked at again by each sweep
	}
}
