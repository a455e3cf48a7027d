package ledger_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// each runs a test in a small city on both databases.
func each(t *testing.T, f func(t *testing.T, c *meibotest.City)) {
	t.Helper()
	meibotest.Each(t, func(t *testing.T, url string) { f(t, meibotest.NewCity(t, url, nil)) })
}

// wants compares the codes of a decision.
func wants(t *testing.T, d meibo.Decision, codes ...string) {
	t.Helper()
	if diff := cmp.Diff(codes, d.Codes); diff != "" {
		t.Errorf("codes (-want +got):\n%s", diff)
	}
	if d.ID == "" || (d.Allowed != (d.PrimaryCode == "ALLOW")) {
		t.Errorf("decision %q allows: %v with %s", d.ID, d.Allowed, d.PrimaryCode)
	}
}

func TestAPersonComesToWorkAndLeaves(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		line := meibotest.Line("takasaki")
		line.Name = "髙﨑 真理子"
		done := c.Submit(c.Submitter, line)
		person := done.Rows[0].PersonID
		wants(t, c.Check(person), "ROSTER_DRAFT", "PLEDGE_NOT_SIGNED")

		if version := c.Approve(c.Approver, done); version != 1 {
			t.Fatalf("approval cut version %d, want 1", version)
		}
		wants(t, c.Check(person), "ROSTER_NOT_NOTIFIED", "PLEDGE_NOT_SIGNED")
		c.Pledged(person)
		wants(t, c.Check(person), "ROSTER_NOT_NOTIFIED")

		letters := c.Notify()
		if len(letters) != 1 || letters[0].To[0] != "tax@city.kakuu.example" || letters[0].Roster.Members != 1 {
			t.Fatalf("letters: %+v", letters)
		}
		d := c.Check(person)
		wants(t, d, "ALLOW")
		if d.MaxAge != 30 || d.RosterVersion != 1 || d.RightID == "" {
			t.Errorf("allowed for %d s by right %q of version %d", d.MaxAge, d.RightID, d.RosterVersion)
		}
		q := meibotest.Question(person)
		q.Purpose = "Z.CURIOUS"
		wants(t, c.Ask(q), "PURPOSE_PROHIBITED")
		q.Purpose = ""
		wants(t, c.Ask(q), "PURPOSE_MISSING")

		c.Submit(c.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: meibo.ReasonTransfer})
		wants(t, c.Check(person), "ROSTER_MEMBER_ENDED")
	})
}

func TestTheSameKeyAnswersTheSame(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		line := []meibo.Line{meibotest.Line("e001")}
		first, err := c.Ledger.Submit(t.Context(), c.Submitter, "again", line)
		if err != nil {
			t.Fatal(err)
		}
		second, err := c.Ledger.Submit(t.Context(), c.Submitter, "again", line)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("answers differ (-first +second):\n%s", diff)
		}
		list, err := c.Ledger.Changes(t.Context(), c.Submitter, "C01")
		if err != nil || len(list) != 1 {
			t.Errorf("%d changes, %v", len(list), err)
		}
		_, err = c.Ledger.Submit(t.Context(), c.Submitter, "again", []meibo.Line{meibotest.Line("e002")})
		refused(t, err, meibo.ErrConflict, "IDEMPOTENCY_KEY_REUSED")
		found, err := c.Ledger.Request(t.Context(), c.Submitter, "again")
		if err != nil || found.Act != meibo.ActSubmit {
			t.Errorf("looked up %v, %v", found.Act, err)
		}
		if _, err := c.Ledger.Request(t.Context(), c.Approver, "again"); !errors.Is(err, meibo.ErrNotFound) {
			t.Errorf("another client's key: %v", err)
		}
		if _, err := c.Ledger.Submit(t.Context(), c.Submitter, "", line); !errors.Is(err, meibo.ErrInvalid) {
			t.Errorf("without a key: %v", err)
		}
	})
}

// refused checks a refusal's kind and code.
func refused(t *testing.T, err, kind error, code meibo.ProblemCode) {
	t.Helper()
	var r *meibo.Refusal
	if !errors.Is(err, kind) || !errors.As(err, &r) || r.Code != code {
		t.Errorf("got %v, want %v with %s", err, kind, code)
	}
}

