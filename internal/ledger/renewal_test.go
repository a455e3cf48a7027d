package ledger_test

import (
	"slices"
	"strings"
	"testing"

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
