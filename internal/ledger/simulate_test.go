package ledger_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

func simulate(t *testing.T, c *meibotest.City, by meibo.Caller, w ledger.WhatIf) ledger.Simulation {
	t.Helper()
	s, err := c.Ledger.Simulate(t.Context(), by, w)
	if err != nil {
		t.Fatal(err)
	}
	if s.Questions != s.StillAllowed+s.StillDenied+s.NewlyAllowed+s.NewlyDenied {
		t.Errorf("the kinds do not add up: %+v", s)
	}
	return s
}

// kinds compares how many questions are still allowed, still denied, newly denied
// and newly allowed.
func kinds(t *testing.T, s ledger.Simulation, want ...int) {
	t.Helper()
	if got := []int{s.StillAllowed, s.StillDenied, s.NewlyDenied, s.NewlyAllowed}; !slices.Equal(got, want) {
		t.Errorf("still allowed, still denied, newly denied, newly allowed: %v, want %v (%+v)", got, want, s)
	}
}

func removal(person meibo.PersonID) ledger.WhatIf {
	return ledger.WhatIf{Lines: []meibo.Line{{Row: 1, Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: meibo.ReasonReassignment}}}
}

func TestAStaffChangeIsTriedBeforeItIsMade(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		one, two := c.Employed("e001"), c.Employed("e002")
		printing := meibotest.Question(two)
		printing.Action = "print"
		wants(t, c.Check(one), "ALLOW")
		c.Clock.At(t, "2026-10-15 11:00:00.000")
		wants(t, c.Check(one), "ALLOW")
		wants(t, c.Check(two), "ALLOW")
		wants(t, c.Ask(printing), "ACTION_NOT_GRANTED")
		c.Clock.At(t, "2026-10-16 09:00:00.000")
		before, err := c.Ledger.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}

		for _, by := range []meibo.Caller{c.Approver, c.Receiver, c.Auditor, c.Operator} {
			s := simulate(t, c, by, removal(one))
			kinds(t, s, 1, 1, 1, 0)
			d := s.Denied[0]
			if d.PersonID != one || d.Asked != 2 || d.LastAllowed.Time().In(meibo.JST).Hour() != 11 || !slices.Equal(d.Codes, []string{"ROSTER_MEMBER_ENDED"}) {
				t.Errorf("newly denied: %+v", d)
			}
			if s.Decisions != 4 || s.At != c.Clock.Now() || s.Cut {
				t.Errorf("%+v", s)
			}
		}
		line := meibotest.Line("e002")
		line.Action = "print"
		s := simulate(t, c, c.Auditor, ledger.WhatIf{Lines: []meibo.Line{line}})
		kinds(t, s, 2, 0, 0, 1)
		if d := s.Allowed[0]; d.PersonID != two || d.Action != "print" || !slices.Equal(d.Codes, []string{"ACTION_NOT_GRANTED"}) || d.LastAllowed != 0 {
			t.Errorf("newly allowed: %+v", d)
		}
		ahead := removal(one)
		ahead.At = meibo.Date("2027-04-01").Start()
		kinds(t, simulate(t, c, c.Approver, ahead), 0, 3, 0, 0)

		after, err := c.Ledger.Head(t.Context())
		if err != nil || after.Size != before.Size {
			t.Errorf("a trial was written down: %d entries, before %d, %v", after.Size, before.Size, err)
		}
		wants(t, c.Check(one), "ALLOW")
		wants(t, c.Ask(printing), "ACTION_NOT_GRANTED")
	})
}

