package meibo

import (
	"slices"
	"strconv"
)

func (c *masterCheck) parameters(m Master) {
	for i, p := range m.Parameters {
		c.item("parameters", i)
		city := p.City.V
		for _, class := range city.Classes {
			if class.Importance < Highest || class.Importance > Lowest {
				c.bad("classes.importance", "IMPORTANCE_INVALID")
			}
			c.within("classes.auth_level", class.AuthLevel, 9)
			c.within("classes.max_age", class.MaxAgeSeconds, 24*60*60)
			c.within("classes.staleness_hours", class.StalenessHours, 24*366)
			c.within("classes.rows", class.Rows, 1<<30)
			c.actions("classes.permits", class.Permits)
		}
		for _, d := range city.Duties {
			c.within("duties.importance", int(d.Importance), int(Lowest))
			if d.Action != "" {
				c.actions("duties.action", []Action{d.Action})
			}
			c.obligations("duties.obligation", []Obligation{d.Obligation})
		}
		c.within("pledge_months", city.PledgeMonths, 1200)
		c.within("training_months", city.TrainingMonths, 1200)
		c.within("unused_days", city.UnusedDays, 36600)
		c.within("decision_years", city.DecisionYears, 100)
		c.within("answer_days", city.AnswerDays, 250)
		for _, d := range city.ClosedDays {
			c.dates("closed_days", d, "", "")
		}
		for _, d := range city.OpenDays {
			c.dates("open_days", d, "", "")
		}
		c.within("pledge_years", city.PledgeYears, 100)
		c.within("emergency.minutes", city.Emergency.Minutes, 60)
		c.nodes("emergency.purposes", city.Emergency.Purposes)
	}
}

func (c *masterCheck) permits(m Master) {
	twice(c, "permits", m.Permits)
	for i, p := range m.Permits {
		c.item("permits", i)
		c.id("id", string(p.ID))
		refers(c, "contract", p.ContractID, c.all.Contracts)
		c.person("person", p.PersonID)
		c.person("approver", p.ApproverID)
		if p.State == PermitGranted && p.ApproverID == "" {
			c.bad("approver", "REQUIRED")
		}
		if p.ApproverID != "" && p.ApproverID == p.PersonID {
			c.bad("approver", "SOD_CONFLICT")
		}
		if !known(p.State, []PermitState{PermitPending, PermitGranted, PermitRefused}) {
			c.bad("state", "UNKNOWN_VALUE")
		}
		c.term(p.Starts, p.Ends)
		c.dates("return_due", p.ReturnDue, "", "")
		c.within("rows", p.Rows, 1<<30)
		c.within("uses", p.Uses, 1<<30)
		c.obligations("obligations", p.Obligations.V)
		for _, a := range p.Assets {
			if a != Anything {
				refers(c, "assets", a, c.all.Assets)
			}
		}
		c.actions("actions", p.Actions)
		c.nodes("purposes", p.Purposes)
		c.names("recipients", p.Recipients)
		c.names("media", p.Media)
	}
}

func (c *masterCheck) services(m Master) {
	twice(c, "service_accounts", m.Services)
	for i, s := range m.Services {
		c.item("service_accounts", i)
		c.id("id", string(s.ID))
		if c.people[s.ID] {
			c.bad("id", "DUPLICATE_ID")
		}
		c.text("name", s.Name, true)
		c.person("owner", s.OwnerID)
		refers(c, "contract", s.ContractID, c.all.Contracts)
		for _, r := range s.Rights.V {
			refers(c, "rights.asset", r.Asset, c.all.Assets)
			c.actions("rights.action", []Action{r.Action})
			c.nodes("rights.purpose", []PurposeCode{r.Purpose})
			c.term(r.From, r.Until)
		}
	}
}

