package authz

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// matcher is one named matcher: the section of rows in which it looks, and all that it asks of a row.
type matcher struct {
	name, section string
	parts         []part
	line          int // of the model
}

// part is one comparison within a matcher.
type part struct {
	kind   partKind
	asked  string // the column of the question, where one is compared
	column string // of the section
	word   string // with which the column is compared, where it is a constant
	text   string // as it stands in the model
}

// partKind is one of the forms that a part can have.
type partKind int

const (
	partEqual    partKind = iota // r2.x == pN.y
	partConstant                 // pN.y == "word"
	partBegun                    // pN.y <= r2.at
	partOpen                     // r2.at < pN.y
	partUnder                    // g(r2.purpose, pN.purpose)
	partAbove                    // g(pN.purpose, r2.purpose)
	partStands                   // g2(r2.x, pN.y)
)

// rule is a model and a checklist that are written in our language and agree with each other.
type rule struct {
	parts      []string    // of the rule, in the order of r
	conditions []condition // in the order of the checklist
}

// readRule reads a model and its checklist. The language is small on purpose. m is the conjunction of the parts of the
// rule and nothing else. Every other matcher is a conjunction, too, over one section, and each of its parts is an
// equality, a comparison with the asked moment, or g of a word of the question. There is no "or", no "not", no pattern
// and no eval.
func readRule(model, checklist string) (rule, error) {
	definitions, err := readModel(model)
	if err != nil {
		return rule{}, fmt.Errorf("read model: %w", err)
	}
	by := make(map[string]defined, len(definitions))
	for _, d := range definitions {
		by[d.key] = d
	}
	if err := checkLayout(by); err != nil {
		return rule{}, fmt.Errorf("read model: %w", err)
	}
	parts := strings.Split(by["r"].value, ", ")
	if err := checkVerdict(parts, by["r"], by["m"]); err != nil {
		return rule{}, fmt.Errorf("read model: %w", err)
	}
	matchers := map[string]*matcher{}
	for _, d := range definitions {
		if !strings.HasPrefix(d.key, "m") || d.key == "m" {
			continue
		}
		m, err := readMatcher(d.key, d.value)
		if err != nil {
			return rule{}, fmt.Errorf("read model: %w", flaw(InModel, d.line, BeyondLanguage, "matcher %s: %w", d.key, err))
		}
		m.line, matchers[d.key] = d.line, m
	}
	conditions, err := readChecklist(checklist, parts, matchers)
	if err != nil {
		return rule{}, fmt.Errorf("read checklist: %w", err)
	}
	return rule{parts, conditions}, nil
}

// checkLayout refuses a model whose sections are not exactly those that this package fills.
func checkLayout(by map[string]defined) error {
	for _, want := range layout {
		if got := by[want.key]; got.value != want.value {
			return flaw(InModel, got.line, BeyondLanguage, "%s is defined as %q, not %q", want.key, got.value, want.value)
		}
	}
	for key, d := range by {
		if key == "r" || strings.HasPrefix(key, "m") {
			continue
		}
		if !slices.ContainsFunc(layout, func(d definition) bool { return d.key == key }) {
			return flaw(InModel, d.line, BeyondLanguage, "%s is not a section that is filled", key)
		}
	}
	return nil
}

var nameForm = regexp.MustCompile(`^[a-z]{2,20}$`)

// checkVerdict refuses an m that is not the conjunction of all parts of the rule, in their order.
func checkVerdict(parts []string, r, m defined) error {
	for i, name := range parts {
		if !nameForm.MatchString(name) {
			return flaw(InModel, r.line, BeyondLanguage, "r: %q is no name of a part", name)
		}
		if slices.Contains(parts[:i], name) {
			return flaw(InModel, r.line, BeyondLanguage, "r: part %s is named twice", name)
		}
	}
	if want := "r." + strings.Join(parts, " && r."); m.value != want {
		return flaw(InModel, m.line, BeyondLanguage, "m is not the conjunction of all parts of r, in their order")
	}
	return nil
}

