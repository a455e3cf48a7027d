package authz

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// proveVerdict shows that Casbin allows when every part of the rule held, and only then: for every single failure, for
// every pair, and for a few hundred arbitrary ones. readRule has already made sure that m says so.
func proveVerdict(verdict func([]bool) (bool, error), parts int) error {
	try := func(held []bool) error {
		allowed, err := verdict(held)
		if err != nil {
			return err
		}
		if allowed != all(held) {
			return fmt.Errorf("allowed = %t for the outcomes %v", allowed, held)
		}
		return nil
	}
	held := slices.Repeat([]bool{true}, parts)
	if err := try(held); err != nil {
		return err
	}
	for i := range held {
		for j := range i + 1 { // j == i: a single failure
			held[i], held[j] = false, false
			if err := try(held); err != nil {
				return err
			}
			held[i], held[j] = true, true
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		for i := range held {
			held[i] = random.IntN(4) > 0
		}
		if err := try(held); err != nil {
			return err
		}
	}
	return nil
}

// evaluator finds out what became of each condition of a rule.
type evaluator func(*matter) ([]bool, error)

// prove puts exemplary questions to the rule: some that must be allowed, and for each of them questions with one fault, of
// which each must fail exactly the conditions that the fault touches.
func prove(evaluate evaluator, conditions []condition) error {
	for name := range reasons {
		if !slices.ContainsFunc(conditions, func(c condition) bool { return c.outcome == name }) {
			return flaw(InChecklist, 0, Weaker, "there is no condition %s", name)
		}
	}
	var m matter
	for _, e := range exemplars() {
		q, f := e.ask()
		m.prepare(q, f)
		if err := expect(evaluate, conditions, &m, nil); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		for _, fault := range e.faults {
			q, f := e.ask()
			fault.spoil(&q, &f)
			m.prepare(q, f)
			if err := expect(evaluate, conditions, &m, strings.Fields(fault.fails)); err != nil {
				return fmt.Errorf("%s, but %s: %w", e.name, fault.name, err)
			}
		}
	}
	return nil
}

// expect compares which of the known conditions failed.
func expect(evaluate evaluator, conditions []condition, m *matter, fails []string) error {
	held, err := evaluate(m)
	if err != nil {
		return err
	}
	for i, c := range conditions {
		touched := slices.Contains(fails, c.outcome)
		if reasons[c.outcome] != nil && held[i] == touched {
			return flaw(InChecklist, c.line, Weaker, "condition %s: held = %t", c.outcome, held[i])
		}
	}
	if added := slices.Index(held, false); len(fails) == 0 && added >= 0 {
		return flaw(InChecklist, conditions[added].line, Weaker, "an added condition denies what must be possible")
	}
	return nil
}
