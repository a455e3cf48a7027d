package authz

import "slices"

// The sections of facts in model.conf.
const (
	sectionScopes        = "p2"
	sectionContracts     = "p3"
	sectionEntrusted     = "p4"
	sectionChains        = "p5"
	sectionAccounts      = "p6"
	sectionAssignments   = "p7"
	sectionRights        = "p8"
	sectionPledges       = "p9"
	sectionAssets        = "p10"
	sectionPurposes      = "p11"
	sectionProhibited    = "p12"
	sectionAgreed        = "p13"
	sectionIntended      = "p14"
	sectionProvisos      = "p15"
	sectionCircumstances = "p16"
	sectionHours         = "p17"
	sectionHolds         = "p18"
	sectionLeaves        = "p19"
	sectionDelegations   = "p20"
	sectionTrainings     = "p21"
	sectionPermits       = "p22"
	sectionLoans         = "p23"
	sectionObligations   = "p24"
	sectionEmergencies   = "p25"
)

// layout is what this package fills in, in the order of model.conf. A model that expects anything else is refused.
var layout = []definition{
	{"r2", "system, person, human, principal, employer, contract, asset, importance, action, purpose, zone, workplace, device, " +
		"mode, level, reference, permit, recipient, medium, at"},
	{"p", "part, condition, matchers, mark, clauses"},
	{sectionScopes, "system, contract, asset, purpose"},
	{sectionContracts, "contract, prime, state, registration, training, from, until, terminated, review"},
	{sectionEntrusted, "contract, asset"},
	{sectionChains, "contract, employer, asset, action, purpose, from, until"},
	{sectionAccounts, "person, kind, identity, account, from, until, transferred"},
	{sectionAssignments, "person, contract, from, until, ended, suspended"},
	{sectionRights, "right, person, contract, asset, action, purpose, exception, proviso, from, until, opened"},
	{sectionPledges, "person, contract, employer, state, from, until, due"},
	{sectionAssets, "asset, importance, state"},
	{sectionPurposes, "purpose, kind, nature, action, from, until"},
	{sectionProhibited, "contract, asset, purpose"},
	{sectionAgreed, "contract, purpose"},
	{sectionIntended, "asset, purpose"},
	{sectionProvisos, "contract, asset, purpose, state"},
	{sectionCircumstances, "importance, zone, workplace, device, mode, employer, level, reference, action, clock, repetition, volume, synced, authenticated"},
	{sectionHours, "contract, from, until"},
	{sectionHolds, "kind, person, contract, asset, action, from, until"},
	{sectionLeaves, "person, from, until"},
	{sectionDelegations, "person, principal, contract, from, until"},
	{sectionTrainings, "person, contract, from, until"},
	{sectionPermits, "permit, person, contract, asset, action, purpose, recipient, medium, rows, count, state, approval, protection, " +
		"closeout, from, until"},
	{sectionLoans, "person, action, from, until"},
	{sectionObligations, "system, obligation, ability"},
	{sectionEmergencies, "contract, action, purpose, standing, justification, until"},
	{"g", "_, _"},
	{"g2", "_, _"},
	{"e", "some(where (p.eft == allow))"},
}

// sheet is what Casbin is given for one question: the question, the rows of each section, and the links of g and g2.
type sheet struct {
	question  []any
	rows      map[string][][]string
	purposes  map[link]bool
	wildcards map[link]bool
}

// newSheet writes the question and its facts as text. Whether a row answers the question is for the matchers to find;
// only what several facts say together was combined before, because a matcher looks at one row at a time.
func newSheet(m *matter) (sheet, error) {
	if m.err != nil {
		return sheet{}, m.err
	}
	s := sheet{rows: map[string][][]string{}}
	for _, word := range m.words {
		s.question = append(s.question, word)
	}
	s.question = append(s.question, m.at.String())
	s.links(m)
	s.caller(m)
	s.contract(m)
	s.asset(m)
	s.person(m)
	s.roster(m)
	s.permission(m)
	s.circumstances(m)
	return s, nil
}

