package meibo_test

import (
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// city is master data with one of each.
func city() meibo.Master {
	t := wording("T-A", 1, meibo.VariantGeneral)
	return meibo.Master{
		Organizations: []meibo.Organization{
			{ID: "G0", Kind: meibo.City, Name: "架空市", CorporateNumber: "3000020990019"},
			{ID: "K1", Kind: meibo.Contractor, Name: "株式会社架空データサービス", NoticeTo: []string{"meibo@data.kakuu.example"}},
			{ID: "S1", Kind: meibo.Contractor, Name: "有限会社ひな形入力センター"},
		},
		Assets:   []meibo.Asset{{ID: "A01", Name: "住民税賦課台帳", Importance: 1, MyNumber: true, State: meibo.AssetActive}},
		Purposes: []meibo.Purpose{{Code: "U", Label: "個人番号利用事務"}, {Code: "U.TAX", Label: "地方税"}, {Code: "Z", Label: "禁止"}},
		Contracts: []meibo.Contract{{
			ID: "C01", Name: "課税資料入力業務", PrimeID: "K1", Starts: "2026-04-01", Ends: "2027-03-31", State: meibo.ContractActive,
			Responsible: "髙﨑 真理子", Assets: []meibo.AssetID{"A01"}, Purposes: []meibo.PurposeCode{"U.TAX"}, NoticeTo: []string{"tax@city.kakuu.example"},
		}},
		Subcontracts: []meibo.Subcontract{consent("S1", "K1", 1)},
		Templates:    []meibo.PledgeTemplate{t},
		Systems:      []meibo.System{{ID: "P01", Name: "税入力", Answers: meibo.AnswersCodes, Scopes: []meibo.Scope{{Contract: "C01", Assets: []meibo.AssetID{"A01"}, Purposes: []meibo.PurposeCode{"U"}}}}},
	}
}

func masterProblems(t testing.TB, err error) []string {
	t.Helper()
	if err == nil {
		return nil
	}
	ps, ok := err.(meibo.Problems)
	if !ok {
		t.Fatalf("got %v, want problems", err)
	}
	var list []string
	for _, p := range ps {
		list = append(list, p.Field+": "+string(p.Code))
	}
	return list
}

func TestWhatIsWrongWithMasterData(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(m *meibo.Master)
		want  []string
	}{
		{"nothing", func(m *meibo.Master) {}, nil},
		{"no city", func(m *meibo.Master) { m.Organizations[0].Kind = meibo.Contractor }, []string{"organizations: CITY_REQUIRED"}},
		{"a second city", func(m *meibo.Master) { m.Organizations[2].Kind = meibo.City }, []string{"organizations: SECOND_CITY"}},
		{"an organization of no kind", func(m *meibo.Master) { m.Organizations[2].Kind = "guild" }, []string{"organizations[2].kind: UNKNOWN_VALUE"}},
		{"an organization that runs meibo", func(m *meibo.Master) { m.Organizations[2].Kind = meibo.Operators }, []string{"organizations[2].kind: UNKNOWN_VALUE"}},
		{"a corporate number with a slip", func(m *meibo.Master) { m.Organizations[1].CorporateNumber = "1999901000606" }, []string{"organizations[1].corporate_number: CORPORATE_NUMBER_INVALID"}},
		{"an address that is none", func(m *meibo.Master) { m.Organizations[1].NoticeTo = []string{"架空 <meibo@data.kakuu.example>"} }, []string{"organizations[1].notice_to: MAIL_ADDRESS_INVALID"}},
		{"an address with a line break", func(m *meibo.Master) {
			m.Contracts[0].NoticeTo = []string{"a@b.example\r\nBcc: c@d.example"}
		}, []string{"contracts[0].notice_to: MAIL_ADDRESS_INVALID"}},
		{"a way to the city that is none", func(m *meibo.Master) { m.Contracts[0].NoticeWay = "fax" }, []string{"contracts[0].notice_way: UNKNOWN_VALUE"}},
		{"a webhook to nowhere", func(m *meibo.Master) { m.Contracts[0].NoticeWay = meibo.WayWebhook }, []string{"contracts[0].notice_url: REQUIRED"}},
		{"a webhook without TLS", func(m *meibo.Master) { m.Contracts[0].NoticeURL = "http://a.example/" }, []string{"contracts[0].notice_url: URL_INVALID"}},
		{"a webhook with a password", func(m *meibo.Master) { m.Contracts[0].NoticeURL = "https://a:b@a.example/" }, []string{"contracts[0].notice_url: URL_INVALID"}},
		{"a name that is none", func(m *meibo.Master) { m.Organizations[1].Name = "\x00" }, []string{"organizations[1].name: CONTROL_CHARACTER"}},
		{"a directory base that is no text", func(m *meibo.Master) { m.Organizations[1].DirectoryBase = "o=\xff" }, []string{"organizations[1].directory_base: INVALID_UTF8"}},
		{"an id that is none", func(m *meibo.Master) { m.Assets[0].ID = "A 01" }, []string{
			"assets[0].id: INVALID_ID", "contracts[0].assets: REFERENCE_UNKNOWN", "systems[0].scopes.assets: REFERENCE_UNKNOWN",
		}},
		{"an id given twice", func(m *meibo.Master) { m.Assets = append(m.Assets, m.Assets[0]) }, []string{"assets[1].id: DUPLICATE_ID"}},
		{"a class that does not exist", func(m *meibo.Master) { m.Assets[0].Importance = 5 }, []string{"assets[0].importance: IMPORTANCE_INVALID"}},
		{"an asset of no state", func(m *meibo.Master) { m.Assets[0].State = "" }, []string{"assets[0].state: UNKNOWN_VALUE"}},
		{"a purpose of six levels", func(m *meibo.Master) { m.Purposes[2].Code = "U.A.B.C.D.E" }, []string{"purposes[2].code: PURPOSE_CODE_INVALID"}},
		{"a purpose without a parent", func(m *meibo.Master) { m.Purposes[2].Code = "X.A" }, []string{"purposes[2].code: PURPOSE_PARENT_MISSING"}},
		{"a purpose that ends before it begins", func(m *meibo.Master) { m.Purposes[1].Starts, m.Purposes[1].Ends = "2026-04-02", "2026-04-01" }, []string{"purposes[1].ends: UNTIL_BEFORE_FROM"}},
		{"a law that is no text", func(m *meibo.Master) { m.Purposes[1].Law = "\x00" }, []string{"purposes[1].law: CONTROL_CHARACTER"}},
		{"a contract without days", func(m *meibo.Master) { m.Contracts[0].Starts, m.Contracts[0].Ends = "", "" }, []string{"contracts[0].starts: REQUIRED", "contracts[0].ends: REQUIRED"}},
		{"a contract of days that do not exist", func(m *meibo.Master) { m.Contracts[0].Starts, m.Contracts[0].Ends = "2026-02-30", "R9.3.31" }, []string{"contracts[0].starts: INVALID_DATE", "contracts[0].ends: INVALID_DATE"}},
		{"a contract that ends before it begins", func(m *meibo.Master) { m.Contracts[0].Ends = "2026-03-31" }, []string{"contracts[0].ends: UNTIL_BEFORE_FROM"}},
		{"a prime that nobody registered", func(m *meibo.Master) { m.Contracts[0].PrimeID = "K9" }, []string{"contracts[0].prime: REFERENCE_UNKNOWN"}},
		{"the city as prime", func(m *meibo.Master) { m.Contracts[0].PrimeID = "G0" }, []string{"contracts[0].prime: PRIME_IS_CITY"}},
		{"purposes that cannot be a contract's", func(m *meibo.Master) {
			m.Contracts[0].Purposes, m.Contracts[0].Prohibited = []meibo.PurposeCode{"Z", "U.X"}, []meibo.PurposeCode{"U.Y"}
		}, []string{"contracts[0].purposes: PURPOSE_PROHIBITED", "contracts[0].purposes: REFERENCE_UNKNOWN", "contracts[0].prohibited: REFERENCE_UNKNOWN"}},
		{"a contract of no state", func(m *meibo.Master) { m.Contracts[0].State = "paused" }, []string{"contracts[0].state: UNKNOWN_VALUE"}},
		{"a termination without its moment", func(m *meibo.Master) { m.Contracts[0].State = meibo.ContractTerminated }, []string{"contracts[0].terminated_at: TERMINATED_AT_REQUIRED"}},
		{"a renewal of what nobody registered", func(m *meibo.Master) { m.Contracts[0].RenewalOf = "C99" }, []string{"contracts[0].renewal_of: REFERENCE_UNKNOWN"}},
		{"a renewal of itself", func(m *meibo.Master) { m.Contracts[0].RenewalOf = "C01" }, []string{"contracts[0].renewal_of: REFERENCE_UNKNOWN"}},
		{"a consent of which everything is missing", func(m *meibo.Master) { m.Subcontracts[0] = meibo.Subcontract{ID: "X"} }, []string{
			"subcontracts[0].consent: REQUIRED", "subcontracts[0].starts: REQUIRED", "subcontracts[0].ends: REQUIRED",
			"subcontracts[0].contract: REFERENCE_UNKNOWN", "subcontracts[0].parent: REFERENCE_UNKNOWN", "subcontracts[0].organization: REFERENCE_UNKNOWN",
			"subcontracts[0].organization: PARENT_IS_SELF", "subcontracts[0].depth: REQUIRED",
		}},
		{"a consent to itself", func(m *meibo.Master) { m.Subcontracts[0].ParentID = "S1" }, []string{"subcontracts[0].organization: PARENT_IS_SELF"}},
		{"a consent for what is not there", func(m *meibo.Master) {
			s := &m.Subcontracts[0]
			s.Assets, s.Purposes, s.Actions = []meibo.AssetID{"A9"}, []meibo.PurposeCode{"Q"}, []meibo.Action{"read"}
		}, []string{"subcontracts[0].assets: REFERENCE_UNKNOWN", "subcontracts[0].purposes: REFERENCE_UNKNOWN", "subcontracts[0].actions: UNKNOWN_ACTION"}},
		{"a template of which everything is missing", func(m *meibo.Master) { m.Templates[0] = meibo.PledgeTemplate{ID: "T"} }, []string{
			"pledge_templates[0].version: REQUIRED", "pledge_templates[0].text: REQUIRED", "pledge_templates[0].valid_from: REQUIRED",
			"pledge_templates[0].variant: UNKNOWN_VALUE", "pledge_templates[0].resign: UNKNOWN_VALUE",
		}},
		{"a template's text that is none", func(m *meibo.Master) { m.Templates[0].Text = "秘密を\x00守ります" }, []string{"pledge_templates[0].text: CONTROL_CHARACTER"}},
		{"a template's text in another code", func(m *meibo.Master) { m.Templates[0].Text = "\x94\xe9" }, []string{"pledge_templates[0].text: INVALID_UTF8"}},
		{"a template's text has lines and is long", func(m *meibo.Master) { m.Templates[0].Text = strings.Repeat("秘密を守ります。\n", 100) }, nil},
		{"a grace that ends before the wording is in force", func(m *meibo.Master) { m.Templates[0].GraceUntil = "2026-03-31" }, []string{"pledge_templates[0].grace_until: UNTIL_BEFORE_FROM"}},
		{"a wording for a contract that nobody registered", func(m *meibo.Master) { m.Templates[0].MandatoryFor = []meibo.ContractID{"C9"} }, []string{"pledge_templates[0].mandatory_for: REFERENCE_UNKNOWN"}},
		{"a system of no answers that asks about nothing", func(m *meibo.Master) {
			m.Systems[0].Answers = "all"
			m.Systems[0].Scopes = []meibo.Scope{{Contract: "C9", Assets: []meibo.AssetID{"A9"}, Purposes: []meibo.PurposeCode{"Q"}}}
		}, []string{"systems[0].answers: UNKNOWN_VALUE", "systems[0].scopes.contract: REFERENCE_UNKNOWN", "systems[0].scopes.assets: REFERENCE_UNKNOWN", "systems[0].scopes.purposes: REFERENCE_UNKNOWN"}},
		{"an obligation that nobody knows", func(m *meibo.Master) { m.Systems[0].Obligations = []string{"log_full", "\x00"} }, []string{"systems[0].obligations: UNKNOWN_VALUE"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := city()
			c.spoil(&m)
			same(t, masterProblems(t, m.Check(meibo.Master{}, nil, nil)), c.want)
		})
	}
}

