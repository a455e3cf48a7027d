package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// Names that a careless store would change: outside the first plane, with a
// variation selector, changed by NFC, with an ideographic blank and a quote.
const (
	hardName   = "髙﨑 𠮷子"
	harderName = "葛\U000E0101西　朗 O’BRIEN '\"\\"
)

var proviso = meibo.Proviso{
	Purpose: "U.TAX", CaseRef: true, AuthLevel: 2, Rows: 10, Zones: []string{"office"}, Workplaces: []string{"W1"}, Devices: []string{"D1"},
	Obligations: []meibo.Obligation{{Name: "mask", Number: 1, Fields: []string{"name"}}},
}

// full has one row for every table with something in every field, and bare one
// with as little as the schema lets it have. Rows come after those to which they
// refer.
func full() []any {
	paper := []byte("%PDF-1.7\x00\xff\r\n")
	sum := sha256.Sum256(paper)
	text := meibo.Personal(hardName + "は秘密を守ります。\n")
	document := meibo.Personal(`{"members":[{"person":"E001","name":"` + hardName + `"}]}`)
	return []any{
		meibo.Organization{ID: "G0", Kind: meibo.City, Name: "架空市", CorporateNumber: "3000020990019", Seat: "架空市中央1", DirectoryBase: "o=髙", NoticeTo: []string{"tax@city.kakuu.example", "a@b.example"}, DirectoryNames: []string{"髙市", "0017"}, MailDomains: []string{"b.example"}},
		meibo.Asset{ID: "A01", Name: "住民税賦課台帳", Importance: 1, MyNumber: true, State: meibo.AssetActive, Members: []meibo.AssetID{"A02"},
			Purposes: []meibo.PurposeCode{"U"}, Prohibited: []meibo.PurposeCode{"Z"}, Provisos: meibo.Pack([]meibo.Proviso{proviso})},
		meibo.Purpose{Code: "U.TAX", Label: "地方税", Law: "16", Starts: "2020-01-01", Ends: "2030-12-31", Actions: []meibo.Action{"view"}, CaseRef: true, CaseForms: []string{"R9-99999"}},
		meibo.Contract{
			ID: "C01", Name: "課税資料入力業務", Department: "市民税課", PrimeID: "G0", Starts: "2026-04-01", Ends: "2027-03-31",
			State: meibo.ContractTerminated, TerminatedAt: asOf + 1, AckRequired: true, Responsible: hardName, Supervisor: harderName,
			CatalogAccepted: "2026-03-20", RenewalOf: "C00", Assets: []meibo.AssetID{"A01"}, Purposes: []meibo.PurposeCode{"U.TAX"},
			Prohibited: []meibo.PurposeCode{"Z"}, NoticeTo: []string{"tax@city.kakuu.example"},
			NoticeWay: meibo.WayWebhook, NoticeURL: "https://intake.city.kakuu.example/meibo",
			TrainingRequired: true, ReviewDue: "2026-10-01", Workplaces: []string{"W1"}, Devices: []string{"D1"}, Rows: 100,
			Hours: meibo.Pack([]meibo.Window{{Days: []string{"mon"}, From: "08:30", Until: "19:00"}}), EmergencyStaff: []meibo.PersonID{"E001"},
			Provisos: meibo.Pack([]meibo.Proviso{proviso}),
		},
		meibo.Organization{ID: "K1", Kind: meibo.Contractor},
		meibo.Subcontract{
			ID: "SC1", ContractID: "C01", ParentID: "G0", OrganizationID: "K1", Consent: "情政第1号", Depth: 2, Starts: "2026-04-01", Ends: "2027-03-31",
			PreNamed: true, StartedOn: "2026-05-01", FlowDownOn: "2026-04-02", RevokedAt: asOf + 2, Assets: []meibo.AssetID{"A01"},
			Actions: []meibo.Action{"view"}, Purposes: []meibo.PurposeCode{"U.TAX"},
		},
		meibo.PledgeTemplate{
			ID: "T-A", Version: 2, Variant: meibo.VariantGeneral, Text: "{{name}}は秘密を守ります。\n", TextHash: "h", ValidFrom: "2026-04-01",
			Resign: meibo.ResignMandatory, MandatoryFor: []meibo.ContractID{"C01"}, GraceUntil: "2026-10-31", Renewals: true,
		},
		meibo.System{ID: "P01", Name: "税入力", Scopes: []meibo.Scope{{Contract: "C01", Assets: []meibo.AssetID{"A01"}, Purposes: []meibo.PurposeCode{"U"}}}, Obligations: []string{"log_full"}, Answers: meibo.AnswersFull, Zones: []string{"office"}, OnBehalf: true, Nonces: true, Aliases: meibo.Pack([]meibo.Alias{{Kind: meibo.AliasSubject, Word: "user", Means: "login"}})},
		meibo.Client{ID: "cl1", Name: "届出端末", OrganizationID: "K1", PersonID: "E001", SystemID: "P01", CreatedAt: asOf},
		meibo.Grant{ClientID: "cl1", Role: meibo.RoleSubmitter, OrganizationID: "K1", ContractID: "*", CreatedAt: asOf},
		meibo.Key{ID: "k1", ClientID: "cl1", Hash: "h", CreatedAt: asOf, ExpiresAt: asOf + 9, RevokedAt: asOf + 8},
		meibo.Person{
			ID: "E001", OrganizationID: "K1", Login: "saki", LoginKey: "key", Name: hardName, Kana: "タカサキ", Latin: "Åström",
			Alias: harderName, FormerName: "𡈽屋", RenamedOn: "2026-09-01", Adult: true, CreatedAt: asOf, DepartedAt: asOf + 7, DisposedAt: asOf + 8,
		},
		meibo.Account{
			PersonID: "E001", Entry: "entryUUID:1", State: meibo.AccountGone, Cause: "departed", Until: asOf + 6, ChangedAt: asOf, Base: "o=K1",
			Employers: meibo.Pack([]meibo.OrganizationID{"K1", meibo.NoEmployer}), Unit: hardName, UnitSeen: harderName, TransferredAt: asOf + 5,
			DoubtedAt: asOf + 4, EmployersAt: asOf + 3,
			HoldID: "h1", Held: meibo.Pack(meibo.HeldChange{Why: "limit", Since: asOf, Absent: true, State: meibo.AccountDisabled, Cause: "admin", Until: asOf}),
		},
		meibo.Change{
			ID: "ch1", SubmissionID: "s1", ContractID: "C01", OrganizationID: "K1", SubmittedBy: "cl1", SubmitterID: "E001", SubmittedAt: asOf,
			State: meibo.ChangeRejected, DecidedAt: asOf + 5, Reason: harderName, Version: 1,
		},
		meibo.Line{
			ChangeID: "ch1", Row: 1, Operation: meibo.Add, ContractID: "C01", PersonID: "E001", Login: "saki", Name: hardName, Kana: "タカサキ",
			Latin: "Åström", Alias: harderName, FormerName: "𡈽屋", Adult: meibo.AttestedYes, EmployerID: "K1", Employment: meibo.Regular,
			AssetID: "A01", Action: "view", Purpose: "U.TAX", Starts: "2026-10-15", Ends: "2027-03-31", Workplace: "W1", Task: "入力",
			Reason: meibo.ReasonPlacement, Pledge: meibo.PledgeToRequest, Returned: meibo.AttestedNo, Successor: "E001",
		},
		meibo.Approval{ChangeID: "ch1", OrganizationID: "K1", ClientID: "cl2", At: asOf},
		meibo.Assignment{
			ID: "as1", ContractID: "C01", PersonID: "E001", EmployerID: "K1", Employment: meibo.Regular, Task: "入力", Workplace: "W1",
			Starts: "2026-10-15", Ends: "2027-03-31", SuspendedFrom: asOf + 1, SuspendedWhy: meibo.ReasonLeave, EndedAt: asOf + 2, EndReason: meibo.ReasonTransfer,
			ListedFrom: 1, ChangeID: "ch1", CreatedAt: asOf,
		},
		meibo.Right{
			ID: "r1", AssignmentID: "as1", ContractID: "C01", PersonID: "E001", AssetID: "A01", Action: "view", Purpose: "U.TAX",
			Starts: "2026-10-15", Ends: "2027-03-31", ListedFrom: 1, ListedUntil: 2, ReturnedAt: asOf + 1, EndedAt: asOf + 2, ChangeID: "ch1", CreatedAt: asOf,
		},
		meibo.Document{ID: "d1", Hash: hex.EncodeToString(sum[:]), Size: len(paper), MediaType: "application/pdf", Key: dataKey, Bytes: paper, CreatedAt: asOf},
		meibo.Pledge{
			ID: "pl1", PersonID: "E001", ContractID: "C01", EmployerID: "K1", TemplateID: "T-A", TemplateVersion: 2, State: meibo.PledgeValid,
			Way: meibo.SignedOnPaper, Covers: meibo.CoversRenewals, GuardianConsent: true, Text: text, TextHash: meibo.HashText(string(text)),
			FormID: "d1", DocumentID: "d1", Papers: []meibo.DocumentID{"d1"}, Reason: meibo.RejectUnreadable, RequestedAt: asOf, SignedOn: "2026-10-14", ValidFrom: asOf + 1, RecordedBy: "cl1",
			RecorderID: "E001", VerifiedBy: "cl2", Evidence: `{"bind":"ok"}`, ClosedAt: asOf + 2,
		},
		meibo.SealedPaper{OfTable: meibo.PledgesTable, OfKey: "pl1", Form: "change", ReaderID: "K1", DocumentID: "d1", Hash: hex.EncodeToString(sum[:]), Signer: "架空市", Stamped: true, Code: "NO_AUTHORITY", SealedAt: asOf},
		meibo.Notice{
			ID: "n1", ContractID: "C01", Number: 1, Kind: meibo.NoticeRoster, OrganizationID: "G0", Version: 1, State: meibo.NoticeNotified, Way: meibo.WayWebhook,
			Attempts: 1, NextAt: asOf, LeaseUntil: asOf + 1, MessageID: "<1@meibo>", NotifiedAt: asOf + 2, LastCode: "250", PossiblyTwice: true, CreatedAt: asOf,
			Receipts: meibo.Pack([]meibo.Receipt{{To: "tax@city.kakuu.example", State: meibo.ReceiptTaken, Code: "250", Twice: true}}),
			Answer:   meibo.Returned, AnsweredAt: asOf + 3, DueOn: "2026-10-22", OverdueAt: asOf + 4,
		},
		roster(1, "", document),
		meibo.Acknowledgement{ID: "a1", ContractID: "C01", Version: 1, Verdict: meibo.Returned, PersonID: "E001", Reason: harderName, ClientID: "cl3", At: asOf},
		meibo.Reading{
			ID: "rd1", At: asOf, Cause: meibo.ReadingSweep, Outcome: meibo.ReadingApplied, Code: "c", Seen: 1, Disabled: 2, Gone: 3, Held: 4,
			Absent: 5, Restricted: 6, Lifted: 7,
		},
		meibo.Seal{Writer: "w0", Batch: 1, Hash: "h", At: asOf},
		meibo.Destruction{Writer: "w0", Batch: 1, DecidedBefore: asOf - 1, At: asOf},
		meibo.Request{ClientID: "cl1", Request: "q1", Act: meibo.ActSubmit, Digest: "d", Answer: `{"change":"ch1"}`, At: asOf},
		meibo.Parameters{ID: "city", City: meibo.Pack(meibo.CityParameters{PledgeMonths: 12, Emergency: meibo.EmergencyParameters{Minutes: 60}})},
		meibo.Permit{
			ID: "PM1", ContractID: "C01", PersonID: "E001", State: meibo.PermitGranted, ApproverID: "E002", Starts: "2026-10-10", Ends: "2026-10-20",
			RevokedAt: asOf + 3, Assets: []meibo.AssetID{"A01"}, Actions: []meibo.Action{"carry_out"}, Purposes: []meibo.PurposeCode{"U"},
			Recipients: []string{"R1"}, Media: []string{"usb"}, Rows: 500, Uses: 2, CloseOut: true,
			Obligations: meibo.Pack([]meibo.Obligation{{Name: "encrypt"}}), ReturnDue: "2026-10-21", ReturnedAt: asOf + 4,
		},
		meibo.Delegation{ID: "DL1", ContractID: "C01", PersonID: "E001", PrincipalID: "E002", Starts: "2026-04-01", Ends: "2027-03-31", RevokedAt: asOf},
		meibo.Passkey{
			ID: "pk1", PersonID: "E001", Credential: "Y3JlZGVudGlhbA", CredentialKey: "key of it", PublicKey: "a2V5", Authenticator: "00", Counter: 7,
			Entry: "entryUUID:1", RegisteredBy: "cl1", CreatedAt: asOf, UsedAt: asOf + 1, RevokedAt: asOf + 2, RevokedBy: "cl2",
		},
		meibo.ServiceAccount{
			ID: "SV1", Name: "夜間処理", OwnerID: "E001", ContractID: "C01",
			Rights: meibo.Pack([]meibo.MemberRight{{Asset: "A01", Action: "view", Purpose: "U.TAX", From: "2026-10-01", Until: "2027-03-31"}}),
		},
		meibo.Hold{ID: "H1", Kind: meibo.HoldIncident, PersonID: "E001", ContractID: "C01", AssetID: "A01", Reference: "I-01", OpenedAt: asOf, OpenedBy: "cl1", LiftedAt: asOf + 1, LiftedBy: "cl2"},
		meibo.Disposal{ID: "dp1", ContractID: "C01", KeptUntil: "2037-03-31", Pledges: []meibo.PledgeID{"pl9"}, Papers: 3, People: []meibo.PersonID{"E009"}, State: meibo.DisposalApproved, ProposedBy: "cl1", ProposerID: "E001", ProposedAt: asOf, DecidedBy: "cl2", DecidedAt: asOf + 1},
		meibo.Training{ID: "tr1", PersonID: "E001", ContractID: "C01", CompletedOn: "2026-04-01", ValidUntil: "2027-03-31", Material: "v2", RecordedBy: "cl1", At: asOf},
		meibo.PermitUse{DecisionID: "D1", PermitID: "PM1", PersonID: "E001", Rows: 3, At: asOf},
		meibo.Bookmark{ID: meibo.BookmarkID, Token: "t", Entries: 60, ProvenAt: asOf, At: asOf + 1},
		meibo.DirectoryHold{ID: "h1", Why: "limit", People: 6, State: meibo.DirectoryHoldConfirmed, OpenedAt: asOf, SettledAt: asOf + 1, SettledBy: "cl1"},
		meibo.Emergency{ID: "em1", ContractID: "C01", PersonID: "E001", DecisionID: "D2", Since: asOf, ReviewedAt: asOf + 1, ReviewedBy: "cl1"},
	}
}

