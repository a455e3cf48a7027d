package ledger_test

import (
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// report is what the directory shows in these tests: its token, and what is judged
// of it.
func report(token string, f ledger.Finding) ledger.Report {
	r := ledger.Report{Cause: meibo.ReadingStream, Token: &token, Judge: func(ledger.Picture) ledger.Finding { return f }}
	for _, a := range f.Changed {
		r.Entries = append(r.Entries, a.Entry)
	}
	for _, h := range f.Holds {
		for _, m := range h.Members {
			r.Entries = append(r.Entries, m.Entry)
		}
	}
	return r
}

func TestTheTokenIsKeptWithWhatItBrought(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, directoryOf())
		person := c.Employed("e001")
		token := func() string {
			t.Helper()
			mark, err := c.Ledger.Bookmark(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return mark.Token
		}
		entries := func() int64 {
			t.Helper()
			head, err := c.Ledger.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			return head.Size
		}
		off := ledger.Finding{Changed: []meibo.Account{{Entry: "entryUUID:e001", State: meibo.AccountDisabled, Cause: "admin"}}}
		r, err := c.Ledger.Reconcile(t.Context(), report("one", off))
		if err != nil || r.Disabled != 1 || r.Outcome != meibo.ReadingApplied || token() != "one" {
			t.Errorf("%+v, %v, token %q", r, err, token())
		}
		wants(t, c.Check(person), "SUBJECT_DISABLED")
		before := entries()
		if r, err := c.Ledger.Reconcile(t.Context(), report("two", off)); err != nil || r.Outcome != meibo.ReadingNothing {
			t.Errorf("again: %+v, %v", r, err)
		}
		if entries() != before || token() != "one" {
			t.Errorf("what changed nothing was recorded: %d entries, token %q", entries()-before, token())
		}
		none := ledger.Report{Cause: meibo.ReadingSweep, Failed: "cut"}
		for range 2 {
			if r, err := c.Ledger.Reconcile(t.Context(), none); err != nil || r.Outcome != meibo.ReadingIncomplete || r.Code != "cut" {
				t.Errorf("%+v, %v", r, err)
			}
		}
		if entries() != before+1 || token() != "one" {
			t.Errorf("a failure is recorded once, and moves nothing: %d entries, token %q", entries()-before, token())
		}
	})
}

func TestASilentDirectoryFreezesAndThenRefuses(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, directoryOf())
		person := c.Employed("e001")
		waiting := c.Submit(c.Submitter, meibotest.Line("e002"))
		approve := func() error {
			_, err := c.Ledger.Approve(t.Context(), c.Approver, c.Key(), waiting.Changes[0].ID)
			return err
		}

		c.Clock.Set(c.Clock.Now().Add(16 * time.Minute))
		silence := func(want ledger.Silence) {
			t.Helper()
			if got, err := c.Ledger.Silence(t.Context()); err != nil || got != want {
				t.Errorf("silence %q, %v, want %q", got, err, want)
			}
		}
		if c.Ledger.Frozen() {
			t.Error("setting the clock has made the directory older")
		}
		silence(ledger.NotSilent)
		c.Reopen() // now only what was written down is known
		silence(ledger.SilenceFrozen)
		wants(t, c.Check(person), "ALLOW")
		refused(t, approve(), meibo.ErrConflict, "DIRECTORY_STALE")
		c.Submit(c.Submitter, meibo.Line{Operation: meibo.Suspend, ContractID: "C01", PersonID: person, Reason: meibo.ReasonLeave})

		c.Clock.Set(c.Clock.Now().Add(24*time.Hour - 16*time.Minute - time.Microsecond))
		c.Reopen()
		silence(ledger.SilenceFrozen)
		c.Clock.Set(c.Clock.Now().Add(time.Microsecond))
		silence(ledger.SilenceStale)
		if d := c.Check(person); d.PrimaryCode != "SYNC_STALE" {
			t.Errorf("got %s", d.PrimaryCode)
		}
		c.Prove()
		if d := c.Check(person); d.PrimaryCode == "SYNC_STALE" || c.Ledger.Frozen() {
			t.Errorf("got %s after a proof", d.PrimaryCode)
		}
		silence(ledger.NotSilent)
		if err := approve(); err != nil {
			t.Error(err)
		}
	})
}

