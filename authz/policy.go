package authz

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"sync"
)

//go:embed model.conf
var modelFile []byte

//go:embed checklist.csv
var checklistFile []byte

// Policy is the rule of access, read and proved. It never changes and is safe for concurrent use.
type Policy struct {
	// Sum is the SHA-256, in hexadecimal, over the model, a zero byte and the checklist. Every decision carries it.
	Sum string

	model      string
	rule       rule
	engine     *engine
	references *sync.Pool     // of *reference
	shadow     *shadow        // nil: there is none
	held       []Condition    // of every allowed decision
	places     map[string]int // of the conditions
}

// matters are used again: a question leaves nothing in them but room.
var matters = sync.Pool{New: func() any { return new(matter) }}

// Load returns the rule that is embedded in this package. It is read and proved once. An error means that the program
// was built from a damaged rule.
func Load() (*Policy, error) { return loadOnce() }

// Files returns the model and the checklist that are embedded in this package, to begin another rule from.
func Files() (model, checklist []byte) { return slices.Clone(modelFile), slices.Clone(checklistFile) }

var loadOnce = sync.OnceValues(func() (*Policy, error) {
	p, err := Parse(modelFile, checklistFile)
	if err != nil {
		return nil, fmt.Errorf("load the embedded rule: %w", err)
	}
	return p, nil
})

// Parse reads a rule: a Casbin model and the checklist of its conditions. The embedded rule is one; a stricter one may
// add conditions over the same facts, and denies with [CodeDefaultDeny] when only an added condition fails.
//
// Parse refuses what Casbin would silently read as less than it says, what is outside the small language of the rule,
// and every rule that is weaker than the embedded one: it puts questions with a single fault to the rule, and each must
// fail exactly the conditions that the fault touches. Both engines must find so. The error is, or wraps, a [*Flaw] where
// the rule itself is to blame.
func Parse(model, checklist []byte) (*Policy, error) {
	r, err := readRule(string(model), string(checklist))
	if err != nil {
		return nil, err
	}
	p := &Policy{Sum: sum(model, checklist), model: string(model), rule: r, references: new(sync.Pool)}
	if p.engine, err = compile(&p.rule); err != nil {
		return nil, err
	}
	compiled := func(m *matter) ([]bool, error) {
		_, err := p.engine.evaluate(m)
		return m.held, err
	}
	if err := prove(compiled, r.conditions); err != nil {
		return nil, fmt.Errorf("prove the conditions: %w", err)
	}
	if err := p.engine.prepare(p.model); err != nil {
		return nil, err
	}
	stock, err := newReference(p.model)
	if err != nil {
		return nil, err
	}
	if err := prove(stock.evaluator(r.conditions), r.conditions); err != nil {
		return nil, fmt.Errorf("prove the conditions on stock casbin: %w", err)
	}
	for _, verdict := range []func([]bool) (bool, error){p.engine.verdict, stock.verdict} {
		if err := proveVerdict(verdict, len(r.parts)); err != nil {
			return nil, fmt.Errorf("prove the verdict: %w", err)
		}
	}
	p.references.Put(stock)
	p.places = map[string]int{}
	for i, c := range r.conditions {
		p.places[c.outcome] = i
	}
	p.held = p.explain(slices.Repeat([]bool{true}, len(r.conditions)))
	return p, nil
}

func sum(model, checklist []byte) string {
	h := sha256.New()
	h.Write(model)
	h.Write([]byte{0})
	h.Write(checklist)
	return hex.EncodeToString(h.Sum(nil))
}

// Decide answers the question from the facts. It is a pure function of both: it reads no clock and keeps nothing.
//
// A denial is not an error. An error means that no decision could be reached; the decision beside it denies with
// [CodeDefaultDeny].
func (p *Policy) Decide(q Question, f Facts) (Decision, error) {
	d, err := p.decide(q, f, p.engine.answer)
	if p.shadow.drawn() {
		return p.compare(q, f, d, err)
	}
	return d, err
}

// DecideIn answers the question from what the snapshot knows, as [Policy.Decide] does from [Snapshot.Facts].
func (p *Policy) DecideIn(s *Snapshot, q Question) (Decision, error) {
	if q.malformed() {
		return p.Deny(CodeRequestMalformed), nil
	}
	m := matters.Get().(*matter)
	defer matters.Put(m)
	m.prepare(q, s.gather(&q, &m.room))
	d, err := p.answer(m, p.engine.answer)
	if p.shadow.drawn() {
		return p.compare(q, s.Facts(q), d, err)
	}
	return d, err
}

// DecideByReference answers as [Policy.Decide] does, with nothing but stock Casbin: it writes the facts as rows of text
// and asks Casbin once for every matcher. It takes a hundred times as long, and is there to compare.
func (p *Policy) DecideByReference(q Question, f Facts) (Decision, error) {
	return p.decide(q, f, p.refer)
}

// judge is an engine: it finds out what became of each condition, whether that allows, and by which right.
type judge func(m *matter) (held []bool, right string, allowed bool, err error)

// decide prepares a question and lets an engine answer it.
func (p *Policy) decide(q Question, f Facts, engine judge) (Decision, error) {
	if q.malformed() {
		return p.Deny(CodeRequestMalformed), nil
	}
	m := matters.Get().(*matter)
	defer matters.Put(m)
	m.prepare(q, f)
	return p.answer(m, engine)
}

// answer lets an engine find out what became of each condition of a prepared question, and says the answer.
func (p *Policy) answer(m *matter, engine judge) (Decision, error) {
	held, right, allowed, err := engine(m)
	if err != nil {
		return p.Deny(CodeDefaultDeny), fmt.Errorf("decide on person %s under contract %s: %w", m.q.Person, m.q.Contract, err)
	}
	if !allowed {
		return p.denied(m, held), nil
	}
	return p.allowed(m, right), nil
}

// refer lets stock Casbin find out what became of each condition and say whether that allows, and by which right.
func (p *Policy) refer(m *matter) (held []bool, right string, allowed bool, err error) {
	s, err := newSheet(m)
	if err != nil {
		return nil, "", false, err
	}
	stock, _ := p.references.Get().(*reference)
	if stock == nil {
		if stock, err = newReference(p.model); err != nil {
			return nil, "", false, err
		}
	}
	defer p.references.Put(stock)
	held, rows, err := stock.evaluate(p.rule.conditions, s)
	if err != nil {
		return nil, "", false, err
	}
	allowed, err = stock.verdict(p.rule.outcome(held))
	if err != nil {
		return nil, "", false, err
	}
	if allowed != all(held) {
		return nil, "", false, errors.New("the verdict contradicts the conditions")
	}
	for i, c := range p.rule.conditions {
		if allowed && c.outcome == "notified" && c.matchers[0][0].section == sectionRights {
			right = rows[i][0]
		}
	}
	return held, right, allowed, nil
}

// outcome returns what became of each part of the rule: it holds when all its conditions do.
func (r *rule) outcome(held []bool) []bool {
	parts := make([]bool, len(r.parts))
	for i := range parts {
		parts[i] = true
	}
	for i, c := range r.conditions {
		parts[c.part] = parts[c.part] && held[i]
	}
	return parts
}

// all tells whether every condition held.
func all(held []bool) bool {
	for _, h := range held {
		if !h {
			return false
		}
	}
	return true
}
