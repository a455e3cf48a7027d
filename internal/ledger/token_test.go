package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

func TestATokenIsReachedOrRefused(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person := c.Employed("e001")
		ctx, receipt := ledger.WithReceipt(t.Context())
		hold := meibo.Hold{Kind: meibo.HoldIncident, PersonID: person}
		key := c.Key()
		if _, err := c.Ledger.OpenHold(ctx, c.CityApprover, key, hold); err != nil || receipt.Token == "" {
			t.Fatal(err, receipt)
		}
		if err := c.Ledger.Reach(t.Context(), receipt.Token); err != nil {
			t.Error(err)
		}
		d := c.Check(person)
		if at, _, _ := strings.Cut(receipt.Token, "."); d.Allowed || c.Ledger.Token(d.Epoch, d.Revision) != receipt.Token {
			t.Errorf("decided at %d, after a write at %s", d.Revision, at)
		}
		again, repeated := ledger.WithReceipt(t.Context())
		if _, err := c.Ledger.OpenHold(again, c.CityApprover, key, hold); err != nil || repeated.Token == "" {
			t.Errorf("a repeated write: %v, %v", err, repeated)
		}
		for _, forged := range []string{"x", "1", "1.2.3", strings.Replace(receipt.Token, ".", "0.", 1), receipt.Token[:len(receipt.Token)-1] + "x"} {
			if err := c.Ledger.Reach(t.Context(), forged); !errors.Is(err, meibo.ErrInvalid) {
				t.Errorf("%s: %v", forged, err)
			}
		}
		if err := c.Ledger.Reach(t.Context(), c.Ledger.Token(d.Epoch, d.Revision+9)); !errors.Is(err, meibo.ErrBusy) {
			t.Errorf("a revision ahead: %v", err)
		}
		c.Ledger.Close()
		if _, _, err := ledger.AcceptEpoch(t.Context(), c.Options); err != nil {
			t.Fatal(err)
		}
		c.Reopen()
		if err := c.Ledger.Reach(t.Context(), receipt.Token); !errors.Is(err, meibo.ErrConflict) {
			t.Errorf("a token of the history before: %v", err)
		}
	})
}
