package authz

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// proveVerdict shows that Casbin allows when every condition held, and only then: for every single failure, for every
// pair, and for a few thousand arbitrary ones. readRule has already made sure that m says so.
func proveVerdict(engine *reference, conditions int) error {
	try := func(held []bool) error {
		allowed, err := engine.verdict(held)
		if err != nil {
			return err
		}
		if allowed != all(held) {
			return fmt.Errorf("allowed = %t for the outcomes %v", allowed, held)
		}
		return nil
	}
	held := slices.Repeat([]bool{true}, conditions)
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
	for range 2000 {
		for i := range held {
			held[i] = random.IntN(4) > 0
		}
		if err := try(held); err != nil {
			return err
		}
	}
	return nil
}

// proveConditions puts exemplary questions to the rule: some that must be allowed, and for each of them questions with
// one fault, of which each must fail exactly the conditions that the fault touches.
func proveConditions(engine *reference, conditions []condition) error {
	for _, name := range embedded {
		if !slices.ContainsFunc(conditions, func(c condition) bool { return c.outcome == name }) {
			return fmt.Errorf("there is no condition %s", name)
		}
	}
	for _, e := range exemplars() {
		q, f := e.ask()
		if err := expect(engine, conditions, q, f, nil); err != nil {
			return fmt.Errorf("%s: %w", e.name, err)
		}
		for _, fault := range e.faults {
			q, f := e.ask()
			fault.spoil(&q, &f)
			if err := expect(engine, conditions, q, f, strings.Fields(fault.fails)); err != nil {
				return fmt.Errorf("%s, but %s: %w", e.name, fault.name, err)
			}
		}
	}
	return nil
}

// embedded are the conditions of the embedded rule. A rule may have more, but none less.
var embedded = []string{"caller", "contract", "entrusted", "chain", "scope", "account", "member", "notified", "pledge",
	"asset", "right", "purpose", "permitted", "agreed"}

// expect asks the question and compares which of the known conditions failed.
func expect(engine *reference, conditions []condition, q Question, f Facts, fails []string) error {
	s, err := newSheet(q, f)
	if err != nil {
		return err
	}
	held, _, err := engine.evaluate(conditions, s)
	if err != nil {
		return err
	}
	for i, c := range conditions {
		touched := slices.Contains(fails, c.outcome)
		if slices.Contains(embedded, c.outcome) && held[i] == touched {
			return fmt.Errorf("condition %s: held = %t", c.outcome, held[i])
		}
	}
	if len(fails) == 0 && !all(held) {
		return errors.New("an added condition denies what must be possible")
	}
	return nil
}
