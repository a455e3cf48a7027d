package ledger_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/seal"
)

// sealer seals; what it asks for a timestamp does not answer.
func sealer(t *testing.T, stamper *seal.Stamper) *seal.Sealer {
	t.Helper()
	authority, err := seal.NewAuthority("root", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	identity, err := authority.Issue("meibo", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	s, err := seal.NewSealer(identity, stamper)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEveryPledgeIsSealedOnce(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		done := c.Submit(c.Submitter, meibotest.Line("takasaki"))
		person := done.Rows[0].PersonID
		c.Approve(c.Approver, done)
		id := c.Pledged(person)
		if _, err := c.Ledger.PledgeFile(t.Context(), c.Submitter, id); !errors.Is(err, meibo.ErrNotFound) {
			t.Fatalf("before it is sealed: %v", err)
		}
		silent := sealer(t, seal.NewStamper("http://127.0.0.1:1/"))

		// broken off: nothing is half written, and the next round does it
		ended, end := context.WithCancel(t.Context())
		end()
		if n, _, err := c.Ledger.SealPledges(ended, silent); n != 0 || err == nil {
			t.Errorf("broken off: %d were sealed, %v", n, err)
		}

		// two servers at once
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				if _, plain, err := c.Ledger.SealPledges(t.Context(), silent); err != nil {
					t.Errorf("seal: %v, %v", plain, err)
				}
			})
		}
		all.Wait()
		f, err := c.Ledger.PledgeFile(t.Context(), c.Submitter, id)
		if err != nil {
			t.Fatal(err)
		}
		if f.Sealed.Stamped || f.Sealed.Code != "AUTHORITY_SILENT" || f.Sealed.Hash != meibo.HashText(string(f.Content)) {
			t.Errorf("sealed %+v", f.Sealed)
		}
		if n, _, err := c.Ledger.SealPledges(t.Context(), silent); n != 0 || err != nil {
			t.Errorf("once more: %d, %v", n, err)
		}
		c.Prove()

		proof, err := meibo.Canonical(f.Proof)
		if err != nil {
			t.Fatal(err)
		}
		// whose seals count is not configured here: who sealed is unknown, what the log says is not
		if v := c.Ledger.VerifyFile(f.Content, string(proof)); v.State != seal.Unknown || v.Code != "SIGNER_UNKNOWN" || v.Proven == nil || v.Proven.Entry.Seq != f.Proof.Entry {
			t.Errorf("verdict %+v", v)
		}
		if v := c.Ledger.VerifyFile(append(f.Content, '\n'), string(proof)); v.State != seal.Changed || v.Proven != nil {
			t.Errorf("appended: %+v", v)
		}
		if v := c.Ledger.VerifyFile(f.Content, "{}"); v.State != seal.Changed || v.Code != "PROOF_DAMAGED" {
			t.Errorf("another proof: %+v", v)
		}
	})
}

// A pledge that cannot be sealed keeps no later one waiting.
func TestOneBadPledgeStopsNoSealing(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		var ids []meibo.PledgeID
		for _, login := range []string{"e001", "e002"} {
			done := c.Submit(c.Submitter, meibotest.Line(login))
			c.Approve(c.Approver, done)
			ids = append(ids, c.Pledged(done.Rows[0].PersonID))
		}
		first, second := ids[0], ids[1]
		behind(t, url, "UPDATE pledges SET document_id = 'lost' WHERE id = '"+string(first)+"'")
		n, _, err := c.Ledger.SealPledges(t.Context(), sealer(t, nil))
		if n != 1 || err == nil || !strings.Contains(err.Error(), string(first)) || strings.Contains(err.Error(), string(second)) {
			t.Errorf("%d were sealed, %v", n, err)
		}
	})
}
