package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// period asks for another period of the right to view A01.
func period(p meibo.PersonID, from, until meibo.Date) meibo.Line {
	return during(on("A01", about(meibo.Amend, p, meibo.ReasonContractChange)), from, until)
}

// working is a desk at which E001 views A01 and A02 until the end of the year,
// as the city was told.
func working(t testing.TB) *desk {
	d := newDesk(t)
	d.enlist(during(add("E001", "A01"), "2026-10-15", "2026-12-31"), during(add("E001", "A02"), "2026-10-15", "2026-12-31"))
	d.notify()
	return d
}

func TestAShorterPeriodHoldsAtOnce(t *testing.T) {
	d := working(t)
	s := d.submit(primeSubmitter, period("E001", "", "2026-11-30"))
	same(t, s.Changes[0].State, meibo.ChangeAccepted)
	same(t, d.open(), []string{"E001 A01 view 2026-10-15..2026-11-30", "E001 A02 view 2026-10-15..2026-12-31"})
	same(t, d.told(), []string{"G0 #1 roster v1", "G0 #2 roster v2"})
}

func TestALongerPeriodWaitsForApprovalAndForTheCity(t *testing.T) {
	d := working(t)
	s := d.submit(primeSubmitter, period("E001", "", "2027-03-31"))
	same(t, s.Changes[0].State, meibo.ChangeSubmitted)
	narrow, wide := "E001 A01 view 2026-10-15..2026-12-31", "E001 A01 view 2026-10-15..2027-03-31"
	other := "E001 A02 view 2026-10-15..2026-12-31"
	same(t, d.open(), []string{narrow, other})
	d.approve(primeApprover, s.Changes[0].ID)
	same(t, d.listed(), []string{other, wide})
	same(t, d.open(), []string{narrow, other}) // the old period goes on as the city knows it
	d.notify()
	same(t, d.open(), []string{narrow, other, wide})
	d.later("2027-01-01T00:00:00+09:00")
	same(t, d.open(), []string{wide})
}

func TestAnEarlierFirstDayIsWider(t *testing.T) {
	d := newDesk(t)
	d.enlist(during(add("E001", "A01"), "2026-12-01", "2026-12-31"))
	d.notify()
	s := d.submit(primeSubmitter, period("E001", "2026-11-01", ""))
	same(t, s.Changes[0].State, meibo.ChangeSubmitted)
	d.approve(primeApprover, s.Changes[0].ID)
	d.later("2026-11-15T00:00:00+09:00")
	if len(d.open()) > 0 {
		t.Errorf("%v is open before the city was told", d.open())
	}
	d.notify()
	same(t, d.open(), []string{"E001 A01 view 2026-11-01..2026-12-31"})
}

func TestAPeriodThatMovesKeepsOnlyWhatBothHave(t *testing.T) {
	d := working(t)
	d.enlist(period("E001", "2026-12-01", "2027-03-31"))
	same(t, d.open(), []string{"E001 A02 view 2026-10-15..2026-12-31"})
	d.later("2026-12-01T00:00:00+09:00")
	same(t, d.open(), []string{"E001 A01 view 2026-12-01..2026-12-31", "E001 A02 view 2026-10-15..2026-12-31"})
}

func TestAPeriodThatMovesAwayEndsTheOldOne(t *testing.T) {
	d := working(t)
	d.enlist(period("E001", "2027-01-01", "2027-03-31"))
	same(t, d.open(), []string{"E001 A02 view 2026-10-15..2026-12-31"})
	same(t, d.listed(), []string{"E001 A02 view 2026-10-15..2026-12-31", "E001 A01 view 2027-01-01..2027-03-31"})
}

func TestAShorterPeriodAlsoShortensWhatStillServes(t *testing.T) {
	d := working(t)
	d.enlist(period("E001", "", "2027-03-31")) // the city was not told: the old period serves
	d.submit(primeSubmitter, period("E001", "", "2026-11-30"))
	d.later("2026-12-01T00:00:00+09:00")
	same(t, d.open(), []string{"E001 A02 view 2026-10-15..2026-12-31"})
}

