package authz

import (
	"slices"
	"strings"
	"time"
)

// Decision is the answer to a question, with its reasons.
type Decision struct {
	Allowed     bool
	Primary     Code          // the first of Codes
	Codes       []Code        // all that stands in the way, in order of precedence; [CodeAllow] or [CodeAllowEmergency] when nothing does
	Advice      []Code        // beside an allowed decision: what will stand in the way soon
	Obligations []Obligation  // beside an allowed decision: what the system must do
	Clauses     []string      // of the city's document behind Codes, each once
	Message     string        // in Japanese, of Primary
	MaxAge      time.Duration // how long an allowed decision may be kept from the asked moment on; zero: not at all
	Right       string        // the id of the right that allowed
	Permit      string        // the id of the permit without which it would not be allowed; whoever records the decision counts its use
	Conditions  []Condition   // what became of each condition, in the order of the rule; shared, and not to be changed
	Sum         string        // of the rule that was applied: [Policy.Sum]
}

// Condition is what became of one condition of the rule.
type Condition struct {
	Part    string // of the rule, to which the condition belongs
	Outcome string // the name of the condition
	Held    bool
	Codes   []Code   // why it did not hold; none where that merely follows from another condition
	Clauses []string // behind the condition
	Rows    []Row    // the rows of facts on which it rests; only [Policy.Explain] lists them
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
func (p *Policy) denied(m *matter, held []bool) Decision {
	d := Decision{Sum: p.Sum, Conditions: p.explain(held)}
	m.diagnosis.prepare(m, p.places, held)
	m.found, m.ends = m.found[:0], m.ends[:0]
	for i := range d.Conditions {
		if !held[i] {
			first := len(m.found)
			m.found = append(m.found, m.diagnosis.of(d.Conditions[i].Outcome)...)
			m.found = m.found[:first+len(inPrecedence(m.found[first:]))]
		}
		m.ends = append(m.ends, len(m.found))
	}
	codes := make([]Code, len(m.found)) // one room for all conditions
	first := 0
	for i, end := range m.ends {
		for j := first; j < end; j++ {
			codes[j] = m.found[j].code
		}
		if first < end {
			d.Conditions[i].Codes = codes[first:end:end]
		}
		first = end
	}
	if len(m.found) == 0 {
		m.found = append(m.found, finding{code: CodeDefaultDeny})
	}
	d.say(m.found)
	return d
}

// allowed returns the decision that allows by the right.
func (p *Policy) allowed(m *matter, right string) Decision {
	d := Decision{Allowed: true, Sum: p.Sum, Conditions: p.held, Right: right, Permit: m.words[wordPermit]}
	if d.Permit == unstated {
		d.Permit = ""
	}
	d.Primary = CodeAllow
	if m.emergency() {
		d.Primary = CodeAllowEmergency
	}
	info := &catalogue[precedence(d.Primary)]
	d.Codes, d.Clauses, d.Message = []Code{d.Primary}, slices.Clone(info.Clauses), info.Message
	d.MaxAge, d.Advice, d.Obligations = m.maxAge(), m.advise(right), m.obligationsBy(right)
	return d
}

func (p *Policy) explain(held []bool) []Condition {
	conditions := make([]Condition, len(held))
	for i, c := range p.rule.conditions {
		conditions[i] = Condition{Part: p.rule.parts[c.part], Outcome: c.outcome, Held: held[i], Clauses: c.clauses}
	}
	return conditions
}

// say sets codes, clauses and message from what was found.
func (d *Decision) say(found []finding) {
	found = inPrecedence(found)
	d.Codes = make([]Code, len(found))
	clauses := 0
	for i := range found {
		d.Codes[i] = found[i].code
		clauses += len(catalogue[precedence(found[i].code)].Clauses)
	}
	d.Clauses = make([]string, 0, clauses)
	for _, code := range d.Codes {
		d.cite(catalogue[precedence(code)].Clauses)
	}
	d.Primary = d.Codes[0]
	d.Message = found[0].message(catalogue[precedence(d.Primary)].Message)
}

// cite adds clauses, each once.
func (d *Decision) cite(clauses []string) {
	for _, id := range clauses {
		if !slices.Contains(d.Clauses, id) {
			d.Clauses = append(d.Clauses, id)
		}
	}
}

// inPrecedence returns the findings in order of precedence, each code once.
func inPrecedence(found []finding) []finding {
	slices.SortStableFunc(found, func(a, b finding) int { return precedence(a.code) - precedence(b.code) })
	return slices.CompactFunc(found, func(a, b finding) bool { return a.code == b.code })
}

// finding is one code, with what its message names.
type finding struct {
	code   Code
	term   Term
	starts bool   // {date} is the first day of the period, not the last
	text   string // {condition}
}

// message fills in what a message names.
func (f *finding) message(text string) string {
	if !strings.Contains(text, "{") {
		return text
	}
	from, to := day(f.term.From), lastDay(f.term.Until)
	date := to
	if f.starts {
		date = from
	}
	return strings.NewReplacer("{date}", date, "{from}", from, "{to}", to, "{condition}", f.text).Replace(text)
}

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
