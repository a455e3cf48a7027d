package meibo_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestFromWhichDaySomebodyIsRefused(t *testing.T) {
	templates := []meibo.PledgeTemplate{
		{ID: "T", Version: 1, Variant: meibo.VariantGeneral, ValidFrom: "2026-04-01", Resign: meibo.ResignNone},
		{ID: "T", Version: 2, Variant: meibo.VariantGeneral, ValidFrom: "2026-11-01", Resign: meibo.ResignMandatory, GraceUntil: "2026-11-30"},
		{ID: "M", Version: 1, Variant: meibo.VariantMinor, ValidFrom: "2026-04-01", Resign: meibo.ResignNone},
	}
	at := func(day meibo.Date) meibo.Instant { return day.Start() }
	valid := func(template meibo.TemplateID, version int, from meibo.Instant) meibo.Pledge {
		return meibo.Pledge{ID: "P", TemplateID: template, TemplateVersion: version, State: meibo.PledgeValid, ValidFrom: from, RequestedAt: at("2026-04-01")}
	}
	waits := func(state meibo.PledgeState, reason meibo.RejectReason) meibo.Pledge {
		return meibo.Pledge{ID: "Q", TemplateID: "T", TemplateVersion: 2, State: state, Reason: reason, RequestedAt: at("2026-10-01"), ClosedAt: at("2026-10-02")}
	}
	consented := valid("M", 1, at("2026-10-01"))
	consented.GuardianConsent = true
	for _, c := range []struct {
		name    string
		pledges []meibo.Pledge
		months  int
		starts  meibo.Date
		want    string
	}{
		{"nothing", nil, 0, "2026-10-01", "2026-10-15 PLEDGE_MISSING"},
		{"nothing, before the work begins", nil, 0, "2026-12-01", "2026-12-01 PLEDGE_MISSING"},
		{"nothing that counts", []meibo.Pledge{waits(meibo.PledgeSuperseded, ""), waits(meibo.PledgeDisposed, "")}, 0, "2026-10-01", "2026-10-15 PLEDGE_MISSING"},
		{"asked for", []meibo.Pledge{waits(meibo.PledgeRequested, "")}, 0, "2026-10-01", "2026-10-15 PLEDGE_NOT_SIGNED"},
		{"on paper", []meibo.Pledge{waits(meibo.PledgePending, "")}, 0, "2026-10-01", "2026-10-15 PLEDGE_PENDING_VERIFICATION"},
		{"turned down", []meibo.Pledge{waits(meibo.PledgeRejected, meibo.RejectUnreadable)}, 0, "2026-10-01", "2026-10-15 PLEDGE_REJECTED"},
		{"somebody else's signature", []meibo.Pledge{waits(meibo.PledgeRejected, meibo.RejectSignature)}, 0, "2026-10-01", "2026-10-15 PLEDGE_SIGNATURE_INVALID"},
		{"turned down, asked for again", []meibo.Pledge{waits(meibo.PledgeRejected, meibo.RejectUnreadable), waits(meibo.PledgeRequested, "")}, 0, "2026-10-01", "2026-10-15 PLEDGE_REJECTED"},
		{"the new wording", []meibo.Pledge{valid("T", 2, at("2026-10-01"))}, 0, "2026-10-01", ""},
		{"the old wording", []meibo.Pledge{valid("T", 1, at("2026-10-01"))}, 0, "2026-10-01", "2026-12-01 PLEDGE_TEMPLATE_OUTDATED"},
		{"the old wording, while the new one waits", []meibo.Pledge{valid("T", 1, at("2026-10-01")), waits(meibo.PledgeRequested, "")}, 0, "2026-10-01", "2026-12-01 PLEDGE_TEMPLATE_OUTDATED"},
		{"a year ago, at midnight", []meibo.Pledge{valid("T", 2, at("2026-02-01"))}, 12, "2026-10-01", "2027-02-01 PLEDGE_EXPIRED"},
		{"a year ago, in the day", []meibo.Pledge{valid("T", 2, at("2026-02-01")+1)}, 12, "2026-10-01", "2027-02-02 PLEDGE_EXPIRED"},
		{"on a day that not every month has", []meibo.Pledge{valid("T", 2, at("2026-08-31"))}, 6, "2026-10-01", "2027-03-01 PLEDGE_EXPIRED"},
		{"longer than the work", []meibo.Pledge{valid("T", 2, at("2026-06-01"))}, 12, "2026-10-01", ""},
		{"a minor alone", []meibo.Pledge{valid("M", 1, at("2026-10-01"))}, 0, "2026-10-01", "2026-10-15 PLEDGE_GUARDIAN_CONSENT_MISSING"},
		{"a minor with consent", []meibo.Pledge{consented}, 0, "2026-10-01", ""},
	} {
		b := meibo.Book{Contract: meibo.Contract{ID: "C01", Starts: "2026-04-01", Ends: "2027-03-31", State: meibo.ContractActive}, Templates: templates}
		b.Assignments.Put(meibo.Assignment{ID: "A", ContractID: "C01", PersonID: "E001", EmployerID: "K1", Starts: c.starts, Ends: "2027-03-31"})
		for i, p := range c.pledges {
			p.ID, p.PersonID, p.ContractID, p.EmployerID = p.ID+meibo.PledgeID(rune('0'+i)), "E001", "C01", "K1"
			b.Pledges.Put(p)
		}
		got := ""
		for _, o := range b.Outlook(meibo.CityParameters{PledgeMonths: c.months}, asOf) {
			got += string(o.From) + " " + o.Code
		}
		if got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestTextsAreLaidBesideEachOther(t *testing.T) {
	for _, c := range []struct{ before, after, want string }{
		{"一\n二\n三", "一\n二\n三", " 一 二 三"},
		{"一\n二\n三", "一\n二の二\n三\n四", " 一-二+二の二 三+四"},
		{"一\n二", "二", "-一 二"},
		{"", "一", "-+一"},
	} {
		got := ""
		for _, l := range meibo.Differences(meibo.Personal(c.before), meibo.Personal(c.after)) {
			mark := l.Mark
			if mark == "" {
				mark = " "
			}
			got += mark + string(l.Text)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Error(diff)
		}
	}
}