func TestMasterDataIsJudgedWithWhatIsRegistered(t *testing.T) {
	more := meibo.Master{Contracts: []meibo.Contract{city().Contracts[0]}}
	more.Contracts[0].ID = "C02"
	more.Contracts[0].RenewalOf = "C01"
	same(t, masterProblems(t, more.Check(city(), nil, nil)), nil)
	if err := more.Check(meibo.Master{}, nil, nil); err == nil {
		t.Error("references to nothing were taken")
	}
}

func TestWhatIsFixedOnceItIsRegistered(t *testing.T) {
	for _, c := range []struct {
		name  string
		alter func(m *meibo.Master)
		set   func(m *meibo.Master)
		want  []string
	}{
		{"the city", func(m *meibo.Master) { m.Organizations[0].Kind, m.Organizations[1].Kind = meibo.Contractor, meibo.City }, nil,
			[]string{"organizations[0].kind: CITY_IS_FIXED", "organizations[1].kind: CITY_IS_FIXED", "contracts[0].prime: PRIME_IS_CITY"}},
		{"the prime of a contract with a roster", func(m *meibo.Master) { m.Contracts[0].PrimeID = "S1" }, nil, []string{"contracts[0].prime: PRIME_IS_FIXED"}},
		{"the end of a contract that was terminated", func(m *meibo.Master) {}, func(m *meibo.Master) {
			m.Contracts[0].State, m.Contracts[0].TerminatedAt = meibo.ContractTerminated, asOf
		}, []string{"contracts[0].state: STATE_IS_FINAL"}},
		{"the text of a template", func(m *meibo.Master) { m.Templates[0].Text = "別の本文" }, nil, []string{"pledge_templates[0].text: TEMPLATE_IS_FIXED"}},
		{"the variant of a template", func(m *meibo.Master) { m.Templates[0].Variant = meibo.VariantMinor }, nil, []string{"pledge_templates[0].text: TEMPLATE_IS_FIXED"}},
		{"the contracts for which a template speaks", func(m *meibo.Master) { m.Templates[0].Renewals = true }, nil, []string{"pledge_templates[0].text: TEMPLATE_IS_FIXED"}},
		{"but not the grace of a template", func(m *meibo.Master) { m.Templates[0].GraceUntil = "2027-01-31" }, nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			now, m := city(), city()
			if c.set != nil {
				c.set(&now)
			}
			c.alter(&m)
			same(t, masterProblems(t, m.Check(now, map[meibo.ContractID]bool{"C01": true}, nil)), c.want)
		})
	}
	m := city()
	m.Contracts[0].PrimeID = "S1"
	m.Subcontracts = nil
	same(t, masterProblems(t, m.Check(city(), nil, nil)), nil) // without a roster the prime can change
}