func TestMasterDataIsTriedBeforeItIsApplied(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		wants(t, c.Check(c.Employed("e001")), "ALLOW")
		asset := meibo.Master{Assets: []meibo.Asset{{ID: "A01", Name: "住民税賦課台帳", Importance: 1, MyNumber: true, State: meibo.AssetDisposed}}}
		for _, by := range []meibo.Caller{c.Operator, c.Auditor} {
			s := simulate(t, c, by, ledger.WhatIf{Master: &asset})
			kinds(t, s, 0, 0, 1, 0)
			if !slices.Contains(s.Denied[0].Codes, "ASSET_DISPOSED") {
				t.Errorf("newly denied: %+v", s.Denied[0])
			}
		}
		kinds(t, simulate(t, c, c.Operator, ledger.WhatIf{Master: &meibo.Master{}}), 1, 0, 0, 0)
		for _, by := range []meibo.Caller{c.Approver, c.CityApprover, c.System} {
			if _, err := c.Ledger.Simulate(t.Context(), by, ledger.WhatIf{Master: &asset}); !errors.Is(err, meibo.ErrForbidden) {
				t.Errorf("%s tried master data: %v", by.Client.ID, err)
			}
		}
		broken := meibo.Master{Assets: []meibo.Asset{{ID: "A01"}}}
		if _, err := c.Ledger.Simulate(t.Context(), c.Operator, ledger.WhatIf{Master: &broken}); !errors.Is(err, meibo.ErrInvalid) {
			t.Errorf("wrong master data was tried: %v", err)
		}
	})
}

func TestAContractorIsToldOfItsOwnPeopleOnly(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		one := c.Employed("e001")
		line := meibotest.Line("s001")
		line.EmployerID = "S1"
		done := c.Submit(c.Sub, line)
		c.Approve(c.SubApprover, done)
		c.Approve(c.Approver, done)
		c.Notify()
		other := done.Rows[0].PersonID
		wants(t, c.Check(one), "ALLOW")
		wants(t, c.Check(other), "PLEDGE_NOT_SIGNED")

		kinds(t, simulate(t, c, c.Approver, removal(one)), 0, 0, 1, 0)
		kinds(t, simulate(t, c, c.SubApprover, removal(other)), 0, 1, 0, 0)
		kinds(t, simulate(t, c, c.Auditor, removal(one)), 0, 1, 1, 0)
		line = meibotest.Line("s002")
		line.EmployerID = "S1" // whose change the prime has to approve, too
		kinds(t, simulate(t, c, c.SubApprover, ledger.WhatIf{Lines: []meibo.Line{line}}), 0, 1, 0, 0)
		for _, by := range []meibo.Caller{c.Stranger, c.SubApprover} {
			if _, err := c.Ledger.Simulate(t.Context(), by, removal(one)); !errors.Is(err, meibo.ErrInvalid) {
				t.Errorf("%s tried a change of another's: %v", by.Client.ID, err)
			}
		}
		for _, by := range []meibo.Caller{c.Submitter, c.System} {
			if _, err := c.Ledger.Simulate(t.Context(), by, removal(one)); !errors.Is(err, meibo.ErrForbidden) {
				t.Errorf("%s tried a change: %v", by.Client.ID, err)
			}
		}
	})
}

func TestATrialReadsNoMoreThanItMay(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		one := c.Employed("e001")
		old := meibotest.Question(one)
		old.Circumstances.CaseRef = "R8-1"
		c.Ask(old)
		c.Clock.At(t, "2026-10-25 10:00:00.000")
		fresh := meibotest.Question(one)
		fresh.Circumstances.CaseRef = "R8-2"
		c.Ask(fresh)
		c.Clock.At(t, "2026-10-26 10:00:00.000")

		w := removal(one)
		s := simulate(t, c, c.Auditor, w)
		kinds(t, s, 0, 0, 2, 0)
		if len(s.Denied) != 1 || s.Denied[0].Asked != 2 {
			t.Errorf("what differs in circumstances only stands apart: %+v", s.Denied)
		}
		w.Limit = 1
		s = simulate(t, c, c.Auditor, w)
		if !s.Cut || s.Questions != 1 || s.Since.Time().In(meibo.JST).Day() != 15 {
			t.Errorf("limited: %+v", s)
		}
		w.Limit, w.Days = 0, 2
		s = simulate(t, c, c.Auditor, w)
		if s.Cut || s.Questions != 1 || s.Since != c.Clock.Now().Add(-48*time.Hour) {
			t.Errorf("two days: %+v", s)
		}
		for _, wrong := range []ledger.WhatIf{
			{}, {Lines: w.Lines, Days: -1}, {Lines: w.Lines, Limit: ledger.MaxSimulated + 1}, {Lines: w.Lines, Master: &meibo.Master{}},
			{Lines: w.Lines, At: c.Clock.Now() - 1},
		} {
			if _, err := c.Ledger.Simulate(t.Context(), c.Auditor, wrong); !errors.Is(err, meibo.ErrInvalid) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
	})
}

