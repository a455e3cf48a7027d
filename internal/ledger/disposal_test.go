package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

// turnedDown holds an error against a code.
func turnedDown(t *testing.T, what string, err error, code meibo.ProblemCode) {
	t.Helper()
	var r *meibo.Refusal
	if !errors.As(err, &r) || r.Code != code {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestWhatIsDisposedOfIsGoneAndTheLogIsWhole(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		person := c.Employed("e001")
		c.Employed("e002")
		pledges, err := c.Ledger.Pledges(t.Context(), c.Submitter, "C01")
		if err != nil || len(pledges) != 2 {
			t.Fatal(pledges, err)
		}
		id := pledges[0].ID
		propose := func() (ledger.Disposing, error) {
			return c.Ledger.ProposeDisposal(t.Context(), c.Receiver, c.Key(), "C01")
		}
		decide := func(by meibo.Caller, d meibo.DisposalID, approve bool) error {
			_, err := c.Ledger.DecideDisposal(t.Context(), by, c.Key(), d, approve)
			return err
		}
		_, err = propose()
		turnedDown(t, "while they are kept", err, "NOTHING_TO_DISPOSE")
		c.Clock.At(t, "2037-03-31 23:59:59.999")
		_, err = propose()
		turnedDown(t, "on the last day", err, "NOTHING_TO_DISPOSE")
		c.Clock.At(t, "2037-04-01 00:00:00.000")
		if _, err := c.Ledger.ProposeDisposal(t.Context(), c.Approver, c.Key(), "C01"); !errors.Is(err, meibo.ErrForbidden) {
			t.Errorf("a contractor proposed it: %v", err)
		}
		first, err := propose()
		if err != nil || first.Pledges != 2 {
			t.Fatalf("proposed %+v, %v", first, err)
		}
		_, err = propose()
		turnedDown(t, "twice", err, "DISPOSAL_WAITS")
		if err := decide(c.Receiver, first.ID, true); !errors.Is(err, meibo.ErrForbidden) {
			t.Errorf("who may not approve did: %v", err)
		}
		held, err := c.Ledger.OpenHold(t.Context(), c.Receiver, c.Key(), meibo.Hold{Kind: meibo.HoldLegal, PersonID: person})
		if err != nil {
			t.Fatal(err)
		}
		turnedDown(t, "of evidence", decide(c.CityApprover, first.ID, true), "STILL_TO_BE_KEPT")
		if err := decide(c.CityApprover, first.ID, false); err != nil {
			t.Errorf("rejected: %v", err)
		}
		if _, err := c.Ledger.LiftHold(t.Context(), c.CityApprover, c.Key(), held.Hold); err != nil {
			t.Fatal(err)
		}
		own, err := c.Ledger.ProposeDisposal(t.Context(), c.CityApprover, c.Key(), "C01")
		if err != nil {
			t.Fatal(err)
		}
		turnedDown(t, "by who proposed it", decide(c.CityApprover, own.ID, true), "SOD_CONFLICT")
		second := c.Caller("city-second", "CITY", "", meibo.RoleCityApprover)
		paper := paperOf(t, c, id)
		if err := decide(second, own.ID, true); err != nil {
			t.Fatal(err)
		}

		p, err := c.Ledger.Pledge(t.Context(), c.Auditor, id)
		if err != nil || p.State != meibo.PledgeDisposed || p.Text != "" || p.TextHash != "" || p.PersonID != person {
			t.Errorf("what stays of it: %+v, %v", p, err)
		}
		_, err = c.Ledger.PledgePaper(t.Context(), c.Auditor, id)
		turnedDown(t, "its paper", err, "PLEDGE_DISPOSED")
		if d := c.Check(person); d.Allowed {
			t.Errorf("it still serves: %+v", d)
		}
		found, err := ledger.Verify(t.Context(), url, c.Options.Secrets.LogPublic, c.Options.Secrets.Data, c.Clock.Now, nil)
		if err != nil || found.Forgotten < 8 { // requested, recorded, verified, and the paper, of two
			t.Errorf("verified %+v, %v", found, err)
		}
		list, due, err := c.Ledger.Disposals(t.Context(), c.Auditor, "C01")
		if err != nil || len(list) != 2 || list[0].State != meibo.DisposalApproved || len(due.Pledges) != 0 || due.KeptUntil != "2037-03-31" {
			t.Errorf("listed %+v, %+v, %v", list, due, err)
		}
		c.Ledger.Close()
		nothingOpens(t, c, url, id, paper)
		c.Reopen()
		if d := c.Check(person); d.Allowed {
			t.Errorf("opened anew, it serves: %+v", d)
		}
	})
}

// paperOf is the paper of a pledge, as the database keeps it.
func paperOf(t *testing.T, c *meibotest.City, id meibo.PledgeID) []byte {
	t.Helper()
	d, err := c.Ledger.PledgePaper(t.Context(), c.Auditor, id)
	if err != nil || len(d.Bytes) == 0 {
		t.Fatal(d.ID, err)
	}
	return d.Bytes
}

// nothingOpens: neither the row, nor an image of it, nor the past says what it said.
func nothingOpens(t *testing.T, c *meibotest.City, url string, id meibo.PledgeID, paper []byte) {
	t.Helper()
	db, err := store.Open(t.Context(), store.Options{URL: url, Now: c.Clock.Now, ReadOnly: true, DataKey: c.Options.Secrets.Data})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(t.Context(), func(r *store.Reader) error {
		p, err := store.One[meibo.Pledge](r, id)
		if err != nil {
			return err
		}
		d, err := store.One[meibo.Document](r, p.DocumentID)
		if err != nil || len(d.Key) > 0 || bytes.Contains(d.Bytes, paper) || len(d.Bytes) > 0 || d.Hash != "" || d.Size != 0 || d.MediaType == "" {
			t.Errorf("of the paper there is %+v, %v", d, err)
		}
		last, err := r.LastEntry(meibo.Forever)
		if err != nil {
			return err
		}
		then, err := store.Past[meibo.Pledge](r, last-1)
		for _, old := range then {
			if old.Text != "" {
				t.Errorf("the past says %q", old.Text)
			}
		}
		now, err2 := store.Past[meibo.Pledge](r, last)
		if diff := cmp.Diff(2, len(now)); diff != "" {
			t.Error(diff)
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestADisposalIsOfWhatIsStillDue(t *testing.T) {
	due := peopleDue(3)
	if err := ledger.StillDue(due, due); err != nil {
		t.Error(err)
	}
	turnedDown(t, "one that is not due", ledger.StillDue(due, due[:2]), "STILL_TO_BE_KEPT")
}

func peopleDue(n int) []meibo.PersonID {
	due := make([]meibo.PersonID, n)
	for i := range due {
		due[i] = meibo.PersonID(fmt.Sprintf("01a22c66-6aec-77e6-a7d0-%012d", i))
	}
	return due
}

// While a disposal is carried out nobody else writes: fifty times as many take fifty
// times as long, not the square.
func BenchmarkWhatIsStillDue(b *testing.B) {
	for _, n := range []int{1000, 50_000} {
		due := peopleDue(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if err := ledger.StillDue(due, due); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/person")
		})
	}
}
