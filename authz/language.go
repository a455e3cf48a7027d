package authz

import (
	"encoding/csv"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// condition is one condition of the rule: how to find out what became of it, and the clauses behind it.
type condition struct {
	outcome  string
	matchers []matcher // alternatives
	absent   bool      // the matchers look for what forbids
	clauses  []string
}

// matcher is one named matcher and the section of rows in which it looks.
type matcher struct {
	name, section string
}

// rule is a model and a checklist that are written in our language and agree with each other.
type rule struct {
	outcomes   []string    // in the order of r
	conditions []condition // in the same order
}

// readRule reads a model and its checklist. The language is small on purpose. m is the conjunction of the outcomes and
// nothing else. Every other matcher is a conjunction, too, over one section, and each of its parts is an equality, a
// comparison with the asked moment, or g of a word of the question. There is no "or", no "not", no pattern and no eval.
func readRule(model, checklist string) (rule, error) {
	definitions, err := readModel(model)
	if err != nil {
		return rule{}, fmt.Errorf("read model: %w", err)
	}
	values := make(map[string]string, len(definitions))
	for _, d := range definitions {
		values[d.key] = d.value
	}
	if err := checkLayout(values); err != nil {
		return rule{}, fmt.Errorf("read model: %w", err)
	}
	outcomes := strings.Split(values["r"], ", ")
	if err := checkVerdict(outcomes, values["m"]); err != nil {
		return rule{}, fmt.Errorf("read model: %w", err)
	}
	matchers := map[string]matcher{}
	for _, d := range definitions {
		if !strings.HasPrefix(d.key, "m") || d.key == "m" {
			continue
		}
		section, err := checkMatcher(d.value, values)
		if err != nil {
			return rule{}, fmt.Errorf("read model: matcher %s: %w", d.key, err)
		}
		matchers[d.key] = matcher{d.key, section}
	}
	conditions, err := readChecklist(checklist, outcomes, matchers)
	if err != nil {
		return rule{}, fmt.Errorf("read checklist: %w", err)
	}
	return rule{outcomes, conditions}, nil
}

// checkLayout refuses a model whose sections are not exactly those that this package fills.
func checkLayout(values map[string]string) error {
	for _, want := range layout {
		if got := values[want.key]; got != want.value {
			return fmt.Errorf("%s is defined as %q, not %q", want.key, got, want.value)
		}
	}
	for key := range values {
		if key == "r" || strings.HasPrefix(key, "m") {
			continue
		}
		if !slices.ContainsFunc(layout, func(d definition) bool { return d.key == key }) {
			return fmt.Errorf("%s is not a section that is filled", key)
		}
	}
	return nil
}

var outcomeForm = regexp.MustCompile(`^[a-z]{2,20}$`)

// checkVerdict refuses an m that is not the conjunction of all outcomes, in their order.
func checkVerdict(outcomes []string, m string) error {
	for i, name := range outcomes {
		if !outcomeForm.MatchString(name) {
			return fmt.Errorf("r: %q is no name of an outcome", name)
		}
		if slices.Contains(outcomes[:i], name) {
			return fmt.Errorf("r: outcome %s is named twice", name)
		}
	}
	if want := "r." + strings.Join(outcomes, " && r."); m != want {
		return errors.New("m is not the conjunction of all outcomes of r, in their order")
	}
	return nil
}

// The parts of a matcher: r2.x == pN.y, pN.y == "word", pN.y <= r2.at, r2.at < pN.y, g(r2.x, pN.y), g2(r2.x, pN.y).
// Each expression captures its column of the question, where it has one, its section and its column there.
var (
	equalForm    = regexp.MustCompile(`^r2\.([a-z]+) == (p[0-9]+)\.([a-z]+)$`)
	constantForm = regexp.MustCompile(`^(p[0-9]+)\.([a-z]+) == "[a-z]+"$`)
	begunForm    = regexp.MustCompile(`^(p[0-9]+)\.([a-z]+) <= r2\.at$`)
	openForm     = regexp.MustCompile(`^r2\.at < (p[0-9]+)\.([a-z]+)$`)
	purposeForm  = regexp.MustCompile(`^g\(r2\.(purpose), (p[0-9]+)\.(purpose)\)$`)
	wildcardForm = regexp.MustCompile(`^g2\(r2\.(contract|asset|action), (p[0-9]+)\.([a-z]+)\)$`)
)

// checkMatcher refuses a matcher outside the language, and returns the section in which the matcher looks. One part at
// least compares a name, so that the closed row of a section never matches.
func checkMatcher(text string, values map[string]string) (string, error) {
	var section string
	var names bool
	for part := range strings.SplitSeq(text, " && ") {
		asked, in, column := split(part)
		switch {
		case in == "":
			return "", fmt.Errorf("%q is not in the language", part)
		case section != "" && section != in:
			return "", fmt.Errorf("looks in two sections, %s and %s", section, in)
		case !defines(values[in], column):
			return "", fmt.Errorf("%s has no column %s", in, column)
		case asked != "" && !defines(values["r2"], asked):
			return "", fmt.Errorf("the question has no %s", asked)
		}
		section, names = in, names || asked != ""
	}
	if !names {
		return "", errors.New("compares no name with the question")
	}
	return section, nil
}

// split takes one part of a matcher apart. The section is empty when the part is not in the language.
func split(part string) (asked, section, column string) {
	for _, form := range []*regexp.Regexp{equalForm, purposeForm, wildcardForm} {
		if m := form.FindStringSubmatch(part); m != nil {
			return m[1], m[2], m[3]
		}
	}
	for _, form := range []*regexp.Regexp{constantForm, begunForm, openForm} {
		if m := form.FindStringSubmatch(part); m != nil {
			return "", m[1], m[2]
		}
	}
	return "", "", ""
}

func defines(columns, name string) bool {
	return slices.Contains(strings.Split(columns, ", "), name)
}

// clauseForm is the form of a clause id of the city's document.
var clauseForm = regexp.MustCompile(`^S[0-2](-[0-9]+){1,3}(-[a-d])?$`)

// readChecklist reads the checklist. It refuses one that does not decide every outcome once, in the order of r, and use
// every matcher.
func readChecklist(text string, outcomes []string, matchers map[string]matcher) ([]condition, error) {
	table := csv.NewReader(strings.NewReader(text))
	table.Comment = '#'
	table.TrimLeadingSpace = true
	table.FieldsPerRecord = 5
	records, err := table.ReadAll()
	if err != nil {
		return nil, err
	}
	var conditions []condition
	used := map[string]bool{}
	for i, record := range records {
		if i >= len(outcomes) || record[0] != "p" || record[1] != outcomes[i] {
			return nil, fmt.Errorf("row %d does not decide the outcome of the same place in r", i+1)
		}
		c, err := readCondition(record, matchers)
		if err != nil {
			return nil, fmt.Errorf("outcome %s: %w", record[1], err)
		}
		for _, m := range c.matchers {
			used[m.name] = true
		}
		conditions = append(conditions, c)
	}
	if len(conditions) != len(outcomes) {
		return nil, fmt.Errorf("outcome %s has no row", outcomes[len(conditions)])
	}
	for name := range matchers {
		if !used[name] {
			return nil, fmt.Errorf("matcher %s decides nothing", name)
		}
	}
	return conditions, nil
}

func readCondition(record []string, matchers map[string]matcher) (condition, error) {
	c := condition{outcome: record[1], absent: record[3] == "absent", clauses: strings.Fields(record[4])}
	for name := range strings.SplitSeq(record[2], "|") {
		m, known := matchers[name]
		if !known {
			return condition{}, fmt.Errorf("there is no matcher %q", name)
		}
		c.matchers = append(c.matchers, m)
	}
	if record[3] != "present" && record[3] != "absent" {
		return condition{}, fmt.Errorf("mark %q is neither present nor absent", record[3])
	}
	if len(c.clauses) == 0 {
		return condition{}, errors.New("no clause is named")
	}
	for _, id := range c.clauses {
		if !clauseForm.MatchString(id) {
			return condition{}, fmt.Errorf("%q is no clause", id)
		}
	}
	return c, nil
}
