package meibo

import "net/mail"

func (c *masterCheck) organizations(m Master) {
	twice(c, "organizations", m.Organizations)
	for i, o := range m.Organizations {
		c.item("organizations", i)
		c.id("id", string(o.ID))
		c.text("name", o.Name, true)
		if o.Kind != City && o.Kind != Contractor {
			c.bad("kind", "UNKNOWN_VALUE")
		}
		if o.CorporateNumber != "" && !ValidCorporateNumber(o.CorporateNumber) {
			c.bad("corporate_number", "CORPORATE_NUMBER_INVALID")
		}
		c.text("seat", o.Seat, false)
		c.text("directory_base", o.DirectoryBase, false)
		c.mails(o.NoticeTo)
		for _, name := range o.DirectoryNames {
			c.text("directory_names", name, true)
		}
		for _, domain := range o.MailDomains {
			if _, err := mail.ParseAddress("a@" + domain); err != nil {
				c.bad("mail_domains", "MAIL_DOMAIN_INVALID")
			}
		}
		for _, old := range c.now.Organizations {
			if old.ID == o.ID && old.Kind != o.Kind {
				c.bad("kind", "CITY_IS_FIXED")
			}
		}
	}
	cities := 0
	for _, o := range c.all.Organizations {
		if o.Kind == City {
			cities++
		}
	}
	if cities == 0 {
		c.ps.add(0, "organizations", "CITY_REQUIRED")
	} else if cities > 1 {
		c.ps.add(0, "organizations", "SECOND_CITY")
	}
}

func (c *masterCheck) assets(m Master) {
	twice(c, "assets", m.Assets)
	for i, a := range m.Assets {
		c.item("assets", i)
		c.id("id", string(a.ID))
		c.text("name", a.Name, true)
		if a.Importance < Unclassified || a.Importance > Lowest {
			c.bad("importance", "IMPORTANCE_INVALID")
		}
		if !known(a.State, []AssetState{AssetActive, AssetLocked, AssetReturned, AssetDisposed}) {
			c.bad("state", "UNKNOWN_VALUE")
		}
		c.container(a)
	}
}

// container checks what an asset holds, and for what it is.
func (c *masterCheck) container(a Asset) {
	for _, id := range a.Members {
		refers(c, "members", id, c.all.Assets)
		for _, m := range c.all.Assets {
			if m.ID == id && (id == a.ID || len(m.Members) > 0) {
				c.bad("members", "CONTAINER_IN_CONTAINER")
			}
		}
	}
	c.nodes("purposes", a.Purposes)
	c.nodes("prohibited", a.Prohibited)
	c.provisos("provisos", a.Provisos.V)
}

func (c *masterCheck) purposes(m Master) {
	twice(c, "purposes", m.Purposes)
	for i, p := range m.Purposes {
		c.item("purposes", i)
		if !ValidPurposeCode(p.Code) {
			c.bad("code", "PURPOSE_CODE_INVALID")
			continue
		}
		c.text("label", p.Label, true)
		if up := p.Code.Parent(); up != "" {
			refersPurpose(c, "code", up, "PURPOSE_PARENT_MISSING")
		}
		c.text("law", p.Law, false)
		c.dates("starts", p.Starts, "ends", p.Ends)
		c.actions("actions", p.Actions)
		for _, f := range p.CaseForms {
			c.text("case_forms", f, true)
		}
	}
}

func refersPurpose(c *masterCheck, field string, code PurposeCode, problem ProblemCode) {
	for _, p := range c.all.Purposes {
		if p.Code == code {
			return
		}
	}
	c.bad(field, problem)
}

func (c *masterCheck) contracts(m Master) {
	twice(c, "contracts", m.Contracts)
	for i, k := range m.Contracts {
		c.item("contracts", i)
		c.id("id", string(k.ID))
		c.text("name", k.Name, true)
		c.text("department", k.Department, false)
		c.text("responsible", string(k.Responsible), false)
		c.text("supervisor", string(k.Supervisor), false)
		c.term(k.Starts, k.Ends)
		c.dates("catalog_accepted", k.CatalogAccepted, "", "")
		c.mails(k.NoticeTo)
		c.ways(k)
		c.contractParts(k)
		c.contractState(k)
		c.circumstances(k)
	}
}

func (c *masterCheck) term(starts, ends Date) {
	if starts == "" {
		c.bad("starts", "REQUIRED")
	}
	if ends == "" {
		c.bad("ends", "REQUIRED")
	}
	c.dates("starts", starts, "ends", ends)
}

