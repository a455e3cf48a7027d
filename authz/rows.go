package authz

import "slices"

// The sections of facts in model.conf.
const (
	sectionScopes      = "p2"
	sectionContracts   = "p3"
	sectionEntrusted   = "p4"
	sectionChains      = "p5"
	sectionAccounts    = "p6"
	sectionAssignments = "p7"
	sectionRights      = "p8"
	sectionPledges     = "p9"
	sectionAssets      = "p10"
	sectionPurposes    = "p11"
	sectionProhibited  = "p12"
	sectionAgreed      = "p13"
)

// layout is what this package fills in, in the order of model.conf. A model that expects anything else is refused.
var layout = []definition{
	{"r2", "system, person, employer, contract, asset, action, purpose, at"},
	{"p", "outcome, matchers, mark, clauses"},
	{sectionScopes, "system, contract, asset, purpose"},
	{sectionContracts, "contract, prime, state, registration, from, until, terminated"},
	{sectionEntrusted, "contract, asset"},
	{sectionChains, "contract, employer, asset, action, purpose, from, until"},
	{sectionAccounts, "person, account, until"},
	{sectionAssignments, "person, contract, from, until, ended, suspended"},
	{sectionRights, "right, person, contract, asset, action, purpose, from, until, opened"},
	{sectionPledges, "person, contract, employer, state, from, until, due"},
	{sectionAssets, "asset, importance, state"},
	{sectionPurposes, "purpose, kind, from, until"},
	{sectionProhibited, "contract, purpose"},
	{sectionAgreed, "contract, purpose"},
	{"g", "_, _"},
	{"g2", "_, _"},
	{"e", "some(where (p.eft == allow))"},
}

const (
	unstated = "-" // stands in the question for what is not stated; no row contains it
	anything = All // stands in a row for every word of the question
	nothing  = "!" // stands in a row for no word at all; no question contains it
)

// cell returns the text of one column. The words that have a meaning of their own cannot come in from outside.
func cell(s string) string {
	switch s {
	case "", unstated, anything:
		return nothing
	}
	return s
}

// sheet is what Casbin is given for one question: the question, the rows of each section, and the links of g and g2.
type sheet struct {
	question  []any
	rows      map[string][][]string
	purposes  map[link]bool
	wildcards map[link]bool
}

// newSheet writes the question and its facts as text. Whether a row answers the question is for the matchers to find;
// only the consents along a chain are combined before, because a matcher looks at one row at a time.
func newSheet(q Question, f Facts) (sheet, error) {
	s := sheet{question: request(q, f), rows: map[string][][]string{}}
	s.links(q, f)
	s.caller(f)
	s.contract(f)
	s.person(f)
	if err := s.chain(q, f); err != nil {
		return sheet{}, err
	}
	if a := f.Asset; a != nil {
		s.add(sectionAssets, cell(a.ID), either(a.classified(), "classified", "unclassified"), cell(string(a.State)))
	}
	if p := f.Purpose; p != nil {
		s.add(sectionPurposes, cell(p.Code), either(p.Leaf, "leaf", "branch"), moment(p.Term.From), moment(p.Term.Until))
	}
	return s, nil
}

// request writes r2.
func request(q Question, f Facts) []any {
	employer, purpose := unstated, unstated
	if a := f.Assignment; a != nil && cell(a.Employer) != nothing {
		employer = a.Employer
	}
	if q.Purpose != "" {
		purpose = q.Purpose
	}
	return []any{q.System, q.Person, employer, q.Contract, q.Asset, q.Action, purpose, moment(q.At)}
}

// links writes g and g2. A purpose that is not in the tree has no link, not even to itself.
func (s *sheet) links(q Question, f Facts) {
	s.purposes = map[link]bool{}
	if f.Purpose != nil && wellFormed(f.Purpose.Code) {
		s.purposes[link{name: f.Purpose.Code, above: anything}] = true
		for _, above := range f.Purpose.path() {
			s.purposes[link{name: f.Purpose.Code, above: above}] = true
		}
	}
	s.wildcards = map[link]bool{}
	for _, word := range []string{q.Contract, q.Asset, q.Action} {
		s.wildcards[link{name: word, above: word}] = true
		s.wildcards[link{name: word, above: anything}] = true
	}
}

func (s *sheet) add(section string, cells ...string) {
	s.rows[section] = append(s.rows[section], cells)
}

func (s *sheet) caller(f Facts) {
	if f.System == nil {
		return
	}
	for _, scope := range f.System.Scopes {
		s.add(sectionScopes, cell(f.System.ID), cell(scope.Contract), cell(scope.Asset), cell(scope.Purpose))
	}
}

func (s *sheet) contract(f Facts) {
	for _, purpose := range f.Prohibited {
		s.add(sectionProhibited, anything, purpose)
	}
	c := f.Contract
	if c == nil {
		return
	}
	s.add(sectionContracts, cell(c.ID), cell(c.Prime), cell(string(c.State)), either(c.Complete, "complete", "open"),
		moment(c.Term.From), moment(c.Term.Until), moment(c.Terminated))
	for _, asset := range c.Assets {
		s.add(sectionEntrusted, cell(c.ID), cell(asset))
	}
	for _, purpose := range c.Prohibited {
		s.add(sectionProhibited, cell(c.ID), purpose)
	}
	for _, purpose := range c.Purposes {
		s.add(sectionAgreed, cell(c.ID), cell(purpose))
	}
}

func (s *sheet) person(f Facts) {
	if p := f.Person; p != nil {
		s.add(sectionAccounts, cell(p.ID), cell(string(p.Account)), moment(p.Until))
	}
	for _, p := range f.Pledges {
		s.add(sectionPledges, cell(p.Person), cell(p.Contract), cell(p.Employer), cell(string(p.State)),
			moment(p.Term.From), moment(p.Term.Until), moment(p.Due))
	}
	a := f.Assignment
	if a == nil {
		return
	}
	s.add(sectionAssignments, cell(a.Person), cell(a.Contract),
		moment(a.Term.From), moment(a.Term.Until), moment(a.Ended), moment(a.Suspended))
	for _, r := range f.Rights {
		s.add(sectionRights, r.ID, cell(a.Person), cell(a.Contract), cell(r.Asset), cell(r.Action), cell(r.Purpose),
			moment(r.Term.From), moment(r.Term.Until), opened(r, f.Contract))
	}
	slices.SortFunc(s.rows[sectionRights], slices.Compare[[]string])
}

// opened returns when a right opens: when the city is notified of it (S2-6-1), and not before it has acknowledged it
// where the contract asks for that (S0-4).
func opened(r Right, c *Contract) string {
	if c != nil && c.AcknowledgementRequired && !r.Acknowledged {
		return forever
	}
	return moment(r.Opened)
}

// classified tells whether the importance of the asset is one of the four classes (S1-2-2).
func (a Asset) classified() bool {
	return 1 <= a.Importance && a.Importance <= 4
}

func either(yes bool, this, that string) string {
	if yes {
		return this
	}
	return that
}
