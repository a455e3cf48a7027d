package meibotest

import (
	"context"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// AsOf is when tests begin: 10:00 on 15 October 2026 in Japan.
var AsOf = meibo.InstantOf(time.Date(2026, 10, 15, 10, 0, 0, 0, meibo.JST))

// A Clock stands still until it is moved.
type Clock struct{ now atomic.Int64 }

// NewClock makes a clock that shows AsOf.
func NewClock() *Clock {
	c := &Clock{}
	c.Set(AsOf)
	return c
}

// Now is what the clock shows.
func (c *Clock) Now() meibo.Instant { return meibo.Instant(c.now.Load()) }

// Set moves the clock to an instant.
func (c *Clock) Set(i meibo.Instant) { c.now.Store(int64(i)) }

// At moves the clock to a moment in Japan, such as 2026-10-15 23:59:59.999.
func (c *Clock) At(t testing.TB, text string) {
	t.Helper()
	at, err := time.ParseInLocation("2006-01-02 15:04:05", text, meibo.JST)
	if err != nil {
		t.Fatal(err)
	}
	c.Set(meibo.InstantOf(at))
}

// A City is a small one with a ledger: contract C01 of contractor K1 with
// subcontractor S1, asset A01, system P01, and K2 who has nothing to do with it.
// Everybody has a caller who may do his part.
type City struct {
	Ledger *ledger.Ledger
	Clock  *Clock

	Operator, Submitter, Approver, Sub, SubApprover, Stranger, Receiver, CityApprover, Auditor, System meibo.Caller

	// Options are those with which the ledger was opened.
	Options ledger.Options

	t    testing.TB
	next int
}

// Masking has the work on A01 done with the names masked, by a system that can.
func Masking(m *meibo.Master) {
	mask := meibo.Obligation{Name: "mask", Fields: []string{"name"}}
	m.Assets[0].Provisos.V = []meibo.Proviso{{Purpose: Purpose, Obligations: []meibo.Obligation{mask}}}
	m.Systems[0].Obligations = meibo.List[string]{"mask"}
}

// Purpose is the leaf for which the city's work is done.
const Purpose meibo.PurposeCode = "U.TAX.RES.ASSESS.INPUT"

// NewCity begins a ledger at the URL and registers the city. edit may alter the
// master data; directory may be nil.
func NewCity(t testing.TB, url string, directory *ledger.Directory, edit ...func(*meibo.Master)) *City {
	t.Helper()
	c := &City{Clock: NewClock(), t: t}
	secrets, err := ledger.NewSecrets("meibo.example")
	c.must(err)
	c.Options = ledger.Options{
		URL: url, Now: c.Clock.Now, Secrets: secrets, Directory: directory, Mark: filepath.Join(t.TempDir(), "high-water"),
	}
	token, err := ledger.Init(t.Context(), c.Options)
	c.must(err)
	c.Ledger, err = ledger.Open(t.Context(), c.Options)
	c.must(err)
	t.Cleanup(func() { c.Ledger.Close() })
	c.Prove()
	c.Operator, err = c.Ledger.Authenticate(t.Context(), token)
	c.must(err)
	m := master()
	for _, f := range edit {
		f(&m)
	}
	c.Apply(m)
	c.callers()
	return c
}

// Reopen closes the ledger and opens it again.
func (c *City) Reopen() {
	c.t.Helper()
	c.Ledger.Close()
	var err error
	c.Ledger, err = ledger.Open(c.ctx(), c.Options)
	c.must(err)
}

// Prove has the directory, if there is one, be known to be what the ledger says.
func (c *City) Prove() {
	c.t.Helper()
	if c.Options.Directory != nil {
		_, err := c.Ledger.Reconcile(c.ctx(), ledger.Report{Cause: meibo.ReadingProof, Current: c.Clock.Now()})
		c.must(err)
	}
}

// Reconcile puts in force what the directory is said to have shown.
func (c *City) Reconcile(f ledger.Finding) (meibo.Reading, error) {
	r := ledger.Report{Cause: meibo.ReadingStream, Entries: f.Gone, Judge: func(ledger.Picture) ledger.Finding { return f }}
	for _, a := range f.Changed {
		r.Entries = append(r.Entries, a.Entry)
	}
	return c.Ledger.Reconcile(c.ctx(), r)
}

// Key is an idempotency key that was not used before.
func (c *City) Key() string {
	c.next++
	return "key-" + strconv.Itoa(c.next)
}

func (c *City) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// Apply registers master data.
func (c *City) Apply(m meibo.Master) {
	c.t.Helper()
	plan, err := c.Ledger.PlanMaster(c.ctx(), c.Operator, m)
	c.must(err)
	_, err = c.Ledger.ApplyMaster(c.ctx(), c.Operator, c.Key(), m, plan.State)
	c.must(err)
}

func (c *City) ctx() context.Context { return c.t.Context() }

func (c *City) callers() {
	c.Submitter = c.Caller("k1-submitter", "K1", "", meibo.RoleSubmitter)
	c.Approver = c.Caller("k1-approver", "K1", "", meibo.RoleApprover)
	c.Sub = c.Caller("s1-submitter", "S1", "", meibo.RoleSubmitter)
	c.SubApprover = c.Caller("s1-approver", "S1", "", meibo.RoleApprover)
	c.Stranger = c.Caller("k2-all", "K2", "", meibo.RoleSubmitter, meibo.RoleApprover)
	c.Receiver = c.Caller("city-receiver", "CITY", "", meibo.RoleCityReceiver)
	c.CityApprover = c.Caller("city-approver", "CITY", "", meibo.RoleCityApprover)
	c.Auditor = c.Caller("city-auditor", "CITY", "", meibo.RoleAuditor)
	c.System = c.Caller("tax-input", "CITY", "P01", meibo.RoleSystem)
}

// Caller makes a client with roles for all contracts.
func (c *City) Caller(id meibo.ClientID, o meibo.OrganizationID, system meibo.SystemID, roles ...meibo.Role) meibo.Caller {
	c.t.Helper()
	_, caller := c.Token(id, o, system, roles...)
	return caller
}

// Token is Caller with the API key itself.
func (c *City) Token(id meibo.ClientID, o meibo.OrganizationID, system meibo.SystemID, roles ...meibo.Role) (string, meibo.Caller) {
	c.t.Helper()
	reg := ledger.Registration{Client: id, Name: string(id), Organization: o, System: system, Days: 30}
	for _, r := range roles {
		reg.Roles = append(reg.Roles, ledger.RoleIn{Role: r, Contract: meibo.AnyContract})
	}
	made, err := c.Ledger.Register(c.ctx(), c.Operator, c.Key(), reg)
	c.must(err)
	caller, err := c.Ledger.Authenticate(c.ctx(), made.Token)
	c.must(err)
	return made.Token, caller
}

// Line is a line that adds a newcomer of K1 with the usual right.
func Line(login string) meibo.Line {
	return meibo.Line{
		Row: 1, Operation: meibo.Add, ContractID: "C01", Login: meibo.Personal(login), Name: meibo.Personal("氏名" + login),
		Kana: "シメイ", Adult: meibo.AttestedYes, EmployerID: "K1", Employment: meibo.Regular,
		AssetID: "A01", Action: "view", Purpose: "U.TAX.RES.ASSESS", Starts: "2026-10-01", Ends: "2027-03-31", Task: "入力", Workplace: "本社",
	}
}

// Submit submits lines and must succeed.
func (c *City) Submit(by meibo.Caller, lines ...meibo.Line) ledger.Submitted {
	c.t.Helper()
	for i := range lines {
		lines[i].Row = i + 1
	}
	done, err := c.Ledger.Submit(c.ctx(), by, c.Key(), lines)
	c.must(err)
	return done
}

// Approve gives an organization's yes to every change of a submission that waits.
func (c *City) Approve(by meibo.Caller, s ledger.Submitted) (version int) {
	c.t.Helper()
	for _, change := range s.Changes {
		if change.State == meibo.ChangeSubmitted {
			done, err := c.Ledger.Approve(c.ctx(), by, c.Key(), change.ID)
			c.must(err)
			version = done.Version
		}
	}
	return version
}

// Notify has every notice that is due taken by the receiver.
func (c *City) Notify() (letters []ledger.Letter) {
	c.t.Helper()
	for {
		some, err := c.Ledger.TakeNotices(c.ctx(), "meibo.example", 100, meibo.WayMail)
		c.must(err)
		if len(some) == 0 {
			return letters
		}
		for _, l := range some {
			c.must(c.Ledger.SettleNotice(c.ctx(), l, meibo.Attempt{Taken: true, Code: "250"}))
		}
		letters = append(letters, some...)
	}
}

// Pledged has the person's open pledge on C01 signed on paper and verified.
func (c *City) Pledged(person meibo.PersonID) meibo.PledgeID {
	c.t.Helper()
	id := c.OpenPledge(person)
	paper := ledger.Paper{MediaType: "image/png", Bytes: demo.ScannedPaper(), SignedOn: c.Clock.Now().Day()}
	_, err := c.Ledger.RecordPledge(c.ctx(), c.Submitter, c.Key(), id, paper)
	c.must(err)
	_, err = c.Ledger.VerifyPledge(c.ctx(), c.Approver, c.Key(), id, "", "")
	c.must(err)
	return id
}

// OpenPledge is the person's pledge on C01 that waits to be signed.
func (c *City) OpenPledge(person meibo.PersonID) meibo.PledgeID {
	c.t.Helper()
	list, err := c.Ledger.Pledges(c.ctx(), c.Submitter, "C01")
	c.must(err)
	for _, p := range list {
		if p.PersonID == person && p.State == meibo.PledgeRequested {
			return p.ID
		}
	}
	c.t.Fatalf("no pledge of %s waits", person)
	return ""
}

// Employed puts a newcomer of K1 on C01 with all that makes an allow.
func (c *City) Employed(login string) meibo.PersonID {
	c.t.Helper()
	done := c.Submit(c.Submitter, Line(login))
	c.Approve(c.Approver, done)
	person := done.Rows[0].PersonID
	c.Pledged(person)
	c.Notify()
	return person
}

// Question is the usual question about a person.
func Question(person meibo.PersonID) meibo.Question {
	return meibo.Question{Person: person, Contract: "C01", Asset: "A01", Action: "view", Purpose: Purpose}
}

// Check asks the usual question.
func (c *City) Check(person meibo.PersonID) meibo.Decision {
	c.t.Helper()
	return c.Ask(Question(person))
}

// Ask asks as system P01.
func (c *City) Ask(q meibo.Question) meibo.Decision {
	c.t.Helper()
	d, err := c.Ledger.Check(c.ctx(), c.System, q)
	c.must(err)
	return d
}

// master is the city's master data.
func master() meibo.Master {
	text := "{{city}} 御中 {{contract}}({{contract_id}}) {{employer}} {{name}}"
	m := meibo.Master{
		Organizations: []meibo.Organization{
			{ID: "CITY", Kind: meibo.City, Name: "架空市", CorporateNumber: "3000020990019"},
			{ID: "K1", Kind: meibo.Contractor, Name: "株式会社架空データサービス", DirectoryBase: "o=K1,dc=example", NoticeTo: []string{"k1@data.kakuu.example"}},
			{ID: "K2", Kind: meibo.Contractor, Name: "合同会社みほんシステムズ"},
			{ID: "S1", Kind: meibo.Contractor, Name: "有限会社ひな形入力センター", DirectoryBase: "o=S1,dc=example"},
			{ID: "S2", Kind: meibo.Contractor, Name: "株式会社例示ネットワーク", DirectoryBase: "o=S2,dc=example"},
		},
		Assets: []meibo.Asset{
			{ID: "A01", Name: "住民税賦課台帳", Importance: 1, MyNumber: true, State: meibo.AssetActive},
			{ID: "A11", Name: "受領データ未分類", State: meibo.AssetActive},
		},
		Contracts: []meibo.Contract{{
			ID: "C01", Name: "令和8年度個人住民税課税資料入力業務", Department: "市民税課", PrimeID: "K1",
			Starts: "2026-04-01", Ends: "2027-03-31", State: meibo.ContractActive,
			Responsible: "髙﨑 真理子", Supervisor: "齋藤 一", CatalogAccepted: "2026-03-20",
			Assets: []meibo.AssetID{"A01", "A11"}, Purposes: []meibo.PurposeCode{"U.TAX.RES"}, NoticeTo: []string{"tax@city.kakuu.example"},
		}},
		Subcontracts: []meibo.Subcontract{{
			ID: "R01", ContractID: "C01", ParentID: "K1", OrganizationID: "S1", Consent: "架市契第12号", Depth: 1,
			Starts: "2026-04-01", Ends: "2027-03-31", FlowDownOn: "2026-04-01",
		}},
		Templates: []meibo.PledgeTemplate{
			{ID: "T-A", Version: 1, Variant: meibo.VariantGeneral, Text: text, TextHash: meibo.HashText(text), ValidFrom: "2026-04-01", Resign: meibo.ResignNone},
			{ID: "T-D", Version: 1, Variant: meibo.VariantMinor, Text: text, TextHash: meibo.HashText(text), ValidFrom: "2026-04-01", Resign: meibo.ResignNone},
		},
		Systems: []meibo.System{{
			ID: "P01", Name: "税入力", Answers: meibo.AnswersFull,
			Scopes: []meibo.Scope{{Contract: "C01", Assets: []meibo.AssetID{"A01", "A11"}, Purposes: []meibo.PurposeCode{"U", "Z"}}},
		}},
	}
	for _, code := range []meibo.PurposeCode{"U", "U.TAX", "U.TAX.RES", "U.TAX.RES.ASSESS", Purpose, "U.TAX.RES.ASSESS.VERIFY", "U.NHI", "Z", "Z.CURIOUS"} {
		m.Purposes = append(m.Purposes, meibo.Purpose{Code: code, Label: string(code)})
	}
	return m
}
