package ledger_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// seasoned is a city in which e001 works, s001 works for a subcontractor, and e002
// once did something; e003 has come just now.
func seasoned(t *testing.T, c *meibotest.City) (worker, idle, sub, fresh meibo.PersonID) {
	worker, idle = c.Employed("e001"), c.Employed("e002")
	line := meibotest.Line("s001")
	line.EmployerID = "S1"
	done := c.Submit(c.Sub, line)
	c.Approve(c.SubApprover, done)
	c.Approve(c.Approver, done)
	c.Notify()
	sub = done.Rows[0].PersonID
	c.Pledged(sub)
	verify := meibotest.Question(worker)
	verify.Purpose = "U.TAX.RES.ASSESS.VERIFY"
	wants(t, c.Ask(verify), "ALLOW")
	wants(t, c.Check(idle), "ALLOW")
	c.Clock.At(t, "2027-02-01 09:00:00.000")
	wants(t, c.Check(worker), "ALLOW")
	wants(t, c.Check(sub), "ALLOW")
	fresh = c.Employed("e003")
	return worker, idle, sub, fresh
}

func preset(p meibo.Preset) ledger.WhatIf { return ledger.WhatIf{Preset: &p, Days: 120} }

func TestPresetsOfARosterComeToADraft(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		worker, idle, sub, _ := seasoned(t, c)

		// who has used nothing for the 90 days that hold unless the city settles others
		s := simulate(t, c, c.Auditor, preset(meibo.Preset{Kind: meibo.PresetUnused}))
		kinds(t, s, 3, 0, 1, 0)
		if d := s.Denied[0]; d.PersonID != idle || d.LastAllowed.Day() != "2026-10-15" {
			t.Errorf("newly denied: %+v", d)
		}
		gone := meibo.Line{Row: 1, Operation: meibo.Remove, ContractID: "C01", PersonID: idle, Reason: meibo.ReasonReassignment}
		if s.Unexpected || !slices.Equal(s.Draft, []meibo.Line{gone}) {
			t.Errorf("draft: %+v, unexpected %t", s.Draft, s.Unexpected)
		}
		if s := simulate(t, c, c.Operator, preset(meibo.Preset{Kind: meibo.PresetUnused, Days: 110})); len(s.Draft) > 0 {
			t.Errorf("somebody was judged who has not been there for as long: %+v", s.Draft)
		}
		if s := simulate(t, c, c.SubApprover, preset(meibo.Preset{Kind: meibo.PresetUnused})); len(s.Draft) > 0 || s.Questions != 1 {
			t.Errorf("S1 was told of others: %+v", s)
		}

		// purposes as they were used in a time of which VERIFY is no part
		s = simulate(t, c, c.Approver, preset(meibo.Preset{Kind: meibo.PresetNarrow, ContractID: "C01"}))
		kinds(t, s, 2, 0, 1, 0)
		if d := s.Denied[0]; d.PersonID != worker || d.Purpose != "U.TAX.RES.ASSESS.VERIFY" {
			t.Errorf("newly denied: %+v", d)
		}
		done := c.Submit(c.Submitter, s.Draft...)
		if len(s.Draft) != 2 || len(done.Changes) != 2 || s.Draft[1].Ends != "2027-03-03" {
			t.Errorf("draft %+v, submitted %+v", s.Draft, done.Changes)
		}
		c.Approve(c.Approver, done)
		c.Notify()
		c.Clock.At(t, "2027-03-04 00:00:00.000")
		wants(t, c.Check(worker), "ALLOW")
		if s := simulate(t, c, c.Approver, preset(meibo.Preset{Kind: meibo.PresetNarrow})); len(s.Draft) > 0 {
			t.Errorf("what is narrow was narrowed: %+v", s.Draft)
		}

		s = simulate(t, c, c.Auditor, preset(meibo.Preset{Kind: meibo.PresetEnd, OrganizationID: "S1"}))
		if len(s.Draft) != 1 || s.Draft[0].PersonID != sub || s.NewlyDenied != 1 {
			t.Errorf("end of S1: %+v", s)
		}
		if s := simulate(t, c, c.Auditor, preset(meibo.Preset{Kind: meibo.PresetWithout, Action: "view"})); len(s.Draft) != 4 || s.StillAllowed != 0 {
			t.Errorf("without view: %+v", s)
		}
		if s := simulate(t, c, c.Auditor, preset(meibo.Preset{Kind: meibo.PresetWithout})); len(s.Draft) != 0 || s.NewlyDenied != 0 {
			t.Errorf("without export: %+v", s)
		}
	})
}

