package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// told takes the roster notices as the ledger does, with the day that follows.
func (d *desk) toldToday() {
	d.t.Helper()
	for _, n := range d.Notices.All() {
		if n.Kind == meibo.NoticeRoster && n.State == meibo.NoticeQueued {
			before := n
			n.State, n.NotifiedAt = meibo.NoticeNotified, d.now
			d.Notices.Put(n.Dated(before, d.Calendar, d.now))
		}
	}
	d.commit()
}

func (d *desk) escalate(text string) int {
	d.t.Helper()
	d.later(text)
	n := d.Escalate(d.scene(cityReceiver))
	d.commit()
	return n
}

func (d *desk) owed() (list []meibo.Date) {
	for _, n := range d.Notices.All() {
		if n.Kind == meibo.NoticeRoster {
			list = append(list, n.DueOn)
		}
	}
	return list
}

func TestSilenceEscalatesAndAcknowledgesNothing(t *testing.T) {
	d := newDesk(t, func(b *meibo.Book) { b.City.NoticeTo = []string{"chief@city.kakuu.example"} })
	d.enlist(add("E001", "A01"))
	d.toldToday() // on a Thursday
	same(t, d.owed(), []meibo.Date{"2026-10-22"})
	same(t, d.escalate("2026-10-22T23:59:59+09:00"), 0)
	same(t, d.escalate("2026-10-23T00:00:00+09:00"), 1)
	same(t, d.told(), []string{"G0 #1 roster v1", "G0 #2 overdue v1", "K1 #1 overdue v1"})
	same(t, d.escalate("2026-11-30T00:00:00+09:00"), 0) // once
	if s := d.Statuses()[0]; !s.AcknowledgedAt.IsZero() {
		t.Errorf("silence acknowledged: %+v", s)
	}
	if n := d.Notices.All()[0]; !n.Overdue() || n.Answer != "" {
		t.Errorf("%+v", n)
	}
	d.answer(1, meibo.Acknowledged, "")
	if n := d.Notices.All()[0]; n.Overdue() || n.Answer != meibo.Acknowledged {
		t.Errorf("%+v", n)
	}
}

func TestRemovalsAreToldOnTheSameOpenDay(t *testing.T) {
	d := newDesk(t)
	d.enlist(add("E001", "A01"), add("E002", "A01"))
	same(t, d.owed(), []meibo.Date{"2026-10-16"})
	d.toldToday()
	d.Depart(d.scene(primeSubmitter), []meibo.PersonID{"E001"})
	d.commit()
	same(t, d.owed(), []meibo.Date{"2026-10-22", "2026-10-15"})
	same(t, d.escalate("2026-10-16T00:00:00+09:00"), 1)
	same(t, d.told()[len(d.told())-1], "K1 #2 untold v2")
}

func TestWhatIsOwedEnds(t *testing.T) {
	d := newDesk(t)
	d.enlist(add("E001", "A01"))
	d.toldToday()
	d.enlist(add("E002", "A01"))
	d.toldToday()
	d.answer(2, meibo.Acknowledged, "") // it holds the whole
	same(t, d.owed(), []meibo.Date{"", ""})

	n := meibo.Notice{Kind: meibo.NoticeRoster, State: meibo.NoticeNotified, NotifiedAt: asOf, DueOn: "2026-10-22", OverdueAt: asOf}
	back, _ := n.Bounce()
	back = back.Dated(n, d.Calendar, asOf)
	same(t, [2]any{back.DueOn, back.OverdueAt}, [2]any{meibo.Date("2026-10-15"), meibo.Instant(0)})

	over := newDesk(t)
	over.enlist(add("E001", "A01"))
	over.toldToday()
	over.Contract.Ends = "2026-10-20"
	over.escalate("2026-10-23T00:00:00+09:00")
	same(t, over.owed(), []meibo.Date{""})
	same(t, over.told(), []string{"G0 #1 roster v1"})
}

func TestTheSecondAddressWaitsForNobody(t *testing.T) {
	stuck := meibo.Notice{ContractID: "C01", OrganizationID: "G0", Number: 1, Kind: meibo.NoticeRoster, State: meibo.NoticeQueued, NextAt: asOf + 1}
	second := meibo.Notice{ContractID: "C01", OrganizationID: "G0", Number: 2, Kind: meibo.NoticeUntold, State: meibo.NoticeQueued, NextAt: asOf}
	same(t, meibo.NextToSend([]meibo.Notice{stuck, second}, asOf), []meibo.Notice{second})
}
