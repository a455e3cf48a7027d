package meibo_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// asOf is the moment of the fictitious city: 15 October 2026, 10:00 in Japan.
var asOf = at("2026-10-15T10:00:00+09:00")

func at(text string) meibo.Instant {
	i, err := meibo.ParseInstant(text)
	if err != nil {
		panic(err)
	}
	return i
}

// Those who act: K1 is the prime contractor, S1 its subcontractor, S9 a company
// that the city has never heard of.
var (
	primeSubmitter = client("K1", "")
	primeApprover  = client("K1", "approver")
	subSubmitter   = client("S1", "")
	subApprover    = client("S1", "approver")
	cityReceiver   = client("G0", "")
)

func client(o meibo.OrganizationID, suffix string) meibo.Caller {
	return meibo.Caller{Client: meibo.Client{ID: meibo.ClientID(string(o) + suffix), OrganizationID: o}}
}

// in is the caller as the tool of a person.
func in(person meibo.PersonID, c meibo.Caller) meibo.Caller {
	c.Client.PersonID = person
	return c
}

// A desk is where a test works on one contract's book. Like the ledger, it reads
// the book anew after every act that succeeded.
type desk struct {
	*meibo.Book
	t   testing.TB
	now meibo.Instant
	ids int
}

// newDesk opens the book of C01: the tax ledger A01 and the returns A02 for the
// assessment of residents' tax, from April to March, on which nobody works yet.
func newDesk(t testing.TB, settle ...func(*meibo.Book)) *desk {
	t.Helper()
	b := &meibo.Book{
		City: meibo.Organization{ID: "G0", Kind: meibo.City, Name: "架空市"},
		Contract: meibo.Contract{
			ID: "C01", Name: "課税資料入力業務", PrimeID: "K1", Starts: "2026-04-01", Ends: "2027-03-31",
			State: meibo.ContractActive, Responsible: "髙﨑 真理子", Supervisor: "大久保 真", CatalogAccepted: "2026-03-20",
			Assets: []meibo.AssetID{"A01", "A02", "A11"}, Purposes: []meibo.PurposeCode{"U.TAX.RES.ASSESS", "Z"},
			Prohibited: []meibo.PurposeCode{"U.TAX.RES.ASSESS.CALC"}, NoticeTo: []string{"tax@city.kakuu.example"},
		},
		Organizations: meibo.ShelfOf[meibo.OrganizationID]([]meibo.Organization{
			{ID: "G0", Kind: meibo.City, Name: "架空市"},
			{ID: "K1", Kind: meibo.Contractor, Name: "株式会社架空データサービス", NoticeTo: []string{"meibo@data.kakuu.example"}},
			{ID: "S1", Kind: meibo.Contractor, Name: "有限会社ひな形入力センター"},
			{ID: "S9", Kind: meibo.Contractor, Name: "株式会社例示ネットワーク"},
		}),
		Assets: meibo.ShelfOf[meibo.AssetID]([]meibo.Asset{
			{ID: "A01", Importance: 1, State: meibo.AssetActive}, {ID: "A02", Importance: 1, State: meibo.AssetActive},
			{ID: "A03", Importance: 1, State: meibo.AssetActive}, {ID: "A11", State: meibo.AssetActive},
		}),
		Purposes: meibo.ShelfOf[meibo.PurposeCode]([]meibo.Purpose{
			{Code: "U"}, {Code: "U.TAX"}, {Code: "U.TAX.RES"}, {Code: "U.TAX.RES.ASSESS"}, {Code: "U.TAX.RES.ASSESS.INPUT"},
			{Code: "U.TAX.RES.ASSESS.VERIFY"}, {Code: "U.TAX.RES.ASSESS.CALC"}, {Code: "U.NHI"}, {Code: "Z"}, {Code: "Z.CURIOUS"},
		}),
		Subcontracts: []meibo.Subcontract{consent("S1", "K1", 1)},
		Templates:    []meibo.PledgeTemplate{wording("T-A", 2, meibo.VariantGeneral), wording("T-B", 1, meibo.VariantSubcontractor)},
		People: meibo.ShelfOf[meibo.PersonID]([]meibo.Person{
			person("E001", "K1", "髙﨑 真理子"), person("E002", "K1", "𠮷田 悠斗"), person("E003", "K1", "渡邉 結衣"),
			person("E046", "S1", "佐藤 健"), person("E047", "S1", "渡邉\U000E010F 翔"), person("E057", "S9", "高木 誠"),
		}),
		Accounts: meibo.ShelfOf[meibo.PersonID]([]meibo.Account{
			{PersonID: "E001", Entry: "entryUUID:1", State: meibo.AccountEnabled},
		}),
	}
	for _, f := range settle {
		f(b)
	}
	return &desk{Book: b, t: t, now: asOf}
}

