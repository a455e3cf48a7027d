package directory

import (
	"context"
	"errors"
	"maps"
	"time"
)

// follow listens, catches up, and goes on until something breaks.
func (r *run) follow(ctx context.Context) error {
	if _, err := r.learn(ctx); err != nil {
		return err
	}
	from, err := r.marks(ctx)
	if err != nil {
		return err
	}
	maps.Copy(r.settled, from)
	maps.Copy(r.heard, from)
	r.whole = r.mode != ModeContent && len(from) > 0
	r.wg.Go(func() { r.expresses(ctx) })
	r.wg.Go(func() { r.fail(r.beat(ctx)) })
	if err := r.listen(ctx, from); err != nil {
		return err
	}
	if _, asked := r.asksForSweep(); asked || r.mode != ModeContent {
		r.sweepSoon(0)
	}
	return r.loop(ctx)
}

// marks are where to go on; none: everybody is read.
func (r *run) marks(ctx context.Context) (marks, error) {
	from, err := r.binding.marks(r.held())
	if err == nil {
		from, err = r.usable(ctx, from)
	}
	if rejected := (*TokenRejected)(nil); errors.As(err, &rejected) {
		r.report(Notice{Kind: NoticeRejected, Err: rejected})
		return nil, nil
	}
	return from, err
}

func (r *run) loop(ctx context.Context) error {
	pace := r.Pace
	canaries := time.NewTicker(pace.Canaries)
	defer canaries.Stop()
	for {
		if err := r.settle(ctx); err != nil {
			return err
		}
		if err := r.answer(ctx); err != nil {
			return err
		}
		sweep := r.startSweep(ctx)
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-r.news:
		case <-r.wake:
		case <-sweep:
		case s := <-r.swept:
			r.running = false
			if err := r.finish(ctx, s); err != nil {
				return err
			}
		case <-canaries.C:
			if err := r.prove(ctx); err != nil {
				return err
			}
		}
	}
}

// settle deals with all that streams have heard.
func (r *run) settle(ctx context.Context) error {
	for {
		signals := r.take()
		if len(signals) == 0 {
			return nil
		}
		if err := r.flush(); err != nil {
			return err
		}
		for _, s := range signals {
			if s.refresh == nil {
				continue
			}
			if len(r.ended) == 0 {
				r.began = s.seq
			}
			if r.ended = append(r.ended, s.refresh); len(r.ended) < r.refreshing {
				continue
			}
			if err := r.refreshed(ctx); err != nil {
				return err
			}
		}
		if err := r.settleSignals(ctx, signals); err != nil {
			return err
		}
	}
}

// settleSignals hands on what the signals mean: those that change nothing of a person's state as they are, those that
// would lift or end after a look-up.
func (r *run) settleSignals(ctx context.Context, signals []*signal) error {
	var events []Event
	var again []ID
	last := map[string]*signal{}
	for _, s := range signals {
		if s.id != "" {
			last[s.id] = s
		}
	}
	seq := r.now()
	for _, s := range signals {
		if s.id == "" || last[s.id] != s || s.settled {
			continue
		}
		switch {
		case s.gone, s.entry == nil, r.mode.hints(), r.lifts(s):
			again = append(again, ID{r.view.IDKind, s.id})
		case !s.told:
			e := s.entry.event(ProofEntry)
			e.At, e.mark = s.at, r.view.mark(s.entry.whole())
			events = append(events, e)
		}
	}
	read, err := r.lookUp(ctx, again)
	if err != nil {
		return err
	}
	for _, e := range read {
		s := last[e.ID.Value]
		if e.At = s.at; e.Kind == EventSeen || e.Kind == EventUnfit || r.ours(s.id) {
			events = append(events, e)
		} else if s.gone {
			r.sweepSoon(settling) // it may have stood above people
		}
	}
	return r.handSettled(Batch{Cause: BatchStream, Events: events, Completeness: r.proven(len(again) > 0)}, signals, seq)
}

// ours tells whether an id is one of a person who was there or whom the caller knows.
func (r *run) ours(id string) bool {
	_, there := r.mirror.get(id)
	return there || r.wants(id)
}

