package authz

import "slices"

// matter is one question with its facts, and what follows from both before any condition is looked at: who answers for
// the person, which limits apply, and the rows of facts that no fact states by itself. Both engines start from it.
type matter struct {
	q     Question
	f     Facts
	at    instant
	words [wordCount]string // r2 of model.conf, without the moment

	limits     *Parameters
	class      *Class
	importance int  // of the asset and what it contains; 0: not classified
	knows      bool // the stated purpose is known
	service    bool // a service account asks
	human      *Person

	circumstances circumstances
	strands       []strand
	spare         []strand
	accounts      []*Person
	assignments   []*Assignment
	holds         []holdRow
	leaves        []leaveRow
	loans         []loanRow
	prohibited    []prohibition
	provisos      []provisoRow
	permits       []permitRow
	emergencies   []emergencyRow
	hours         []span
	obligations   []Obligation
	err           error // the facts cannot be read

	held      []bool // what became of each condition
	outcomes  []any  // what became of each part of the rule
	diagnosis diagnosis
	found     []finding
	ends      []int // of what was found of each condition
	room      gathering
}

// The words of the question, in the order of r2.
const (
	wordSystem = iota
	wordPerson
	wordHuman
	wordPrincipal
	wordEmployer
	wordContract
	wordAsset
	wordImportance
	wordAction
	wordPurpose
	wordZone
	wordWorkplace
	wordDevice
	wordMode
	wordLevel
	wordReference
	wordPermit
	wordRecipient
	wordMedium
	wordCount
)

const (
	unstated = "-" // stands in the question for what is not stated; no row contains it
	anything = All // stands in a row for every word of the question
	nothing  = "!" // stands in a row for no word at all; no question contains it
)

// All in a list of a consent, a permit or a duty stands for every word. An empty list stands for none.
const All = "*"

// prepare fills the matter for a question. Nothing of the question before is left in it.
func (m *matter) prepare(q Question, f Facts) {
	m.q, m.f, m.at, m.err = q, f, moment(q.At), nil
	m.limits = f.Parameters
	if m.limits == nil {
		m.limits = defaults
	}
	p := f.Purpose
	m.knows = p != nil && p.Code == q.Purpose && wellFormed(p.Code)
	m.importance = 0
	if f.Asset != nil {
		m.importance = f.Asset.importance()
	}
	m.class = &m.limits.Classes[max(m.importance, 1)-1]
	m.ask()
	m.circumstances = m.look()
	m.rows()
}

// answering finds out who answers for the person, and leaves out what is known of others who play no part.
func (m *matter) answering() (human, principal string) {
	f, person := &m.f, m.q.Person
	m.service = f.Person != nil && f.Person.ID == person && f.Person.Service
	if human = person; m.service {
		human = unstated
		if f.Owner != nil && f.Owner.ID == f.Person.Owner && f.Owner.ID != person && cell(f.Owner.ID) != nothing {
			human = f.Owner.ID
		}
	}
	if human == person || human == unstated {
		f.Owner = nil
	}
	if m.human = f.Person; m.service {
		m.human = f.Owner
	}
	principal = m.actsFor(human)
	if principal == person || principal == human {
		f.Principal = nil
	}
	return human, principal
}

// ask fills in the words of the question.
func (m *matter) ask() {
	q, f, c := &m.q, &m.f, &m.q.Context
	human, principal := m.answering()
	employer, purpose := unstated, unstated
	if a := f.Assignment; a != nil && cell(a.Employer) != nothing {
		employer = a.Employer
	}
	if q.Purpose != "" {
		purpose = q.Purpose
	}
	m.words = [wordCount]string{
		q.System, q.Person, human, principal, employer, q.Contract, q.Asset, digits[m.importance], q.Action, purpose,
		said(c.Zone), said(c.Workplace), said(c.Device), said(string(c.Mode)), levels[min(max(c.AuthLevel, 0), 9)], unstated,
		unstated, said(c.Recipient), said(c.Medium),
	}
	if m.sound(c.CaseRef) {
		m.words[wordReference] = referenceSound
	}
	if m.needsPermit() || m.over() {
		m.words[wordPermit] = said(c.Permit)
	}
}

// actsFor returns for whom the person acts, given who answers for the person.
func (m *matter) actsFor(human string) string {
	switch stated := m.q.Context.OnBehalfOf; {
	case stated != "":
		return said(stated)
	case m.f.System != nil && m.f.System.OnBehalf:
		return unstated
	}
	return human
}

// needsPermit tells whether the action needs the city's permit.
func (m *matter) needsPermit() bool {
	return among(m.class.Permits, m.q.Action) != nothing
}

// over tells whether the contract has ended.
func (m *matter) over() bool {
	return m.f.Contract != nil && m.f.Contract.ends() <= m.at
}

// sound tells whether a case reference is stated, and of a form that the purpose asks for.
func (m *matter) sound(reference string) bool {
	if len(reference) > maxIdentifier || !isText(reference) {
		return false
	}
	forms := (*Only)(nil)
	if m.knows {
		forms = m.f.Purpose.CaseForms
	}
	return forms == nil || slices.ContainsFunc(forms.Words, func(form string) bool { return fits(reference, form) })
}

// stands tells whether a word of a row stands for a word of the question: it is the same, or anything, or a level below.
func stands(asked, word string) bool {
	return word == anything || word == asked && asked != unstated ||
		len(asked) == 2 && len(word) == 2 && asked[0] == '+' && word[0] == '+' && word[1] <= asked[1]
}

// cell returns the text of one column. The words that have a meaning of their own cannot come in from outside.
func cell(s string) string {
	switch s {
	case "", unstated, anything:
		return nothing
	}
	return s
}

// wide returns the text of a column of what forbids: what names nothing is about everything.
func wide(s string) string {
	if wellFormed(s) {
		return s
	}
	return anything
}

// Levels of authentication are written with a sign that no word from outside begins with. A level stands for all above.
var (
	digits = [5]string{"0", "1", "2", "3", "4"}
	levels = [10]string{"+0", "+1", "+2", "+3", "+4", "+5", "+6", "+7", "+8", "+9"}
)
