package meibo_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestWhoMustLookIsToldOnceOfEachConcern(t *testing.T) {
	organizations := []meibo.Organization{
		{ID: "G0", Kind: meibo.City}, {ID: "K1", NoticeTo: []string{"k1@a.example"}}, {ID: "K2", NoticeTo: []string{"k2@a.example"}}, {ID: "S1"},
	}
	contract := meibo.Contract{ID: "C01", PrimeID: "K1", NoticeTo: []string{"tax@city.example"}}
	held := meibo.Account{HoldID: "h", DoubtedAt: asOf.Add(-time.Hour), Held: meibo.Pack(meibo.HeldChange{Since: asOf})}
	moved := meibo.Account{TransferredAt: asOf.Add(time.Minute)}
	other := meibo.Account{Employers: meibo.Pack([]meibo.OrganizationID{"K2"}), EmployersAt: asOf.Add(time.Minute)}
	told := func(kind meibo.NoticeKind, to meibo.OrganizationID, after time.Duration) meibo.Notice {
		return meibo.Notice{ContractID: "C01", Kind: kind, OrganizationID: to, Number: 1, CreatedAt: asOf.Add(after)}
	}
	disabled := meibo.Account{State: meibo.AccountDisabled, ChangedAt: asOf}
	for _, c := range []struct {
		name     string
		account  meibo.Account
		employer meibo.OrganizationID
		assigned time.Duration // after the concern arose
		silent   bool          // the city has no address
		before   []meibo.Notice
		after    time.Duration
		want     string
	}{
		{"who is as the roster says concerns nobody", meibo.Account{Employers: meibo.Pack([]meibo.OrganizationID{"K1"})}, "K1", -time.Hour, false, nil, time.Hour, "[]"},
		{"prime and city are told of a hold", held, "K1", -time.Hour, false, nil, time.Second, "[held G0 1 queued held K1 1 queued]"},
		{"a subcontractor of its own people, too, and that it has no address is seen", held, "S1", -time.Hour, false, nil, time.Second,
			"[held G0 1 queued held K1 1 queued held S1 1 failed]"},
		{"a city without an address is not", held, "K1", -time.Hour, true, nil, time.Second, "[held K1 1 queued]"},
		{"of a locked account only those for whom he works", disabled, "S1", -time.Hour, false, nil, time.Second, "[disabled K1 1 queued disabled S1 1 failed]"},
		{"once", disabled, "K1", -time.Hour, false, []meibo.Notice{told(meibo.NoticeDisabled, "K1", 0)}, time.Hour, "[]"},
		{"of another unit", moved, "K1", -time.Hour, true, nil, time.Hour, "[elsewhere K1 1 queued]"},
		{"of another employer, by whom nobody is told", other, "K1", -time.Hour, true, nil, time.Hour, "[elsewhere K1 1 queued]"},
		{"not again", held, "K1", -time.Hour, false, []meibo.Notice{told(meibo.NoticeHeld, "K1", 0), told(meibo.NoticeHeld, "G0", 0)}, time.Hour, "[]"},
		{"who was not told before is", held, "K1", -time.Hour, false, []meibo.Notice{told(meibo.NoticeHeld, "K1", 0)}, time.Hour, "[held G0 1 queued]"},
		{"of one more only after ten minutes", moved, "K1", -time.Hour, true, []meibo.Notice{told(meibo.NoticeElsewhere, "K1", 0)}, 10*time.Minute - time.Microsecond, "[]"},
		{"of a hold though there was doubt before others were told", held, "K1", -time.Hour, true, []meibo.Notice{told(meibo.NoticeHeld, "K1", -30*time.Minute)}, time.Second,
			"[held K1 2 queued]"},
		{"of who was locked before others were told, and put on the roster since", disabled, "K1", 2 * time.Hour, true,
			[]meibo.Notice{told(meibo.NoticeDisabled, "K1", time.Hour)}, 2 * time.Hour, "[disabled K1 2 queued]"},
		{"of who stood elsewhere, too", moved, "K1", 2 * time.Hour, true, []meibo.Notice{told(meibo.NoticeElsewhere, "K1", time.Hour)}, 2 * time.Hour,
			"[elsewhere K1 2 queued]"},
		{"and of who was in a hold", held, "K1", 2 * time.Hour, true, []meibo.Notice{told(meibo.NoticeHeld, "K1", time.Hour)}, 2 * time.Hour, "[held K1 2 queued]"},
		{"and then", moved, "K1", -time.Hour, true, []meibo.Notice{told(meibo.NoticeElsewhere, "K1", 0)}, 10 * time.Minute, "[elsewhere K1 2 queued]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			k := contract
			if c.silent {
				k.NoticeTo = nil
			}
			s := meibo.Scene{Now: asOf.Add(c.after), NewID: func() string { return "n" }}
			got := []string{}
			for _, n := range meibo.Owed(s, k, "G0", organizations, c.before, c.account.Concerns(c.employer, asOf.Add(c.assigned))) {
				got = append(got, fmt.Sprint(n.Kind, " ", n.OrganizationID, " ", n.Number, " ", n.State))
			}
			same(t, fmt.Sprint(got), c.want)
		})
	}
}

func TestARosterDoesNotWaitForAWarning(t *testing.T) {
	notice := func(id meibo.NoticeID, number int, kind meibo.NoticeKind, next time.Duration) meibo.Notice {
		return meibo.Notice{ID: id, ContractID: "C01", OrganizationID: "G0", Number: number, Kind: kind, State: meibo.NoticeQueued, NextAt: asOf.Add(next)}
	}
	for _, warning := range []meibo.NoticeKind{meibo.NoticeHeld, meibo.NoticeDisabled, meibo.NoticeElsewhere} {
		open := []meibo.Notice{
			notice("late", 1, warning, time.Hour), notice("next", 2, meibo.NoticeElsewhere, 0),
			notice("first", 3, meibo.NoticeRoster, 0), notice("second", 4, meibo.NoticeRoster, 0),
		}
		var got []meibo.NoticeID
		for _, n := range meibo.NextToSend(open, asOf) {
			got = append(got, n.ID)
		}
		same(t, got, []meibo.NoticeID{"first"})
	}
}
