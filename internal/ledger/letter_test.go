package ledger_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// A row of names that does not open keeps no letter from going: letters speak of
// nobody.
func TestLettersNeedNoNames(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		c.Approve(c.Approver, c.Submit(c.Submitter, meibotest.Line("e001")))
		behind(t, url, "UPDATE contracts SET responsible = 'YWJj' WHERE id = 'C01'")
		letters, err := c.Ledger.TakeNotices(t.Context(), "meibo.example", 100, meibo.WayMail)
		if err != nil || len(letters) != 1 || letters[0].Roster.Hash == "" || letters[0].Roster.Document != "" || letters[0].Contract.Responsible != "" {
			t.Errorf("letters %+v, %v", letters, err)
		}
	})
}
