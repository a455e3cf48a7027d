package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

func codeOf(err error) meibo.ProblemCode {
	var refusal *meibo.Refusal
	var problems meibo.Problems
	switch {
	case errors.As(err, &refusal):
		return refusal.Code
	case errors.As(err, &problems):
		return problems[0].Code
	}
	return ""
}

func TestOnlyThePaperThatWasSeenIsVerified(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		done := c.Submit(c.Submitter, meibotest.Line("takasaki"))
		c.Approve(c.Approver, done)
		id := c.OpenPledge(done.Rows[0].PersonID)
		record := func(content []byte) error {
			_, err := c.Ledger.RecordPledge(t.Context(), c.Submitter, c.Key(), id, ledger.Paper{MediaType: "image/png", Bytes: content, SignedOn: c.Clock.Now().Day()})
			return err
		}
		if err := record(demo.ScannedPaper()); err != nil {
			t.Fatal(err)
		}
		first, err := c.Ledger.PledgePaper(t.Context(), c.Approver, id)
		if err != nil || !bytes.Equal(first.Bytes, demo.ScannedPaper()) || first.Name != "氏名takasaki" {
			t.Fatalf("the paper: %v, of %q", err, first.Name)
		}
		if err := record(append(demo.ScannedPaper(), 0)); err != nil { // another, while the first is looked at
			t.Fatal(err)
		}
		_, err = c.Ledger.VerifyPledge(t.Context(), c.Approver, c.Key(), id, "", first.Hash)
		if got := codeOf(err); got != "PAPER_DIFFERS" {
			t.Errorf("the paper before: got %q (%v)", got, err)
		}
		second, err := c.Ledger.PledgePaper(t.Context(), c.Approver, id)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := c.Ledger.VerifyPledge(t.Context(), c.Approver, c.Key(), id, "", second.Hash); err != nil || p.State != meibo.PledgeValid {
			t.Errorf("the paper that is there: %v, %v", p.State, err)
		}
	})
}

func TestOneFormIsKeptHoweverManyAskForIt(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		done := c.Submit(c.Submitter, meibotest.Line("takasaki"))
		c.Approve(c.Approver, done)
		id := c.OpenPledge(done.Rows[0].PersonID)
		forms := make([]document.File, 4)
		var all sync.WaitGroup
		for i := range forms {
			key := c.Key()
			all.Go(func() {
				var err error
				if forms[i], err = c.Ledger.PledgeForm(t.Context(), c.Submitter, key, id); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		for _, f := range forms[1:] {
			if len(f.Content) == 0 || !bytes.Equal(f.Content, forms[0].Content) {
				t.Errorf("forms of %d and %d bytes", len(f.Content), len(forms[0].Content))
			}
		}
		if _, err := c.Ledger.PledgeForm(t.Context(), c.Stranger, c.Key(), id); !errors.Is(err, meibo.ErrNotFound) {
			t.Errorf("a stranger: %v", err)
		}
	})
}

// Nothing is recorded where the inspector cannot be asked.
func TestAPaperThatCannotBeInspectedIsNotTaken(t *testing.T) {
	c := meibotest.NewCity(t, t.TempDir()+"/meibo.db", nil)
	c.Options.Inspect = func(context.Context, document.Scan) (meibo.ProblemCode, error) { return "", errors.New("no process") }
	c.Reopen()
	done := c.Submit(c.Submitter, meibotest.Line("takasaki"))
	c.Approve(c.Approver, done)
	id := c.OpenPledge(done.Rows[0].PersonID)
	_, err := c.Ledger.RecordPledge(t.Context(), c.Submitter, c.Key(), id, ledger.Paper{MediaType: "image/png", Bytes: demo.ScannedPaper(), SignedOn: "2026-10-15"})
	if !errors.Is(err, meibo.ErrBusy) || codeOf(err) != "SCAN_UNCHECKED" {
		t.Errorf("got %v", err)
	}
	if p, err := c.Ledger.Pledge(t.Context(), c.Submitter, id); err != nil || p.State != meibo.PledgeRequested {
		t.Errorf("the pledge is %v, %v", p.State, err)
	}
}
