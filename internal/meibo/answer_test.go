package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestWhatTheCityCannotAnswer(t *testing.T) {
	for _, c := range []struct {
		name    string
		version int
		hash    func(meibo.Roster) string
		verdict meibo.Verdict
		line    meibo.PersonID
		reason  meibo.Personal
		want    string
	}{
		{"a version that does not exist", 2, nil, meibo.Acknowledged, "", "", "not found"},
		{"a roster that it did not see", 1, func(meibo.Roster) string { return meibo.HashText("") }, meibo.Acknowledged, "", "", "conflict: ROSTER_HASH_DIFFERS"},
		{"a return without a reason", 1, nil, meibo.Returned, "", "", "reason: REQUIRED"},
		{"a reason that is no text", 1, nil, meibo.Returned, "", "\xff", "reason: INVALID_UTF8"},
		{"a return of somebody who is not on it", 1, nil, meibo.Returned, "E003", "理由", "not found"},
		{"an acknowledgement of one line", 1, nil, meibo.Acknowledged, "E001", "", "person: NOT_USED_HERE"},
		{"a word that is no verdict", 1, nil, "seen", "", "", "verdict: UNKNOWN_VALUE"},
		{"a return with all that it needs is taken", 1, nil, meibo.Returned, "E001", "理由", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := working(t)
			r, _ := d.Rosters.Get(1)
			hash := r.Hash
			if c.hash != nil {
				hash = c.hash(r)
			}
			same(t, refusal(d.Answer(d.scene(cityReceiver), c.version, hash, c.verdict, c.line, c.reason)), c.want)
		})
	}
}

func TestAnAnswerIsGivenOnce(t *testing.T) {
	again := func(d *desk, v meibo.Verdict, line meibo.PersonID) string {
		r, _ := d.Rosters.Get(1)
		return refusal(d.copy().Answer(d.scene(cityReceiver), 1, r.Hash, v, line, "理由"))
	}
	d := working(t)
	d.answer(1, meibo.Acknowledged, "")
	same(t, again(d, meibo.Acknowledged, ""), "conflict: ROSTER_ALREADY_ANSWERED")
	d.answer(1, meibo.Returned, "E001")
	same(t, again(d, meibo.Returned, "E001"), "conflict: ROSTER_ALREADY_ANSWERED")
	d.answer(1, meibo.Returned, "")
	same(t, again(d, meibo.Acknowledged, ""), "conflict: ROSTER_ALREADY_RETURNED")
	same(t, again(d, meibo.Returned, "E001"), "conflict: ROSTER_ALREADY_RETURNED")
	same(t, d.told(), []string{"G0 #1 roster v1", "K1 #1 acknowledged v1", "K1 #2 returned v1", "K1 #3 returned v1"})
}

func TestAReturnedVersionClosesOnlyWhatItAdded(t *testing.T) {
	d := working(t)
	d.enlist(add("E002", "A01"), add("E001", "A11"))
	d.notify()
	same(t, len(d.open()), 4)
	d.answer(2, meibo.Returned, "")
	same(t, d.open(), []string{"E001 A01 view 2026-10-15..2026-12-31", "E001 A02 view 2026-10-15..2026-12-31"})
	same(t, d.listed(), []string{"E001 A01 view 2026-10-15..2026-12-31", "E001 A02 view 2026-10-15..2026-12-31"})
}

func TestAReturnedVersionDoesNotBringBackWhatItRemoved(t *testing.T) {
	d := working(t)
	d.submit(primeSubmitter, about(meibo.Remove, "E001", meibo.ReasonTransfer))
	d.notify()
	d.answer(2, meibo.Returned, "")
	if len(d.open()) > 0 {
		t.Errorf("%v is open", d.open())
	}
}

func TestAReturnedWideningLeavesTheOldPeriodOnTheRoster(t *testing.T) {
	d := working(t)
	d.enlist(period("E001", "", "2027-03-31"))
	d.notify()
	d.answer(2, meibo.Returned, "")
	narrow := []string{"E001 A01 view 2026-10-15..2026-12-31", "E001 A02 view 2026-10-15..2026-12-31"}
	same(t, d.open(), narrow)
	same(t, d.listed(), narrow)
	d.enlist(period("E001", "", "2027-01-31")) // and it can be widened anew
	d.notify()
	same(t, len(d.open()), 3)
}

func TestAReturnedLineClosesTheMember(t *testing.T) {
	d := working(t)
	d.enlist(add("E002", "A01"))
	d.notify()
	d.answer(2, meibo.Returned, "E001")
	same(t, d.open(), []string{"E002 A01 view 2026-10-15..2027-03-31"})
	r := d.Rights.All()[0]
	_, waiting := r.Opened(d.Statuses(), false)
	same(t, waiting, meibo.WasReturned)
}

func TestAReturnedLineClosesAlsoThePeriodThatItWidened(t *testing.T) {
	d := working(t)
	d.enlist(period("E001", "", "2027-03-31"))
	d.notify()
	d.answer(2, meibo.Returned, "E001")
	if len(d.open()) > 0 {
		t.Errorf("%v is open", d.open())
	}
}

func TestAReturnOfAnOldVersionLeavesWhatCameLater(t *testing.T) {
	d := working(t)
	d.enlist(add("E001", "A11"))
	d.notify()
	d.answer(1, meibo.Returned, "E001")
	same(t, d.open(), []string{"E001 A11 view 2026-10-15..2027-03-31"})
}

func TestACorrectionWaitsForTheCityLikeAnyAddition(t *testing.T) {
	for _, c := range []struct {
		name string
		line meibo.PersonID
	}{{"after the whole version was returned", ""}, {"after the line was returned", "E002"}} {
		t.Run(c.name, func(t *testing.T) {
			d := working(t)
			d.enlist(add("E002", "A01"))
			d.notify()
			d.answer(2, meibo.Returned, c.line)
			d.enlist(add("E002", "A01")) // the same again, explained by telephone
			same(t, len(d.Rosters.All()), 3)
			r, _ := d.Rosters.Get(3)
			same(t, [3]int{r.Added, r.Changed, r.Removed}, [3]int{0, 1, 0})
			same(t, len(d.open()), 2) // E002 is not among them
			d.notify()
			same(t, len(d.open()), 3)
		})
	}
}

func TestACorrectionOfAReturnedWideningWaitsForTheCity(t *testing.T) {
	d := working(t)
	d.enlist(period("E001", "", "2027-03-31"))
	d.notify()
	d.answer(2, meibo.Returned, "")
	d.enlist(period("E001", "", "2027-03-31"))
	d.later("2027-01-01T00:00:00+09:00")
	if len(d.open()) > 0 {
		t.Errorf("%v is open before the city was told", d.open())
	}
	d.notify()
	same(t, d.open(), []string{"E001 A01 view 2026-10-15..2027-03-31"})
}