func person(id meibo.PersonID, o meibo.OrganizationID, name meibo.Personal) meibo.Person {
	return meibo.Person{ID: id, OrganizationID: o, Name: name, LoginKey: "key of " + string(id), Adult: true}
}

// consent is the city's consent to one hop for the whole contract.
func consent(o, parent meibo.OrganizationID, depth int) meibo.Subcontract {
	return meibo.Subcontract{
		ID: meibo.SubcontractID("SC-" + o), ContractID: "C01", ParentID: parent, OrganizationID: o, Consent: "情政第1号",
		Depth: depth, Starts: "2026-04-01", Ends: "2027-03-31", FlowDownOn: "2026-04-01",
	}
}

func wording(id meibo.TemplateID, version int, v meibo.TemplateVariant) meibo.PledgeTemplate {
	text := "{{city}}長 様 {{contract}}({{contract_id}})で知り得た秘密を守ります。{{employer}} {{name}}"
	return meibo.PledgeTemplate{
		ID: id, Version: version, Variant: v, Text: text, TextHash: meibo.HashText(text), ValidFrom: "2026-04-01", Resign: meibo.ResignNone,
	}
}

// scene is the caller at the desk, now.
func (d *desk) scene(c meibo.Caller) meibo.Scene {
	return meibo.Scene{Caller: c, Now: d.now, NewID: func() string { d.ids++; return fmt.Sprintf("N%04d", d.ids) }}
}

// submit submits lines, which must be accepted.
func (d *desk) submit(c meibo.Caller, lines ...meibo.Line) meibo.Submission {
	d.t.Helper()
	s, err := d.Submit(d.scene(c), "S", numbered(lines), d.named(lines))
	if err != nil {
		d.t.Fatalf("submit: %v", err)
	}
	d.commit()
	return s
}

// refused submits lines, which must not be accepted, and returns what is wrong.
func (d *desk) refused(c meibo.Caller, lines ...meibo.Line) []string {
	d.t.Helper()
	book := d.copy()
	_, err := book.Submit(d.scene(c), "S", numbered(lines), d.named(lines))
	if err == nil {
		return nil
	}
	ps, ok := err.(meibo.Problems)
	if !ok {
		d.t.Fatalf("submit: %v, want problems", err)
	}
	return codes(ps.Fatal())
}

// codes are problems as text: row field: code.
func codes(ps meibo.Problems) []string {
	var list []string
	for _, p := range ps {
		list = append(list, fmt.Sprintf("%d %s: %s", p.Row, p.Field, p.Code))
	}
	return list
}

func numbered(lines []meibo.Line) []meibo.Line {
	for i := range lines {
		lines[i].Row = i + 1
	}
	return lines
}

// named is what the ledger finds of logins: those of the people whom the book
// knows, and an entry of the directory for everybody else.
func (d *desk) named(lines []meibo.Line) map[int]meibo.Named {
	found := map[int]meibo.Named{}
	for i, l := range lines {
		if l.PersonID != "" || l.Login == "" {
			continue
		}
		n := meibo.Named{LoginKey: "key of " + string(l.Login)}
		for _, p := range d.People.All() {
			if p.LoginKey == n.LoginKey && p.DepartedAt.IsZero() {
				n.PersonID = p.ID
			}
		}
		if n.PersonID == "" {
			n.Account = &meibo.Account{Entry: "entryUUID:" + string(l.Login), State: meibo.AccountEnabled}
		}
		found[i+1] = n
	}
	return found
}

