package meibo_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestNoticesAreNumberedByReceiver(t *testing.T) {
	d := working(t)
	d.answer(1, meibo.Acknowledged, "")
	d.enlist(add("E002", "A01"))
	d.answer(2, meibo.Returned, "E002")
	d.Depart(d.scene(primeSubmitter), []meibo.PersonID{"E001"})
	d.commit()
	same(t, d.told(), []string{
		"G0 #1 roster v1", "K1 #1 acknowledged v1", "G0 #2 roster v2", "K1 #2 returned v2", "G0 #3 roster v3", "K1 #3 departed v0",
	})
}

func TestANoticeWithoutAnAddressWaitsForAPerson(t *testing.T) {
	d := newDesk(t, func(b *meibo.Book) { b.Contract.NoticeTo = nil })
	d.enlist(add("E001", "A01"))
	n := d.Notices.All()[0]
	same(t, [2]any{n.State, n.LastCode}, [2]any{meibo.NoticeFailed, "NO_ADDRESS"})
	if len(d.open()) > 0 {
		t.Errorf("%v is open", d.open())
	}
	n, err := n.HandOver(asOf)
	if err != nil {
		t.Fatal(err)
	}
	d.Notices.Put(n)
	same(t, len(d.open()), 1)
}

func TestWhatBecameOfAVersion(t *testing.T) {
	notified := func(state meibo.NoticeState) []meibo.Notice {
		n := meibo.Notice{Kind: meibo.NoticeRoster, Version: 1, State: state}
		if state == meibo.NoticeNotified {
			n.NotifiedAt = 5
		}
		return []meibo.Notice{n}
	}
	answer := func(v meibo.Verdict, line meibo.PersonID) []meibo.Acknowledgement {
		return []meibo.Acknowledgement{{Version: 1, Verdict: v, PersonID: line, At: 7}}
	}
	for _, c := range []struct {
		name    string
		notices []meibo.Notice
		answers []meibo.Acknowledgement
		want    meibo.VersionStatus
	}{
		{"nothing yet", nil, nil, meibo.VersionStatus{Version: 1}},
		{"queued is not notified", notified(meibo.NoticeQueued), nil, meibo.VersionStatus{Version: 1}},
		{"sending is not notified", notified(meibo.NoticeSending), nil, meibo.VersionStatus{Version: 1}},
		{"notified", notified(meibo.NoticeNotified), nil, meibo.VersionStatus{Version: 1, NotifiedAt: 5}},
		{"taken at one address, and tried at another", []meibo.Notice{{Kind: meibo.NoticeRoster, Version: 1, State: meibo.NoticeQueued, NotifiedAt: 5}}, nil, meibo.VersionStatus{Version: 1, NotifiedAt: 5}},
		{"bounced is not notified", notified(meibo.NoticeBounced), nil, meibo.VersionStatus{Version: 1}},
		{"another kind of notice says nothing of it", []meibo.Notice{{Kind: meibo.NoticeReturned, Version: 1, State: meibo.NoticeNotified, NotifiedAt: 5}}, nil, meibo.VersionStatus{Version: 1}},
		{"acknowledged", notified(meibo.NoticeNotified), answer(meibo.Acknowledged, ""), meibo.VersionStatus{Version: 1, NotifiedAt: 5, AcknowledgedAt: 7}},
		{"acknowledged is notified, whatever the mail did", notified(meibo.NoticeBounced), answer(meibo.Acknowledged, ""), meibo.VersionStatus{Version: 1, NotifiedAt: 7, AcknowledgedAt: 7}},
		{"returned", notified(meibo.NoticeNotified), answer(meibo.Returned, ""), meibo.VersionStatus{Version: 1, NotifiedAt: 5, ReturnedAt: 7}},
		{"a returned line is not a returned version", notified(meibo.NoticeNotified), answer(meibo.Returned, "E001"), meibo.VersionStatus{Version: 1, NotifiedAt: 5}},
	} {
		t.Run(c.name, func(t *testing.T) {
			same(t, meibo.Statuses([]meibo.Roster{{Version: 1}}, c.notices, c.answers), []meibo.VersionStatus{c.want})
		})
	}
	same(t, meibo.Statuses(nil, notified(meibo.NoticeNotified), answer(meibo.Returned, "")), []meibo.VersionStatus{})
}

