package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// The stations of a version: when the city was notified, when it acknowledged,
// when it returned it whole.
func version(n int, notified, acknowledged, returned meibo.Instant) meibo.VersionStatus {
	return meibo.VersionStatus{Version: n, NotifiedAt: notified, AcknowledgedAt: acknowledged, ReturnedAt: returned}
}

func TestWhenARightOpens(t *testing.T) {
	const mon, tue, wed = meibo.Instant(1e6), meibo.Instant(2e6), meibo.Instant(3e6)
	from2 := meibo.Right{ListedFrom: 2}
	from2to3 := meibo.Right{ListedFrom: 2, ListedUntil: 3}
	for _, c := range []struct {
		name     string
		right    meibo.Right
		versions []meibo.VersionStatus
		ack      bool
		opened   meibo.Instant
		waiting  meibo.Waiting
	}{
		{"a right that no version contains waits", meibo.Right{}, []meibo.VersionStatus{version(1, mon, mon, 0)}, false, 0, meibo.WaitsForNotification},
		{"a right whose version the city has not waits", from2, []meibo.VersionStatus{version(1, mon, mon, 0), version(2, 0, 0, 0)}, false, 0, meibo.WaitsForNotification},
		{"a right opens when the city was notified", from2, []meibo.VersionStatus{version(1, mon, 0, 0), version(2, tue, 0, 0)}, false, tue, meibo.WaitsForNothing},
		{"it opens with a later version as well", from2, []meibo.VersionStatus{version(2, 0, 0, 0), version(3, wed, 0, 0)}, false, wed, meibo.WaitsForNothing},
		{"of two versions the one that the city had first counts", from2, []meibo.VersionStatus{version(2, wed, 0, 0), version(3, tue, 0, 0)}, false, tue, meibo.WaitsForNothing},
		{"a version that no longer contains it does not open it", from2to3, []meibo.VersionStatus{version(2, 0, 0, 0), version(3, wed, wed, 0)}, false, 0, meibo.WaitsForNotification},
		{"a version returned whole opens nothing", from2, []meibo.VersionStatus{version(2, 0, 0, 0), version(3, wed, 0, wed)}, false, 0, meibo.WaitsForNotification},
		{"a version returned after its acknowledgement opens nothing", from2, []meibo.VersionStatus{version(2, mon, tue, wed)}, true, 0, meibo.WaitsForNotification},
		{"a version before the returned one still opens it", from2, []meibo.VersionStatus{version(2, tue, 0, 0), version(3, wed, 0, wed)}, false, tue, meibo.WaitsForNothing},
		{"a right that was returned is closed", meibo.Right{ListedFrom: 2, ReturnedAt: wed}, []meibo.VersionStatus{version(2, tue, tue, 0)}, false, 0, meibo.WasReturned},
		{"where the contract asks for it, notification is not enough", from2, []meibo.VersionStatus{version(2, tue, 0, 0)}, true, 0, meibo.WaitsForAcknowledgement},
		{"there it opens when the city has acknowledged", from2, []meibo.VersionStatus{version(2, tue, wed, 0)}, true, wed, meibo.WaitsForNothing},
		{"and with a later version that was acknowledged", from2, []meibo.VersionStatus{version(2, tue, 0, 0), version(3, tue, wed, 0)}, true, wed, meibo.WaitsForNothing},
		{"an acknowledgement of what no longer contains it is none", from2to3, []meibo.VersionStatus{version(2, tue, 0, 0), version(3, tue, wed, 0)}, true, 0, meibo.WaitsForAcknowledgement},
		{"without any version it waits", from2, nil, false, 0, meibo.WaitsForNotification},
	} {
		t.Run(c.name, func(t *testing.T) {
			opened, waiting := c.right.Opened(c.versions, c.ack)
			if opened != c.opened || waiting != c.waiting {
				t.Errorf("opened at %d, waiting for %q, want %d and %q", opened, waiting, c.opened, c.waiting)
			}
		})
	}
}

func TestWhatTheCityHasAcknowledged(t *testing.T) {
	r := meibo.Right{ListedFrom: 2, ListedUntil: 4}
	for _, c := range []struct {
		name     string
		right    meibo.Right
		versions []meibo.VersionStatus
		want     bool
	}{
		{"a version that contains it", r, []meibo.VersionStatus{version(3, 1, 1, 0)}, true},
		{"only one before it", r, []meibo.VersionStatus{version(1, 1, 1, 0)}, false},
		{"only one after it", r, []meibo.VersionStatus{version(4, 1, 1, 0)}, false},
		{"one that was notified only", r, []meibo.VersionStatus{version(3, 1, 0, 0)}, false},
		{"one that was returned in the end", r, []meibo.VersionStatus{version(3, 1, 1, 2)}, false},
		{"none that contains it", meibo.Right{}, []meibo.VersionStatus{version(1, 1, 1, 0)}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := c.right.Acknowledged(c.versions); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

func TestWidenedRightsOpenOneByOne(t *testing.T) {
	d := working(t)
	d.Contract.AckRequired = true
	if len(d.open()) > 0 {
		t.Errorf("%v is open without an acknowledgement", d.open())
	}
	d.answer(1, meibo.Acknowledged, "")
	same(t, len(d.open()), 2)
	d.enlist(add("E001", "A11"))
	d.notify()
	same(t, len(d.open()), 2)
	d.answer(2, meibo.Acknowledged, "")
	same(t, len(d.open()), 3)
}

func TestABouncedNoticeClosesWhatItOpened(t *testing.T) {
	d := working(t)
	same(t, len(d.open()), 2)
	n, err := d.Notices.All()[0].Bounce()
	if err != nil {
		t.Fatal(err)
	}
	d.Notices.Put(n)
	same(t, len(d.open()), 0)
	d.answer(1, meibo.Acknowledged, "") // the city has it, whatever the mail did
	same(t, len(d.open()), 2)
}

func TestABackdatedAdditionNeverLegitimisesThePast(t *testing.T) {
	d := newDesk(t)
	d.enlist(during(add("E001", "A01"), "2026-09-01", "2027-03-31"))
	d.later("2026-10-20T09:00:00+09:00")
	d.notify()
	opened, _ := d.Rights.All()[0].Opened(d.Statuses(), false)
	same(t, opened, at("2026-10-20T09:00:00+09:00"))
}
