package authz

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// condition is one condition of the rule: how to find out what became of it, and the clauses behind it.
type condition struct {
	part     int // of the rule, by its place in r
	outcome  string
	matchers [][]*matcher // alternatives, of each of which all must find a row
	absent   bool         // the matchers look for what forbids
	clauses  []string
	line     int // of the checklist
}

// rests says on which sections each condition of the embedded rule may rest. So no rule can let one condition take the
// place of another: a permit opens what needs one and what is done after the end, and an emergency lifts the age of the
// directory's reading, the case reference, the workplace and the hours, and never anything else.
var rests = map[string]string{
	"caller": sectionScopes, "zone": sectionCircumstances, "once": sectionCircumstances,
	"directory": sectionCircumstances + " " + sectionEmergencies, "clock": sectionCircumstances,
	"incident": sectionHolds, "evidence": sectionHolds,
	"registered": sectionContracts, "running": sectionContracts + " " + sectionPermits, "entrusted": sectionEntrusted,
	"chain": sectionContracts + " " + sectionChains, "scope": sectionContracts + " " + sectionChains,
	"account": sectionAccounts, "owner": sectionAccounts, "present": sectionLeaves, "employer": sectionCircumstances,
	"authenticated": sectionCircumstances, "mode": sectionCircumstances,
	"principal": sectionAccounts + " " + sectionDelegations + " " + sectionAssignments + " " + sectionPledges, "unshared": sectionHolds,
	"member": sectionAssignments, "notified": sectionRights, "reviewed": sectionContracts, "pledge": sectionPledges,
	"trained": sectionTrainings + " " + sectionContracts, "asset": sectionAssets, "right": sectionRights,
	"purpose": sectionPurposes, "permitted": sectionProhibited, "agreed": sectionAgreed, "intended": sectionIntended,
	"deed": sectionPurposes, "provided": sectionProvisos, "reference": sectionCircumstances + " " + sectionEmergencies,
	"permit": sectionCircumstances + " " + sectionPermits, "returned": sectionLoans,
	"workplace": sectionCircumstances + " " + sectionEmergencies, "device": sectionCircumstances,
	"hours": sectionHours + " " + sectionEmergencies, "volume": sectionCircumstances, "protected": sectionObligations,
	"emergency": sectionPurposes + " " + sectionEmergencies,
}

// clauseForm is the form of a clause id of the city's document.
var clauseForm = regexp.MustCompile(`^S[0-2](-[0-9]+){1,3}(-[a-d])?$`)

// readChecklist reads the checklist. It refuses one that does not give every part of the rule a condition, in the order
// of r, and use every matcher.
func readChecklist(text string, parts []string, matchers map[string]*matcher) ([]condition, error) {
	table := csv.NewReader(strings.NewReader(text))
	table.Comment = '#'
	table.TrimLeadingSpace = true
	table.FieldsPerRecord = 6
	var conditions []condition
	used := map[string]bool{}
	next := 0 // the part of which the next row may speak first
	for {
		record, err := table.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, unreadable(err)
		}
		line, _ := table.FieldPos(0)
		switch part := slices.Index(parts, record[1]); {
		case record[0] != "p" || part < 0:
			return nil, flaw(InChecklist, line, Disagreeing, "this is no condition of a part of r")
		case part == next:
			next++
		case part != next-1:
			return nil, flaw(InChecklist, line, Disagreeing, "part %s does not stand in its place in r", record[1])
		}
		c, err := readCondition(record, matchers)
		if err != nil {
			return nil, flaw(InChecklist, line, Disagreeing, "condition %s: %w", record[2], err)
		}
		if slices.ContainsFunc(conditions, func(other condition) bool { return other.outcome == c.outcome }) {
			return nil, flaw(InChecklist, line, Disagreeing, "condition %s stands there twice", c.outcome)
		}
		c.part, c.line = next-1, line
		for _, m := range slices.Concat(c.matchers...) {
			used[m.name] = true
		}
		conditions = append(conditions, c)
	}
	if next < len(parts) {
		return nil, flaw(InChecklist, 0, Disagreeing, "part %s has no condition", parts[next])
	}
	for name, m := range matchers {
		if !used[name] {
			return nil, flaw(InModel, m.line, Disagreeing, "matcher %s decides nothing", name)
		}
	}
	return conditions, nil
}

// unreadable is what is wrong with a row that is no CSV of the right width.
func unreadable(err error) error {
	var malformed *csv.ParseError
	if errors.As(err, &malformed) {
		return flaw(InChecklist, malformed.Line, Unreadable, "%w", malformed.Err)
	}
	return err
}

func readCondition(record []string, matchers map[string]*matcher) (condition, error) {
	c := condition{outcome: record[2], absent: record[4] == "absent", clauses: strings.Fields(record[5])}
	if !nameForm.MatchString(c.outcome) {
		return condition{}, fmt.Errorf("%q is no name", c.outcome)
	}
	for alternative := range strings.SplitSeq(record[3], "|") {
		var together []*matcher
		for name := range strings.SplitSeq(alternative, "&") {
			m, known := matchers[name]
			if !known {
				return condition{}, fmt.Errorf("there is no matcher %q", name)
			}
			if sections, known := rests[c.outcome]; known && !slices.Contains(strings.Fields(sections), m.section) {
				return condition{}, fmt.Errorf("must not rest on section %s", m.section)
			}
			together = append(together, m)
		}
		c.matchers = append(c.matchers, together)
	}
	if record[4] != "present" && record[4] != "absent" {
		return condition{}, fmt.Errorf("mark %q is neither present nor absent", record[4])
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
