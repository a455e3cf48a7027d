package meibo_test

import (
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

const first, second = "a@city.kakuu.example", "b@city.kakuu.example"

func each(states ...meibo.Receipt) meibo.Attempt { return meibo.Attempt{Code: "x", Each: states} }

func once(to string, s meibo.ReceiptState) meibo.Receipt {
	return meibo.Receipt{To: to, State: s, Code: string(s)}
}

func TestEachAddressGetsItsNoticeOnce(t *testing.T) {
	n := meibo.Notice{State: meibo.NoticeQueued, CreatedAt: asOf}.Take(asOf, meibo.WayMail, "<1@meibo>")
	n = n.Settle(each(once(first, meibo.ReceiptTaken), once(second, meibo.ReceiptLater)), asOf)
	same(t, [2]any{n.State, n.NotifiedAt}, [2]any{meibo.NoticeQueued, asOf})
	same(t, n.Addressees([]string{first, second}), []string{second})

	later := asOf.Add(time.Hour)
	done := n.Take(later, meibo.WayMail, "<1@meibo>").Settle(each(once(second, meibo.ReceiptTaken)), later)
	same(t, [2]any{done.State, done.NotifiedAt}, [2]any{meibo.NoticeNotified, asOf})
	same(t, len(done.Addressees([]string{first, second})), 0)

	late := asOf.Add(meibo.NoticeGivenUp)
	dead := n.Take(late, meibo.WayMail, "<1@meibo>").Settle(each(once(second, meibo.ReceiptLater)), late)
	same(t, dead.State, meibo.NoticeNotified)
	same(t, dead.Receipts.V[1], meibo.Receipt{To: second, State: meibo.ReceiptDead, Code: "later"})
	again, err := dead.Retry(late)
	same(t, [3]any{again.State, again.NotifiedAt, err}, [3]any{meibo.NoticeQueued, asOf, nil})
	same(t, again.Addressees([]string{first, second}), []string{second})

	back, err := done.Bounce()
	same(t, [3]any{back.State, back.NotifiedAt, err}, [3]any{meibo.NoticeBounced, meibo.Instant(0), nil})
	back, _ = back.Retry(late)
	same(t, back.Addressees([]string{first, second}), []string{first, second})
}

func TestOneThatIsNotifiedKeepsNothingWaiting(t *testing.T) {
	slow := meibo.Notice{ContractID: "C01", OrganizationID: "G0", Number: 1, State: meibo.NoticeQueued, NotifiedAt: asOf, NextAt: asOf.Add(time.Hour)}
	next := meibo.Notice{ContractID: "C01", OrganizationID: "G0", Number: 2, State: meibo.NoticeQueued, NextAt: asOf}
	same(t, meibo.NextToSend([]meibo.Notice{slow, next}, asOf), []meibo.Notice{next})
}

func TestALaterVersionMakesEarlierOnesMoot(t *testing.T) {
	notice := func(version int, state meibo.NoticeState, at meibo.Instant) meibo.Notice {
		return meibo.Notice{ContractID: "C01", OrganizationID: "G0", Kind: meibo.NoticeRoster, Version: version, State: state, NotifiedAt: at,
			Receipts: meibo.Pack([]meibo.Receipt{{To: second, State: meibo.ReceiptLater}})}
	}
	other := notice(1, meibo.NoticeFailed, 0)
	other.Kind = meibo.NoticeReturned
	var got []meibo.NoticeState
	for _, n := range meibo.Supersede([]meibo.Notice{
		notice(1, meibo.NoticeFailed, 0), notice(2, meibo.NoticeBounced, 0), notice(3, meibo.NoticeSent, 0), notice(4, meibo.NoticeQueued, asOf),
		notice(5, meibo.NoticeQueued, 0), notice(6, meibo.NoticeNotified, asOf), notice(7, meibo.NoticeNotified, asOf), notice(8, meibo.NoticeFailed, 0), other,
	}, notice(7, meibo.NoticeNotified, asOf)) {
		got = append(got, n.State)
		if n.Version == 4 && n.Receipts.V[0] != (meibo.Receipt{To: second, State: meibo.ReceiptDead, Code: "SUPERSEDED"}) {
			t.Errorf("%+v", n.Receipts)
		}
	}
	same(t, got, []meibo.NoticeState{meibo.NoticeSuperseded, meibo.NoticeSuperseded, meibo.NoticeSuperseded, meibo.NoticeNotified, meibo.NoticeSuperseded})
	same(t, len(meibo.Supersede([]meibo.Notice{notice(1, meibo.NoticeFailed, 0)}, notice(2, meibo.NoticeFailed, 0))), 0)
}

// What was on its way while a later version arrived is not sent again, nor missed.
func TestWhatComesBackTooLateIsMoot(t *testing.T) {
	notice := func(version int, state meibo.NoticeState, at meibo.Instant) meibo.Notice {
		return meibo.Notice{ContractID: "C01", OrganizationID: "G0", Kind: meibo.NoticeRoster, Version: version, State: state, NotifiedAt: at}
	}
	told, untold := notice(2, meibo.NoticeNotified, asOf), notice(2, meibo.NoticeQueued, 0)
	for _, c := range []struct {
		name string
		n    meibo.Notice
		with meibo.Notice
		want meibo.NoticeState
	}{
		{"refused for now", notice(1, meibo.NoticeQueued, 0), told, meibo.NoticeSuperseded},
		{"refused for good", notice(1, meibo.NoticeFailed, 0), told, meibo.NoticeSuperseded},
		{"taken", notice(1, meibo.NoticeNotified, asOf), told, meibo.NoticeNotified},
		{"the later one was not told", notice(1, meibo.NoticeQueued, 0), untold, meibo.NoticeQueued},
		{"the later one itself", notice(3, meibo.NoticeQueued, 0), told, meibo.NoticeQueued},
	} {
		t.Run(c.name, func(t *testing.T) { same(t, c.n.Moot([]meibo.Notice{c.n, c.with}).State, c.want) })
	}
}
