package directory

import (
	"context"
	"maps"
)

// refreshed deals with the refresh phases of all streams, now that the last of them has ended.
func (r *run) refreshed(ctx context.Context) error {
	all := r.ended
	r.ended = nil // and with them everybody
	again, listed := true, true
	for _, one := range all {
		again = again && one.again
		listed = listed && (one.listed || !one.again)
	}
	switch {
	case r.mode.hints():
		r.replay(all, again)
		return nil
	case again && !listed:
		r.mu.Lock()
		r.whole = true
		r.mu.Unlock()
		r.replay(all, true)
		r.report(Notice{Kind: NoticeCurrent})
		r.sweepSoon(0) // what was told since the cookie is not proven to be all
		return nil
	}
	return r.restart(ctx, all, again)
}

// restart hands on a refresh phase that has told who is there.
func (r *run) restart(ctx context.Context, all []*refresh, again bool) (err error) {
	s := r.together(all)
	s.partial = again
	if s.known, err = r.learn(ctx); err != nil {
		return err
	}
	if err := r.desk.canaries(ctx, r.view); err != nil {
		return err
	}
	r.mu.Lock()
	for _, one := range all {
		r.settled[one.base] = one.cookie
	}
	r.mu.Unlock()
	if err := r.finish(ctx, s); err != nil {
		return err
	}
	if again {
		r.sweepSoon(0)
	} else {
		r.stand(func(st *Standing) { st.Refreshes++ })
	}
	return nil
}

// replay takes what a refresh phase told as if it had happened now. Without a cookie to go on from it told of everybody,
// which is left to a reading.
func (r *run) replay(all []*refresh, again bool) {
	for _, one := range all {
		for id, rec := range one.records {
			switch e := one.objects[id]; {
			case again && e != nil:
				r.arrive(&signal{id: id, entry: e})
			case again && r.mode.hints():
				r.arrive(&signal{id: id})
			case !r.mode.hints():
				r.mirror.put(id, rec)
			}
		}
		for _, id := range one.gone {
			if again {
				r.arrive(&signal{id: id, gone: true})
			}
		}
		r.arrive(&signal{subtree: one.base, mark: one.cookie})
	}
}

// together makes one reading of the refresh phases of all subtrees.
func (r *run) together(all []*refresh) *sweep {
	s := &sweep{
		cause: BatchRefresh, full: true, began: r.began, records: map[string]record{}, objects: map[string]*seen{},
		present: map[string]bool{},
	}
	s.proof = Completeness{
		Complete: true, Proven: r.view.canariesProve(), URL: r.desk.url, Vendor: r.view.Vendor, Began: r.connected, Ended: r.view.Now(),
	}
	for _, one := range all {
		maps.Copy(s.records, one.records)
		maps.Copy(s.present, one.present)
		for id, e := range one.objects {
			if e.flaw == flawNone {
				s.objects[id] = e
			}
		}
		n := one.entries + len(one.present)
		s.proof.Entries += n
		s.proof.Subtrees = append(s.proof.Subtrees, Subtree{one.base, n})
		s.proof.Quarantined = append(s.proof.Quarantined, one.twice...)
		s.proof.Skipped = append(s.proof.Skipped, one.elsewhere...)
	}
	s.proof.Complete = r.view.elsewhere("follow", s.proof.Skipped) == nil
	return s
}