func TestAnAttemptEndsInOneOfThreeWays(t *testing.T) {
	queued := meibo.Notice{State: meibo.NoticeQueued, NextAt: asOf, CreatedAt: asOf}
	taken := queued.Take(asOf, meibo.WayMail, "<1@meibo>")
	same(t, taken, meibo.Notice{
		State: meibo.NoticeSending, NextAt: asOf, CreatedAt: asOf, Attempts: 1, Way: meibo.WayMail, MessageID: "<1@meibo>", LeaseUntil: asOf.Add(meibo.NoticeLease),
	})
	late := asOf.Add(meibo.NoticeGivenUp)
	for _, c := range []struct {
		name    string
		attempt meibo.Attempt
		at      meibo.Instant
		want    meibo.Notice
	}{
		{"the relay took it", meibo.Attempt{Taken: true, Code: "250"}, asOf, meibo.Notice{State: meibo.NoticeNotified, NotifiedAt: asOf, LastCode: "250"}},
		{"it was refused for now", meibo.Attempt{Code: "451"}, asOf, meibo.Notice{State: meibo.NoticeQueued, NextAt: asOf.Add(time.Minute), LastCode: "451"}},
		{"it was refused for good", meibo.Attempt{Final: true, Code: "550"}, asOf, meibo.Notice{State: meibo.NoticeFailed, LastCode: "550"}},
		{"nobody knows", meibo.Attempt{Unknown: true, Code: "CUT"}, asOf, meibo.Notice{State: meibo.NoticeQueued, NextAt: asOf.Add(time.Minute), LastCode: "CUT", PossiblyTwice: true}},
		{"after three days a person must act", meibo.Attempt{Code: "451"}, late, meibo.Notice{State: meibo.NoticeFailed, LastCode: "451"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.Way = meibo.WayMail
			c.want.Attempts, c.want.MessageID, c.want.CreatedAt = 1, "<1@meibo>", asOf
			same(t, taken.Settle(c.attempt, c.at), c.want)
		})
	}
}

func TestPausesGrowToFourHours(t *testing.T) {
	n := meibo.Notice{State: meibo.NoticeQueued, CreatedAt: asOf}
	var pauses []time.Duration
	for range 12 {
		n = n.Take(asOf, meibo.WayMail, "m").Settle(meibo.Attempt{Code: "451"}, asOf)
		pauses = append(pauses, n.NextAt.Sub(asOf))
	}
	same(t, pauses[:4], []time.Duration{time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute})
	same(t, pauses[11], 4*time.Hour)
}

func TestAnAttemptThatWasLostMayHaveBeenSent(t *testing.T) {
	n := meibo.Notice{State: meibo.NoticeQueued}.Take(asOf, meibo.WayMail, "<1@meibo>")
	if n.Due(asOf.Add(meibo.NoticeLease - 1000)) {
		t.Error("somebody else's lease was taken")
	}
	after := asOf.Add(meibo.NoticeLease)
	if !n.Due(after) {
		t.Error("a lost attempt is never made up for")
	}
	again := n.Take(after, meibo.WayMail, "<2@meibo>")
	same(t, [3]any{again.MessageID, again.PossiblyTwice, again.Attempts}, [3]any{"<1@meibo>", true, 2})
}

