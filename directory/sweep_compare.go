package directory

import (
	"context"
	"maps"
)

// compare makes the events of a reading: of all whom the caller knows, what was read, and of those in whom something has
// changed, what a look-up says now. missed is how many changes of a state nobody had told of.
func (r *run) compare(ctx context.Context, s *sweep) (events []Event, missed int, err error) {
	unfit := map[string]bool{}
	for _, q := range s.proof.Quarantined {
		unfit[q.ID.Value] = true
	}
	var again []ID
	all := r.concerned(s)
	events = make([]Event, 0, len(all))
	for _, id := range all {
		rec, there := s.records[id]
		was, known := r.mirror.get(id)
		o, read := s.objects[id]
		switch {
		case s.present[id]:
		case !there, !read, unfit[id], !s.full && was.mark != rec.mark, known && rec.lifts(was), s.overtaken(r, id):
			again = append(again, ID{r.view.IDKind, id})
		default:
			e := o.event(ProofEntry)
			if e.mark = rec.mark; !s.full {
				e.entry = nil
			}
			events = append(events, e)
		}
	}
	found, err := r.confirm(ctx, s, again)
	if err != nil {
		return nil, 0, err
	}
	events = append(events, found...)
	for _, e := range events {
		was, had := r.mirror.get(e.ID.Value)
		news := e.Kind == EventAbsent || e.Kind == EventSeen && e.Status != was.status
		if had && was.mark != 0 && news && !s.overtaken(r, e.ID.Value) {
			missed++
		}
	}
	return events, missed, nil
}

// lifts tells whether an entry says less against its account than what was known.
func (r record) lifts(was record) bool {
	to, from := r.status, was.status
	return gravity(to.State) < gravity(from.State) || from.State == Unknown && to.State == Enabled || sooner(from.Until, to.Until)
}

// overtaken tells whether something was heard of a person since the reading began.
func (s *sweep) overtaken(r *run, id string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.arrivals[id] > s.began
}

// concerned are the people of whom a reading has to say something.
func (r *run) concerned(s *sweep) map[string]string {
	all := make(map[string]string, len(s.known))
	add := func(id string) {
		if id != "" {
			all[id] = id
		}
	}
	for _, k := range s.known {
		add(k.ID.Value)
	}
	for _, q := range s.proof.Quarantined {
		if r.wants(q.ID.Value) {
			add(q.ID.Value)
		}
	}
	if r.Everyone {
		for id := range s.records {
			add(id)
		}
		for _, id := range r.mirror.others(r.mirror.size(), nil) {
			add(id)
		}
	}
	return all
}

// confirm looks up the people whom a reading did not show, or not as they were. Of more than maxLookups who are not
// there either, the rest stays unconfirmed: so many have not left.
func (r *run) confirm(ctx context.Context, s *sweep, ids []ID) ([]Event, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, missing, err := r.desk.reread(ctx, ids, maxLookups)
	if err != nil {
		return nil, err
	}
	if err := r.desk.canaries(ctx, r.view); err != nil {
		return nil, err
	}
	sure, err := r.sees(ctx, ids, missing, s.records)
	if err != nil {
		return nil, err
	}
	confirmed := make(map[ID]bool, len(missing))
	for _, id := range missing {
		confirmed[id] = sure
	}
	events := make([]Event, 0, len(ids))
	for _, id := range ids {
		if all := found[id]; len(all) > 0 {
			e := r.eventOf(all)
			if _, shown := s.records[id.Value]; !shown && !s.partial && e.Kind == EventSeen && !s.overtaken(r, id.Value) {
				s.strays++
			}
			events = append(events, e)
		} else {
			events = append(events, Event{Kind: EventAbsent, ID: id, Proof: ProofMissing, Confirmed: confirmed[id]})
		}
	}
	return events, nil
}

// merged is what is remembered after a reading: what it saw, but for those of whom something was heard since.
func (r *run) merged(s *sweep) map[string]record {
	all := s.records
	if s.partial {
		all = r.mirror.copy()
		maps.Copy(all, s.records)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, seq := range r.arrivals {
		if seq <= s.began {
			delete(r.arrivals, id) // nothing is under way that could be older
			continue
		}
		if now, there := r.mirror.get(id); there {
			all[id] = now
		} else {
			delete(all, id)
		}
	}
	return all
}