// lifts tells whether an entry would lift something of a person of the caller, or says what cannot be judged yet.
func (r *run) lifts(s *signal) bool {
	if s.told || !r.wants(s.id) {
		return false
	}
	was, known := r.mirror.get(s.id)
	return s.entry.flaw != flawNone || !known || was.status != s.entry.Status
}

// proven is what holds of events whose people were looked up just now, canaries and all.
func (r *run) proven(looked bool) Completeness {
	return Completeness{URL: r.desk.url, Vendor: r.view.Vendor, Proven: looked && r.view.canariesProve()}
}

// handSettled hands on a batch after which the signals are settled, and moves the token on. A token that moves without
// any event waits for the next batch.
func (r *run) handSettled(b Batch, signals []*signal, seq uint64) error {
	r.mu.Lock()
	next := maps.Clone(r.settled)
	for _, s := range signals {
		if !s.settled {
			next.advance(s)
		}
	}
	var token *Token
	if r.whole {
		t := r.binding.token(next)
		token = &t
	}
	r.mu.Unlock()
	if len(b.Events) > 0 {
		if err := r.hand(b, token, r.since(seq)); err != nil {
			return err
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, s := range signals {
		r.settle1(s)
	}
	return nil
}

// held is the token that was handed on last.
func (f *Follower) held() Token {
	f.deliver1.Lock()
	defer f.deliver1.Unlock()
	return f.token
}

// lookUp makes events of look-ups, with proof that the desk sees people who are there, and canaries right.
func (r *run) lookUp(ctx context.Context, ids []ID) ([]Event, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, missing, err := r.desk.reread(ctx, ids, len(ids))
	if err != nil {
		return nil, err
	}
	if err := r.desk.canaries(ctx, r.view); err != nil {
		return nil, err
	}
	events := make([]Event, 0, len(ids))
	for _, id := range ids {
		if all := found[id]; len(all) > 0 {
			events = append(events, r.eventOf(all))
		}
	}
	sure, err := r.sees(ctx, ids, missing, nil)
	if err != nil {
		return nil, err
	}
	for _, id := range missing {
		if sure {
			events = append(events, Event{Kind: EventLeft, ID: id, Proof: ProofLeft})
		}
	}
	return events, nil
}

// settling is how long to wait before a reading that a change of the tree asks for: changes come in crowds.
const settling = 200 * time.Millisecond

func (r *run) eventOf(all []seen) Event {
	e := eventOf(all)
	if e.Kind == EventSeen {
		e.mark = r.view.mark(all[0].Object)
	}
	return e
}

// sees tells whether the desk finds people who are there, given that some were not found. Who finds nobody of several
// who were there is blind. When there is nobody else, the canaries must do.
func (r *run) sees(ctx context.Context, asked, missing []ID, seen map[string]record) (bool, error) {
	if len(missing) < len(asked) {
		return true, nil
	}
	but := make(map[string]bool, len(asked))
	for _, id := range asked {
		but[id.Value] = true
	}
	just := mirror{records: seen}
	var witnesses []ID
	for _, id := range append(just.others(3, but), r.mirror.others(3, but)...) {
		witnesses = append(witnesses, ID{r.view.IDKind, id})
	}
	if len(witnesses) == 0 {
		return r.view.canariesProve(), nil
	}
	found, _, err := r.desk.reread(ctx, witnesses, len(witnesses))
	if err == nil && len(found) == 0 {
		err = &Incomplete{Code: CodeBlind, Doing: "look up who is said to have left"}
	}
	return true, err
}

// answer looks up whom [Follower.Look] was asked for.
func (r *run) answer(ctx context.Context) error {
	r.Follower.mu.Lock()
	asked, sweeping := r.asked, r.sweeping
	r.asked, r.sweeping = nil, false
	r.Follower.mu.Unlock()
	if sweeping {
		r.sweepSoon(0)
	}
	if len(asked) == 0 {
		return nil
	}
	seq := r.now()
	events, err := r.lookUp(ctx, asked)
	if err == nil {
		return r.hand(Batch{Cause: BatchLookUp, Events: events, Completeness: r.proven(true)}, nil, r.since(seq))
	}
	r.Follower.mu.Lock()
	defer r.Follower.mu.Unlock()
	r.asked = append(asked, r.asked...) // to be looked up when the server is there again
	return err
}
