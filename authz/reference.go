package authz

import (
	"errors"
	"fmt"
	"strings"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
)

// reference evaluates the rule with nothing but stock Casbin. It asks one Enforce for every matcher, over the rows of
// one question, and a last one for the verdict.
//
// An enforcer is not safe to be changed while it answers, so a reference serves one question at a time, and shares its
// model with no other. No section is ever empty, because Casbin evaluates a matcher over an empty section once with
// empty text in every column. Nothing is cached across questions but the parsed matchers.
type reference struct {
	enforcer  *casbin.Enforcer
	sections  model.AssertionMap
	purposes  *links
	wildcards *links
}

// newReference prepares Casbin for the model.
func newReference(text string) (*reference, error) {
	m, err := model.NewModelFromString(text)
	if err != nil {
		return nil, fmt.Errorf("read model into casbin: %w", err)
	}
	enforcer, err := casbin.NewEnforcer(m)
	if err != nil {
		return nil, fmt.Errorf("prepare casbin: %w", err)
	}
	r := &reference{enforcer: enforcer, sections: m["p"], purposes: &links{}, wildcards: &links{}}
	m["g"]["g"].RM, m["g"]["g"].CondRM = nil, r.purposes
	m["g"]["g2"].RM, m["g"]["g2"].CondRM = nil, r.wildcards
	r.load(sheet{})
	return r, nil
}

// load puts the rows of one question in the place of those before.
func (r *reference) load(s sheet) {
	for name, section := range r.sections {
		section.Policy = append(s.rows[name], closed(len(section.Tokens)))
	}
	r.purposes.known, r.wildcards.known = s.purposes, s.wildcards
}

// closed returns the row that matches no question. It stands in every section.
func closed(columns int) []string {
	row := make([]string, columns)
	for i := range row {
		row[i] = nothing
	}
	return row
}

// evaluate returns what became of each condition, and for each the row that decided it, if there is one: the row that
// the first matcher of the first alternative found of which all matchers found one.
func (r *reference) evaluate(conditions []condition, s sheet) ([]bool, [][]string, error) {
	r.load(s)
	defer r.load(sheet{})
	held, rows := make([]bool, len(conditions)), make([][]string, len(conditions))
	for i, c := range conditions {
		for _, together := range c.matchers {
			row, err := r.findAll(together, s.question)
			if err != nil {
				return nil, nil, fmt.Errorf("condition %s: %w", c.outcome, err)
			}
			if row != nil {
				rows[i] = row
				break
			}
		}
		held[i] = (rows[i] != nil) != c.absent
	}
	return held, rows, nil
}

// evaluator returns what finds out about the conditions, for a proof.
func (r *reference) evaluator(conditions []condition) evaluator {
	return func(m *matter) ([]bool, error) {
		s, err := newSheet(m)
		if err != nil {
			return nil, err
		}
		held, _, err := r.evaluate(conditions, s)
		return held, err
	}
}

// findAll returns the row that the first of the matchers finds, if all of them find one, or nil.
func (r *reference) findAll(together []*matcher, question []any) ([]string, error) {
	var first []string
	for i, m := range together {
		row, err := r.find(m, question)
		if err != nil {
			return nil, fmt.Errorf("evaluate matcher %s: %w", m.name, err)
		}
		if row == nil {
			return nil, nil
		}
		if i == 0 {
			first = row
		}
	}
	return first, nil
}

// find returns the first row of the matcher's section that answers the question, or nil.
func (r *reference) find(m *matcher, question []any) ([]string, error) {
	in := casbin.EnforceContext{RType: "r2", PType: m.section, EType: "e", MType: m.name}
	found, row, err := r.enforcer.EnforceEx(append([]any{in}, question...)...)
	if err != nil {
		return nil, brief(err)
	}
	if !found {
		return nil, nil
	}
	return row, nil
}

// verdict asks Casbin whether access is allowed when the parts of the rule came out like this.
func (r *reference) verdict(held []bool) (bool, error) {
	outcomes := make([]any, len(held))
	for i, h := range held {
		outcomes[i] = h
	}
	allowed, err := r.enforcer.Enforce(outcomes...)
	if err != nil {
		return false, fmt.Errorf("ask casbin for the verdict: %w", brief(err))
	}
	return allowed, nil
}

// brief cuts an error of Casbin to its first line: what follows is a stack trace.
func brief(err error) error {
	first, _, more := strings.Cut(err.Error(), "\n")
	if !more {
		return err
	}
	return errors.New(first)
}