func TestAHoldIsExactlyItsSet(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, directoryOf(), func(m *meibo.Master) { m.Assets[1].Importance = 2 })
		person, other := c.Employed("e001"), c.Employed("e002")
		low := meibotest.Line("e001")
		low.AssetID = "A11"
		c.Approve(c.Approver, c.Submit(c.Submitter, low))
		c.Notify()
		member := func(login string, says meibo.HeldChange) ledger.HeldPerson {
			return ledger.HeldPerson{Entry: "entryUUID:" + login, Change: says}
		}
		hold := func(id string, members ...ledger.HeldPerson) meibo.Reading {
			t.Helper()
			r, err := c.Ledger.Reconcile(t.Context(), report("t", ledger.Finding{Holds: []ledger.HoldSet{{ID: id, Why: "limit", Members: members}}}))
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		settle := func(id string, confirm bool) error {
			_, err := c.Ledger.SettleHold(t.Context(), c.Operator, c.Key(), id, confirm)
			return err
		}
		absent := meibo.HeldChange{Absent: true}

		if r := hold("one", member("e001", absent)); r.Held != 1 || r.Outcome != meibo.ReadingHeld || r.Code != "limit" {
			t.Errorf("%+v", r)
		}
		wants(t, c.Check(person), "INCIDENT_HOLD")
		less := meibotest.Question(person)
		less.Asset = "A11"
		wants(t, c.Ask(less), "ALLOW")
		wants(t, c.Check(other), "ALLOW")

		hold("two", member("e001", absent), member("e002", absent))
		wants(t, c.Check(other), "INCIDENT_HOLD")
		refused(t, settle("one", true), meibo.ErrConflict, "HOLD_NOT_OPEN") // somebody has joined it
		if _, err := c.Ledger.SettleHold(t.Context(), c.Auditor, c.Key(), "two", true); err == nil {
			t.Error("an auditor has settled a hold")
		}
		if err := settle("two", false); err != nil {
			t.Error(err)
		}
		wants(t, c.Check(person), "ALLOW")
		if r := hold("two", member("e001", absent), member("e002", absent)); r.Held != 0 {
			t.Errorf("held again: %+v", r)
		}

		hold("three", member("e001", absent), member("e002", meibo.HeldChange{State: meibo.AccountDisabled, Cause: "admin"}))
		if err := settle("three", true); err != nil {
			t.Error(err)
		}
		wants(t, c.Check(person), "SUBJECT_DEPARTED", "ROSTER_MEMBER_ENDED")
		wants(t, c.Check(other), "SUBJECT_DISABLED")
		list, err := c.Ledger.DirectoryHolds(t.Context(), c.Auditor, true)
		if err != nil || len(list) != 3 {
			t.Errorf("%+v, %v", list, err)
		}
	})
}