// roster is a version of C01's under the log's head before anything.
func roster(version int, previous string, document meibo.Personal) meibo.Roster {
	signer, _ := seal.NewSigner(secret)
	head, _ := signer.Sign(0, emptyRoot)
	return meibo.Roster{
		ContractID: "C01", Version: version, CutAt: asOf, ChangeID: "ch1", Document: document, Hash: meibo.HashText(string(document)),
		PreviousHash: previous, Checkpoint: head, Members: 1, Added: 2, Removed: 3, Changed: 4, Faults: 5,
	}
}

// emptyRoot is the root hash of a log without entries.
var emptyRoot = sha256.Sum256(nil)

var oneByte = sha256.Sum256([]byte{0})

func bare() []any {
	return []any{
		meibo.Organization{ID: "K2", Kind: meibo.Contractor},
		meibo.Asset{ID: "A02", State: meibo.AssetActive},
		meibo.Purpose{Code: "U"},
		meibo.Contract{ID: "C02", PrimeID: "K2", Starts: "2026-04-01", Ends: "2026-04-01", State: meibo.ContractActive},
		meibo.Subcontract{ID: "SC2", ContractID: "C02", ParentID: "K2", OrganizationID: "G0", Depth: 1, Starts: "2026-04-01", Ends: "2026-04-01"},
		meibo.PledgeTemplate{ID: "T-B", Version: 1, Variant: meibo.VariantMinor, ValidFrom: "2026-04-01", Resign: meibo.ResignNone},
		meibo.System{ID: "P02", Answers: meibo.AnswersNone},
		meibo.Client{ID: "cl2", CreatedAt: asOf},
		meibo.Grant{ClientID: "cl2", Role: meibo.RoleAuditor, CreatedAt: asOf},
		meibo.Key{ID: "k2", ClientID: "cl2", CreatedAt: asOf, ExpiresAt: asOf},
		meibo.Person{ID: "E002", OrganizationID: "K2", CreatedAt: asOf},
		meibo.Account{PersonID: "E002", State: meibo.AccountUnknown, ChangedAt: asOf},
		meibo.Passkey{ID: "pk2", PersonID: "E002", CredentialKey: "another", CreatedAt: asOf},
		meibo.Change{ID: "ch2", ContractID: "C02", OrganizationID: "K2", SubmittedAt: asOf, State: meibo.ChangeSubmitted},
		meibo.Line{ChangeID: "ch2", Row: 1, Operation: meibo.Remove, PersonID: "E002"},
		meibo.Approval{ChangeID: "ch2", At: asOf},
		meibo.Assignment{ID: "as2", ContractID: "C02", PersonID: "E002", EmployerID: "K2", Employment: meibo.Dispatched, Starts: "2026-10-15", Ends: "2026-10-15", CreatedAt: asOf},
		meibo.Right{ID: "r2", AssignmentID: "as2", ContractID: "C02", PersonID: "E002", AssetID: "A02", Purpose: "U", Starts: "2026-10-15", Ends: "2026-10-15", CreatedAt: asOf},
		meibo.Document{ID: "d2", Hash: hex.EncodeToString(oneByte[:]), Size: 1, Key: dataKey, Bytes: []byte{0}, CreatedAt: asOf},
		meibo.Pledge{ID: "pl2", PersonID: "E002", ContractID: "C02", EmployerID: "K2", TemplateID: "T-B", TemplateVersion: 1, State: meibo.PledgeRequested, Covers: meibo.CoversContract, TextHash: meibo.HashText(""), RequestedAt: asOf},
		meibo.SealedPaper{OfTable: meibo.RostersTable, OfKey: "C01/1", Form: "pdf", DocumentID: "d1", SealedAt: asOf},
		roster(2, roster(1, "", full()[22].(meibo.Roster).Document).Hash, ""),
		meibo.Notice{ID: "n2", ContractID: "C02", Kind: meibo.NoticeDeparted, OrganizationID: "K2", State: meibo.NoticeQueued, CreatedAt: asOf},
		meibo.Acknowledgement{ID: "a2", ContractID: "C01", Version: 2, Verdict: meibo.Acknowledged, At: asOf},
		meibo.Reading{ID: "rd2", At: asOf, Outcome: meibo.ReadingNothing},
		meibo.Seal{Writer: "w00", At: asOf},
		meibo.Destruction{Writer: "w00", DecidedBefore: asOf - 1, At: asOf},
		meibo.Request{ClientID: "cl2", Request: "q2", At: asOf},
		meibo.Parameters{ID: "other"},
		meibo.Permit{ID: "PM2", ContractID: "C02", State: meibo.PermitPending, Starts: "2026-10-10", Ends: "2026-10-10"},
		meibo.ServiceAccount{ID: "SV2", ContractID: "C02"},
		meibo.Delegation{ID: "DL2", ContractID: "C02", PersonID: "E002", PrincipalID: "E001", Starts: "2026-04-01", Ends: "2027-03-31"},
		meibo.Hold{ID: "H2", Kind: meibo.HoldLegal, AssetID: "A02", OpenedAt: asOf},
		meibo.Disposal{ID: "dp2", ContractID: "C02", KeptUntil: "2037-03-31", State: meibo.DisposalProposed, ProposedAt: asOf},
		meibo.Training{ID: "tr2", PersonID: "E002", CompletedOn: "2026-04-01", At: asOf},
		meibo.PermitUse{DecisionID: "D3", PermitID: "PM2", At: asOf},
		meibo.Bookmark{ID: "other", At: asOf},
		meibo.DirectoryHold{ID: "h2", State: meibo.DirectoryHoldOpen, OpenedAt: asOf},
		meibo.Emergency{ID: "em2", ContractID: "C02", PersonID: "E002", Since: asOf},
	}
}

