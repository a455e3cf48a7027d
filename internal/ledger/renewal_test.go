package ledger_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestAPledgeServesARenewedContractIfItSaysSo: nothing else carries over.
func TestAPledgeServesARenewedContractIfItSaysSo(t *testing.T) {
	for name, renewals := range map[string]bool{"it says so": true, "it does not": false} {
		t.Run(name, func(t *testing.T) {
			meibotest.Each(t, func(t *testing.T, url string) {
				c := meibotest.NewCity(t, url, nil, func(m *meibo.Master) { m.Templates[0].Renewals = renewals })
				person := c.Employed("e001")
				m, err := c.Ledger.Master(t.Context(), c.Operator)
				if err != nil {
					t.Fatal(err)
				}
				next := m.Contracts[0]
				next.ID, next.RenewalOf, next.Starts = "C11", "C01", "2026-10-01"
				m.Contracts = append(m.Contracts, next)
				m.Systems[0].Scopes = append(m.Systems[0].Scopes, meibo.Scope{Contract: "C11", Assets: []meibo.AssetID{"A01"}, Purposes: []meibo.PurposeCode{"U"}})
				c.Apply(m)
				q := meibotest.Question(person)
				q.Contract = "C11"
				if d := c.Ask(q); d.Allowed {
					t.Errorf("the roster carried over: %+v", d)
				}
				line := meibotest.Line("e001")
				line.ContractID, line.Pledge = "C11", meibo.PledgeToRequest
				done := c.Submit(c.Submitter, line)
				c.Approve(c.Approver, done)
				c.Notify()
				d := c.Ask(q)
				asked, err := c.Ledger.Pledges(t.Context(), c.Submitter, "C11")
				if err != nil || d.Allowed != renewals || (len(asked) == 0) != renewals {
					t.Errorf("allowed %v for %v; asked for %d pledges, %v", d.Allowed, d.Codes, len(asked), err)
				}
				if !renewals && !slices.ContainsFunc(d.Codes, func(code string) bool { return code == "PLEDGE_NOT_SIGNED" || code == "PLEDGE_SCOPE_MISMATCH" }) {
					t.Errorf("refused for %v", d.Codes)
				}
			})
		})
	}
}

// TestAPledgeOutlivesItsName: it stays valid, and the next is asked for under the name
// of then.
func TestAPledgeOutlivesItsName(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person := c.Employed("e001")
		c.Approve(c.Approver, c.Submit(c.Submitter, meibo.Line{
			Row: 1, Operation: meibo.Amend, ContractID: "C01", PersonID: person, Name: "山本 真理子", FormerName: "髙﨑", Reason: meibo.ReasonNameChange,
		}))
		c.Notify()
		if d := c.Check(person); !d.Allowed {
			t.Errorf("after the change: %v", d.Codes)
		}
		next, err := c.Ledger.RequestPledge(t.Context(), c.Submitter, c.Key(), "C01", person, 0)
		if err != nil {
			t.Fatal(err)
		}
		p, err := c.Ledger.Pledge(t.Context(), c.Submitter, next.ID)
		if err != nil || !strings.Contains(string(p.Text), "山本 真理子") {
			t.Errorf("asked for %q, %v", p.Text, err)
		}
		if d := c.Check(person); !d.Allowed {
			t.Errorf("while the next one waits: %v", d.Codes)
		}
	})
}

// TestADraftIsForThoseWhoWorkOnBothContracts: and everything in it comes to nothing
// until it was submitted, approved and told.
func TestADraftIsForThoseWhoWorkOnBothContracts(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person := c.Employed("e001")
		sub := meibotest.Line("s001")
		sub.EmployerID, sub.Employment = "S1", meibo.Subcontracted
		c.Approve(c.Approver, c.Submit(c.Submitter, sub))
		m, err := c.Ledger.Master(t.Context(), c.Operator)
		if err != nil {
			t.Fatal(err)
		}
		next := m.Contracts[0]
		next.ID, next.RenewalOf, next.Starts = "C11", "C01", "2026-10-01"
		m.Contracts = append(m.Contracts, next)
		m.Systems[0].Scopes = append(m.Systems[0].Scopes, meibo.Scope{Contract: "C11", Assets: []meibo.AssetID{"A01"}, Purposes: []meibo.PurposeCode{"U"}})
		c.Apply(m)

		_, err = c.Ledger.DraftRenewal(t.Context(), c.Submitter, "C01")
		turnedDown(t, "of what renews nothing", err, "NOT_A_RENEWAL")
		for name, by := range map[string]meibo.Caller{"a stranger": c.Stranger, "a hop without a part in the new one": c.Sub} {
			if _, err := c.Ledger.DraftRenewal(t.Context(), by, "C11"); !errors.Is(err, meibo.ErrNotFound) {
				t.Errorf("%s drafted: %v", name, err)
			}
		}
		if _, err := c.Ledger.DraftRenewal(t.Context(), c.System, "C11"); !errors.Is(err, meibo.ErrForbidden) {
			t.Errorf("a system drafted: %v", err)
		}
		d, err := c.Ledger.DraftRenewal(t.Context(), c.CityApprover, "C11")
		if err != nil || len(d.Lines) != 1 || len(d.Consents) != 1 || len(d.LeftOut) != 1 || len(d.People) != 2 || d.Lines[0].PersonID != person {
			t.Fatalf("drafted %+v, %v", d, err)
		}
		if _, err := c.Ledger.PlanMaster(t.Context(), c.CityApprover, meibo.Master{Subcontracts: d.Consents}); !errors.Is(err, meibo.ErrInvalid) {
			t.Errorf("a consent without a number: %v", err)
		}
		d.Consents[0].Consent = "架市契第77号"
		c.Apply(meibo.Master{Subcontracts: d.Consents})
		if own, err := c.Ledger.DraftRenewal(t.Context(), c.Sub, "C11"); err != nil || len(own.Lines) != 1 || own.Lines[0].EmployerID != "S1" || len(own.People) != 1 {
			t.Errorf("a hop is told of %+v, %v", own, err)
		}

		q := meibotest.Question(person)
		q.Contract = "C11"
		refused := func(when string) {
			t.Helper()
			if d := c.Ask(q); d.Allowed {
				t.Errorf("%s: allowed", when)
			}
		}
		done := c.Submit(c.Submitter, d.Lines...)
		refused("submitted")
		c.Approve(c.Approver, done)
		refused("approved, and not told")
		c.Notify()
		refused("without a pledge for this contract")
		list, err := c.Ledger.Pledges(t.Context(), c.Submitter, "C11")
		if err != nil || len(list) != 1 || list[0].State != meibo.PledgeRequested {
			t.Fatalf("asked for %+v, %v", list, err)
		}
		paper := ledger.Paper{MediaType: "image/png", Bytes: demo.ScannedPaper(), SignedOn: "2026-10-15"}
		if _, err := c.Ledger.RecordPledge(t.Context(), c.Submitter, c.Key(), list[0].ID, paper); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Ledger.VerifyPledge(t.Context(), c.Approver, c.Key(), list[0].ID, "", ""); err != nil {
			t.Fatal(err)
		}
		if d := c.Ask(q); !d.Allowed {
			t.Errorf("with everything: %v", d.Codes)
		}
	})
}
