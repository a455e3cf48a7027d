package meibo

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// A Pledge (誓約書) is a person's promise of secrecy for one contract under one
// employer (S2-1-2). It is kept after the person has left: access ends,
// confidentiality does not (S1-12-2).
type Pledge struct {
	ID              PledgeID
	PersonID        PersonID
	ContractID      ContractID
	EmployerID      OrganizationID
	TemplateID      TemplateID
	TemplateVersion int
	State           PledgeState
	Way             PledgeWay
	Covers          PledgeCover
	GuardianConsent bool             // of a minor's legal representative
	Text            Personal         // exactly what the person is asked to agree to
	TextHash        string           // hex SHA-256 of Text
	FormID          DocumentID       // what was given out to be signed; empty: nothing was
	DocumentID      DocumentID       // what came back signed
	Papers          List[DocumentID] // all that ever came back, also what was rejected or replaced
	Reason          RejectReason
	RequestedAt     Instant
	SignedOn        Date // day written on the paper, or of the signature
	ValidFrom       Instant
	RecordedBy      ClientID
	RecorderID      PersonID // the person behind that client, if known
	VerifiedBy      ClientID
	Evidence        string // JSON: how the signature was given; no password, no name
	ClosedAt        Instant
}

// PledgeState is where a pledge stands.
type PledgeState string

const (
	PledgeRequested  PledgeState = "requested"
	PledgePending    PledgeState = "pending" // paper received, not yet checked by a second person
	PledgeValid      PledgeState = "valid"
	PledgeRejected   PledgeState = "rejected"
	PledgeSuperseded PledgeState = "superseded"
	PledgeDisposed   PledgeState = "disposed" // its content was destroyed when its time was over
)

// PledgeWay is how a pledge was signed.
type PledgeWay string

const (
	SignedByDirectory PledgeWay = "directory"
	SignedOnPaper     PledgeWay = "paper"
	// SignedByCertificate: the form, as a PDF, by a certificate of the person's own.
	SignedByCertificate PledgeWay = "certificate"
	SignedByPasskey     PledgeWay = "passkey"
)

// PledgeCover says whether a pledge also serves the contracts that renew its own.
type PledgeCover string

const (
	CoversContract PledgeCover = "contract"
	CoversRenewals PledgeCover = "renewals"
)

// RejectReason is why the second person did not accept a paper pledge.
type RejectReason string

const (
	RejectUnreadable  RejectReason = "unreadable"
	RejectIncomplete  RejectReason = "incomplete"
	RejectOtherPerson RejectReason = "other_person"
	RejectSignature   RejectReason = "signature" // the signature is not the person's
)

// Known reports whether r is one of the reasons.
func (r RejectReason) Known() bool {
	return known(r, []RejectReason{RejectUnreadable, RejectIncomplete, RejectOtherPerson, RejectSignature})
}

// Open reports whether the pledge still waits for somebody.
func (p Pledge) Open() bool { return p.State == PledgeRequested || p.State == PledgePending }

// Signable reports whether a paper may be given out and taken back: also once more,
// where the last one was not in order.
func (p Pledge) Signable() bool { return p.Open() || p.State == PledgeRejected }

// A PledgeTemplate is one version of a pledge's wording. Its text is fixed once
// it was applied.
type PledgeTemplate struct {
	ID           TemplateID
	Version      int
	Variant      TemplateVariant
	Text         string
	TextHash     string
	ValidFrom    Date
	Resign       Resign
	MandatoryFor List[ContractID] // with ResignMandatory: only these contracts; empty: all
	GraceUntil   Date             // last day on which an older version still serves
	Renewals     bool             // what is promised holds for contracts that renew the one it names, too
}

// TemplateVariant says for whom a template is written.
type TemplateVariant string

const (
	VariantGeneral       TemplateVariant = "general"
	VariantSubcontractor TemplateVariant = "subcontractor"
	VariantDispatched    TemplateVariant = "dispatched"
	VariantMinor         TemplateVariant = "minor"
)

// Resign says what a new version asks of those who signed an older one.
type Resign string

const (
	ResignNone           Resign = "none"
	ResignAtNextContract Resign = "at_next_contract"
	ResignMandatory      Resign = "mandatory"
)

// Asks reports whether the version obliges those who pledged on an older version
// of the same template to sign again for contract c: a mandatory one where it is
// written for c, and one for the next contract where c only renews the pledge's.
func (t PledgeTemplate) Asks(p Pledge, c ContractID) bool {
	if t.ID != p.TemplateID || t.Version <= p.TemplateVersion {
		return false
	}
	return t.Resign == ResignMandatory && t.serves(c) || t.Resign == ResignAtNextContract && c != p.ContractID
}

// Validity is how long a valid pledge serves a contract: until the grace period
// of the first later mandatory version is over. due is the day by which the
// person must sign again, once that version is in force at now.
func (p Pledge) Validity(c ContractID, templates []PledgeTemplate, now Instant) (until Instant, due Date) {
	until = Forever
	for _, t := range templates {
		if !t.Asks(p, c) {
			continue
		}
		end := t.ValidFrom.Start()
		if t.GraceUntil != "" {
			end = max(end, t.GraceUntil.End())
		}
		if end < until {
			until = end
		}
		if t.ValidFrom.Start() <= now && (due == "" || t.GraceUntil < due) {
			due = t.GraceUntil
		}
	}
	return until, due
}

// Due is until when a valid pledge serves a contract, and from when the person is
// told that another has to be signed; Forever when none has to.
func (p Pledge) Due(c ContractID, templates []PledgeTemplate) (until, announced Instant) {
	until, _ = p.Validity(c, templates, 0)
	announced = Forever
	for _, t := range templates {
		if t.Asks(p, c) {
			announced = min(announced, t.ValidFrom.Start())
		}
	}
	return until, announced
}

// VariantFor picks the wording for a person: a minor's before all others.
func VariantFor(e Employment, adult, subcontracted bool) TemplateVariant {
	switch {
	case !adult:
		return VariantMinor
	case e == Dispatched:
		return VariantDispatched
	case subcontracted:
		return VariantSubcontractor
	}
	return VariantGeneral
}

// PledgeFacts fill the places of a template's text.
type PledgeFacts struct {
	Name, Employer, Contract, City string
	ContractID                     ContractID
}

// Wording is the template's text for one person.
func (t PledgeTemplate) Wording(f PledgeFacts) Personal {
	return Personal(strings.NewReplacer(
		"{{name}}", f.Name, "{{employer}}", f.Employer,
		"{{contract}}", f.Contract, "{{contract_id}}", string(f.ContractID), "{{city}}", f.City,
	).Replace(t.Text))
}

// HashText is the hex SHA-256 of a text, the form in which a person agrees to it.
func HashText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// A Document is a paper: bytes kept as they came.
type Document struct {
	ID        DocumentID
	Hash      string // hex SHA-256 of the bytes
	Size      int
	MediaType string
	Key       []byte // random, 32 bytes: where Bytes are kept nothing else opens them
	Bytes     []byte
	CreatedAt Instant
}

// MaxDocument is the greatest size of a scanned paper in bytes.
const MaxDocument = 5 << 20
