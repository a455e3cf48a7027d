package meibo

import (
	"net/mail"
	"strconv"
)

// Master is master data: what the city and the operator register, not what
// contractors submit. Applied, each item replaces the one with its id; what is
// not named stays.
type Master struct {
	Organizations []Organization
	Assets        []Asset
	Purposes      []Purpose
	Contracts     []Contract
	Subcontracts  []Subcontract
	Templates     []PledgeTemplate
	Systems       []System
	Parameters    []Parameters // one row at most
	Permits       []Permit
	Services      []ServiceAccount
	Delegations   []Delegation
}

// OnlyConsents reports whether the data holds nothing but subcontract consents.
func (m Master) OnlyConsents() bool {
	rest := len(m.Organizations) + len(m.Assets) + len(m.Purposes) + len(m.Contracts) + len(m.Templates) + len(m.Systems)
	return rest+len(m.Parameters)+len(m.Permits)+len(m.Services)+len(m.Delegations) == 0
}

// Check says everything that is wrong with the data, given what is registered
// already, which contracts have a roster and which people there are. Row numbers count within a section;
// fields are written contracts[2].prime.
func (m Master) Check(now Master, hasRoster map[ContractID]bool, people map[PersonID]bool) error {
	c := &masterCheck{all: now.merge(m), now: now, hasRoster: hasRoster, people: people}
	c.organizations(m)
	c.assets(m)
	c.purposes(m)
	c.contracts(m)
	c.subcontracts(m)
	c.templates(m)
	c.systems(m)
	c.parameters(m)
	c.permits(m)
	c.services(m)
	c.delegations(m)
	return c.ps.Err()
}

type masterCheck struct {
	all, now  Master
	hasRoster map[ContractID]bool
	people    map[PersonID]bool
	ps        Problems
	section   string
	at        int
}

func (c *masterCheck) item(section string, i int) { c.section, c.at = section, i }

func (c *masterCheck) bad(field string, code ProblemCode) {
	c.ps.add(0, c.section+"["+strconv.Itoa(c.at)+"]."+field, code)
}

func (c *masterCheck) id(field, id string) {
	switch {
	case id == "":
		c.bad(field, "REQUIRED")
	case !ValidID(id):
		c.bad(field, "INVALID_ID")
	}
}

func (c *masterCheck) text(field, text string, required bool) {
	if text == "" && required {
		c.bad(field, "REQUIRED")
	} else if code := TextProblem(text); code != "" {
		c.bad(field, code)
	}
}

// dates checks days and that the last is not before the first.
func (c *masterCheck) dates(first string, from Date, last string, until Date) {
	ok := true
	for _, f := range []field{{first, string(from)}, {last, string(until)}} {
		if f.text != "" && !Date(f.text).Valid() {
			c.bad(f.name, "INVALID_DATE")
			ok = false
		}
	}
	if ok && from != "" && until != "" && until < from {
		c.bad(last, "UNTIL_BEFORE_FROM")
	}
}

// refers checks that a reference points to something that is, or will be, there.
func refers[K comparable, R Keyed[K]](c *masterCheck, field string, id K, rows []R) {
	for _, r := range rows {
		if r.key() == id {
			return
		}
	}
	c.bad(field, "REFERENCE_UNKNOWN")
}

// twice checks that ids are given once.
func twice[K comparable, R Keyed[K]](c *masterCheck, section string, rows []R) {
	seen := map[K]bool{}
	for i, r := range rows {
		if seen[r.key()] {
			c.item(section, i)
			c.bad("id", "DUPLICATE_ID")
		}
		seen[r.key()] = true
	}
}

// Names are the people whom the data speaks of.
func (m Master) Names() []PersonID {
	var ids []PersonID
	for _, k := range m.Contracts {
		ids = append(ids, k.EmergencyStaff...)
	}
	for _, p := range m.Permits {
		ids = append(ids, p.PersonID, p.ApproverID)
	}
	for _, s := range m.Services {
		ids = append(ids, s.OwnerID, s.ID)
	}
	for _, d := range m.Delegations {
		ids = append(ids, d.PersonID, d.PrincipalID)
	}
	return ids
}

func (c *masterCheck) mails(addresses []string) {
	for _, a := range addresses {
		if parsed, err := mail.ParseAddress(a); err != nil || parsed.Address != a {
			c.bad("notice_to", "MAIL_ADDRESS_INVALID")
		}
	}
}
