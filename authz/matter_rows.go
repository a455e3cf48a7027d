package authz

import "slices"

// The rows below are what several facts say together. In each, anything stands for every word of the question, and
// nothing for none.

// holdRow is a hold on what its words name.
type holdRow struct {
	kind, person, contract, asset, action string
	span
}

// leaveRow is a leave of a person.
type leaveRow struct {
	person string
	span
}

// loanRow is an overdue loan, as far as it forbids an action, from when it is due until it is returned.
type loanRow struct {
	person, action string
	span
}

// prohibition is a purpose that is prohibited under a contract or for an asset.
type prohibition struct {
	contract, asset, purpose string
}

// provisoRow is a proviso of a contract or an asset.
type provisoRow struct {
	contract, asset, purpose, state string
}

// permitRow is a permit, as far as it covers the question.
type permitRow struct {
	permit                                             *Permit
	person, asset, action, purpose, recipient, medium  string
	rows, count, state, approval, protection, closeout string
	span
}

// emergencyRow is an emergency that the person may claim.
type emergencyRow struct {
	purpose, standing, justification string
	until                            instant
}

// Words of the rows.
const (
	stateMet      = "met"
	stateUnmet    = "unmet"
	stateNone     = "none"
	stateMade     = "made"
	stateAble     = "able"
	stateUnable   = "unable"
	stateOpen     = "open"
	stateBlocked  = "blocked"
	stateStated   = "stated"
	stateMissing  = "missing"
	stateLeft     = "left"
	stateUsed     = "used"
	stateAnothers = "another"
	stateOwn      = "own"
	stateCovers   = "covers"
	stateOther    = "other"
	stateRequired = "required"
	stateWaived   = "waived"
)

// rows fills in all rows that no fact states by itself.
func (m *matter) rows() {
	m.err = m.combine()
	m.people()
	m.prohibit()
	m.proviso()
	m.holdAll()
	m.lend()
	m.permitAll()
	m.claim()
	m.hours = m.hours[:0]
	if m.f.Contract != nil {
		m.hours = m.f.Contract.Hours.spans(m.hours, m.at)
	}
	m.oblige()
}

// people lists everybody on whom the answer rests.
func (m *matter) people() {
	m.accounts, m.assignments, m.leaves = m.accounts[:0], m.assignments[:0], m.leaves[:0]
	m.account(m.f.Person)
	m.account(m.f.Owner)
	if m.f.Assignment != nil {
		m.assignments = append(m.assignments, m.f.Assignment)
	}
	if p := m.f.Principal; p != nil {
		m.account(p.Person)
		if p.Assignment != nil {
			m.assignments = append(m.assignments, p.Assignment)
		}
	}
}

func (m *matter) account(p *Person) {
	if p == nil {
		return
	}
	m.accounts = append(m.accounts, p)
	for _, leave := range p.Leaves {
		m.leaves = append(m.leaves, leaveRow{cell(p.ID), span{since(leave.From), moment(leave.Until)}})
	}
}

func (m *matter) prohibit() {
	m.prohibited = m.prohibited[:0]
	for _, purpose := range m.f.Prohibited {
		m.prohibited = append(m.prohibited, prohibition{anything, anything, purpose})
	}
	if c := m.f.Contract; c != nil {
		for _, purpose := range c.Prohibited {
			m.prohibited = append(m.prohibited, prohibition{cell(c.ID), anything, purpose})
		}
	}
	if a := m.f.Asset; a != nil {
		a.each(func(part *Asset) {
			for _, purpose := range part.Prohibited {
				m.prohibited = append(m.prohibited, prohibition{anything, cell(a.ID), purpose})
			}
		})
	}
}

func (m *matter) proviso() {
	m.provisos = m.provisos[:0]
	if c := m.f.Contract; c != nil {
		for _, p := range c.Provisos {
			m.provisos = append(m.provisos, provisoRow{cell(c.ID), anything, wide(p.Purpose), either(m.met(p), stateMet, stateUnmet)})
		}
	}
	if a := m.f.Asset; a != nil {
		a.each(func(part *Asset) {
			for _, p := range part.Provisos {
				m.provisos = append(m.provisos, provisoRow{anything, cell(a.ID), wide(p.Purpose), either(m.met(p), stateMet, stateUnmet)})
			}
		})
	}
}

// holdAll lists the holds, and the people of whom the directory's word waits for somebody. A legal hold has a row for every action that would change what it keeps.
func (m *matter) holdAll() {
	m.holds = m.holds[:0]
	for i := range m.f.Holds {
		h := &m.f.Holds[i]
		row := holdRow{string(HoldIncident), wide(h.Person), wide(h.Contract), wide(h.Asset), anything, span{since(h.From), moment(h.Until)}}
		if m.f.Asset != nil && m.f.Asset.holds(row.asset) {
			row.asset = cell(m.f.Asset.ID)
		}
		switch h.Kind {
		case HoldLegal:
			row.kind = string(HoldLegal)
			for _, action := range m.limits.Altering {
				row.action = action
				m.holds = append(m.holds, row)
			}
			continue
		case HoldShared:
			row.kind = string(HoldShared)
		}
		m.holds = append(m.holds, row)
	}
	if m.importance != highest {
		return
	}
	for _, p := range m.accounts {
		if !p.Held.IsZero() {
			m.holds = append(m.holds, holdRow{string(HoldIncident), cell(p.ID), anything, anything, anything, span{moment(p.Held), forever}})
		}
	}
}