func TestWhatAPersonCanDoAboutANotice(t *testing.T) {
	retry := func(n meibo.Notice) (meibo.Notice, error) { return n.Retry(asOf) }
	handOver := func(n meibo.Notice) (meibo.Notice, error) { return n.HandOver(asOf) }
	bounce := func(n meibo.Notice) (meibo.Notice, error) { return n.Bounce() }
	for _, c := range []struct {
		name string
		from meibo.NoticeState
		act  func(meibo.Notice) (meibo.Notice, error)
		want meibo.NoticeState
		err  string
	}{
		{"retry a failed one", meibo.NoticeFailed, retry, meibo.NoticeQueued, ""},
		{"retry a bounced one", meibo.NoticeBounced, retry, meibo.NoticeQueued, ""},
		{"not retry one that is queued", meibo.NoticeQueued, retry, meibo.NoticeQueued, "conflict: NOTICE_NOT_FAILED"},
		{"not retry one that was taken", meibo.NoticeNotified, retry, meibo.NoticeNotified, "conflict: NOTICE_NOT_FAILED"},
		{"write a package anew", meibo.NoticeSent, retry, meibo.NoticeQueued, ""},
		{"not retry one that is moot", meibo.NoticeSuperseded, retry, meibo.NoticeSuperseded, "conflict: NOTICE_NOT_FAILED"},
		{"hand over a package", meibo.NoticeSent, handOver, meibo.NoticeNotified, ""},
		{"not hand over one that is moot", meibo.NoticeSuperseded, handOver, meibo.NoticeSuperseded, "conflict: NOTICE_ALREADY_NOTIFIED"},
		{"hand over one that is queued", meibo.NoticeQueued, handOver, meibo.NoticeNotified, ""},
		{"hand over a failed one", meibo.NoticeFailed, handOver, meibo.NoticeNotified, ""},
		{"not hand over one that was taken", meibo.NoticeNotified, handOver, meibo.NoticeNotified, "conflict: NOTICE_ALREADY_NOTIFIED"},
		{"say that a taken one came back", meibo.NoticeNotified, bounce, meibo.NoticeBounced, ""},
		{"not say so of one that was never taken", meibo.NoticeFailed, bounce, meibo.NoticeFailed, "conflict: NOTICE_NOT_NOTIFIED"},
	} {
		t.Run(c.name, func(t *testing.T) {
			n, err := c.act(meibo.Notice{State: c.from})
			same(t, [2]any{n.State, refusal(err)}, [2]any{c.want, c.err})
		})
	}
}

func TestNobodyHearsOfVersionThreeBeforeVersionTwo(t *testing.T) {
	notice := func(c meibo.ContractID, to meibo.OrganizationID, number int, state meibo.NoticeState, next meibo.Instant) meibo.Notice {
		return meibo.Notice{ContractID: c, OrganizationID: to, Number: number, State: state, NextAt: next, LeaseUntil: next}
	}
	now, soon := asOf, asOf.Add(time.Minute)
	for _, c := range []struct {
		name string
		open []meibo.Notice
		want []string
	}{
		{"the first of each contract and receiver", []meibo.Notice{
			notice("C01", "G0", 2, meibo.NoticeQueued, now), notice("C01", "G0", 3, meibo.NoticeQueued, now),
			notice("C01", "K1", 1, meibo.NoticeQueued, now), notice("C02", "G0", 1, meibo.NoticeQueued, now),
		}, []string{"C01 G0 2", "C01 K1 1", "C02 G0 1"}},
		{"nothing behind one that pauses", []meibo.Notice{
			notice("C01", "G0", 2, meibo.NoticeQueued, soon), notice("C01", "G0", 3, meibo.NoticeQueued, now),
		}, nil},
		{"nothing behind one that is being sent", []meibo.Notice{
			notice("C01", "G0", 2, meibo.NoticeSending, soon), notice("C01", "G0", 3, meibo.NoticeQueued, now),
		}, nil},
		{"one whose sender was lost", []meibo.Notice{notice("C01", "G0", 2, meibo.NoticeSending, now)}, []string{"C01 G0 2"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []string
			for _, n := range meibo.NextToSend(c.open, now) {
				got = append(got, fmt.Sprintf("%s %s %d", n.ContractID, n.OrganizationID, n.Number))
			}
			same(t, got, c.want)
		})
	}
}

func TestOnlyANotifiedNoticeIsSettled(t *testing.T) {
	for _, s := range []meibo.NoticeState{
		meibo.NoticeQueued, meibo.NoticeSending, meibo.NoticeSent, meibo.NoticeFailed, meibo.NoticeBounced, meibo.NoticeNotified, meibo.NoticeSuperseded,
	} {
		if (meibo.Notice{State: s}).Settled() != (s == meibo.NoticeNotified || s == meibo.NoticeSuperseded) {
			t.Errorf("%s is settled, or not", s)
		}
	}
}
