package meibo

import "slices"

// pledgesByPerson sorts the pledges by who gave them, or is to give them.
func (b *Book) pledgesByPerson() map[PersonID][]Pledge {
	by := map[PersonID][]Pledge{}
	for _, p := range b.Pledges.All() {
		by[p.PersonID] = append(by[p.PersonID], p)
	}
	return by
}

// currentPledge is the one of a person's pledges that counts for the contract
// under an employer: the valid one, else the newest that is not superseded.
func (b *Book) currentPledge(of []Pledge, employer OrganizationID) (Pledge, bool) {
	var found Pledge
	for _, p := range of {
		if !b.serves(p) || p.EmployerID != employer || p.State == PledgeSuperseded || p.State == PledgeDisposed {
			continue
		}
		if found.ID == "" || p.State == PledgeValid || found.State != PledgeValid {
			found = p
		}
	}
	return found, found.ID != ""
}

// serves reports whether a pledge speaks for the contract: its own, or the one
// that the contract renews when the pledge covers renewals.
func (b *Book) serves(p Pledge) bool {
	return p.ContractID == b.Contract.ID ||
		(p.Covers == CoversRenewals && p.ContractID != "" && p.ContractID == b.Contract.RenewalOf)
}

// requestPledges asks the people of added lines for their pledges, unless one is
// open or valid, or the contractor says that one is on file.
func (b *Book) requestPledges(s Scene, lines []Line) {
	pledges := b.pledgesByPerson()
	for _, l := range lines {
		if l.Operation != Add || l.Pledge != PledgeToRequest {
			continue
		}
		employer, employment := l.EmployerID, l.Employment
		if a, running := b.Running(l.PersonID); running {
			employer, employment = a.EmployerID, a.Employment
		}
		if p, ok := b.currentPledge(pledges[l.PersonID], employer); ok && (p.Open() || p.State == PledgeValid && !b.signsAgain(s, p, pledges[l.PersonID])) {
			continue
		}
		if p, ok := b.requestPledge(s, l.PersonID, employer, employment, 0); ok {
			pledges[l.PersonID] = append(pledges[l.PersonID], p)
		}
	}
}

// signsAgain reports whether a valid pledge of the contract before serves on only until
// another one is signed, which nobody was asked for yet (ResignAtNextContract).
func (b *Book) signsAgain(s Scene, p Pledge, all []Pledge) bool {
	if p.ContractID == b.Contract.ID {
		return false
	}
	asked := slices.ContainsFunc(all, func(o Pledge) bool {
		return o.ContractID == b.Contract.ID && o.EmployerID == p.EmployerID && o.Open()
	})
	_, due := p.Due(b.Contract.ID, b.Templates)
	return due <= s.Now && !asked
}

// RequestPledge asks a person on the roster, or named in a waiting change, for a
// pledge on a version of the wording that is or was in force, 0 the newest: an older
// one is for papers that were signed before. A pledge that still waits is
// superseded by it; a valid one goes on until the new one is signed.
func (b *Book) RequestPledge(s Scene, person PersonID, version int) (Pledge, error) {
	employer, employment, ok := b.engagement(person)
	if !ok || !b.mayTouch(s, Assignment{EmployerID: employer}) {
		return Pledge{}, ErrNotFound
	}
	for _, p := range b.Pledges.All() {
		if p.PersonID == person && p.ContractID == b.Contract.ID && p.EmployerID == employer && p.Open() {
			b.closePledge(s, p, PledgeSuperseded)
		}
	}
	p, ok := b.requestPledge(s, person, employer, employment, version)
	if !ok {
		return Pledge{}, Refuse(ErrConflict, "NO_PLEDGE_TEMPLATE")
	}
	return p, nil
}

// engagement is for whom and how a person works, or is to work.
func (b *Book) engagement(person PersonID) (OrganizationID, Employment, bool) {
	if a, running := b.Running(person); running {
		return a.EmployerID, a.Employment, true
	}
	for _, l := range b.Lines.All() {
		c, _ := b.Changes.Get(l.ChangeID)
		if l.PersonID == person && l.Operation == Add && l.EmployerID != "" && c.State == ChangeSubmitted {
			return l.EmployerID, l.Employment, true
		}
	}
	return "", "", false
}

func (b *Book) requestPledge(s Scene, person PersonID, employer OrganizationID, e Employment, version int) (Pledge, bool) {
	who, _ := b.People.Get(person)
	t, ok := b.template(VariantFor(e, who.Adult, b.Subcontracted(employer)), version, s.Now)
	if !ok {
		return Pledge{}, false
	}
	firm, _ := b.Organizations.Get(employer)
	text := t.Wording(PledgeFacts{
		Name: string(who.Name), Employer: firm.Name, Contract: b.Contract.Name, City: b.City.Name, ContractID: b.Contract.ID,
	})
	p := Pledge{
		ID: PledgeID(s.NewID()), PersonID: person, ContractID: b.Contract.ID, EmployerID: employer,
		TemplateID: t.ID, TemplateVersion: t.Version, State: PledgeRequested, Covers: CoversContract,
		Text: text, TextHash: HashText(string(text)), RequestedAt: s.Now,
	}
	if t.Renewals {
		p.Covers = CoversRenewals
	}
	b.Pledges.Put(p)
	return p, true
}

// template is a version of a wording that is in force, 0 the newest; the general one
// stands in for a missing variant.
func (b *Book) template(v TemplateVariant, version int, now Instant) (PledgeTemplate, bool) {
	var found PledgeTemplate
	for _, t := range b.Templates {
		if version != 0 && t.Version != version {
			continue
		}
		if t.Variant == v && t.ValidFrom.Start() <= now && t.Version > found.Version && t.serves(b.Contract.ID) {
			found = t
		}
	}
	if found.ID == "" && v != VariantGeneral {
		return b.template(VariantGeneral, version, now)
	}
	return found, found.ID != ""
}