// approve gives a yes that must be taken.
func (d *desk) approve(c meibo.Caller, id meibo.ChangeID) meibo.Change {
	d.t.Helper()
	change, err := d.Approve(d.scene(c), id)
	if err != nil {
		d.t.Fatalf("approve: %v", err)
	}
	d.commit()
	return change
}

// enlist submits and approves lines of the prime contractor.
func (d *desk) enlist(lines ...meibo.Line) {
	d.t.Helper()
	s := d.submit(primeSubmitter, lines...)
	for _, c := range s.Changes {
		if c.State == meibo.ChangeSubmitted {
			d.approve(primeApprover, c.ID)
		}
	}
}

// notify takes every roster notice that is owed to the city.
func (d *desk) notify() {
	for _, n := range d.Notices.All() {
		if n.Kind == meibo.NoticeRoster && n.State == meibo.NoticeQueued {
			n.State, n.NotifiedAt = meibo.NoticeNotified, d.now
			d.Notices.Put(n)
		}
	}
	d.commit()
}

// answer is the city's answer to a version, which must be taken.
func (d *desk) answer(version int, v meibo.Verdict, line meibo.PersonID) {
	d.t.Helper()
	r, _ := d.Rosters.Get(version)
	reason := meibo.Personal("")
	if v == meibo.Returned {
		reason = "人数の根拠を示してください"
	}
	if err := d.Answer(d.scene(cityReceiver), version, r.Hash, v, line, reason); err != nil {
		d.t.Fatalf("answer: %v", err)
	}
	d.commit()
}

// later lets time pass.
func (d *desk) later(text string) { d.now = at(text) }

// commit writes down what was decided and reads the book anew, as the store
// would: nothing is marked as written, decided changes have no lines, and rights
// that have ended and are on no roster are gone.
func (d *desk) commit() { d.Book = d.copy() }

func (d *desk) copy() *meibo.Book {
	d.t.Helper()
	b := *d.Book
	if b.Cut != nil {
		r, _ := b.Rosters.Get(b.Cut.Version)
		document, err := json.Marshal(b.Cut)
		if err != nil {
			d.t.Fatal(err)
		}
		r.Hash = meibo.HashText(string(document))
		b.Rosters.Put(r)
		b.Cut = nil
	}
	waiting := map[meibo.ChangeID]bool{}
	for _, c := range b.Changes.All() {
		waiting[c.ID] = c.State == meibo.ChangeSubmitted
	}
	fresh := meibo.Book{
		City: b.City, Contract: b.Contract, Organizations: b.Organizations, Assets: b.Assets, Purposes: b.Purposes,
		Subcontracts: b.Subcontracts, Templates: b.Templates, Newest: b.Newest,
		People:      meibo.ShelfOf[meibo.PersonID](kept(b.People.All(), nil)),
		Accounts:    meibo.ShelfOf[meibo.PersonID](kept(b.Accounts.All(), nil)),
		Assignments: meibo.ShelfOf[meibo.AssignmentID](kept(b.Assignments.All(), nil)),
		Rights: meibo.ShelfOf[meibo.RightID](kept(b.Rights.All(), func(r meibo.Right) bool {
			return r.EndedAt.IsZero() || r.ListedUntil == 0
		})),
		Changes:         meibo.ShelfOf[meibo.ChangeID](kept(b.Changes.All(), nil)),
		Lines:           meibo.ShelfOf[meibo.LineKey](kept(b.Lines.All(), func(l meibo.Line) bool { return waiting[l.ChangeID] })),
		Approvals:       meibo.ShelfOf[meibo.ApprovalKey](kept(b.Approvals.All(), func(a meibo.Approval) bool { return waiting[a.ChangeID] })),
		Pledges:         meibo.ShelfOf[meibo.PledgeID](kept(b.Pledges.All(), nil)),
		Rosters:         meibo.ShelfOf[int](kept(b.Rosters.All(), nil)),
		Notices:         meibo.ShelfOf[meibo.NoticeID](kept(b.Notices.All(), nil)),
		Acknowledgement: meibo.ShelfOf[string](kept(b.Acknowledgement.All(), nil)),
	}
	return &fresh
}

