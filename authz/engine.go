package authz

import (
	"errors"
	"fmt"
	"slices"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
)

// engine is a rule compiled: each matcher of the model has become a search through the facts where they lie. What became
// of the parts of the rule is then put to stock Casbin, which alone says whether access is allowed. It is safe for
// concurrent use.
type engine struct {
	rule       *rule
	conditions []search
	notified   int // the condition whose row names the right that allows; -1: there is none
	casbin     *casbin.Enforcer
}

// search is one condition compiled: alternatives, of each of which all finders must find a row.
type search struct {
	part         int
	alternatives [][]finder
	absent       bool
}

// finder is one matcher compiled.
type finder struct {
	section string
	rows    func(m *matter) int
	tests   []test
}

// test is one part of a matcher compiled: whether a row meets it.
type test func(m *matter, row int) bool

// compile compiles the conditions of the rule.
func compile(r *rule) (*engine, error) {
	e := &engine{rule: r, notified: -1}
	for i, c := range r.conditions {
		s := search{part: c.part, absent: c.absent}
		for _, together := range c.matchers {
			var finders []finder
			for _, m := range together {
				f, err := compileMatcher(m)
				if err != nil {
					return nil, fmt.Errorf("compile matcher %s: %w", m.name, err)
				}
				finders = append(finders, f)
			}
			s.alternatives = append(s.alternatives, finders)
		}
		if c.outcome == "notified" {
			e.notified = i
		}
		e.conditions = append(e.conditions, s)
	}
	return e, nil
}

// prepare prepares Casbin for the verdict, with those lines of the model that speak of it. Sections of facts and roles
// play no part in m, and would only be prepared anew each time it is asked.
func (e *engine) prepare(text string) error {
	definitions, err := readModel(text)
	if err != nil {
		return err
	}
	m := model.NewModel()
	for _, d := range definitions {
		if slices.Contains([]string{"r", "p", "e", "m"}, d.key) {
			m.AddDef(d.key, d.key, d.value)
		}
	}
	if e.casbin, err = casbin.NewEnforcer(m); err != nil {
		return fmt.Errorf("prepare casbin: %w", err)
	}
	return nil
}

// compileMatcher compiles a matcher.
func compileMatcher(m *matcher) (finder, error) {
	s, known := sections[m.section]
	if !known {
		s, known = personSections[m.section]
	}
	if !known {
		return finder{}, fmt.Errorf("there is no section %s", m.section)
	}
	f := finder{section: m.section, rows: s.rows}
	for _, p := range m.parts {
		t := p.compile(s)
		if t == nil {
			return finder{}, fmt.Errorf("%s has no column %s that can be compared so", m.section, p.column)
		}
		f.tests = append(f.tests, t)
	}
	return f, nil
}

// compile compiles one part of a matcher; nil when the section has no such column.
func (p part) compile(s section) test {
	word, moment := s.words[p.column], s.moments[p.column]
	asked, constant := slices.Index(columns["r2"], p.asked), p.word
	switch {
	case p.kind == partBegun && moment != nil:
		return func(m *matter, row int) bool { return moment(m, row) <= m.at }
	case p.kind == partOpen && moment != nil:
		return func(m *matter, row int) bool { return m.at < moment(m, row) }
	case word == nil:
		return nil
	case p.kind == partConstant:
		return func(m *matter, row int) bool { return word(m, row) == constant }
	case p.kind == partUnder:
		return func(m *matter, row int) bool { return m.under(word(m, row)) }
	case p.kind == partAbove:
		return func(m *matter, row int) bool { return m.above(word(m, row)) }
	case p.kind == partEqual && asked >= 0:
		return func(m *matter, row int) bool { return word(m, row) == m.words[asked] }
	case p.kind == partStands && asked >= 0:
		return func(m *matter, row int) bool { return stands(m.words[asked], word(m, row)) }
	}
	return nil
}

// meets tells whether the row meets every part of the matcher.
func (f *finder) meets(m *matter, row int) bool {
	for _, t := range f.tests {
		if !t(m, row) {
			return false
		}
	}
	return true
}

// finds tells whether there is a row that meets every part of the matcher.
func (f *finder) finds(m *matter) bool {
	for row := range f.rows(m) {
		if f.meets(m, row) {
			return true
		}
	}
	return false
}

// found returns the first alternative of which every finder finds a row, or nil.
func (s *search) found(m *matter) []finder {
	for _, together := range s.alternatives {
		if !slices.ContainsFunc(together, func(f finder) bool { return !f.finds(m) }) {
			return together
		}
	}
	return nil
}

// evaluate finds out what became of each condition, and keeps it in the matter. It reports whether all of them held.
func (e *engine) evaluate(m *matter) (bool, error) {
	if m.err != nil {
		return false, m.err
	}
	m.held = m.held[:0]
	all := true
	for i := range e.conditions {
		s := &e.conditions[i]
		held := (s.found(m) != nil) != s.absent
		m.held = append(m.held, held)
		all = all && held
	}
	return all, nil
}

// decide evaluates every condition and asks Casbin for the verdict. When that is to allow, it returns by which right.
func (e *engine) decide(m *matter) (right string, allowed bool, err error) {
	all, err := e.evaluate(m)
	if err != nil {
		return "", false, err
	}
	m.outcomes = m.outcomes[:0]
	for range e.rule.parts {
		m.outcomes = append(m.outcomes, true)
	}
	for i, held := range m.held {
		if !held {
			m.outcomes[e.conditions[i].part] = false
		}
	}
	allowed, err = e.casbin.Enforce(m.outcomes...)
	if err != nil {
		return "", false, fmt.Errorf("ask casbin for the verdict: %w", brief(err))
	}
	if allowed != all {
		return "", false, errors.New("the verdict contradicts the conditions")
	}
	if allowed {
		right = e.right(m)
	}
	return right, allowed, nil
}

// answer decides, and says what became of each condition, too.
func (e *engine) answer(m *matter) (held []bool, right string, allowed bool, err error) {
	right, allowed, err = e.decide(m)
	return m.held, right, allowed, err
}

// verdict asks Casbin whether access is allowed when the parts of the rule came out like this.
func (e *engine) verdict(parts []bool) (bool, error) {
	outcomes := make([]any, len(parts))
	for i, held := range parts {
		outcomes[i] = held
	}
	return e.casbin.Enforce(outcomes...)
}

// right returns the right that allows: of those that cover the question, and of which the city was notified, the first by
// its identifier.
func (e *engine) right(m *matter) string {
	if e.notified < 0 {
		return ""
	}
	together := e.conditions[e.notified].found(m)
	if len(together) == 0 || together[0].section != sectionRights {
		return ""
	}
	first, known := "", false
	for row := range together[0].rows(m) {
		if id := m.f.Rights[row].ID; (!known || id < first) && together[0].meets(m, row) {
			first, known = id, true
		}
	}
	return first
}
