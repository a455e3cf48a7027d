package ledger_test

import (
	"slices"
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
