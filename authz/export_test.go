package authz

import (
	"slices"
	"time"
)

// AskWithTheWrongType puts a question to a fresh reference in which the moment is not text.
func AskWithTheWrongType(p *Policy, q Question, f Facts) error {
	r, err := newReference(p.model)
	if err != nil {
		return err
	}
	var m matter
	m.prepare(q, f)
	s, err := newSheet(&m)
	if err != nil {
		return err
	}
	s.question[len(s.question)-1] = time.Now
	_, _, err = r.evaluate(p.rule.conditions, s)
	return err
}

// LeftBehind puts the question to a fresh reference and returns the rows that stand in its sections afterwards.
func LeftBehind(p *Policy, q Question, f Facts) (map[string][][]string, error) {
	r, err := newReference(p.model)
	if err != nil {
		return nil, err
	}
	var m matter
	m.prepare(q, f)
	s, err := newSheet(&m)
	if err != nil {
		return nil, err
	}
	if _, _, err := r.evaluate(p.rule.conditions, s); err != nil {
		return nil, err
	}
	left := map[string][][]string{}
	for name, section := range r.sections {
		left[name] = section.Policy
	}
	return left, nil
}

// Damaged returns the rule with a compiled condition that never fails.
func Damaged(p *Policy, outcome string) *Policy {
	damaged, compiled := *p, *p.engine
	compiled.conditions = slices.Clone(compiled.conditions)
	compiled.conditions[p.places[outcome]].alternatives = [][]finder{{{rows: func(*matter) int { return 1 }}}}
	damaged.engine = &compiled
	return &damaged
}

// Verdict returns what puts an outcome that allows to Casbin, as each check does.
func Verdict(p *Policy) func() (bool, error) {
	outcomes := make([]any, len(p.rule.parts))
	for i := range outcomes {
		outcomes[i] = true
	}
	return func() (bool, error) { return p.engine.casbin.Enforce(outcomes...) }
}

// WithoutVerdict returns what tells whether every condition of a question holds, as searches do.
func WithoutVerdict(p *Policy, s *Snapshot) func(Question) bool {
	m := new(matter)
	return func(q Question) bool { return p.wouldAllow(m, s, q) }
}
