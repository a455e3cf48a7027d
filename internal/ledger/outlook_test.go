package ledger_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestThePreviewSaysWhatTheChecksWillSay: to the day.
func TestThePreviewSaysWhatTheChecksWillSay(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		signed := c.Employed("e001")
		asked := c.Submit(c.Submitter, meibotest.Line("e002"))
		c.Approve(c.Approver, asked)
		c.Notify()
		m, err := c.Ledger.Master(t.Context(), c.Operator)
		if err != nil {
			t.Fatal(err)
		}
		for version, month := range map[int]int{2: 11, 3: 12} {
			text := fmt.Sprintf("第%d版\n{{name}}", version)
			m.Templates = append(m.Templates, meibo.PledgeTemplate{
				ID: "T-A", Version: version, Variant: meibo.VariantGeneral, Text: text, TextHash: meibo.HashText(text),
				ValidFrom: meibo.Date(fmt.Sprintf("2026-%d-01", month)), Resign: meibo.ResignMandatory, GraceUntil: meibo.Date(fmt.Sprintf("2026-%d-20", month)),
			})
		}
		c.Apply(m)
		preview := func(of meibo.PersonID) meibo.PledgeOutlook {
			t.Helper()
			list, err := c.Ledger.PreviewPledges(t.Context(), c.Submitter, "C01")
			i := slices.IndexFunc(list, func(o meibo.PledgeOutlook) bool { return o.PersonID == of })
			if err != nil || i < 0 {
				t.Fatalf("preview %v, %v", list, err)
			}
			return list[i]
		}
		later := preview(signed)
		now := preview(asked.Rows[0].PersonID)
		if d := c.Check(asked.Rows[0].PersonID); now.From != c.Clock.Now().Day() || !slices.Contains(d.Codes, now.Code) {
			t.Errorf("previewed %+v, decided %v", now, d.Codes)
		}
		if c.Ledger.Message(now.Code) == "" || c.Ledger.Message(later.Code) == "" {
			t.Errorf("nothing is said of %s or %s", now.Code, later.Code)
		}
		if later.From != "2026-11-21" {
			t.Errorf("previewed %+v", later)
		}
		c.Clock.Set(later.From.Start() - 1)
		if d := c.Check(signed); !d.Allowed {
			t.Errorf("the moment before: %v", d.Codes)
		}
		c.Clock.Set(later.From.Start())
		if d := c.Check(signed); !slices.Contains(d.Codes, later.Code) {
			t.Errorf("from then on: %v, previewed %s", d.Codes, later.Code)
		}
		again, err := c.Ledger.RequestPledge(t.Context(), c.Submitter, c.Key(), "C01", signed, 0)
		if err != nil {
			t.Fatal(err)
		}
		lines, err := c.Ledger.PledgeDifferences(t.Context(), c.Submitter, again.ID)
		if err != nil || !slices.Contains(lines, meibo.TextLine{Mark: "+", Text: "第2版"}) {
			t.Errorf("differences %v, %v", lines, err)
		}
		if list, err := c.Ledger.PreviewPledges(t.Context(), c.Sub, "C01"); err != nil || len(list) != 0 {
			t.Errorf("a hop sees others' people: %v, %v", list, err)
		}
	})
}

func TestRemindersAreOwedOnce(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		asked := c.Submit(c.Submitter, meibotest.Line("e002"))
		c.Approve(c.Approver, asked)
		c.Notify()
		remind := func(want int) {
			t.Helper()
			if n, err := c.Ledger.RemindPledges(t.Context()); n != want || err != nil {
				t.Errorf("reminded %d, want %d, %v", n, want, err)
			}
		}
		remind(0)
		c.Clock.At(t, "2026-10-18 10:00:00.000")
		remind(1)
		remind(0)
		var told []meibo.OrganizationID
		for _, l := range c.Notify() {
			if l.Notice.Kind == meibo.NoticePledges {
				told = append(told, l.Notice.OrganizationID)
			}
		}
		if !slices.Equal(told, []meibo.OrganizationID{"K1"}) {
			t.Errorf("told %v", told)
		}
		c.Pledged(asked.Rows[0].PersonID)
		c.Clock.At(t, "2026-10-30 10:00:00.000")
		remind(0)
	})
}