// delegations: who acts for whom stays; another is a delegation of its own.
func (c *masterCheck) delegations(m Master) {
	twice(c, "delegations", m.Delegations)
	for i, d := range m.Delegations {
		c.item("delegations", i)
		c.id("id", string(d.ID))
		refers(c, "contract", d.ContractID, c.all.Contracts)
		if !c.people[d.PersonID] {
			refers(c, "person", d.PersonID, c.all.Services)
		}
		c.id("principal", string(d.PrincipalID))
		c.person("principal", d.PrincipalID)
		if d.PersonID == d.PrincipalID {
			c.bad("principal", "PRINCIPAL_IS_SELF")
		}
		c.term(d.Starts, d.Ends)
		for _, old := range c.now.Delegations {
			if old.ID == d.ID && (old.PersonID != d.PersonID || old.PrincipalID != d.PrincipalID || old.ContractID != d.ContractID) {
				c.bad("id", "DELEGATION_IS_FIXED")
			}
		}
	}
}

// circumstances checks what a contract asks of a question's circumstances.
func (c *masterCheck) circumstances(k Contract) {
	c.dates("review_due", k.ReviewDue, "", "")
	c.names("workplaces", k.Workplaces)
	c.names("devices", k.Devices)
	c.within("rows", k.Rows, 1<<30)
	for _, p := range k.EmergencyStaff {
		c.person("emergency_staff", p)
	}
	for _, w := range k.Hours.V {
		if _, _, ok := w.Times(); !ok {
			c.bad("hours", "INVALID_HOURS")
		}
	}
	c.provisos("provisos", k.Provisos.V)
}

func (c *masterCheck) provisos(field string, list []Proviso) {
	for _, p := range list {
		c.nodes(field+".purpose", []PurposeCode{p.Purpose})
		c.within(field+".auth_level", p.AuthLevel, 9)
		c.within(field+".rows", p.Rows, 1<<30)
		c.names(field+".zones", p.Zones)
		c.names(field+".workplaces", p.Workplaces)
		c.names(field+".devices", p.Devices)
		c.obligations(field+".obligations", p.Obligations)
	}
}

func (c *masterCheck) obligations(field string, list []Obligation) {
	for _, o := range list {
		if !slices.Contains(Obligations, o.Name) {
			c.bad(field, "UNKNOWN_VALUE")
		}
		c.within(field+".number", o.Number, 1<<30)
	}
}

// nodes checks purposes that must be registered; * stands for all.
func (c *masterCheck) nodes(field string, list []PurposeCode) {
	for _, p := range list {
		if p != Anything {
			refersPurpose(c, field, p, "REFERENCE_UNKNOWN")
		}
	}
}

func (c *masterCheck) actions(field string, list []Action) {
	for _, a := range list {
		if a != Anything && !a.Known() {
			c.bad(field, "UNKNOWN_ACTION")
		}
	}
}

// names checks words that systems state beside a question.
func (c *masterCheck) names(field string, list []string) {
	for i, n := range list {
		if n != Anything && !ValidID(n) {
			c.bad(field+"["+strconv.Itoa(i)+"]", "INVALID_ID")
		}
	}
}

func (c *masterCheck) person(field string, id PersonID) {
	if id != "" && !c.people[id] {
		c.bad(field, "REFERENCE_UNKNOWN")
	}
}

func (c *masterCheck) within(field string, n, most int) {
	if n < 0 || n > most {
		c.bad(field, "NUMBER_OUT_OF_RANGE")
	}
}

// aliases: a word of meibo's own keeps its meaning, and no word has two.
func (c *masterCheck) aliases(list []Alias) {
	seen := map[Alias]bool{}
	for _, a := range list {
		own, means := true, false
		switch a.Kind {
		case AliasSubject:
			types := []SubjectType{SubjectPerson, SubjectLogin, SubjectMail, SubjectService}
			own, means = known(SubjectType(a.Word), types), known(SubjectType(a.Means), types)
		case AliasResource:
			own, means = known(ResourceType(a.Word), []ResourceType{ResourceAsset, ResourceContainer}), true
			refers(c, "aliases.means", AssetID(a.Means), c.all.Assets)
		case AliasAction:
			own, means = Action(a.Word).Known(), Action(a.Means).Known()
		}
		word := Alias{Kind: a.Kind, Word: a.Word}
		if own || !ValidID(a.Word) || seen[word] {
			c.bad("aliases.word", "UNKNOWN_VALUE")
		}
		if !means {
			c.bad("aliases.means", "UNKNOWN_VALUE")
		}
		seen[word] = true
	}
}