func TestWhatAChangeCannotAskFor(t *testing.T) {
	with := func(l meibo.Line, f func(*meibo.Line)) meibo.Line { f(&l); return l }
	for _, c := range []struct {
		name string
		line meibo.Line
		want []string
	}{
		{"a change of somebody who is on no roster", period("E002", "", "2026-11-30"), []string{"1 person: NOT_ON_ROSTER"}},
		{"a right that is not there", on("A11", period("E001", "", "2026-11-30")), []string{"1 asset: RIGHT_NOT_FOUND"}},
		{"the period that is there", period("E001", "2026-10-15", "2026-12-31"), []string{"1 operation: NOTHING_CHANGED"}},
		{"nothing", about(meibo.Amend, "E001", meibo.ReasonCorrection), []string{"1 operation: NOTHING_CHANGED"}},
		{"a last day before the first", period("E001", "", "2026-10-14"), []string{"1 until: UNTIL_BEFORE_FROM"}},
		{"a period outside the contract", period("E001", "", "2027-04-01"), []string{"1 until: OUTSIDE_CONTRACT"}},
		{"another employer", with(about(meibo.Amend, "E001", meibo.ReasonTransfer), func(l *meibo.Line) { l.EmployerID = "S1" }),
			[]string{"1 employer: EMPLOYER_DIFFERS"}},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, working(t).refused(primeSubmitter, c.line), c.want) })
	}
}

func TestWhatTheRosterSaysOfAMemberIsChangedByApproval(t *testing.T) {
	d := working(t)
	l := about(meibo.Amend, "E001", meibo.ReasonNameChange)
	l.Name, l.FormerName, l.Task, l.Employment = "山本 真理子", "髙﨑", "検査", meibo.Dispatched
	s := d.submit(primeSubmitter, l)
	same(t, s.Changes[0].State, meibo.ChangeSubmitted)
	if m := d.Members(d.now)[0]; m.Name != "髙﨑 真理子" {
		t.Errorf("the name is %s before the approval", m.Name)
	}
	d.approve(primeApprover, s.Changes[0].ID)
	m := d.Members(d.now)[0]
	same(t, [4]any{m.Name, m.FormerName, m.Task, m.Employment}, [4]any{meibo.Personal("山本 真理子"), meibo.Personal("髙﨑"), "検査", meibo.Dispatched})
	same(t, m.RenamedOn, d.now.Day())
	again := about(meibo.Amend, "E001", meibo.ReasonCorrection)
	again.Task = "入力"
	d.later("2026-10-20T10:00:00+09:00")
	d.approve(primeApprover, d.submit(primeSubmitter, again).Changes[0].ID)
	same(t, d.Members(d.now)[0].RenamedOn, m.RenamedOn)
	same(t, len(d.open()), 2)
}

func TestAShorterPeriodWithAnotherTaskWaits(t *testing.T) {
	d := working(t)
	l := period("E001", "", "2026-11-30")
	l.Task = "検査"
	s := d.submit(primeSubmitter, l)
	same(t, s.Changes[0].State, meibo.ChangeSubmitted)
}

func TestARemovalOfOneRightLeavesTheOthers(t *testing.T) {
	d := working(t)
	d.submit(primeSubmitter, on("A01", about(meibo.Remove, "E001", meibo.ReasonReassignment)))
	same(t, d.open(), []string{"E001 A02 view 2026-10-15..2026-12-31"})
	d.submit(primeSubmitter, on("A02", about(meibo.Remove, "E001", meibo.ReasonReassignment)))
	if _, running := d.Running("E001"); running || len(d.listed()) > 0 {
		t.Error("somebody without a right is still at work")
	}
}

func TestARemovalEndsAlsoTheRightThatServedWhileAWiderOneWaited(t *testing.T) {
	d := working(t)
	d.enlist(period("E001", "", "2027-03-31"))
	d.submit(primeSubmitter, on("A01", about(meibo.Remove, "E001", meibo.ReasonReassignment)))
	same(t, d.open(), []string{"E001 A02 view 2026-10-15..2026-12-31"})
}

