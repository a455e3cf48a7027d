package meibo_test

import (
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestWhatIsWrongWithALineByItself(t *testing.T) {
	removal := func(f func(*meibo.Line)) meibo.Line {
		l := about(meibo.Remove, "E001", meibo.ReasonTransfer)
		f(&l)
		return l
	}
	addition := func(f func(*meibo.Line)) meibo.Line {
		l := add("E001", "A01")
		f(&l)
		return l
	}
	stranger := func(f func(*meibo.Line)) meibo.Line {
		l := newcomer("saki", "髙﨑 咲")
		f(&l)
		return l
	}
	for _, c := range []struct {
		name string
		line meibo.Line
		want []string
	}{
		{"an addition with all it needs is fine", addition(func(l *meibo.Line) {}), nil},
		{"a newcomer with all he needs is fine", stranger(func(l *meibo.Line) {}), nil},
		{"a removal needs a person and a reason only", removal(func(l *meibo.Line) {}), nil},
		{"a person can be named by login", removal(func(l *meibo.Line) { l.PersonID, l.Login = "", "saki" }), nil},
		{"a removal may have a last day", removal(func(l *meibo.Line) { l.Ends = "2026-12-31" }), nil},
		{"a removal may name a right", on("A01", removal(func(l *meibo.Line) {})), nil},
		{"a suspension may have a first day", about(meibo.Suspend, "E001", meibo.ReasonLeave), nil},
		{"a name of Latin letters needs no kana", stranger(func(l *meibo.Line) { l.Kana, l.Latin = "", "SUHARYANTI" }), nil},

		{"nothing needs almost everything", meibo.Line{}, []string{"1 operation: REQUIRED", "1 contract: REQUIRED"}},
		{"an operation that does not exist", removal(func(l *meibo.Line) { l.Operation = "fire" }), []string{"1 operation: UNKNOWN_OPERATION"}},
		{"an addition without a right", addition(func(l *meibo.Line) {
			l.AssetID, l.Action, l.Purpose, l.Starts, l.Ends = "", "", "", "", ""
		}), []string{"1 asset: REQUIRED", "1 action: REQUIRED", "1 purpose: REQUIRED", "1 from: REQUIRED", "1 until: REQUIRED"}},
		{"a line about nobody", removal(func(l *meibo.Line) { l.PersonID = "" }), []string{"1 person: REQUIRED"}},
		{"a removal without a reason", removal(func(l *meibo.Line) { l.Reason = "" }), []string{"1 reason: REQUIRED"}},
		{"a removal with what was returned", removal(func(l *meibo.Line) { l.Returned, l.Successor = meibo.AttestedNo, "E002" }), nil},
		{"a removal that says it in other words", removal(func(l *meibo.Line) { l.Returned, l.Successor = "maybe", "E 2" }), []string{"1 successor: INVALID_ID", "1 returned: UNKNOWN_VALUE"}},
		{"only who leaves returns things", func() meibo.Line {
			l := about(meibo.Suspend, "E001", meibo.ReasonLeave)
			l.Returned, l.Successor = meibo.AttestedYes, "E002"
			return l
		}(), []string{"1 returned: NOT_USED_HERE", "1 successor: NOT_USED_HERE"}},
		{"a right named in part", removal(func(l *meibo.Line) { l.AssetID = "A01" }), []string{"1 asset: RIGHT_NAMED_IN_PART"}},
		{"a change of a period names the right", meibo.Line{
			Operation: meibo.Amend, ContractID: "C01", PersonID: "E001", Ends: "2026-12-31", Reason: meibo.ReasonContractChange,
		}, []string{"1 asset: RIGHT_NAMED_IN_PART"}},
		{"a suspension names no right", on("A01", about(meibo.Suspend, "E001", meibo.ReasonLeave)), []string{"1 asset: NOT_USED_HERE"}},
		{"a suspension has no last day", during(about(meibo.Suspend, "E001", meibo.ReasonLeave), "2026-11-01", "2026-12-31"), []string{"1 until: NOT_USED_HERE"}},
		{"a resumption holds from its approval on", during(about(meibo.Resume, "E001", meibo.ReasonLeave), "2026-11-01", "2026-12-31"), []string{"1 from: NOT_USED_HERE", "1 until: NOT_USED_HERE"}},
		{"a removal has no first day", removal(func(l *meibo.Line) { l.Starts = "2026-11-01" }), []string{"1 from: NOT_USED_HERE"}},
		{"a last day before the first", addition(func(l *meibo.Line) { l.Ends = "2026-10-14" }), []string{"1 until: UNTIL_BEFORE_FROM"}},

		{"ids that are none, in the order of the form", addition(func(l *meibo.Line) {
			l.ContractID, l.PersonID, l.AssetID, l.EmployerID = "契約", "人 一", "資産", meibo.OrganizationID(strings.Repeat("K", 129))
		}), []string{"1 contract: INVALID_ID", "1 person: INVALID_ID", "1 employer: INVALID_ID", "1 asset: INVALID_ID"}},
		{"days that do not exist", addition(func(l *meibo.Line) { l.Starts, l.Ends = "2026-02-29", "R8.10.15" }), []string{
			"1 from: INVALID_DATE", "1 until: INVALID_DATE",
		}},
		{"words of no vocabulary", addition(func(l *meibo.Line) {
			l.Action, l.Purpose, l.Employment, l.Reason, l.Adult, l.Pledge = "read", "u.tax", "volunteer", "whim", "maybe", "later"
		}), []string{
			"1 action: UNKNOWN_ACTION", "1 purpose: UNKNOWN_PURPOSE", "1 employment: UNKNOWN_VALUE",
			"1 reason: UNKNOWN_VALUE", "1 adult: UNKNOWN_VALUE", "1 pledge: UNKNOWN_VALUE",
		}},
		{"texts that are none, each in its field", stranger(func(l *meibo.Line) {
			l.Name, l.Kana, l.Task, l.Workplace = "髙\x00﨑", "\xff", "\ue000", meibo.Line{Task: strings.Repeat("あ", 201)}.Task
		}), []string{
			"1 name: CONTROL_CHARACTER", "1 kana: INVALID_UTF8", "1 task: PRIVATE_USE_CHARACTER", "1 workplace: TOO_LONG",
		}},
		{"an Individual Number in any text", stranger(func(l *meibo.Line) {
			l.Login, l.Latin, l.Alias, l.FormerName = "123456789018", "1234-5678-9018", "123456789018", "123456789018"
		}), []string{
			"1 login: MY_NUMBER_REFUSED", "1 latin: MY_NUMBER_REFUSED", "1 alias: MY_NUMBER_REFUSED", "1 former_name: MY_NUMBER_REFUSED",
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.line.Row = 1
			for range 20 { // the order is the same every time
				same(t, codes(c.line.Check()), c.want)
			}
		})
	}
}

func FuzzLineCheck(f *testing.F) {
	for _, s := range []string{"", "add", "E001", "2026-10-15", "髙﨑", "\xff", "123456789018", "U.TAX.RES.ASSESS.INPUT", strings.Repeat("x", 1000)} {
		f.Add(s, s, s, s, s)
	}
	f.Add("remove", "E001", "", "departure", "")
	f.Fuzz(func(t *testing.T, operation, id, text, word, day string) {
		l := meibo.Line{
			Row: 7, Operation: meibo.Operation(operation), ContractID: meibo.ContractID(id), PersonID: meibo.PersonID(id),
			Login: meibo.Personal(text), Name: meibo.Personal(text), Kana: meibo.Personal(text), Task: text,
			EmployerID: meibo.OrganizationID(id), Employment: meibo.Employment(word), AssetID: meibo.AssetID(id),
			Action: meibo.Action(word), Purpose: meibo.PurposeCode(id), Starts: meibo.Date(day), Ends: meibo.Date(day),
			Reason: meibo.Reason(word), Adult: meibo.Attested(word), Pledge: meibo.PledgeClaim(word),
		}
		ps := l.Check()
		for _, p := range ps {
			if p.Row != 7 || p.Field == "" || p.Sentence() == "" {
				t.Fatalf("problem %+v says nothing to people", p)
			}
		}
		if ps.Err() != nil {
			return
		}
		for _, v := range []string{id, string(l.Operation)} {
			if !meibo.ValidID(v) {
				t.Fatalf("%q passed", v)
			}
		}
		if l.Starts != "" && !l.Starts.Valid() {
			t.Fatalf("the day %q passed", day)
		}
		if meibo.TextProblem(text) != "" {
			t.Fatalf("the text %q passed", text)
		}
	})
}
