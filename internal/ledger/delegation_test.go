package ledger_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestWhoActsForAnother: only who was let do so, under that contract, on those days,
// for somebody who may work there himself.
func TestWhoActsForAnother(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		deputy, principal, other := c.Employed("e001"), c.Employed("e002"), c.Employed("e003")
		q := meibotest.Question(deputy)
		q.Circumstances.OnBehalfOf = principal
		wants(t, c.Ask(q), "IMPERSONATION_NOT_ALLOWED")

		d := meibo.Delegation{ID: "D-01", ContractID: "C01", PersonID: deputy, PrincipalID: principal, Starts: "2026-10-10", Ends: "2026-10-20"}
		apply := func() { c.Apply(meibo.Master{Delegations: []meibo.Delegation{d}}) }
		apply()
		wants(t, c.Ask(q), "ALLOW")
		c.Reopen()
		wants(t, c.Ask(q), "ALLOW")

		back := meibotest.Question(principal)
		back.Circumstances.OnBehalfOf = deputy
		wants(t, c.Ask(back), "IMPERSONATION_NOT_ALLOWED")
		third := meibotest.Question(other)
		third.Circumstances.OnBehalfOf = principal
		wants(t, c.Ask(third), "IMPERSONATION_NOT_ALLOWED")

		d.Starts, d.Ends = "2026-11-01", "2026-11-30"
		apply()
		wants(t, c.Ask(q), "IMPERSONATION_NOT_ALLOWED")
		d.Starts = "2026-10-10"
		apply()
		wants(t, c.Ask(q), "ALLOW")
		d.RevokedAt = c.Clock.Now()
		apply()
		wants(t, c.Ask(q), "IMPERSONATION_NOT_ALLOWED")
		wants(t, c.Check(deputy), "ALLOW")

		again := meibo.Delegation{ID: "D-02", ContractID: "C01", PersonID: deputy, PrincipalID: principal, Starts: "2026-10-10", Ends: "2026-10-20"}
		c.Apply(meibo.Master{Delegations: []meibo.Delegation{again}})
		wants(t, c.Ask(q), "ALLOW")
		c.Submit(c.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: principal, Reason: meibo.ReasonTransfer})
		wants(t, c.Ask(q), "IMPERSONATION_NOT_ALLOWED")
	})
}