// furnished opens a store with a row of every kind in every table, some of them
// written twice, and with decisions under a seal.
func furnished(t testing.TB, url string) *store.DB {
	t.Helper()
	db := begun(t, url)
	rows := []any{}
	for _, row := range append(full(), bare()...) {
		if _, isSeal := row.(meibo.Seal); !isSeal { // seals name the chains that are there
			rows = append(rows, row)
		}
	}
	must(t, record(db, rows...))
	again := full()[11].(meibo.Person)
	again.Name = harderName
	must(t, record(db, again))
	for i := range 3 {
		_, _, err := db.RecordDecision(context.Background(), decision(fmt.Sprintf("D%d", i)))
		must(t, err)
	}
	heads, err := db.Unsealed(context.Background())
	must(t, err)
	must(t, db.Update(context.Background(), func(tx *store.Tx) error {
		var seals []any
		for _, s := range heads {
			seals = append(seals, s)
		}
		_, err := tx.Record(meibo.Entry{Act: meibo.ActSealDecisions}, seals)
		return err
	}))
	_, _, err = db.RecordDecision(context.Background(), decision("D9"))
	must(t, err)
	return db
}

func decision(id string) meibo.Decision {
	return meibo.Decision{
		ID: meibo.DecisionID(id), At: asOf, ClientID: "cl1", SystemID: "P01", Allowed: true, PrimaryCode: "ALLOW", Codes: []string{"ALLOW"}, Revision: 3, Epoch: "E1",
		Question: meibo.Question{Person: "E001", Contract: "C01", Asset: "A01", Action: "view", Purpose: "U.TAX"}, Policy: "p", MaxAge: 30,
	}
}

// auditor verifies heads with the tests' public key.
func auditor(t testing.TB, progress func(string, int64, int64)) store.Auditor {
	t.Helper()
	v, err := seal.NewVerifier(public)
	must(t, err)
	return store.Auditor{Progress: progress, Open: func(note string) (int64, [32]byte, error) {
		c, err := v.Open(note)
		return c.Size, c.Root, err
	}}
}

func tableNames() string {
	var names []string
	for name := range store.Tables() {
		names = append(names, name)
	}
	return strings.Join(names, " ")
}