func TestWhoWasAuthenticatedJustThenCountsAsThat(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil, func(m *meibo.Master) {
			m.Parameters = []meibo.Parameters{{ID: meibo.ParametersID, City: meibo.Pack(meibo.CityParameters{Classes: []meibo.ClassParameters{{Importance: 1, AuthMinutes: 15}}})}}
		})
		q := meibotest.Question(c.Employed("e001"))
		q.Circumstances.AuthTime = c.Clock.Now().Add(-14*time.Minute - 30*time.Second)
		wants(t, c.Ask(q), "ALLOW")
		c.Clock.At(t, "2026-10-16 09:00:00.000")
		kinds(t, simulate(t, c, c.Operator, ledger.WhatIf{Master: &meibo.Master{}}), 1, 0, 0, 0)
		kinds(t, simulate(t, c, c.Operator, removal(q.Person)), 0, 0, 1, 0)
	})
}

func TestWhoWouldLeaveTheCompanyWouldLeaveItsOtherContracts(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil, func(m *meibo.Master) {
			other := m.Contracts[0]
			other.ID = "C02"
			m.Contracts = append(m.Contracts, other)
			scope := m.Systems[0].Scopes[0]
			scope.Contract = "C02"
			m.Systems[0].Scopes = append(m.Systems[0].Scopes, scope)
		})
		person := c.Employed("e001")
		line := meibotest.Line("e001")
		line.ContractID, line.Name, line.Kana = "C02", "", ""
		c.Approve(c.Approver, c.Submit(c.Submitter, line))
		c.Notify()
		pledges, err := c.Ledger.Pledges(t.Context(), c.Submitter, "C02")
		if err != nil || len(pledges) != 1 {
			t.Fatalf("pledges on C02: %v, %v", pledges, err)
		}
		paper := ledger.Paper{MediaType: "image/png", Bytes: demo.ScannedPaper(), SignedOn: c.Clock.Now().Day()}
		if _, err := c.Ledger.RecordPledge(t.Context(), c.Submitter, c.Key(), pledges[0].ID, paper); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Ledger.VerifyPledge(t.Context(), c.Approver, c.Key(), pledges[0].ID, "", ""); err != nil {
			t.Fatal(err)
		}
		there := meibotest.Question(person)
		there.Contract = "C02"
		wants(t, c.Check(person), "ALLOW")
		wants(t, c.Ask(there), "ALLOW")
		w := removal(person)
		w.Lines[0].Reason = meibo.ReasonDeparture
		s := simulate(t, c, c.Auditor, w)
		kinds(t, s, 0, 0, 2, 0)
		for _, d := range s.Denied {
			if !slices.Contains(d.Codes, "SUBJECT_DEPARTED") || !slices.Contains(d.Codes, "ROSTER_MEMBER_ENDED") {
				t.Errorf("newly denied: %+v", d)
			}
		}
	})
}

func TestOneSimulationRunsAtATime(t *testing.T) {
	t.Parallel()
	c := meibotest.NewCity(t, meibotest.SQLite(t), nil)
	end := c.Ledger.Simulating()
	if _, err := c.Ledger.Simulate(t.Context(), c.Operator, ledger.WhatIf{Master: &meibo.Master{}}); !errors.Is(err, meibo.ErrBusy) {
		t.Errorf("two ran: %v", err)
	}
	end()
	kinds(t, simulate(t, c, c.Operator, ledger.WhatIf{Master: &meibo.Master{}}), 0, 0, 0, 0)
}
