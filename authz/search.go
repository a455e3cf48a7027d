package authz

import (
	"iter"
	"slices"
)

// The searches below ask the question of many people, assets or actions, and yield exactly those of which
// [Policy.DecideIn] would allow it. They leave out what cannot be allowed without looking at every condition, and the last
// word of Casbin: that it allows when every part of the rule holds, and only then, was proved when the rule was read.

// People yields the identifiers of those who may do what the question asks, whoever it names. They come in an order of
// their own, the same for every snapshot; after, where it is not empty, is the last one of an earlier search.
func (p *Policy) People(s *Snapshot, q Question, after string) iter.Seq[string] {
	return func(yield func(string) bool) {
		m := new(matter)
		s.subjects.walk(after, func(id string, f *file) bool {
			if !f.couldBe(&q) {
				return true
			}
			q.Person = id
			return !p.wouldAllow(m, s, q) || yield(id)
		})
	}
}

// Assets yields the identifiers of the assets to which the person may do what the question asks, whichever it names, in
// order.
func (p *Policy) Assets(s *Snapshot, q Question) iter.Seq[string] {
	assets := s.ofRights(&q, func(r *packedRight) (string, bool) { return r.asset.Value(), r.action.Value() == q.Action })
	return p.among(s, q, assets, func(q *Question, asset string) { q.Asset = asset })
}

// Actions yields what the person may do to the asset of the question, whatever it asks, in order.
func (p *Policy) Actions(s *Snapshot, q Question) iter.Seq[string] {
	actions := s.ofRights(&q, func(r *packedRight) (string, bool) { return r.action.Value(), r.asset.Value() == q.Asset })
	return p.among(s, q, actions, func(q *Question, action string) { q.Action = action })
}

// among yields those of the words with which the question would be allowed.
func (p *Policy) among(s *Snapshot, q Question, words []string, set func(*Question, string)) iter.Seq[string] {
	return func(yield func(string) bool) {
		m := new(matter)
		for _, word := range words {
			set(&q, word)
			if p.wouldAllow(m, s, q) && !yield(word) {
				return
			}
		}
	}
}

// wouldAllow tells whether every condition holds.
func (p *Policy) wouldAllow(m *matter, s *Snapshot, q Question) bool {
	if q.malformed() {
		return false
	}
	m.prepare(q, s.gather(&q, &m.room))
	allowed, err := p.engine.evaluate(m)
	return allowed && err == nil
}

// couldBe tells whether the subject has a right to do what the question asks to the asset, in force or not.
func (f *file) couldBe(q *Question) bool {
	w := f.under(q.Contract)
	return w != nil && slices.ContainsFunc(w.rights, func(r packedRight) bool {
		return r.asset.Value() == q.Asset && r.action.Value() == q.Action
	})
}

// ofRights returns words of the rights that the person holds under the contract, in order, each once.
func (s *Snapshot) ofRights(q *Question, of func(*packedRight) (string, bool)) []string {
	var words []string
	if w := s.subjects.get(q.Person).under(q.Contract); w != nil {
		for i := range w.rights {
			if word, fits := of(&w.rights[i]); fits {
				words = append(words, word)
			}
		}
	}
	slices.Sort(words)
	return slices.Compact(words)
}