// serves: a version that is mandatory for named contracts is written for them
// only.
func (t PledgeTemplate) serves(c ContractID) bool {
	return len(t.MandatoryFor) == 0 || t.MandatoryFor.Has(c)
}

// Sign records that the person signed by a directory bind in this call: hash is
// that of the exact text that was shown. evidence says how, without secrets.
func (b *Book) Sign(s Scene, id PledgeID, hash, evidence string) (Pledge, error) {
	return b.SignBy(s, id, SignedByDirectory, hash, evidence)
}

// SignBy is Sign in another way that proves the person in this call.
func (b *Book) SignBy(s Scene, id PledgeID, way PledgeWay, hash, evidence string) (Pledge, error) {
	p, err := b.pledge(s, id)
	switch {
	case err != nil:
		return Pledge{}, err
	case p.State != PledgeRequested:
		return Pledge{}, Refuse(ErrConflict, "PLEDGE_NOT_OPEN")
	case p.TextHash != hash || HashText(string(p.Text)) != hash:
		return Pledge{}, Refuse(ErrConflict, "PLEDGE_TEXT_DIFFERS")
	}
	p.Way, p.SignedOn, p.Evidence = way, s.Now.Day(), evidence
	return b.makeValid(s, p), nil
}

// GiveForm notes which form was given out to be signed. The first one stays.
func (b *Book) GiveForm(s Scene, id PledgeID, form DocumentID) (Pledge, error) {
	p, err := b.pledge(s, id)
	switch {
	case err != nil:
		return Pledge{}, err
	case !p.Signable():
		return Pledge{}, Refuse(ErrConflict, "PLEDGE_NOT_OPEN")
	case p.FormID != "":
		return Pledge{}, Refuse(ErrConflict, "FORM_GIVEN_OUT")
	}
	p.FormID = form
	b.Pledges.Put(p)
	return p, nil
}

// A SignedPaper is a form that came back signed.
type SignedPaper struct {
	DocumentID DocumentID
	Way        PledgeWay // SignedOnPaper or SignedByCertificate
	SignedOn   Date
	Guardian   bool   // the legal representative of a minor has consented
	Evidence   string // JSON, of a certificate
}

// RecordPaper keeps a signed paper. It counts once a different person has
// verified it.
func (b *Book) RecordPaper(s Scene, id PledgeID, paper SignedPaper) (Pledge, error) {
	signedOn := paper.SignedOn
	p, err := b.pledge(s, id)
	switch {
	case err != nil:
		return Pledge{}, err
	case !p.Signable():
		return Pledge{}, Refuse(ErrConflict, "PLEDGE_NOT_OPEN")
	case signedOn == "":
		return Pledge{}, Problems{{Field: "signed_on", Code: "REQUIRED"}}
	case !signedOn.Valid():
		return Pledge{}, Problems{{Field: "signed_on", Code: "INVALID_DATE"}}
	case signedOn > s.Now.Day():
		return Pledge{}, Problems{{Field: "signed_on", Code: "IN_THE_FUTURE"}}
	}
	p.State, p.Way, p.DocumentID, p.SignedOn, p.Evidence = PledgePending, paper.Way, paper.DocumentID, signedOn, paper.Evidence
	p.Papers = append(slices.Clone(p.Papers), paper.DocumentID)
	p.GuardianConsent, p.Reason, p.ClosedAt = paper.Guardian, "", 0
	p.RecordedBy, p.RecorderID = s.Caller.Client.ID, s.Caller.Client.PersonID
	b.Pledges.Put(p)
	return p, nil
}

// VerifyPaper accepts a recorded paper, or rejects it for a reason. Whoever
// recorded it, or signed it, cannot verify it.
func (b *Book) VerifyPaper(s Scene, id PledgeID, reject RejectReason) (Pledge, error) {
	p, err := b.pledge(s, id)
	me := s.Caller.Client.PersonID
	switch {
	case err != nil:
		return Pledge{}, err
	case p.State != PledgePending:
		return Pledge{}, Refuse(ErrConflict, "PLEDGE_NOT_PENDING")
	case p.RecordedBy == s.Caller.Client.ID, me != "" && (me == p.PersonID || me == p.RecorderID):
		return Pledge{}, Refuse(ErrForbidden, "SOD_CONFLICT")
	}
	p.VerifiedBy = s.Caller.Client.ID
	if reject == "" {
		return b.makeValid(s, p), nil
	}
	p.Reason = reject
	return b.closePledge(s, p, PledgeRejected), nil
}

// makeValid puts a pledge in force and supersedes the ones before it.
func (b *Book) makeValid(s Scene, p Pledge) Pledge {
	for _, old := range b.Pledges.All() {
		same := old.PersonID == p.PersonID && old.ContractID == p.ContractID && old.EmployerID == p.EmployerID
		if same && old.ID != p.ID && old.State == PledgeValid {
			b.closePledge(s, old, PledgeSuperseded)
		}
	}
	p.State, p.ValidFrom = PledgeValid, s.Now
	b.Pledges.Put(p)
	return p
}

func (b *Book) closePledge(s Scene, p Pledge, state PledgeState) Pledge {
	p.State, p.ClosedAt = state, s.Now
	b.Pledges.Put(p)
	return p
}

// pledge finds a pledge of this contract that the caller's organization may
// handle.
func (b *Book) pledge(s Scene, id PledgeID) (Pledge, error) {
	p, known := b.Pledges.Get(id)
	if !known || p.ContractID != b.Contract.ID || !b.mayTouch(s, Assignment{EmployerID: p.EmployerID}) {
		return Pledge{}, ErrNotFound
	}
	return p, nil
}