func TestARemovalWithALaterLastDay(t *testing.T) {
	removal := func(until meibo.Date) meibo.Line {
		return during(about(meibo.Remove, "E001", meibo.ReasonTransfer), "", until)
	}
	a01, a02 := "E001 A01 view 2026-10-15..2026-11-30", "E001 A02 view 2026-10-15..2026-11-30"
	for _, c := range []struct {
		name, at string
		lines    []meibo.Line
		want     []string
	}{
		{"until the last day the work goes on", "2026-11-30T23:59:59.999999+09:00", []meibo.Line{removal("2026-11-30")}, []string{a01, a02}},
		{"at the midnight after it the work is over", "2026-12-01T00:00:00+09:00", []meibo.Line{removal("2026-11-30")}, nil},
		{"a last day today ends the work now", "2026-10-15T10:00:00+09:00", []meibo.Line{removal("2026-10-15")}, nil},
		{"a last day in the past ends the work now", "2026-10-15T10:00:00+09:00", []meibo.Line{removal("2026-09-30")}, nil},
		{"one right has a last day, the other goes on", "2026-12-01T00:00:00+09:00", []meibo.Line{on("A01", removal("2026-11-30"))},
			[]string{"E001 A02 view 2026-10-15..2026-12-31"}},
		{"the last day of a right that waits for the city may lie beyond the old one", "2026-12-31T00:00:00+09:00",
			[]meibo.Line{period("E001", "", "2027-03-31"), on("A01", removal("2027-02-28"))},
			[]string{"E001 A01 view 2026-10-15..2026-12-31", "E001 A02 view 2026-10-15..2026-12-31"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := working(t)
			for _, l := range c.lines {
				d.enlist(l)
			}
			d.later(c.at)
			same(t, d.open(), c.want)
		})
	}
}

func TestALaterLastDayIsNotUndoneByAnotherRight(t *testing.T) {
	d := working(t)
	d.submit(primeSubmitter, during(about(meibo.Remove, "E001", meibo.ReasonTransfer), "", "2026-11-30"))
	d.enlist(during(add("E001", "A11"), "2026-10-15", "2027-03-31"))
	d.later("2026-12-01T00:00:00+09:00")
	if len(d.open()) > 0 {
		t.Errorf("%v opened again without the city", d.open())
	}
}

func TestALastDayBeforeTheFirstEndsWhatHasNotBegun(t *testing.T) {
	d := newDesk(t)
	d.enlist(during(add("E001", "A01"), "2026-12-01", "2026-12-31"), during(add("E002", "A01"), "2026-12-01", "2026-12-31"), add("E002", "A02"))
	d.submit(primeSubmitter,
		during(about(meibo.Remove, "E001", meibo.ReasonTransfer), "", "2026-11-15"),
		on("A01", during(about(meibo.Remove, "E002", meibo.ReasonTransfer), "", "2026-11-15")))
	if _, running := d.Running("E001"); running {
		t.Error("E001 is still to begin")
	}
	same(t, d.listed(), []string{"E002 A02 view 2026-10-15..2027-03-31"})
}

func TestARemovalCannotMakeAPeriodLonger(t *testing.T) {
	d := working(t)
	later := func(l meibo.Line) meibo.Line { return during(l, "", "2027-01-31") }
	same(t, d.refused(primeSubmitter, later(about(meibo.Remove, "E001", meibo.ReasonTransfer))), []string{"1 until: LATER_THAN_PLANNED"})
	same(t, d.refused(primeSubmitter, later(on("A01", about(meibo.Remove, "E001", meibo.ReasonTransfer)))), []string{"1 until: LATER_THAN_PLANNED"})
	same(t, d.refused(primeSubmitter, on("A11", about(meibo.Remove, "E001", meibo.ReasonTransfer))), []string{"1 asset: RIGHT_NOT_FOUND"})
}

func TestTheLastRightThatServesEndsTheWork(t *testing.T) {
	d := newDesk(t)
	d.enlist(during(add("E001", "A01"), "2026-10-15", "2026-10-31"), add("E001", "A02"))
	d.later("2026-11-01T00:00:00+09:00") // the right to A01 is over
	d.submit(primeSubmitter, on("A02", about(meibo.Remove, "E001", meibo.ReasonTransfer)))
	if _, running := d.Running("E001"); running {
		t.Error("somebody whose rights are all over is still at work")
	}
}