func kept[R any](rows []R, keep func(R) bool) []R {
	var list []R
	for _, r := range rows {
		if keep == nil || keep(r) {
			list = append(list, r)
		}
	}
	return list
}

// listed are the members of the roster as it stands: who, and with what.
func (d *desk) listed() []string {
	var list []string
	for _, m := range d.Members(d.now) {
		for _, r := range m.Rights {
			list = append(list, fmt.Sprintf("%s %s %s %s..%s", m.PersonID, r.Asset, r.Action, r.From, r.Until))
		}
	}
	return list
}

// open are the rights that serve now, as who and what.
func (d *desk) open() []string {
	var list []string
	for _, r := range d.Rights.All() {
		a, _ := d.Assignments.Get(r.AssignmentID)
		opened, _ := r.Opened(d.Statuses(), d.Contract.AckRequired)
		serves := !opened.IsZero() && r.EndedAt.IsZero() && a.Running() && !a.Suspended(d.now) &&
			max(a.Starts, r.Starts).Start() <= d.now && d.now < min(a.Ends, r.Ends).End()
		if serves {
			list = append(list, fmt.Sprintf("%s %s %s %s..%s", r.PersonID, r.AssetID, r.Action, r.Starts, r.Ends))
		}
	}
	return list
}

// told are the notices that are owed or were sent, as receiver and kind.
func (d *desk) told() []string {
	var list []string
	for _, n := range d.Notices.All() {
		list = append(list, fmt.Sprintf("%s #%d %s v%d", n.OrganizationID, n.Number, n.Kind, n.Version))
	}
	return list
}

// same fails the test when got is not want.
func same[T any](t testing.TB, got, want T) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// add is a line that gives a person the right to view an asset until March.
func add(p meibo.PersonID, a meibo.AssetID) meibo.Line {
	return meibo.Line{
		Operation: meibo.Add, ContractID: "C01", PersonID: p, EmployerID: employer(p), Employment: meibo.Regular,
		AssetID: a, Action: "view", Purpose: "U.TAX.RES.ASSESS.INPUT", Starts: "2026-10-15", Ends: "2027-03-31",
		Workplace: "W1", Task: "入力",
	}
}

// employer: E046 and E047 work for the subcontractor, E057 for nobody known.
func employer(p meibo.PersonID) meibo.OrganizationID {
	switch p {
	case "E046", "E047":
		return "S1"
	case "E057":
		return "S9"
	}
	return "K1"
}

// newcomer is a line that adds somebody by login.
func newcomer(login, name meibo.Personal) meibo.Line {
	l := add("", "A01")
	l.Login, l.Name, l.Kana, l.Adult = login, name, "シンジン", meibo.AttestedYes
	return l
}

// during gives a line another period.
func during(l meibo.Line, from, until meibo.Date) meibo.Line {
	l.Starts, l.Ends = from, until
	return l
}

// about is a line about a person.
func about(o meibo.Operation, p meibo.PersonID, why meibo.Reason) meibo.Line {
	return meibo.Line{Operation: o, ContractID: "C01", PersonID: p, Reason: why}
}

// on makes a line speak of the right to view an asset.
func on(a meibo.AssetID, l meibo.Line) meibo.Line {
	l.AssetID, l.Action, l.Purpose = a, "view", "U.TAX.RES.ASSESS.INPUT"
	return l
}