func (c *masterCheck) contractParts(k Contract) {
	refers(c, "prime", k.PrimeID, c.all.Organizations)
	for _, o := range c.all.Organizations {
		if o.ID == k.PrimeID && o.Kind == City {
			c.bad("prime", "PRIME_IS_CITY")
		}
	}
	if k.RenewalOf == k.ID {
		c.bad("renewal_of", "REFERENCE_UNKNOWN")
	} else if k.RenewalOf != "" {
		refers(c, "renewal_of", k.RenewalOf, c.all.Contracts)
	}
	for _, a := range k.Assets {
		refers(c, "assets", a, c.all.Assets)
	}
	for _, p := range k.Purposes {
		refersPurpose(c, "purposes", p, "REFERENCE_UNKNOWN")
		if p.Under(AlwaysProhibited) {
			c.bad("purposes", "PURPOSE_PROHIBITED")
		}
	}
	for _, p := range k.Prohibited {
		refersPurpose(c, "prohibited", p, "REFERENCE_UNKNOWN")
	}
}

func (c *masterCheck) contractState(k Contract) {
	if !known(k.State, []ContractState{ContractActive, ContractSuspended, ContractTerminated}) {
		c.bad("state", "UNKNOWN_VALUE")
	}
	if k.State == ContractTerminated && k.TerminatedAt.IsZero() {
		c.bad("terminated_at", "TERMINATED_AT_REQUIRED")
	}
	for _, old := range c.now.Contracts {
		if old.ID != k.ID {
			continue
		}
		if old.PrimeID != k.PrimeID && c.hasRoster[k.ID] {
			c.bad("prime", "PRIME_IS_FIXED")
		}
		if old.State == ContractTerminated && k.State != ContractTerminated {
			c.bad("state", "STATE_IS_FINAL")
		}
	}
}

func (c *masterCheck) subcontracts(m Master) {
	twice(c, "subcontracts", m.Subcontracts)
	for i, s := range m.Subcontracts {
		c.item("subcontracts", i)
		c.id("id", string(s.ID))
		c.text("consent", s.Consent, true)
		c.term(s.Starts, s.Ends)
		c.dates("started_on", s.StartedOn, "", "")
		c.dates("flow_down_on", s.FlowDownOn, "", "")
		refers(c, "contract", s.ContractID, c.all.Contracts)
		refers(c, "parent", s.ParentID, c.all.Organizations)
		refers(c, "organization", s.OrganizationID, c.all.Organizations)
		if s.ParentID == s.OrganizationID {
			c.bad("organization", "PARENT_IS_SELF")
		}
		if s.Depth < 1 {
			c.bad("depth", "REQUIRED")
		}
		for _, a := range s.Assets {
			refers(c, "assets", a, c.all.Assets)
		}
		for _, p := range s.Purposes {
			refersPurpose(c, "purposes", p, "REFERENCE_UNKNOWN")
		}
		for _, a := range s.Actions {
			if !a.Known() {
				c.bad("actions", "UNKNOWN_ACTION")
			}
		}
	}
}

func (c *masterCheck) templates(m Master) {
	twice(c, "pledge_templates", m.Templates)
	for i, t := range m.Templates {
		c.item("pledge_templates", i)
		c.id("id", string(t.ID))
		if t.Version < 1 {
			c.bad("version", "REQUIRED")
		}
		if t.Text == "" {
			c.bad("text", "REQUIRED")
		} else if code := linesProblem(t.Text); code != "" {
			c.bad("text", code)
		}
		if t.ValidFrom == "" {
			c.bad("valid_from", "REQUIRED")
		}
		c.dates("valid_from", t.ValidFrom, "grace_until", t.GraceUntil)
		if !known(t.Variant, []TemplateVariant{VariantGeneral, VariantSubcontractor, VariantDispatched, VariantMinor}) {
			c.bad("variant", "UNKNOWN_VALUE")
		}
		if !known(t.Resign, []Resign{ResignNone, ResignAtNextContract, ResignMandatory}) {
			c.bad("resign", "UNKNOWN_VALUE")
		}
		for _, k := range t.MandatoryFor {
			refers(c, "mandatory_for", k, c.all.Contracts)
		}
		for _, old := range c.now.Templates {
			if old.key() == t.key() && (old.Text != t.Text || old.Variant != t.Variant || old.Renewals != t.Renewals) {
				c.bad("text", "TEMPLATE_IS_FIXED")
			}
		}
	}
}

func (c *masterCheck) systems(m Master) {
	twice(c, "systems", m.Systems)
	for i, s := range m.Systems {
		c.item("systems", i)
		c.id("id", string(s.ID))
		c.text("name", s.Name, true)
		if !known(s.Answers, []AnswerDetail{AnswersNone, AnswersCodes, AnswersFull}) {
			c.bad("answers", "UNKNOWN_VALUE")
		}
		c.names("zones", s.Zones)
		c.aliases(s.Aliases.V)
		for _, o := range s.Obligations {
			c.obligations("obligations", []Obligation{{Name: o}})
		}
		for _, scope := range s.Scopes {
			refers(c, "scopes.contract", scope.Contract, c.all.Contracts)
			for _, a := range scope.Assets {
				refers(c, "scopes.assets", a, c.all.Assets)
			}
			for _, p := range scope.Purposes {
				refersPurpose(c, "scopes.purposes", p, "REFERENCE_UNKNOWN")
			}
		}
	}
}