func TestAnUnknownStateCannotBeConfirmed(t *testing.T) {
	c := meibotest.NewCity(t, meibotest.SQLite(t), directoryOf())
	person := c.Employed("e001")
	held := ledger.HeldPerson{Entry: "entryUUID:e001", Change: meibo.HeldChange{State: meibo.AccountUnknown, Cause: "hidden"}}
	_, err := c.Ledger.Reconcile(t.Context(), report("t", ledger.Finding{Holds: []ledger.HoldSet{{ID: "h", Why: "unknown", Members: []ledger.HeldPerson{held}}}}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Ledger.SettleHold(t.Context(), c.Operator, c.Key(), "h", true)
	refused(t, err, meibo.ErrConflict, "HOLD_SAYS_NOTHING")
	wants(t, c.Check(person), "INCIDENT_HOLD")
}

// Of one person the directory's silence counts as it counts of everybody: refused at
// the highest importance at once, and at the others when they have been in doubt for
// as long as the city bears it. Rejecting a hold does not make a state known.
func TestADoubtAboutOnePersonAges(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, directoryOf(), func(m *meibo.Master) {
			m.Assets[1].Importance = 2
			m.Parameters = []meibo.Parameters{{ID: meibo.ParametersID, City: meibo.Pack(meibo.CityParameters{
				Classes: []meibo.ClassParameters{{Importance: 2, StalenessHours: 30}},
			})}}
		})
		person := c.Employed("e001")
		low := meibotest.Line("e001")
		low.AssetID = "A11"
		c.Approve(c.Approver, c.Submit(c.Submitter, low))
		c.Notify()
		wider := meibotest.Line("e001")
		wider.Action = "update"
		waiting := c.Submit(c.Submitter, wider)
		second := func() meibo.Decision {
			q := meibotest.Question(person)
			q.Asset = "A11"
			return c.Ask(q)
		}
		hidden := ledger.HeldPerson{Entry: "entryUUID:e001", Change: meibo.HeldChange{State: meibo.AccountUnknown, Cause: "hidden"}}
		blank := ledger.Finding{
			Doubted: []string{hidden.Entry}, Holds: []ledger.HoldSet{{ID: "h", Why: "unknown", Members: []ledger.HeldPerson{hidden}}},
		}
		reconcile := func(f ledger.Finding) {
			t.Helper()
			if _, err := c.Ledger.Reconcile(t.Context(), report("t", f)); err != nil {
				t.Fatal(err)
			}
			c.Prove()
		}
		began := c.Clock.Now()
		reconcile(blank)
		wants(t, c.Check(person), "INCIDENT_HOLD")
		wants(t, second(), "ALLOW")

		c.Clock.Set(began.Add(20 * time.Hour))
		if _, err := c.Ledger.SettleHold(t.Context(), c.Operator, c.Key(), "h", false); err != nil {
			t.Fatal(err)
		}
		wants(t, c.Check(person), "ALLOW") // somebody knows, for a while
		_, err := c.Ledger.Approve(t.Context(), c.Approver, c.Key(), waiting.Changes[0].ID)
		refused(t, err, meibo.ErrConflict, "DIRECTORY_STALE")
		c.Clock.Set(began.Add(30*time.Hour - time.Microsecond))
		reconcile(blank)
		wants(t, c.Check(person), "SYNC_STALE")
		wants(t, second(), "ALLOW")
		c.Clock.Set(began.Add(30 * time.Hour))
		wants(t, second(), "SYNC_STALE")
		if v, err := c.Ledger.DirectoryNow(t.Context()); err != nil || v.Doubted != 1 || v.Held != 0 || v.Oldest != began || v.Silence != 24*time.Hour {
			t.Errorf("%+v, %v", v, err)
		}

		seen := report("t", ledger.Finding{Sights: []ledger.Sight{{Entry: hidden.Entry}}})
		seen.Entries = []string{hidden.Entry}
		if _, err := c.Ledger.Reconcile(t.Context(), seen); err != nil {
			t.Fatal(err)
		}
		wants(t, second(), "ALLOW")
		wants(t, c.Check(person), "ALLOW")
		if _, err := c.Ledger.Approve(t.Context(), c.Approver, c.Key(), waiting.Changes[0].ID); err != nil {
			t.Error(err)
		}
	})
}

func TestTheContractorHearsOfLockedAccountsOnce(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, directoryOf())
		c.Employed("e001")
		told := func() (n int) {
			t.Helper()
			if _, err := c.Ledger.TellDirectory(t.Context()); err != nil {
				t.Fatal(err)
			}
			list, err := c.Ledger.Notices(t.Context(), c.Operator, "C01")
			if err != nil {
				t.Fatal(err)
			}
			for _, notice := range list {
				if notice.Kind == meibo.NoticeDisabled && notice.OrganizationID == "K1" {
					n++
				}
			}
			return n
		}
		reconcile := func(token string, state meibo.AccountState) {
			t.Helper()
			c.Clock.Set(c.Clock.Now().Add(time.Hour))
			f := ledger.Finding{Changed: []meibo.Account{{Entry: "entryUUID:e001", State: state, Cause: "admin"}}}
			if _, err := c.Ledger.Reconcile(t.Context(), report(token, f)); err != nil {
				t.Fatal(err)
			}
		}
		for i, step := range []struct {
			state meibo.AccountState
			want  int
		}{{meibo.AccountEnabled, 0}, {meibo.AccountDisabled, 1}, {meibo.AccountDisabled, 1}, {meibo.AccountEnabled, 1}, {meibo.AccountDisabled, 2}} {
			reconcile(string(rune('a'+i)), step.state)
			if got := told(); got != step.want {
				t.Errorf("step %d, %s: %d notices, want %d", i, step.state, got, step.want)
			}
		}
	})
}