// highest is the importance of what nobody may touch of whom the directory's word waits for somebody.
const highest = 1

func (m *matter) lend() {
	m.loans = m.loans[:0]
	for _, l := range m.f.Loans {
		for _, action := range m.limits.TakingOut {
			m.loans = append(m.loans, loanRow{wide(l.Person), action, span{moment(l.Due), moment(l.Returned)}})
		}
	}
}

func (m *matter) permitAll() {
	m.permits = m.permits[:0]
	for i := range m.f.Permits {
		m.permits = append(m.permits, m.permitOf(&m.f.Permits[i]))
	}
}

// claim lists the emergency that the person may claim, if there is one: where the city lets it, and where the person was
// named beforehand under the contract. A claim lasts from its beginning, and nobody begins another while somebody's is
// over and was not reviewed.
func (m *matter) claim() {
	m.emergencies = m.emergencies[:0]
	rule, c := &m.limits.Emergency, m.f.Contract
	if !rule.Enabled || c == nil || m.service || !slices.Contains(c.EmergencyStaff, m.q.Person) {
		return
	}
	lasts := min(rule.Duration, maxEmergency)
	row := emergencyRow{
		m.broadest(rule.Purposes), stateOpen, either(isText(m.q.Context.Reason), stateStated, stateMissing), m.at.after(lasts),
	}
	for _, e := range c.Emergencies {
		began, reviewed := since(e.Since), moment(e.Reviewed) <= m.at
		switch {
		case reviewed:
		case e.Person == m.q.Person:
			row.until = min(row.until, began.after(lasts))
		case began.after(lasts) <= m.at:
			row.standing = stateBlocked
		}
	}
	m.emergencies = append(m.emergencies, row)
}

// permitOf returns the row of a permit.
func (m *matter) permitOf(p *Permit) permitRow {
	c := &m.q.Context
	row := permitRow{
		permit: p, person: cell(p.Person),
		asset: among(p.Assets, m.q.Asset), action: among(p.Actions, m.q.Action), purpose: m.broadest(p.Purposes),
		recipient: m.permitted(&Only{p.Recipients}, wordRecipient), medium: m.permitted(&Only{p.Media}, wordMedium),
		rows: volumeWithin, count: stateLeft, state: string(p.State), approval: stateAnothers,
		protection: either(m.protected(p.Obligations), stateAble, stateUnable), closeout: stateOther,
		span: span{moment(p.Term.From), min(moment(p.Term.Until), moment(p.Revoked))},
	}
	if p.Person == All {
		row.person = anything
	}
	if p.Rows != Unlimited {
		row.rows = either(0 < c.Rows && c.Rows <= p.Rows, volumeWithin, volumeBeyond)
		row.count = either(c.Rows <= p.Rows-max(p.RowsUsed, 0), stateLeft, stateUsed)
	}
	if p.Uses != Unlimited && max(p.UsesMade, 0) >= p.Uses {
		row.count = stateUsed
	}
	switch {
	case cell(p.Approver) == nothing:
		row.approval = stateNone
	case p.Approver == m.words[wordPerson], p.Approver == m.words[wordHuman], p.Approver == m.words[wordPrincipal]:
		row.approval = stateOwn
	}
	if p.CloseOut && among(m.limits.CloseOut, m.q.Action) != nothing {
		row.closeout = stateCovers
	}
	return row
}

// oblige lists the obligations that come with an allowed decision, but for those of the right or the permit that allows.
func (m *matter) oblige() {
	m.obligations = m.obligations[:0]
	for _, d := range m.limits.Duties {
		if (d.Importance == 0 || d.Importance == max(m.importance, 1)) && (d.Action == All || d.Action == m.q.Action) {
			m.obligations = add(m.obligations, d.Obligation)
		}
	}
	if c := m.f.Contract; c != nil {
		m.obligeUnder(c.Provisos)
	}
	if a := m.f.Asset; a != nil {
		a.each(func(part *Asset) { m.obligeUnder(part.Provisos) })
	}
	if limit := m.rowLimit(); limit != 0 {
		m.obligations = add(m.obligations, Obligation{Name: MaxRows, Number: limit})
	}
	if m.emergency() && len(m.emergencies) > 0 {
		for _, o := range m.limits.Emergency.Obligations {
			m.obligations = add(m.obligations, o)
		}
	}
}

// obligeUnder adds the obligations of the provisos on the stated purpose.
func (m *matter) obligeUnder(provisos []Proviso) {
	for _, p := range provisos {
		if !m.under(wide(p.Purpose)) {
			continue
		}
		for _, o := range p.Obligations {
			m.obligations = add(m.obligations, o)
		}
		if p.Rows != 0 {
			m.obligations = add(m.obligations, Obligation{Name: MaxRows, Number: p.Rows})
		}
	}
}
