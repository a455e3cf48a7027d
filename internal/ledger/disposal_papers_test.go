package ledger_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// proposed is a disposal of C01's pledges that waits, on the first day on which it can.
func proposed(t *testing.T, c *meibotest.City) meibo.DisposalID {
	t.Helper()
	c.Clock.At(t, "2037-04-01 00:00:00.000")
	d, err := c.Ledger.ProposeDisposal(t.Context(), c.Receiver, c.Key(), "C01")
	if err != nil {
		t.Fatal(err)
	}
	return d.ID
}

// contentOf counts the documents of which something is left, and fails where names can
// still be tried against what is not: a form is drawn alike from the same names.
func contentOf(t *testing.T, c *meibotest.City, url string) (all, left int) {
	t.Helper()
	c.Ledger.Close()
	defer c.Reopen()
	db, err := store.Open(t.Context(), store.Options{URL: url, Now: c.Clock.Now, ReadOnly: true, DataKey: c.Options.Secrets.Data})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(t.Context(), func(r *store.Reader) error {
		last, err := r.LastEntry(meibo.Forever)
		if err != nil {
			return err
		}
		list, err := store.Past[meibo.Document](r, last)
		for _, d := range list {
			now, err := store.One[meibo.Document](r, d.ID)
			if err != nil {
				return err
			}
			if all++; !now.Gone() {
				left++
			} else if now.Hash != "" || now.Size != 0 {
				t.Errorf("of document %s there is %q, of %d bytes", d.ID, now.Hash, now.Size)
			}
		}
		papers, err2 := store.Past[meibo.SealedPaper](r, last)
		for _, p := range papers {
			d, err := store.One[meibo.Document](r, p.DocumentID)
			if now, err2 := r.SealedPaper(p); errors.Join(err, err2) != nil || d.Gone() != (now.Hash == "") || d.Gone() != (p.Hash == "") {
				t.Errorf("of sealed paper %s there is %q, in the past %q, %v", p.Key(), now.Hash, p.Hash, errors.Join(err, err2))
			}
		}
		return errors.Join(err, err2)
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, left
}

// A paper that was turned down, or replaced, goes with the one that counted.
func TestEveryPaperOfAPledgeIsDisposedOf(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		done := c.Submit(c.Submitter, meibotest.Line("e001"))
		c.Approve(c.Approver, done)
		id := c.OpenPledge(done.Rows[0].PersonID)
		if _, err := c.Ledger.PledgeForm(t.Context(), c.Submitter, c.Key(), id); err != nil {
			t.Fatal(err)
		}
		for _, reject := range []meibo.RejectReason{meibo.RejectUnreadable, meibo.RejectSignature, ""} {
			paper := ledger.Paper{MediaType: "image/png", Bytes: append(demo.ScannedPaper(), reject...), SignedOn: c.Clock.Now().Day()}
			_, err := c.Ledger.RecordPledge(t.Context(), c.Submitter, c.Key(), id, paper)
			_, err2 := c.Ledger.VerifyPledge(t.Context(), c.Approver, c.Key(), id, reject, "")
			if err := errors.Join(err, err2); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := c.Ledger.SealPledges(t.Context(), sealer(t, nil)); err != nil {
			t.Fatal(err)
		}
		if all, left := contentOf(t, c, url); all != 5 || left != 5 { // form, three papers, the sealed one
			t.Fatalf("%d documents, %d with content", all, left)
		}
		if _, err := c.Ledger.DecideDisposal(t.Context(), c.CityApprover, c.Key(), proposed(t, c), true); err != nil {
			t.Fatal(err)
		}
		if all, left := contentOf(t, c, url); all != 5 || left != 0 {
			t.Errorf("%d documents, %d with content", all, left)
		}
	})
}

// While a timestamp is waited for the pledge may be disposed of: then nothing of it
// comes back.
func TestNoPledgeIsSealedThatWasDisposedOfMeanwhile(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		c.Employed("e001")
		id := proposed(t, c)
		var once sync.Once
		authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			once.Do(func() {
				if _, err := c.Ledger.DecideDisposal(t.Context(), c.CityApprover, c.Key(), id, true); err != nil {
					t.Error(err)
				}
			})
			http.Error(w, "later", http.StatusServiceUnavailable)
		}))
		defer authority.Close()
		if _, _, err := c.Ledger.SealPledges(t.Context(), sealer(t, seal.NewStamper(authority.URL))); err != nil {
			t.Fatal(err)
		}
		if all, left := contentOf(t, c, url); all != 1 || left != 0 {
			t.Errorf("%d documents, %d with content", all, left)
		}
	})
}

// So may a roster.
func TestNoRosterIsSealedThatWasDisposedOfMeanwhile(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		c.Employed("e001")
		id := proposed(t, c)
		var once sync.Once
		authority := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			once.Do(func() {
				if _, err := c.Ledger.DecideDisposal(t.Context(), c.CityApprover, c.Key(), id, true); err != nil {
					t.Error(err)
				}
			})
			http.Error(w, "later", http.StatusServiceUnavailable)
		}))
		defer authority.Close()
		c.Options.Sealing.Sealer = sealer(t, seal.NewStamper(authority.URL))
		c.Reopen()
		if f, err := c.Ledger.RosterPaper(t.Context(), c.Receiver, "C01", 1, "pdf"); !errors.Is(err, meibo.ErrNotFound) {
			t.Errorf("given out: %d bytes, %v", len(f.Content), err)
		}
		if all, left := contentOf(t, c, url); all != 1 || left != 0 {
			t.Errorf("%d documents, %d with content", all, left)
		}
	})
}

// The hash of a pledge's text, against which names can be tried, is kept with the
// pledge alone.
func TestNoAnswerKeepsTheHashOfAText(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		done := c.Submit(c.Submitter, meibotest.Line("e001"))
		c.Approve(c.Approver, done)
		person, key := done.Rows[0].PersonID, c.Key()
		first, err := c.Ledger.RequestPledge(t.Context(), c.Submitter, key, "C01", person, 0)
		if err != nil || first.Hash == "" {
			t.Fatal(first, err)
		}
		kept, err := c.Ledger.Request(t.Context(), c.Submitter, key)
		if err != nil || strings.Contains(kept.Answer, first.Hash) || !strings.Contains(kept.Answer, string(first.ID)) {
			t.Errorf("kept is %s, %v", kept.Answer, err)
		}
		again, err := c.Ledger.RequestPledge(t.Context(), c.Submitter, key, "C01", person, 0)
		if err != nil || again != first {
			t.Errorf("repeated: %+v, %v; want %+v", again, err, first)
		}
	})
}
