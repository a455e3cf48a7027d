package authz

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
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
	conditions []condition
	engines    sync.Pool // of *reference
}

// Load returns the rule that is embedded in this package. An error means that the program was built from a damaged rule.
func Load() (*Policy, error) {
	p, err := Parse(modelFile, checklistFile)
	if err != nil {
		return nil, fmt.Errorf("load the embedded rule: %w", err)
	}
	return p, nil
}

// Parse reads a rule: a Casbin model and the checklist of its conditions. The embedded rule is one; a stricter one may
// add conditions over the same facts, and denies with [CodeDefaultDeny] when only an added condition fails.
//
// Parse refuses what Casbin would silently read as less than it says, what is outside the small language of the rule,
// and every rule that is weaker than the embedded one: it puts questions with a single fault to the rule, and each must
// fail exactly the conditions that the fault touches.
func Parse(model, checklist []byte) (*Policy, error) {
	r, err := readRule(string(model), string(checklist))
	if err != nil {
		return nil, err
	}
	p := &Policy{Sum: sum(model, checklist), model: string(model), conditions: r.conditions}
	engine, err := newReference(p.model)
	if err != nil {
		return nil, err
	}
	if err := proveConditions(engine, p.conditions); err != nil {
		return nil, fmt.Errorf("prove the conditions: %w", err)
	}
	if err := proveVerdict(engine, len(p.conditions)); err != nil {
		return nil, fmt.Errorf("prove the verdict: %w", err)
	}
	p.engines.Put(engine)
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
	if len(q.Malformed()) > 0 {
		return p.Deny(CodeRequestMalformed), nil
	}
	held, rows, err := p.evaluate(q, f)
	if err != nil {
		return p.Deny(CodeDefaultDeny), fmt.Errorf("decide on person %s under contract %s: %w", q.Person, q.Contract, err)
	}
	if rows == nil {
		return p.denied(q, f, held), nil
	}
	return p.allowed(q, f, held, rows), nil
}

// evaluate returns what became of each condition and, when Casbin allows, the rows that decided.
func (p *Policy) evaluate(q Question, f Facts) ([]bool, [][]string, error) {
	s, err := newSheet(q, f)
	if err != nil {
		return nil, nil, err
	}
	engine, _ := p.engines.Get().(*reference)
	if engine == nil {
		if engine, err = newReference(p.model); err != nil {
			return nil, nil, err
		}
	}
	defer p.engines.Put(engine)
	held, rows, err := engine.evaluate(p.conditions, s)
	if err != nil {
		return nil, nil, err
	}
	allowed, err := engine.verdict(held)
	if err != nil {
		return nil, nil, err
	}
	if allowed != all(held) {
		return nil, nil, errors.New("the verdict contradicts the conditions")
	}
	if !allowed {
		rows = nil
	}
	return held, rows, nil
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
