package meibo_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestWhoMustActIsRemindedOncePerWeek(t *testing.T) {
	b := meibo.Book{
		Contract: meibo.Contract{ID: "C01", PrimeID: "K1", Starts: "2026-04-01", Ends: "2027-03-31", State: meibo.ContractActive},
		Templates: []meibo.PledgeTemplate{
			{ID: "T", Version: 1, ValidFrom: "2026-04-01"}, {ID: "T", Version: 2, ValidFrom: "2026-11-01", Resign: meibo.ResignMandatory, GraceUntil: "2026-11-30"},
		},
	}
	for _, id := range []meibo.OrganizationID{"G0", "K1", "K2", "S1"} {
		b.Organizations.Put(meibo.Organization{ID: id, NoticeTo: []string{"to@example.com"}})
	}
	asked := asOf.Add(-time.Hour)
	b.Assignments.Put(meibo.Assignment{ID: "A1", ContractID: "C01", PersonID: "E001", EmployerID: "S1", Starts: "2026-10-01", Ends: "2027-03-31"})
	b.Pledges.Put(meibo.Pledge{ID: "P1", PersonID: "E001", ContractID: "C01", EmployerID: "S1", State: meibo.PledgeRequested, TemplateID: "T", TemplateVersion: 1, RequestedAt: asked})
	ids := 0
	remind := func(at meibo.Instant, want int) {
		t.Helper()
		s := meibo.Scene{Now: at, NewID: func() string { ids++; return strconv.Itoa(ids) }}
		if got := b.Remind(s, meibo.CityParameters{}); got != want {
			t.Errorf("at %s %d are reminded, want %d", at, got, want)
		}
	}
	day := 24 * time.Hour
	remind(asked.Add(3*day-1), 0) // there is time
	remind(asked.Add(3*day), 2)   // S1, whose person it is, and the prime
	remind(asked.Add(10*day-1), 0)
	remind(asked.Add(10*day), 2)
	for _, n := range b.Notices.All() {
		if n.OrganizationID != "S1" && n.OrganizationID != "K1" || n.Kind != meibo.NoticePledges || n.State != meibo.NoticeQueued {
			t.Errorf("%+v", n)
		}
	}
	p, _ := b.Pledges.Get("P1")
	p.State, p.ValidFrom = meibo.PledgeValid, asked
	b.Pledges.Put(p)
	remind(meibo.Date("2026-11-16").Start(), 0)   // refused from 1 December: more than two weeks
	remind(meibo.Date("2026-11-17").Start(), 2)   // the new wording has waited since the 1st
	remind(meibo.Date("2027-04-01").Start()+1, 0) // the contract is over
}
