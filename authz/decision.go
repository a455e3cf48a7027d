package authz

import (
	"slices"
	"strings"
	"time"
)

// Decision is the answer to a question, with its reasons.
type Decision struct {
	Allowed    bool
	Primary    Code          // the first of Codes
	Codes      []Code        // all that stands in the way, in order of precedence; [CodeAllow] when nothing does
	Advice     []Code        // beside an allowed decision: what will stand in the way soon
	Clauses    []string      // of the city's document behind Codes, each once
	Message    string        // in Japanese, of Primary
	MaxAge     time.Duration // how long an allowed decision may be kept from the asked moment on; zero: not at all
	Right      string        // the id of the right that allowed
	Conditions []Condition   // what became of each condition, in the order of the rule
	Sum        string        // of the rule that was applied: [Policy.Sum]
}

// Condition is what became of one condition of the rule.
type Condition struct {
	Outcome string
	Held    bool
	Codes   []Code   // why it did not hold; none where that merely follows from another condition
	Clauses []string // behind the condition
}

// Deny returns a denial for a reason that lies outside the facts of a question, such as [CodeStoreUnavailable]. A code
// that does not deny becomes [CodeDefaultDeny].
func (p *Policy) Deny(code Code) Decision {
	if info, known := Info(code); !known || info.Kind != KindDeny {
		code = CodeDefaultDeny
	}
	d := Decision{Sum: p.Sum}
	d.say([]finding{{code: code}})
	return d
}

// denied returns the denial, with the diagnosis of each condition that failed.
func (p *Policy) denied(q Question, f Facts, held []bool) Decision {
	d := Decision{Sum: p.Sum, Conditions: p.explain(held)}
	diagnosis := newDiagnosis(q, f, d.Conditions)
	var all []finding
	for i, c := range d.Conditions {
		if c.Held {
			continue
		}
		found := inPrecedence(diagnosis.of(c.Outcome))
		for _, one := range found {
			d.Conditions[i].Codes = append(d.Conditions[i].Codes, one.code)
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		all = []finding{{code: CodeDefaultDeny}}
	}
	d.say(all)
	return d
}

// allowed returns the decision that allows.
func (p *Policy) allowed(q Question, f Facts, held []bool, rows [][]string) Decision {
	d := Decision{Allowed: true, Sum: p.Sum, Conditions: p.explain(held), MaxAge: maxAge(q, f)}
	for i, c := range p.conditions {
		if c.outcome == "notified" {
			d.Right = rows[i][0]
		}
	}
	d.say([]finding{{code: CodeAllow}})
	d.Advice = advise(q, f, d.Right)
	return d
}

func (p *Policy) explain(held []bool) []Condition {
	conditions := make([]Condition, len(held))
	for i, c := range p.conditions {
		conditions[i] = Condition{Outcome: c.outcome, Held: held[i], Clauses: slices.Clone(c.clauses)}
	}
	return conditions
}

// say sets codes, clauses and message from what was found.
func (d *Decision) say(found []finding) {
	found = inPrecedence(found)
	for _, one := range found {
		info, _ := Info(one.code)
		d.Codes = append(d.Codes, one.code)
		for _, id := range info.Clauses {
			if !slices.Contains(d.Clauses, id) {
				d.Clauses = append(d.Clauses, id)
			}
		}
	}
	first, _ := Info(found[0].code)
	d.Primary, d.Message = first.Code, found[0].message(first.Message)
}

// inPrecedence returns the findings in order of precedence, each code once.
func inPrecedence(found []finding) []finding {
	slices.SortStableFunc(found, func(a, b finding) int { return precedence(a.code) - precedence(b.code) })
	return slices.CompactFunc(found, func(a, b finding) bool { return a.code == b.code })
}

// finding is one code, with the period that its message names.
type finding struct {
	code   Code
	term   Term
	starts bool // {date} is the first day of the period, not the last
}

// message fills the dates into a message.
func (f finding) message(text string) string {
	from, to := day(f.term.From), lastDay(f.term.Until)
	date := to
	if f.starts {
		date = from
	}
	return strings.NewReplacer("{date}", date, "{from}", from, "{to}", to).Replace(text)
}

// japan is the civil time of the city. It has a fixed offset, so that a missing time zone database changes nothing.
var japan = time.FixedZone("JST", 9*60*60)

// day writes the civil day of a moment.
func day(t time.Time) string {
	if t.IsZero() {
		return "未定"
	}
	return t.In(japan).Format("2006年1月2日")
}

// lastDay writes the last civil day of a period that excludes until.
func lastDay(until time.Time) string {
	if until.IsZero() {
		return day(until)
	}
	return day(until.Add(-time.Microsecond))
}
