package meibo_test

import (
	"errors"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// refusal is the kind and the code of an error.
func refusal(err error) string {
	var r *meibo.Refusal
	var ps meibo.Problems
	switch {
	case err == nil:
		return ""
	case errors.As(err, &r):
		return r.Error()
	case errors.As(err, &ps):
		return ps[0].Field + ": " + string(ps[0].Code)
	}
	return err.Error()
}

func TestWhoMayApprove(t *testing.T) {
	for _, c := range []struct {
		name   string
		submit meibo.Caller
		line   meibo.Line
		by     meibo.Caller
		want   string
	}{
		{"another client of the prime", primeSubmitter, add("E001", "A01"), primeApprover, ""},
		{"not the client that submitted", primeSubmitter, add("E001", "A01"), primeSubmitter, "forbidden: SOD_CONFLICT"},
		{"not the submitter by another tool of his", in("E002", primeSubmitter), add("E001", "A01"), in("E002", primeApprover), "forbidden: SOD_CONFLICT"},
		{"not the person whom the change names", primeSubmitter, add("E001", "A01"), in("E001", primeApprover), "forbidden: SOD_CONFLICT"},
		{"a person whom it does not name", primeSubmitter, add("E001", "A01"), in("E002", primeApprover), ""},
		{"two tools of nobody are two", primeSubmitter, add("E001", "A01"), client("K1", "other"), ""},
		{"not a subcontractor, who does not see it", primeSubmitter, add("E001", "A01"), subApprover, "not found"},
		{"not the city, whose answer is another", primeSubmitter, add("E001", "A01"), cityReceiver, "not found"},
		{"not a company outside the contract", primeSubmitter, add("E001", "A01"), client("S9", "approver"), "not found"},
		{"the prime, first, for its subcontractor", subSubmitter, add("E046", "A01"), primeApprover, ""},
		{"not the subcontractor's person who is named", subSubmitter, add("E046", "A01"), in("E046", subApprover), "forbidden: SOD_CONFLICT"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			s := d.submit(c.submit, c.line)
			_, err := d.Approve(d.scene(c.by), s.Changes[0].ID)
			same(t, refusal(err), c.want)
		})
	}
}

func TestASubcontractorsChangeNeedsThePrimesSignatureToo(t *testing.T) {
	for _, c := range []struct {
		name          string
		first, second meibo.Caller
	}{
		{"the subcontractor first, then the prime", subApprover, primeApprover},
		{"the prime first, then the subcontractor", primeApprover, subApprover},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			id := d.submit(subSubmitter, add("E046", "A01")).Changes[0].ID
			change := d.approve(c.first, id)
			same(t, [2]any{change.State, len(d.listed())}, [2]any{meibo.ChangeSubmitted, 0})
			_, err := d.copy().Approve(d.scene(c.first), id)
			same(t, refusal(err), "conflict: ALREADY_APPROVED")
			change = d.approve(c.second, id)
			same(t, [2]any{change.State, change.Version}, [2]any{meibo.ChangeAccepted, 1})
			same(t, d.listed(), []string{"E046 A01 view 2026-10-15..2027-03-31"})
		})
	}
}

func TestThePrimeSignsForItsSubcontractorsPeopleOnce(t *testing.T) {
	d := newDesk(t)
	id := d.submit(primeSubmitter, add("E046", "A01")).Changes[0].ID
	same(t, d.approve(primeApprover, id).State, meibo.ChangeAccepted)
}

func TestAChangeIsDecidedOnce(t *testing.T) {
	decided := map[string]func(*desk, meibo.ChangeID) error{
		"approved": func(d *desk, id meibo.ChangeID) error {
			_, err := d.Approve(d.scene(primeApprover), id)
			return err
		},
		"rejected": func(d *desk, id meibo.ChangeID) error {
			_, err := d.Reject(d.scene(primeApprover), id, "人数が多すぎる")
			return err
		},
		"withdrawn": func(d *desk, id meibo.ChangeID) error {
			_, err := d.Withdraw(d.scene(primeSubmitter), id)
			return err
		},
	}
	for first, decide := range decided {
		for second, again := range decided {
			t.Run(first+" it cannot be "+second, func(t *testing.T) {
				d := newDesk(t)
				id := d.submit(primeSubmitter, add("E001", "A01")).Changes[0].ID
				if err := decide(d, id); err != nil {
					t.Fatal(err)
				}
				d.commit()
				same(t, refusal(again(d, id)), "conflict: CHANGE_NOT_WAITING")
			})
		}
	}
}

func TestARejectedChangeLeavesNothing(t *testing.T) {
	d := newDesk(t)
	id := d.submit(primeSubmitter, add("E001", "A01")).Changes[0].ID
	c, err := d.Reject(d.scene(primeApprover), id, "人数が多すぎる")
	if err != nil {
		t.Fatal(err)
	}
	d.commit()
	same(t, [4]any{c.State, c.Reason, c.DecidedAt, c.Version}, [4]any{meibo.ChangeRejected, meibo.Personal("人数が多すぎる"), asOf, 0})
	same(t, len(d.listed())+len(d.told())+len(d.Assignments.All()), 0)
}

func TestWhoMayRejectAndWithdraw(t *testing.T) {
	d := newDesk(t)
	id := d.submit(subSubmitter, add("E046", "A01")).Changes[0].ID
	reject := func(c meibo.Caller, why meibo.Personal) string {
		_, err := d.copy().Reject(d.scene(c), id, why)
		return refusal(err)
	}
	withdraw := func(c meibo.Caller) string {
		_, err := d.copy().Withdraw(d.scene(c), id)
		return refusal(err)
	}
	same(t, reject(primeApprover, ""), "")
	same(t, reject(subApprover, ""), "")
	same(t, reject(subSubmitter, ""), "forbidden: SOD_CONFLICT")
	same(t, reject(cityReceiver, ""), "not found")
	same(t, reject(primeApprover, "理由\x00"), "reason: CONTROL_CHARACTER")
	same(t, withdraw(subSubmitter), "")
	same(t, withdraw(subApprover), "")
	same(t, withdraw(primeApprover), "not found")
	_, err := d.Withdraw(d.scene(subSubmitter), "N9999")
	same(t, refusal(err), "not found")
}

func TestAnApprovalThatComesTooLateIsRefused(t *testing.T) {
	for _, c := range []struct {
		name, at string
		meantime func(*desk)
		want     string
	}{
		{"the contract is over", "2027-04-01T00:00:00+09:00", func(d *desk) {}, "contract: CONTRACT_OVER"},
		{"the period is over", "2026-11-01T00:00:00+09:00", func(d *desk) {}, "until: PERIOD_OVER"},
		{"the person has left", "2026-10-16T10:00:00+09:00", func(d *desk) {
			d.Depart(d.scene(primeSubmitter), []meibo.PersonID{"E001"})
			d.commit()
		}, "person: PERSON_DEPARTED"},
		{"the right came by another change", "2026-10-16T10:00:00+09:00", func(d *desk) {
			d.enlist(during(add("E001", "A01"), "2026-10-15", "2026-10-31"))
		}, "asset: RIGHT_EXISTS"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDesk(t)
			id := d.submit(primeSubmitter, during(add("E001", "A01"), "2026-10-15", "2026-10-31")).Changes[0].ID
			c.meantime(d)
			d.later(c.at)
			_, err := d.Approve(d.scene(primeApprover), id)
			same(t, refusal(err), c.want)
			if !errors.Is(err, meibo.ErrInvalid) {
				t.Errorf("got %v, want %v", err, meibo.ErrInvalid)
			}
		})
	}
}
