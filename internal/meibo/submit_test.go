package meibo_test

import (
	"fmt"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestAnAdditionWaitsForApproval(t *testing.T) {
	d := newDesk(t)
	s := d.submit(primeSubmitter, add("E001", "A01"), add("E002", "A01"))
	same(t, len(s.Changes), 1)
	same(t, s.Changes[0].State, meibo.ChangeSubmitted)
	same(t, s.Rows, []meibo.RowEffect{
		{Row: 1, Operation: meibo.Add, PersonID: "E001", Waits: true}, {Row: 2, Operation: meibo.Add, PersonID: "E002", Waits: true},
	})
	same(t, [2]int{len(s.Before), len(s.After)}, [2]int{0, 2})
	if len(d.listed()) > 0 || len(d.told()) > 0 {
		t.Errorf("before approval %v is listed and %v told", d.listed(), d.told())
	}
	c := d.approve(primeApprover, s.Changes[0].ID)
	same(t, [2]any{c.State, c.Version}, [2]any{meibo.ChangeAccepted, 1})
	same(t, d.listed(), []string{"E001 A01 view 2026-10-15..2027-03-31", "E002 A01 view 2026-10-15..2027-03-31"})
	same(t, d.told(), []string{"G0 #1 roster v1"})
}

func TestARemovalHoldsWhenTheCallReturns(t *testing.T) {
	d := newDesk(t)
	d.enlist(add("E001", "A01"), add("E002", "A01"))
	d.notify()
	same(t, d.open(), []string{"E001 A01 view 2026-10-15..2027-03-31", "E002 A01 view 2026-10-15..2027-03-31"})
	s := d.submit(primeSubmitter, about(meibo.Remove, "E001", meibo.ReasonTransfer))
	same(t, [2]any{s.Changes[0].State, s.Changes[0].Version}, [2]any{meibo.ChangeAccepted, 2})
	same(t, d.open(), []string{"E002 A01 view 2026-10-15..2027-03-31"})
	same(t, d.listed(), []string{"E002 A01 view 2026-10-15..2027-03-31"})
	same(t, d.told(), []string{"G0 #1 roster v1", "G0 #2 roster v2"})
}

func TestOneSubmissionHoldsWhatItTakesAndKeepsWhatItGives(t *testing.T) {
	d := newDesk(t)
	d.enlist(add("E001", "A01"))
	d.notify()
	s := d.submit(primeSubmitter, about(meibo.Remove, "E001", meibo.ReasonReassignment), add("E002", "A01"), add("E003", "A01"))
	same(t, []meibo.ChangeState{s.Changes[0].State, s.Changes[1].State}, []meibo.ChangeState{meibo.ChangeAccepted, meibo.ChangeSubmitted})
	same(t, len(d.Rosters.All()), 2)
	if len(d.open()) > 0 {
		t.Errorf("%v is open", d.open())
	}
	d.approve(primeApprover, s.Changes[1].ID)
	same(t, d.listed(), []string{"E002 A01 view 2026-10-15..2027-03-31", "E003 A01 view 2026-10-15..2027-03-31"})
	same(t, len(d.Rosters.All()), 3)
}

func TestEveryProblemOfEveryLineIsSaidAtOnce(t *testing.T) {
	d := newDesk(t)
	broad := add("E003", "A03")
	broad.Purpose = "U.NHI"
	same(t, d.refused(primeSubmitter, meibo.Line{}, add("E999", "A01"), broad, about(meibo.Remove, "E001", meibo.ReasonTransfer)), []string{
		"1 operation: REQUIRED", "1 contract: REQUIRED", "2 person: PERSON_UNKNOWN",
		"3 asset: ASSET_NOT_IN_CONTRACT", "3 purpose: PURPOSE_NOT_OF_CONTRACT", "4 person: NOT_ON_ROSTER",
	})
}

func TestWhatALineCannotAskForUnderTheContract(t *testing.T) {
	with := func(l meibo.Line, f func(*meibo.Line)) meibo.Line { f(&l); return l }
	ended := func(d *desk) { d.later("2027-04-01T00:00:00+09:00") }
	listed := func(d *desk) { d.enlist(add("E001", "A01"), add("E046", "A01")) }
	for _, c := range []struct {
		name string
		set  func(*desk)
		by   meibo.Caller
		line meibo.Line
		want []string
	}{
		{"an addition after the contract's last day", ended, primeSubmitter, add("E001", "A01"),
			[]string{"1 contract: CONTRACT_OVER", "1 until: PERIOD_OVER"}},
		{"an addition to a contract that was terminated", func(d *desk) {
			d.Contract.State, d.Contract.TerminatedAt = meibo.ContractTerminated, d.now
		}, primeSubmitter, add("E001", "A01"), []string{"1 contract: CONTRACT_OVER"}},
		{"an asset outside the contract", nil, primeSubmitter, add("E001", "A03"), []string{"1 asset: ASSET_NOT_IN_CONTRACT"}},
		{"an asset that nobody registered", nil, primeSubmitter, add("E001", "A99"), []string{"1 asset: ASSET_NOT_IN_CONTRACT"}},
		{"a purpose that nobody registered", nil, primeSubmitter, with(add("E001", "A01"), func(l *meibo.Line) { l.Purpose = "U.XYZ" }),
			[]string{"1 purpose: UNKNOWN_PURPOSE"}},
		{"a purpose outside the contract", nil, primeSubmitter, with(add("E001", "A01"), func(l *meibo.Line) { l.Purpose = "U.NHI" }),
			[]string{"1 purpose: PURPOSE_NOT_OF_CONTRACT"}},
		{"a purpose above the contract's", nil, primeSubmitter, with(add("E001", "A01"), func(l *meibo.Line) { l.Purpose = "U.TAX" }),
			[]string{"1 purpose: PURPOSE_NOT_OF_CONTRACT"}},
		{"a purpose that the contract prohibits", nil, primeSubmitter, with(add("E001", "A01"), func(l *meibo.Line) { l.Purpose = "U.TAX.RES.ASSESS.CALC" }),
			[]string{"1 purpose: PURPOSE_IS_PROHIBITED"}},
		{"a purpose that is always prohibited", nil, primeSubmitter, with(add("E001", "A01"), func(l *meibo.Line) { l.Purpose = "Z.CURIOUS" }),
			[]string{"1 purpose: PURPOSE_IS_PROHIBITED"}},
		{"a first day before the contract's", nil, primeSubmitter, during(add("E001", "A01"), "2026-03-31", "2027-03-31"),
			[]string{"1 from: OUTSIDE_CONTRACT"}},
		{"a last day after the contract's", nil, primeSubmitter, during(add("E001", "A01"), "2026-10-15", "2027-04-01"),
			[]string{"1 until: OUTSIDE_CONTRACT"}},
		{"a period that is over", nil, primeSubmitter, during(add("E001", "A01"), "2026-09-01", "2026-10-14"),
			[]string{"1 until: PERIOD_OVER"}},
		{"an employer that nobody registered", nil, primeSubmitter, with(add("E001", "A01"), func(l *meibo.Line) { l.EmployerID = "K99" }),
			[]string{"1 employer: EMPLOYER_UNKNOWN"}},
		{"a subcontractor speaks of the prime's people", nil, subSubmitter, add("E001", "A01"),
			[]string{"1 person: PERSON_UNKNOWN"}},
		{"a subcontractor brings somebody to the prime", nil, subSubmitter, newcomer("saki", "髙﨑 咲"),
			[]string{"1 employer: EMPLOYER_NOT_YOURS"}},
		{"a subcontractor ends the work of the prime's people", listed, subSubmitter, about(meibo.Remove, "E001", meibo.ReasonTransfer),
			[]string{"1 person: PERSON_UNKNOWN"}},
		{"a subcontractor names a member of the prime by login", listed, subSubmitter, with(about(meibo.Suspend, "", meibo.ReasonLeave), func(l *meibo.Line) { l.Login = "E001" }),
			[]string{"1 person: PERSON_UNKNOWN"}},
		{"a removal of somebody who is on no roster", nil, primeSubmitter, about(meibo.Remove, "E001", meibo.ReasonTransfer),
			[]string{"1 person: NOT_ON_ROSTER"}},
		{"a removal by a login that names nobody yet", nil, primeSubmitter, with(about(meibo.Remove, "", meibo.ReasonTransfer), func(l *meibo.Line) { l.Login = "ghost" }),
			[]string{"1 login: PERSON_UNKNOWN"}},
		{"an addition of a member under another employer", listed, primeSubmitter, with(add("E001", "A02"), func(l *meibo.Line) { l.EmployerID = "S1" }),
			[]string{"1 employer: EMPLOYER_DIFFERS"}},
		{"a member without employer and employment", nil, primeSubmitter, with(add("E001", "A01"), func(l *meibo.Line) { l.EmployerID, l.Employment = "", "" }),
			[]string{"1 employer: REQUIRED", "1 employment: REQUIRED"}},
		{"a right that is there already", listed, primeSubmitter, add("E001", "A01"), []string{"1 asset: RIGHT_EXISTS"}},
		{"a right that overlaps one that is there", listed, primeSubmitter, during(add("E001", "A01"), "2026-12-01", "2026-12-31"),
			[]string{"1 from: RIGHT_OVERLAPS"}},
		{"another name for a known login", nil, primeSubmitter, newcomer("E001", "高崎 真理子"), []string{"1 name: NAME_DIFFERS"}},
		{"another name for a known person", nil, primeSubmitter, with(add("E001", "A01"), func(l *meibo.Line) { l.Name = "高崎 真理子" }),
			[]string{"1 name: NAME_DIFFERS"}},
		{"an addition of somebody who left", func(d *desk) {
			p, _ := d.People.Get("E001")
			p.DepartedAt = d.now
			d.People.Put(p)
		}, primeSubmitter, add("E001", "A01"), []string{"1 person: PERSON_DEPARTED"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			if c.set != nil {
				c.set(d)
			}
			same(t, d.refused(c.by, c.line), c.want)
		})
	}
}

func TestWhatALineIsWarnedOf(t *testing.T) {
	with := func(l meibo.Line, f func(*meibo.Line)) meibo.Line { f(&l); return l }
	for _, c := range []struct {
		name  string
		lines []meibo.Line
		want  []string
	}{
		{"nothing to be warned of", []meibo.Line{add("E001", "A01")}, nil},
		{"a first day in the past never legitimises it", []meibo.Line{during(add("E001", "A01"), "2026-10-14", "2027-03-31")}, []string{"1 from: BACKDATED"}},
		{"an asset without a class", []meibo.Line{add("E001", "A11")}, []string{"1 asset: ASSET_NOT_CLASSIFIED"}},
		{"a purpose with others below it", []meibo.Line{with(add("E001", "A01"), func(l *meibo.Line) { l.Purpose = "U.TAX.RES.ASSESS" })}, []string{"1 purpose: PURPOSE_IS_BROAD"}},
		{"half-width kana", []meibo.Line{with(newcomer("matsu", "松本 太郎"), func(l *meibo.Line) { l.Kana = "ﾏﾂﾓﾄ ﾀﾛｳ" })}, []string{"1 kana: KANA_WIDENED"}},
		{"a name like a newcomer's before", []meibo.Line{newcomer("saki", "髙﨑 咲"), newcomer("saki2", "高崎 咲")}, []string{"2 name: SIMILAR_NAME"}},
		{"one newcomer with two rights is one person", []meibo.Line{newcomer("saki", "髙﨑 咲"), on("A02", newcomer("saki", "髙﨑 咲"))}, nil},
		{"a company that the city has not consented to", []meibo.Line{with(newcomer("taka", "高木 誠"), func(l *meibo.Line) { l.EmployerID = "S9" })}, []string{"1 employer: CHAIN_NOT_APPROVED"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newDesk(t).submit(primeSubmitter, c.lines...)
			same(t, codes(s.Warnings), c.want)
		})
	}
}

func TestANewcomerWithANameLikeAMembersIsWarnedOf(t *testing.T) {
	d := newDesk(t)
	d.enlist(add("E003", "A01"))
	s := d.submit(primeSubmitter, newcomer("wata", "渡邊 結衣"))
	same(t, codes(s.Warnings), []string{"1 name: SIMILAR_NAME"})
}

func TestANewcomerIsBoundOnceAndKeptByteForByte(t *testing.T) {
	d := newDesk(t)
	l := newcomer("kuzu", "葛\U000E0101西 亮")
	l.Kana, l.Alias, l.FormerName, l.Latin = "ｶｻｲ ﾘｮｳ", "德永 朗", "𠮷田", "Åström"
	s := d.submit(primeSubmitter, l, on("A02", l))
	id := s.Rows[0].PersonID
	same(t, s.Rows[1].PersonID, id)
	p, _ := d.People.Get(id)
	same(t, p, meibo.Person{
		ID: id, OrganizationID: "K1", Login: "kuzu", LoginKey: "key of kuzu", Name: "葛\U000E0101西 亮", Kana: "カサイ リョウ",
		Latin: "Åström", Alias: "德永 朗", FormerName: "𠮷田", Adult: true, CreatedAt: asOf,
	})
	a, _ := d.Accounts.Get(id)
	same(t, a, meibo.Account{PersonID: id, Entry: "entryUUID:kuzu", State: meibo.AccountEnabled, ChangedAt: asOf})
	again := d.submit(primeSubmitter, newcomer("kuzu", "葛\U000E0101西 亮"))
	same(t, again.Rows[0].PersonID, id)
}

func TestALoginThatNamesNobodyIsRefused(t *testing.T) {
	for _, problem := range []meibo.ProblemCode{"LOGIN_NOT_FOUND", "LOGIN_AMBIGUOUS", "LOGIN_DISABLED", "LOGIN_TAKEN", "DIRECTORY_UNAVAILABLE"} {
		d := newDesk(t)
		lines := numbered([]meibo.Line{newcomer("saki", "髙﨑 咲")})
		_, err := d.Submit(d.scene(primeSubmitter), "S", lines, map[int]meibo.Named{1: {LoginKey: "k", Problem: problem}})
		ps, _ := err.(meibo.Problems)
		same(t, codes(ps), []string{"1 login: " + string(problem)})
	}
}

func TestLinesThatHoldOnlyAfterOthersWereApprovedAreRefused(t *testing.T) {
	d := newDesk(t)
	same(t, d.refused(primeSubmitter, add("E001", "A01"), about(meibo.Remove, "E001", meibo.ReasonCorrection)), []string{"2 person: NOT_ON_ROSTER"})
}

func TestAHiddenSubcontractorIsAcceptedAndShown(t *testing.T) {
	d := newDesk(t)
	l := newcomer("taka", "高木 誠")
	l.EmployerID = "S9"
	d.enlist(l)
	m := d.Members(d.now)[0]
	same(t, [2]any{m.Employer, m.ChainFault}, [2]any{meibo.OrganizationID("S9"), "SUBCONTRACT_NOT_APPROVED"})
	r, _ := d.Rosters.Get(1)
	same(t, r.Faults, 1)
}

func TestTheWholeFileIsJudgedOnTheBookAsItWouldBe(t *testing.T) {
	d := newDesk(t)
	same(t, d.refused(primeSubmitter, add("E001", "A01"), add("E001", "A01")), []string{"2 asset: RIGHT_EXISTS"})
	same(t, d.refused(primeSubmitter, add("E001", "A01"), during(add("E001", "A01"), "2026-11-01", "2026-11-30")), []string{"2 from: RIGHT_OVERLAPS"})
}

func TestAFileOfTenThousandLinesIsOneChange(t *testing.T) {
	d := newDesk(t)
	lines := make([]meibo.Line, meibo.MaxLines)
	named := map[int]meibo.Named{}
	for i := range lines {
		login := meibo.Personal(fmt.Sprintf("u%05d", i))
		lines[i] = during(newcomer(login, "佐藤 "+login), "2026-10-01", "2027-03-31")
		named[i+1] = meibo.Named{LoginKey: string(login)}
	}
	s, err := d.Submit(d.scene(primeSubmitter), "S", numbered(lines), named)
	if err != nil {
		t.Fatal(err)
	}
	d.commit()
	same(t, [4]int{len(s.Changes), len(s.Warnings), len(s.After), len(d.Pledges.All())}, [4]int{1, meibo.MaxLines, meibo.MaxLines, meibo.MaxLines})
	c := d.approve(primeApprover, s.Changes[0].ID)
	r, _ := d.Rosters.Get(c.Version)
	same(t, [3]int{c.Version, r.Members, r.Added}, [3]int{1, meibo.MaxLines, meibo.MaxLines})
}