// columns lists the columns of each section, and of the question, as layout defines them.
var columns = func() map[string][]string {
	all := map[string][]string{}
	for _, d := range layout {
		all[d.key] = strings.Split(d.value, ", ")
	}
	return all
}()

// momentColumns are the columns that hold a moment; all others hold a word.
var momentColumns = []string{"at", "from", "until", "ended", "suspended", "terminated", "review", "transferred", "opened", "due",
	"synced", "authenticated"}

// readMatcher reads a matcher, and refuses one outside the language. One part at least compares a word of the question,
// so that the closed row of a section never matches.
func readMatcher(name, text string) (*matcher, error) {
	m := &matcher{name: name}
	var asks bool
	for piece := range strings.SplitSeq(text, " && ") {
		p, section, known := readPart(piece)
		switch {
		case !known:
			return nil, fmt.Errorf("%q is not in the language", piece)
		case m.section != "" && m.section != section:
			return nil, fmt.Errorf("looks in two sections, %s and %s", m.section, section)
		case !slices.Contains(columns[section], p.column):
			return nil, fmt.Errorf("%s has no column %s", section, p.column)
		case p.asked != "" && !slices.Contains(columns["r2"], p.asked):
			return nil, fmt.Errorf("the question has no %s", p.asked)
		case slices.Contains(momentColumns, p.column) != (p.kind == partBegun || p.kind == partOpen) || p.asked == "at":
			return nil, fmt.Errorf("%q compares a word with a moment", piece)
		}
		p.text = piece
		m.section, m.parts = section, append(m.parts, p)
		asks = asks || p.asked != ""
	}
	if !asks {
		return nil, errors.New("compares no word with the question")
	}
	return m, nil
}

// readPart takes one part of a matcher apart, and tells whether it is in the language.
func readPart(text string) (p part, section string, known bool) {
	if inner, ok := between(text, "g(", ")"); ok {
		left, right, _ := strings.Cut(inner, ", ")
		switch {
		case left == "r2.purpose":
			p.kind, p.asked = partUnder, "purpose"
			section, p.column, known = column(right)
		case right == "r2.purpose":
			p.kind, p.asked = partAbove, "purpose"
			section, p.column, known = column(left)
		}
		return p, section, known && p.column == "purpose"
	}
	if inner, ok := between(text, "g2(", ")"); ok {
		left, right, _ := strings.Cut(inner, ", ")
		return askedOf(left, right, partStands)
	}
	if left, right, ok := strings.Cut(text, " == "); ok {
		if p.word, ok = between(right, `"`, `"`); ok && nameForm.MatchString(p.word) {
			p.kind = partConstant
			section, p.column, known = column(left)
			return p, section, known
		}
		return askedOf(left, right, partEqual)
	}
	if left, ok := strings.CutSuffix(text, " <= r2.at"); ok {
		p.kind = partBegun
		section, p.column, known = column(left)
		return p, section, known
	}
	right, ok := strings.CutPrefix(text, "r2.at < ")
	p.kind = partOpen
	section, p.column, known = column(right)
	return p, section, known && ok
}

// askedOf reads a part that compares a word of the question, left, with a column, right.
func askedOf(left, right string, kind partKind) (p part, section string, known bool) {
	p.kind = kind
	asked, ok := strings.CutPrefix(left, "r2.")
	if ok && isName(asked) {
		p.asked = asked
		section, p.column, known = column(right)
	}
	return p, section, known
}

// column takes apart the name of a column of a section of facts, such as p3.until.
func column(text string) (section, name string, known bool) {
	section, name, known = strings.Cut(text, ".")
	number, ok := strings.CutPrefix(section, "p")
	return section, name, known && ok && number != "" && strings.Trim(number, "0123456789") == "" && isName(name)
}

func isName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(c rune) bool { return c < 'a' || 'z' < c })
}

// between returns what stands between a beginning and an end.
func between(text, begin, end string) (string, bool) {
	inner, ok := strings.CutPrefix(text, begin)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(inner, end)
}
