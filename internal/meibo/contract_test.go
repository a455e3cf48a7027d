package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestWhenAContractIsOver(t *testing.T) {
	terminated := at("2026-09-15T17:00:00+09:00")
	year := meibo.Contract{Starts: "2026-04-01", Ends: "2027-03-31", State: meibo.ContractActive}
	cut := year
	cut.State, cut.TerminatedAt = meibo.ContractTerminated, terminated
	late := year
	late.State, late.TerminatedAt = meibo.ContractTerminated, at("2027-05-01T00:00:00+09:00")
	undated := year
	undated.State = meibo.ContractTerminated
	back := year
	back.TerminatedAt = terminated
	for _, c := range []struct {
		name     string
		contract meibo.Contract
		at       string
		over     bool
	}{
		{"in the last microsecond of its last day it is not", year, "2027-03-31T23:59:59.999999+09:00", false},
		{"at the midnight after its last day it is", year, "2027-04-01T00:00:00+09:00", true},
		{"a microsecond before its termination it is not", cut, "2026-09-15T16:59:59.999999+09:00", false},
		{"at its termination it is", cut, "2026-09-15T17:00:00+09:00", true},
		{"a termination after the last day does not make it longer", late, "2027-04-01T00:00:00+09:00", true},
		{"a termination without a moment ends it for ever", undated, "2026-04-01T00:00:00+09:00", true},
		{"a moment without a termination does not end it", back, "2026-10-15T10:00:00+09:00", false},
		{"a suspended one is not over", meibo.Contract{Ends: "2027-03-31", State: meibo.ContractSuspended}, "2026-10-15T10:00:00+09:00", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.contract.Over(at(c.at)); got != c.over {
				t.Errorf("over = %t, want %t", got, c.over)
			}
		})
	}
}

func TestAContractIsCompleteWithTheNamesAndTheAcceptance(t *testing.T) {
	full := meibo.Contract{Responsible: "髙﨑 真理子", Supervisor: "大久保 真", CatalogAccepted: "2026-03-20"}
	if !full.Complete() {
		t.Error("a complete one is not")
	}
	for name, spoil := range map[string]func(*meibo.Contract){
		"a responsible person":         func(c *meibo.Contract) { c.Responsible = "" },
		"a supervisor":                 func(c *meibo.Contract) { c.Supervisor = "" },
		"the acceptance of the city's": func(c *meibo.Contract) { c.CatalogAccepted = "" },
	} {
		c := full
		if spoil(&c); c.Complete() {
			t.Errorf("it is complete without %s", name)
		}
	}
}

func TestWhoHasAPartInAContract(t *testing.T) {
	d := newDesk(t)
	hidden := newcomer("taka", "高木 誠")
	hidden.EmployerID = "S9"
	if d.Takes("S9") {
		t.Error("a company that nobody named has a part")
	}
	d.enlist(hidden)
	for _, o := range []meibo.OrganizationID{"G0", "K1", "S1", "S9"} {
		if !d.Takes(o) {
			t.Errorf("%s has no part", o)
		}
	}
	if d.Takes("K2") || d.Takes("") {
		t.Error("strangers have a part")
	}
}

func TestPurposesFormATree(t *testing.T) {
	for _, c := range []struct {
		name        string
		code, under meibo.PurposeCode
		want        bool
	}{
		{"a node is under itself", "U.TAX", "U.TAX", true},
		{"a child is under its parent", "U.TAX.RES", "U.TAX", true},
		{"a parent is not under its child", "U.TAX", "U.TAX.RES", false},
		{"a longer word is no child", "U.TAXI", "U.TAX", false},
		{"nothing is under a stranger", "U.TAX", "K", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.code.Under(c.under); got != c.want || c.code.UnderAny([]meibo.PurposeCode{"Q", c.under}) != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
	same(t, meibo.PurposeCode("U.TAX.RES").Ancestors(), []meibo.PurposeCode{"U.TAX.RES", "U.TAX", "U"})
	same(t, [2]meibo.PurposeCode{meibo.PurposeCode("U").Parent(), meibo.PurposeCode("U.TAX").Parent()}, [2]meibo.PurposeCode{"", "U"})
}

func TestValidPurposeCode(t *testing.T) {
	for code, want := range map[meibo.PurposeCode]bool{
		"U": true, "U.TAX.RES.ASSESS.INPUT": true, "O.MAINT_2": true, "": false, "U.": false, ".U": false, "U..TAX": false,
		"u.tax": false, "U.TAX.RES.ASSESS.INPUT.MORE": false, "U TAX": false, "U.税": false,
	} {
		if meibo.ValidPurposeCode(code) != want {
			t.Errorf("%q is valid: %t", code, !want)
		}
	}
}

func TestActionsAreAClosedList(t *testing.T) {
	if !meibo.Action("view").Known() || meibo.Action("read").Known() || meibo.Action("").Known() || len(meibo.Actions) != 16 {
		t.Error("the list is another")
	}
}

func TestAKeyServesUntilItExpiresOrIsRevoked(t *testing.T) {
	const now = meibo.Instant(100)
	for _, c := range []struct {
		name string
		key  meibo.Key
		want bool
	}{
		{"before it expires", meibo.Key{ExpiresAt: 101}, true},
		{"not when it expires", meibo.Key{ExpiresAt: 100}, false},
		{"not when it is revoked", meibo.Key{ExpiresAt: 200, RevokedAt: 100}, false},
		{"until a revocation that is to come", meibo.Key{ExpiresAt: 200, RevokedAt: 101}, true},
		{"not without an end", meibo.Key{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.key.Live(now); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

func TestScopesAreStoredAsJSON(t *testing.T) {
	scopes := meibo.Scopes{{Contract: "C01", Assets: []meibo.AssetID{"A01"}, Purposes: []meibo.PurposeCode{"U"}}}
	v, err := scopes.Value()
	if err != nil || v != `[{"contract":"C01","assets":["A01"],"purposes":["U"]}]` {
		t.Errorf("stored as %v, %v", v, err)
	}
	var back meibo.Scopes
	if err := back.Scan(v); err != nil {
		t.Fatal(err)
	}
	same(t, back, scopes)
	if v, _ := (meibo.Scopes{}).Value(); v != "[]" {
		t.Errorf("no scopes are stored as %v", v)
	}
}

func TestAShelfRemembersWhatWasPut(t *testing.T) {
	s := meibo.ShelfOf[meibo.AssetID]([]meibo.Asset{{ID: "A01"}, {ID: "A02"}})
	same(t, len(s.Written()), 0)
	s.Put(meibo.Asset{ID: "A02", Name: "二"})
	s.Put(meibo.Asset{ID: "A03", Name: "三"})
	s.Put(meibo.Asset{ID: "A02", Name: "弐"})
	same(t, s.All(), []meibo.Asset{{ID: "A01"}, {ID: "A02", Name: "弐"}, {ID: "A03", Name: "三"}})
	same(t, s.Written(), []meibo.Asset{{ID: "A02", Name: "弐"}, {ID: "A03", Name: "三"}})
	if _, found := s.Get("A04"); found {
		t.Error("what was never put is there")
	}
	var empty meibo.Shelf[meibo.AssetID, meibo.Asset]
	empty.Put(meibo.Asset{ID: "A01"})
	same(t, len(empty.All()), 1)
}