func TestPresetsOfTheCityAreTried(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		wants(t, c.Check(c.Employed("e001")), "ALLOW")
		s := simulate(t, c, c.Auditor, preset(meibo.Preset{Kind: meibo.PresetAcknowledge, ContractID: "C01"}))
		kinds(t, s, 0, 0, 1, 0)
		if !slices.Contains(s.Denied[0].Codes, "ROSTER_NOT_ACKNOWLEDGED") || s.Draft != nil {
			t.Errorf("%+v", s)
		}
		mandatory := meibo.Preset{Kind: meibo.PresetMandatory, TemplateID: "T-A", From: "2026-12-01"}
		s = simulate(t, c, c.Auditor, preset(mandatory))
		kinds(t, s, 0, 0, 1, 0)
		if !slices.Contains(s.Denied[0].Codes, "PLEDGE_TEMPLATE_OUTDATED") || s.At != meibo.Date("2026-12-01").Start() {
			t.Errorf("%+v", s)
		}
		if _, err := c.Ledger.Simulate(t.Context(), c.Approver, preset(mandatory)); !errors.Is(err, meibo.ErrForbidden) {
			t.Errorf("a contractor tried what is the city's: %v", err)
		}
		for field, wrong := range map[string]meibo.Preset{
			"preset.kind": {Kind: "fewer"}, "preset.days": {Kind: meibo.PresetUnused, Days: -1}, "preset.action": {Kind: meibo.PresetWithout, Action: "look"},
			"preset.organization": {Kind: meibo.PresetEnd}, "preset.contract": {Kind: meibo.PresetUnused, ContractID: "C99"},
			"preset.template": {Kind: meibo.PresetMandatory, TemplateID: "T-X"}, "preset.from": {Kind: meibo.PresetMandatory, From: "2026-10-14"},
		} {
			_, err := c.Ledger.Simulate(t.Context(), c.Auditor, preset(wrong))
			var problems meibo.Problems
			if !errors.As(err, &problems) || len(problems) != 1 || problems[0].Field != field || problems[0].Sentence() == "" {
				t.Errorf("%+v: %v, want a problem of %s", wrong, err, field)
			}
		}
	})
}

func TestARuleIsTriedBeforeItIsBuiltIn(t *testing.T) {
	t.Parallel()
	c := meibotest.NewCity(t, meibotest.SQLite(t), nil, func(m *meibo.Master) {
		m.Contracts[0].Purposes = append(m.Contracts[0].Purposes, meibotest.Purpose)
	})
	person := c.Employed("e001")
	wants(t, c.Check(person), "ALLOW")
	verify := meibotest.Question(person)
	verify.Purpose = "U.TAX.RES.ASSESS.VERIFY"
	wants(t, c.Ask(verify), "ALLOW")
	model, checklist := authz.Files()
	// a contract must not name the very purpose
	stricter := ledger.Rule{
		Model: strings.NewReplacer("context, emergency\n", "context, emergency, local\n", "&& r.emergency\n", "&& r.emergency && r.local\n").
			Replace(string(model)) + "m58 = r2.contract == p13.contract && r2.purpose == p13.purpose\n",
		Checklist: string(checklist) + "p, local, local, m58, absent, S0-4\n",
	}
	s := simulate(t, c, c.Auditor, ledger.WhatIf{Rule: &stricter})
	kinds(t, s, 1, 0, 1, 0)
	if s.Denied[0].Purpose != meibotest.Purpose || s.Unexpected {
		t.Errorf("%+v", s)
	}
	kinds(t, simulate(t, c, c.Operator, ledger.WhatIf{Rule: &ledger.Rule{}}), 2, 0, 0, 0)
	wants(t, c.Check(person), "ALLOW")

	line := strings.Count(stricter.Model, "\n")
	stricter.Model = strings.Replace(stricter.Model, "m58 = ", "m58 = !", 1)
	_, err := c.Ledger.Simulate(t.Context(), c.Operator, ledger.WhatIf{Rule: &stricter})
	var problems meibo.Problems
	want := meibo.Problem{Row: line, Field: "rule.model", Code: "RULE_BEYOND_LANGUAGE"}
	if !errors.As(err, &problems) || len(problems) != 1 || problems[0] != want || want.Sentence() == "" {
		t.Errorf("%v, want %+v", err, want)
	}
	weaker := ledger.Rule{Checklist: strings.Replace(string(checklist), "m32,      present", "m32,      absent", 1)}
	if _, err := c.Ledger.Simulate(t.Context(), c.Operator, ledger.WhatIf{Rule: &weaker}); !errors.As(err, &problems) || problems[0].Code != "RULE_WEAKER" {
		t.Errorf("a weaker rule was tried: %v", err)
	}
	for _, by := range []meibo.Caller{c.Approver, c.CityApprover} {
		if _, err := c.Ledger.Simulate(t.Context(), by, ledger.WhatIf{Rule: &ledger.Rule{}}); !errors.Is(err, meibo.ErrForbidden) {
			t.Errorf("%s tried a rule: %v", by.Client.ID, err)
		}
	}
}

func TestWhatOnlyTakesAwayShouldAllowNothing(t *testing.T) {
	for _, c := range []struct {
		name string
		w    ledger.WhatIf
		want bool
	}{
		{"a removal", removal("p"), true},
		{"an addition", ledger.WhatIf{Lines: []meibo.Line{meibotest.Line("e001")}}, false},
		{"master data", ledger.WhatIf{Master: &meibo.Master{}}, false},
		{"a preset", preset(meibo.Preset{Kind: meibo.PresetNarrow}), true},
		{"a rule", ledger.WhatIf{Rule: &ledger.Rule{}}, true},
	} {
		if got := c.w.Tightens(); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}