// links writes g and g2. A purpose that is not in the tree has no link, not even to itself.
func (s *sheet) links(m *matter) {
	s.purposes = map[link]bool{}
	if m.knows {
		s.purposes[link{name: m.q.Purpose, above: anything}] = true
		for _, above := range path(m.q.Purpose) {
			s.purposes[link{name: m.q.Purpose, above: above}] = true
		}
		for _, p := range m.prohibited {
			if slices.Contains(path(p.purpose), m.q.Purpose) {
				s.purposes[link{name: p.purpose, above: m.q.Purpose}] = true
			}
		}
	}
	s.wildcards = map[link]bool{}
	for _, word := range m.words {
		s.wildcards[link{name: word, above: anything}] = true
		if word != unstated {
			s.wildcards[link{name: word, above: word}] = true
		}
	}
	level := m.words[wordLevel]
	for _, lower := range levels[:slices.Index(levels[:], level)] {
		s.wildcards[link{name: level, above: lower}] = true
	}
}

func (s *sheet) add(section string, cells ...string) {
	s.rows[section] = append(s.rows[section], cells)
}

func (s *sheet) caller(m *matter) {
	if m.f.System == nil {
		return
	}
	system := cell(m.f.System.ID)
	for _, scope := range m.f.System.Scopes {
		s.add(sectionScopes, system, cell(scope.Contract), cell(scope.Asset), cell(scope.Purpose))
	}
	for _, o := range m.obligations {
		s.add(sectionObligations, system, string(o.Name), either(m.fulfilled(o), stateAble, stateUnable))
	}
}

func (s *sheet) contract(m *matter) {
	for _, p := range m.prohibited {
		s.add(sectionProhibited, p.contract, p.asset, p.purpose)
	}
	for _, p := range m.provisos {
		s.add(sectionProvisos, p.contract, p.asset, p.purpose, p.state)
	}
	c := m.f.Contract
	if c == nil {
		return
	}
	id := cell(c.ID)
	s.add(sectionContracts, id, cell(c.Prime), cell(string(c.State)), either(c.Complete, "complete", "open"),
		either(c.TrainingRequired, stateRequired, stateWaived),
		moment(c.Term.From).String(), moment(c.Term.Until).String(), moment(c.Terminated).String(), moment(c.ReviewDue).String())
	for _, asset := range c.Assets {
		s.add(sectionEntrusted, id, cell(asset))
	}
	for _, purpose := range c.Purposes {
		s.add(sectionAgreed, id, cell(purpose))
	}
	for _, h := range m.hours {
		s.add(sectionHours, id, h.from.String(), h.until.String())
	}
	for _, t := range m.strands {
		s.add(sectionChains, id, cell(m.f.Hops[0].Organization), t.asset, t.action, t.purpose, t.from.String(), t.until.String())
	}
}

func (s *sheet) asset(m *matter) {
	if a := m.f.Asset; a != nil {
		s.add(sectionAssets, cell(a.ID), either(m.importance > 0, "classified", "unclassified"), cell(string(a.state())))
		s.add(sectionIntended, cell(a.ID), m.intended(a))
	}
	if p := m.f.Purpose; p != nil {
		s.add(sectionPurposes, cell(p.Code), either(p.Leaf, "leaf", "branch"),
			either(m.underAny(m.limits.Emergency.Purposes), "emergency", "ordinary"), m.serving(p),
			moment(p.Term.From).String(), moment(p.Term.Until).String())
	}
}

// circumstances writes what is permitted of the circumstances.
func (s *sheet) circumstances(m *matter) {
	c := m.circumstances
	s.add(sectionCircumstances, m.words[wordImportance], c.zone, c.workplace, c.device, c.mode, c.employer, c.level, c.reference,
		c.action, c.clock, c.repetition, c.volume, c.synced.String(), c.authenticated.String())
}