func TestTheDifferenceOfMasterData(t *testing.T) {
	now, m := city(), city()
	same(t, len(m.Difference(now))+len(m.Altered(now)), 0)
	m.Contracts[0].Ends, m.Contracts[0].AckRequired, m.Contracts[0].Responsible = "2027-09-30", true, "𠮷田 悠斗"
	m.Contracts[0].Purposes = []meibo.PurposeCode{"U"}
	m.Templates = append(m.Templates, wording("T-A", 2, meibo.VariantGeneral))
	d := m.Difference(now)
	same(t, d[0], meibo.MasterChange{Section: "contracts", ID: "C01", Fields: []meibo.FieldChange{
		{Field: "Ends", Before: "2027-03-31", After: "2027-09-30"},
		{Field: "AckRequired", Before: "false", After: "true"},
		{Field: "Responsible", Before: "(登録あり)", After: "(登録あり)"},
		{Field: "Purposes", Before: `"U.TAX"`, After: `"U"`},
	}})
	same(t, [3]any{d[1].Section, d[1].ID, d[1].New}, [3]any{"pledge_templates", "T-A v2", true})
	for _, f := range d[1].Fields {
		if n := len([]rune(f.After)); n > 65 {
			t.Errorf("%s is shown with %d letters", f.Field, n)
		}
	}
	rows := m.Altered(now)
	same(t, rows, []any{m.Contracts[0], m.Templates[1]})
	same(t, len(m.Difference(meibo.Master{})), 12)
}

func TestAReorderedListIsADifference(t *testing.T) {
	now, m := city(), city()
	now.Contracts[0].NoticeTo = []string{"a@b.example", "c@d.example"}
	m.Contracts[0].NoticeTo = []string{"c@d.example", "a@b.example"}
	same(t, len(m.Altered(now)), 1)
}

func TestAnEmptyListIsNoListToo(t *testing.T) {
	now, m := city(), city()
	now.Contracts[0].Prohibited, m.Contracts[0].Prohibited = nil, []meibo.PurposeCode{}
	now.Systems[0].Scopes[0].Purposes, m.Systems[0].Scopes[0].Purposes = nil, []meibo.PurposeCode{}
	same(t, len(m.Altered(now))+len(m.Difference(now)), 0)
}

func TestOnlyConsentsAreOnlyConsents(t *testing.T) {
	if !(meibo.Master{Subcontracts: city().Subcontracts}).OnlyConsents() || city().OnlyConsents() {
		t.Error("consents are taken for more, or more for consents")
	}
}