func TestSuspension(t *testing.T) {
	suspend := func(from meibo.Date) meibo.Line {
		return during(about(meibo.Suspend, "E001", meibo.ReasonLeave), from, "")
	}
	for _, c := range []struct {
		name, at string
		line     meibo.Line
		want     int
	}{
		{"a suspension holds at once", "2026-10-15T10:00:00+09:00", suspend(""), 0},
		{"a suspension from a day in the past holds at once", "2026-10-15T10:00:00+09:00", suspend("2026-09-01"), 0},
		{"until the first day of a later one the work goes on", "2026-10-31T23:59:59.999999+09:00", suspend("2026-11-01"), 2},
		{"a later one holds from midnight on", "2026-11-01T00:00:00+09:00", suspend("2026-11-01"), 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := working(t)
			s := d.submit(primeSubmitter, c.line)
			same(t, s.Changes[0].State, meibo.ChangeAccepted)
			d.later(c.at)
			same(t, len(d.open()), c.want)
		})
	}
}

func TestASuspensionCutsNoVersionAndTheNextOneShowsIt(t *testing.T) {
	d := working(t)
	s := d.submit(primeSubmitter, about(meibo.Suspend, "E001", meibo.ReasonLeave))
	same(t, [2]int{len(d.Rosters.All()), s.Changes[0].Version}, [2]int{1, 0})
	d.enlist(add("E002", "A01"))
	same(t, d.Newest[0].Suspended, true)
	r, _ := d.Rosters.Get(2)
	same(t, [3]int{r.Added, r.Changed, r.Removed}, [3]int{1, 1, 0})
}

func TestAScheduledSuspensionCanBeMadeToHoldNow(t *testing.T) {
	d := working(t)
	d.submit(primeSubmitter, during(about(meibo.Suspend, "E001", meibo.ReasonLeave), "2026-11-01", ""))
	same(t, d.refused(primeSubmitter, during(about(meibo.Suspend, "E001", meibo.ReasonLeave), "2026-12-01", "")), []string{"1 operation: ALREADY_SUSPENDED"})
	d.submit(primeSubmitter, about(meibo.Suspend, "E001", meibo.ReasonLeave))
	if len(d.open()) > 0 {
		t.Errorf("%v is open", d.open())
	}
	same(t, d.refused(primeSubmitter, about(meibo.Suspend, "E001", meibo.ReasonLeave)), []string{"1 operation: ALREADY_SUSPENDED"})
}

func TestAResumptionWaitsForApproval(t *testing.T) {
	d := working(t)
	same(t, d.refused(primeSubmitter, about(meibo.Resume, "E001", meibo.ReasonLeave)), []string{"1 operation: NOT_SUSPENDED"})
	d.submit(primeSubmitter, about(meibo.Suspend, "E001", meibo.ReasonLeave))
	s := d.submit(primeSubmitter, about(meibo.Resume, "E001", meibo.ReasonLeave))
	same(t, [2]any{s.Changes[0].State, len(d.open())}, [2]any{meibo.ChangeSubmitted, 0})
	d.approve(primeApprover, s.Changes[0].ID)
	same(t, len(d.open()), 2)
}

func TestADepartureEndsTheWorkAndTellsBothSides(t *testing.T) {
	d := working(t)
	if !d.Depart(d.scene(primeSubmitter), []meibo.PersonID{"E001", "E002"}) {
		t.Error("nobody departed")
	}
	d.commit()
	if len(d.open()) > 0 || len(d.listed()) > 0 {
		t.Errorf("%v is open, %v is listed", d.open(), d.listed())
	}
	same(t, d.told(), []string{"G0 #1 roster v1", "G0 #2 roster v2", "K1 #1 departed v0"})
	a := d.Assignments.All()[0]
	same(t, [2]any{a.EndedAt, a.EndReason}, [2]any{asOf, meibo.ReasonDeparture})
	if p, _ := d.People.Get("E002"); p.DepartedAt != asOf {
		t.Error("somebody on no roster has not departed")
	}
	if d.Depart(d.scene(primeSubmitter), []meibo.PersonID{"E001"}) {
		t.Error("somebody departed twice")
	}
	same(t, len(d.told()), 3)
}
