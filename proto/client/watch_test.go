package client_test

import (
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/proto/client"
)

// until waits for what others do.
func until(t *testing.T, what string, true func() bool) {
	t.Helper()
	for began := time.Now(); !true(); time.Sleep(5 * time.Millisecond) {
		if time.Since(began) > 20*time.Second {
			t.Fatalf("it never came to this: %s", what)
		}
	}
}

// twoContracts gives the city a second contract on which nobody works.
func twoContracts(m *meibo.Master) {
	second := m.Contracts[0]
	second.ID, second.PrimeID = "C02", "K2"
	m.Contracts = append(m.Contracts, second)
}

func TestAWatchEndsWhatWasTouchedAndNothingElse(t *testing.T) {
	h := newHouse(t, twoContracts)
	person := h.Employed("e001")
	c := newClient(t, client.Options{Server: h.server, Key: h.key, Cache: 10, Watch: true, Timeout: 10 * time.Second})
	kept := func() bool { return check(t, c, question(person)).Cached }
	until(t, "an allow is kept", kept)

	line := meibotest.Line("x001")
	line.ContractID, line.EmployerID = "C02", "K2"
	h.Submit(h.Stranger, line)
	until(t, "the change elsewhere is heard of", func() bool { return c.Covered() == h.revision(t) })
	if !kept() {
		t.Error("a change under another contract ends an allow")
	}

	h.Submit(h.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: "transfer"})
	until(t, "the removal is heard of", func() bool { return c.Kept() == 0 })
	if d := check(t, c, question(person)); d.Allowed() {
		t.Errorf("after the removal: %+v", d)
	}
}

func TestWithoutItsWatchACacheIsOff(t *testing.T) {
	h := newHouse(t)
	person, other := h.Employed("e001"), h.Employed("e002")
	c := newClient(t, client.Options{Server: h.server, Key: h.key, Cache: 10, Watch: true, Timeout: 10 * time.Second})
	until(t, "an allow is kept", func() bool { return check(t, c, question(person)).Cached })
	check(t, c, question(other))
	h.Ledger.Close()
	until(t, "the watch is lost", func() bool {
		d, _ := c.Check(t.Context(), question(person))
		return !d.Allowed()
	})
	if c.Kept() == 0 {
		t.Error("nothing was kept: the test shows nothing")
	}

	silent := newClient(t, client.Options{Server: "127.0.0.1:1", Key: "mb_a_b", Cache: 10, Watch: true})
	if d, err := silent.Check(t.Context(), question(person)); err == nil || d.Allowed() {
		t.Errorf("nobody there: %+v, %v", d, err)
	}
}

func (h *house) revision(t *testing.T) int64 {
	t.Helper()
	head, err := h.Ledger.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head.Revision
}
