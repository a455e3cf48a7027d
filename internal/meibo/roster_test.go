package meibo_test

import (
	"testing"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestTheRosterListsThePrimesPeopleFirst(t *testing.T) {
	d := newDesk(t)
	hidden := newcomer("taka", "高木 誠")
	hidden.EmployerID = "S9"
	d.enlist(hidden, add("E046", "A01"), add("E002", "A01"), add("E001", "A01"))
	var got []string
	for _, m := range d.Members(d.now) {
		got = append(got, string(m.Name)+" "+string(m.Employer))
	}
	same(t, got, []string{"𠮷田 悠斗 K1", "髙﨑 真理子 K1", "佐藤 健 S1", "高木 誠 S9"})
	for i, m := range d.Members(d.now) {
		same(t, m.Number, i+1)
	}
}

func TestAMemberIsDescribedInFull(t *testing.T) {
	d := newDesk(t)
	l := newcomer("maria", "MARIA APARECIDA")
	l.Kana, l.Latin, l.Alias, l.FormerName, l.Employment = "マリア", "MARIA", "大泉 マリア", "旧", meibo.FixedTerm
	d.enlist(l)
	m := d.Members(d.now)[0]
	same(t, m, meibo.Member{
		Number: 1, PersonID: m.PersonID, Name: "MARIA APARECIDA", Kana: "マリア", Latin: "MARIA", Alias: "大泉 マリア", FormerName: "旧",
		Employer: "K1", EmployerName: "株式会社架空データサービス", Employment: meibo.FixedTerm, Task: "入力", Workplace: "W1",
		Starts: "2026-10-15", Ends: "2027-03-31", Pledge: meibo.PledgeRequested,
		Rights: []meibo.MemberRight{{Asset: "A01", Action: "view", Purpose: "U.TAX.RES.ASSESS.INPUT", From: "2026-10-15", Until: "2027-03-31"}},
	})
}

func TestVersionsFormAChain(t *testing.T) {
	d := working(t)
	d.enlist(add("E002", "A01"), add("E046", "A01"))
	d.submit(primeSubmitter, about(meibo.Remove, "E002", meibo.ReasonTransfer))
	rosters := d.Rosters.All()
	same(t, len(rosters), 3)
	for i, r := range rosters {
		previous := ""
		if i > 0 {
			previous = rosters[i-1].Hash
		}
		same(t, [2]any{r.Version, r.PreviousHash}, [2]any{i + 1, previous})
	}
	same(t, [4]int{rosters[1].Members, rosters[1].Added, rosters[1].Changed, rosters[1].Removed}, [4]int{3, 2, 0, 0})
	same(t, [4]int{rosters[2].Members, rosters[2].Added, rosters[2].Changed, rosters[2].Removed}, [4]int{2, 0, 0, 1})
}

func TestTheDifferenceOfTwoVersions(t *testing.T) {
	member := func(p meibo.PersonID, number int, task string) meibo.Member {
		return meibo.Member{PersonID: p, Number: number, Task: task}
	}
	old := []meibo.Member{member("E001", 1, "入力"), member("E002", 2, "入力"), member("E003", 3, "入力")}
	new := []meibo.Member{member("E002", 1, "入力"), member("E003", 2, "検査"), member("E004", 3, "入力")}
	same(t, meibo.Compare(old, new), meibo.Difference{
		Added: []meibo.PersonID{"E004"}, Removed: []meibo.PersonID{"E001"}, Changed: []meibo.PersonID{"E003"},
	})
	same(t, meibo.Compare(old, old), meibo.Difference{})
}

func TestAVersionIsNotCutWhenNothingIsDifferent(t *testing.T) {
	d := newDesk(t)
	d.enlist(during(add("E001", "A01"), "2026-10-15", "2026-10-31"), add("E002", "A01"))
	d.later("2026-11-01T00:00:00+09:00")
	d.enlist(add("E003", "A01")) // shows that E001 is over
	same(t, len(d.Rosters.All()), 2)
	s := d.submit(primeSubmitter, about(meibo.Remove, "E001", meibo.ReasonTransfer))
	same(t, [2]int{len(d.Rosters.All()), s.Changes[0].Version}, [2]int{2, 0})
}

func TestWhoseTimeIsOverLeavesTheRosterAtMidnight(t *testing.T) {
	d := newDesk(t)
	d.enlist(during(add("E001", "A01"), "2026-10-15", "2026-10-31"))
	d.later("2026-10-31T23:59:59.999999+09:00")
	same(t, len(d.listed()), 1)
	d.later("2026-11-01T00:00:00+09:00")
	same(t, len(d.listed()), 0)
	d.enlist(add("E002", "A01"))
	r, _ := d.Rosters.Get(2)
	same(t, [3]int{r.Members, r.Added, r.Removed}, [3]int{1, 1, 1})
}

func TestADocumentOfARosterSurvivesItsText(t *testing.T) {
	d := newDesk(t)
	l := newcomer("kuzu", "葛\U000E0101西 亮")
	c := d.submit(primeSubmitter, l, add("E046", "A01")).Changes[0]
	if _, err := d.Approve(d.scene(primeApprover), c.ID); err != nil {
		t.Fatal(err)
	}
	text, err := meibo.Canonical(*d.Cut)
	if err != nil {
		t.Fatal(err)
	}
	var back meibo.RosterDocument
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	same(t, back, *d.Cut)
	same(t, meibo.Compare(back.Members, d.Cut.Members), meibo.Difference{})
	again, _ := meibo.Canonical(back)
	same(t, string(again), string(text))
	same(t, [4]any{back.Format, back.Version, back.CutAt, back.Contract.Prime}, [4]any{meibo.RosterFormat, 1, asOf, meibo.OrganizationID("K1")})
}
