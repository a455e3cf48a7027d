package authz

import (
	"cmp"
	"fmt"
	"slices"
)

// Row is a row of facts as one matcher of the rule sees it.
type Row struct {
	Matcher string   // that looked for it, such as m32
	Section string   // of the model in which it stands, such as p7
	Columns []string // of the section
	Values  []string // of the row; identifiers, states and moments
	Unmet   []string // what of the matcher the row does not meet; of a row that was found nothing
}

// Explain decides as [Policy.DecideByReference] does and lists with each condition the rows on which it rests: those that
// were found, and of a matcher that found none the row that came nearest. Nothing is listed of a condition that holds
// because nothing forbids, nor of a matcher without any row to look at.
func (p *Policy) Explain(q Question, f Facts) (Decision, error) {
	d, err := p.DecideByReference(q, f)
	if err != nil || len(d.Conditions) == 0 {
		return d, err
	}
	var m matter
	m.prepare(q, f)
	s, err := newSheet(&m)
	if err != nil {
		return p.Deny(CodeDefaultDeny), fmt.Errorf("explain person %s under contract %s: %w", q.Person, q.Contract, err)
	}
	asked := map[string]string{}
	for i, name := range columns["r2"] {
		asked[name] = s.question[i].(string)
	}
	d.Conditions = slices.Clone(d.Conditions)
	for i, c := range p.rule.conditions {
		d.Conditions[i].Rows = s.basis(c, asked, d.Conditions[i].Held)
	}
	return d, nil
}

// basis returns the rows on which a condition rests.
func (s *sheet) basis(c condition, asked map[string]string, held bool) []Row {
	var rows []Row
	for _, together := range c.matchers {
		first := len(rows)
		for _, m := range together {
			if row, found := s.nearest(m, asked); found {
				rows = append(rows, row)
			}
		}
		if complete(rows[first:], len(together)) {
			return rows[first:]
		}
	}
	if c.absent && held {
		return nil
	}
	return rows
}

// complete tells whether every matcher of an alternative has found a row.
func complete(rows []Row, matchers int) bool {
	return len(rows) == matchers && !slices.ContainsFunc(rows, func(r Row) bool { return len(r.Unmet) > 0 })
}

// nearest returns the row that the matcher finds, or else the one that meets most of it.
func (s *sheet) nearest(m *matcher, asked map[string]string) (Row, bool) {
	var all []Row
	for _, values := range s.rows[m.section] {
		row := Row{Matcher: m.name, Section: m.section, Columns: columns[m.section], Values: values}
		for _, p := range m.parts {
			if !s.meets(p, asked, values[slices.Index(row.Columns, p.column)]) {
				row.Unmet = append(row.Unmet, p.text)
			}
		}
		all = append(all, row)
	}
	if len(all) == 0 {
		return Row{}, false
	}
	return slices.MinFunc(all, func(a, b Row) int {
		return cmp.Or(cmp.Compare(len(a.Unmet), len(b.Unmet)), slices.Compare(a.Values, b.Values))
	}), true
}

// meets tells whether the value of a row meets a part of a matcher.
func (s *sheet) meets(p part, asked map[string]string, value string) bool {
	switch p.kind {
	case partEqual:
		return asked[p.asked] == value
	case partConstant:
		return p.word == value
	case partBegun:
		return value <= asked["at"]
	case partOpen:
		return asked["at"] < value
	case partUnder:
		return s.purposes[link{name: asked[p.asked], above: value}]
	case partAbove:
		return s.purposes[link{name: value, above: asked[p.asked]}]
	}
	return s.wildcards[link{name: asked[p.asked], above: value}]
}