func TestNobodyReachesAcrossContracts(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person := c.Employed("e001")
		ctx := t.Context()
		notFound := func(what string, err error) {
			t.Helper()
			if !errors.Is(err, meibo.ErrNotFound) {
				t.Errorf("%s: %v, want not found", what, err)
			}
		}
		pledges, err := c.Ledger.Pledges(ctx, c.Submitter, "C01")
		if err != nil {
			t.Fatal(err)
		}
		changes, err := c.Ledger.Changes(ctx, c.Submitter, "C01")
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Ledger.Rosters(ctx, c.Stranger, "C01")
		notFound("rosters", err)
		_, err = c.Ledger.Roster(ctx, c.Stranger, "C01", 1)
		notFound("roster", err)
		_, err = c.Ledger.Changes(ctx, c.Stranger, "C01")
		notFound("changes", err)
		_, err = c.Ledger.Change(ctx, c.Stranger, changes[0].ID)
		notFound("change", err)
		_, err = c.Ledger.Pledges(ctx, c.Stranger, "C01")
		notFound("pledges", err)
		_, err = c.Ledger.Pledge(ctx, c.Stranger, pledges[0].ID)
		notFound("pledge", err)
		_, err = c.Ledger.Approve(ctx, c.Stranger, c.Key(), changes[0].ID)
		notFound("approve", err)
		_, err = c.Ledger.Withdraw(ctx, c.Stranger, c.Key(), changes[0].ID)
		notFound("withdraw", err)
		_, err = c.Ledger.RequestPledge(ctx, c.Stranger, c.Key(), "C01", person, 0)
		notFound("request pledge", err)
		_, err = c.Ledger.Submit(ctx, c.Stranger, c.Key(), []meibo.Line{{Row: 1, Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: meibo.ReasonTransfer}})
		if !errors.Is(err, meibo.ErrInvalid) {
			t.Errorf("submit: %v", err)
		}
		notices, err := c.Ledger.Notices(ctx, c.Stranger, "C01")
		if err != nil || len(notices) != 0 {
			t.Errorf("notices: %d, %v", len(notices), err)
		}
		// a hop of the chain sees its own people only
		v, err := c.Ledger.Roster(ctx, c.Sub, "C01", 1)
		if err != nil || len(v.Content.Members) != 0 || v.Roster.Document != "" {
			t.Errorf("the subcontractor sees %d members, %v", len(v.Content.Members), err)
		}
	})
}

func TestARowNamesOneLine(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		one, two := meibotest.Line("e001"), meibotest.Line("e002")
		_, err := c.Ledger.Submit(t.Context(), c.Submitter, c.Key(), []meibo.Line{one, two})
		var ps meibo.Problems
		if !errors.As(err, &ps) || ps[0].Field != "row" || ps[0].Code != "DUPLICATE_ROW" {
			t.Errorf("two lines of one row: %v", err)
		}
	})
}

// TestALateAnswerSettlesNothing: another sender has taken the notice since.
func TestALateAnswerSettlesNothing(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		c.Approve(c.Approver, c.Submit(c.Submitter, meibotest.Line("e001")))
		first, err := c.Ledger.TakeNotices(t.Context(), "a.example", 100, meibo.WayMail)
		if err != nil || len(first) != 1 {
			t.Fatal(first, err)
		}
		c.Clock.Set(c.Clock.Now().Add(meibo.NoticeLease))
		second, err := c.Ledger.TakeNotices(t.Context(), "b.example", 100, meibo.WayMail)
		if err != nil || len(second) != 1 || !second[0].Notice.PossiblyTwice || second[0].Notice.MessageID != first[0].Notice.MessageID {
			t.Fatal(second, err)
		}
		if err := c.Ledger.SettleNotice(t.Context(), first[0], meibo.Attempt{Code: "451"}); !errors.Is(err, meibo.ErrConflict) {
			t.Errorf("the late answer: %v", err)
		}
		if err := c.Ledger.SettleNotice(t.Context(), second[0], meibo.Attempt{Taken: true, Code: "250"}); err != nil {
			t.Error(err)
		}
	})
}

func TestRolesAreKept(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		done := c.Submit(c.Submitter, meibotest.Line("e001"))
		ctx := t.Context()
		_, err := c.Ledger.Approve(ctx, c.Submitter, c.Key(), done.Changes[0].ID)
		refused(t, err, meibo.ErrForbidden, "ROLE_MISSING")
		_, err = c.Ledger.Submit(ctx, c.Approver, c.Key(), []meibo.Line{meibotest.Line("e002")})
		refused(t, err, meibo.ErrForbidden, "ROLE_MISSING")
		_, err = c.Ledger.Check(ctx, c.Submitter, meibotest.Question("x"))
		refused(t, err, meibo.ErrForbidden, "ROLE_MISSING")
		_, err = c.Ledger.Master(ctx, c.Submitter)
		refused(t, err, meibo.ErrForbidden, "ROLE_MISSING")
		_, err = c.Ledger.Clients(ctx, c.Auditor)
		if err != nil {
			t.Errorf("the auditor lists clients: %v", err)
		}
		_, err = c.Ledger.Register(ctx, c.Operator, c.Key(), ledger.Registration{
			Client: "mixed", Name: "mixed", Organization: "K1", Days: 1,
			Roles: []ledger.RoleIn{{Role: meibo.RoleCityReceiver, Contract: "*"}},
		})
		var ps meibo.Problems
		if !errors.As(err, &ps) || ps[0].Code != "ROLE_NOT_FOR_ORGANIZATION" {
			t.Errorf("a contractor as the city's receiver: %v", err)
		}
	})
}

// findAnybody is a directory in which every login is somebody's.
func findAnybody(_ context.Context, _, login string) ([]meibo.Account, error) {
	return []meibo.Account{{Entry: "entryUUID:" + login, State: meibo.AccountEnabled}}, nil
}
