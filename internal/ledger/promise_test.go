package ledger_test

import (
	"database/sql"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// directoryOf names everybody, each by an entry of his own.
func directoryOf() *ledger.Directory { return &ledger.Directory{Find: findAnybody} }

// TestARevocationHoldsFromItsReturn disables and enables a person while many ask:
// no question that begins after a revocation has returned is allowed.
func TestARevocationHoldsFromItsReturn(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, directoryOf())
		person := c.Employed("e001")
		var turn atomic.Int64 // odd: the revocation has returned
		var asked, allowed atomic.Int64
		stop := make(chan struct{})
		var askers sync.WaitGroup
		for range 4 {
			askers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					before := turn.Load()
					d, err := c.Ledger.Check(t.Context(), c.System, meibotest.Question(person))
					if err != nil {
						t.Error(err)
						return
					}
					asked.Add(1)
					if d.Allowed {
						allowed.Add(1)
					}
					if before%2 == 1 && d.Allowed && turn.Load() == before {
						t.Errorf("allowed at revision %d after the revocation had returned", d.Revision)
					}
				}
			})
		}
		account := func(s meibo.AccountState) {
			if _, err := c.Reconcile(ledger.Finding{Changed: []meibo.Account{{Entry: "entryUUID:e001", State: s}}}); err != nil {
				t.Fatal(err)
			}
		}
		for range 15 {
			account(meibo.AccountDisabled)
			turn.Add(1)
			for n := asked.Load(); asked.Load() < n+4; {
				runtime.Gosched()
			}
			turn.Add(1)
			account(meibo.AccountEnabled)
			for n := asked.Load(); asked.Load() < n+4; {
				runtime.Gosched()
			}
		}
		close(stop)
		askers.Wait()
		if allowed.Load() == 0 || asked.Load() == allowed.Load() {
			t.Errorf("%d of %d allowed: nothing was shown", allowed.Load(), asked.Load())
		}
	})
}

// TestWithoutARecordThereIsNoAllow locks the place where decisions are kept.
func TestWithoutARecordThereIsNoAllow(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		person := c.Employed("e001")
		release := lockDecisions(t, url)
		d := c.Check(person)
		wants(t, d, "AUDIT_UNAVAILABLE")
		// a revocation is not refused for that
		c.Submit(c.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: meibo.ReasonTransfer})
		release()
		wants(t, c.Check(person), "ROSTER_MEMBER_ENDED")
	})
}

// lockDecisions keeps others from writing decisions until release is called.
func lockDecisions(t *testing.T, url string) (release func()) {
	t.Helper()
	driver, where, lock := "sqlite", strings.TrimSuffix(url, ".db")+"-decisions.db", "BEGIN IMMEDIATE"
	if strings.Contains(url, "://") {
		driver, where, lock = "pgx", url, "BEGIN; LOCK TABLE decisions IN ACCESS EXCLUSIVE MODE"
	}
	db, err := sql.Open(driver, where)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), lock); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := conn.ExecContext(t.Context(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
		conn.Close()
		db.Close()
	}
}

// TestATextThatWasChangedProvesNothing: a pledge whose text is no longer the one
// that was agreed to counts as unproven.
func TestATextThatWasChangedProvesNothing(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		c := meibotest.NewCity(t, url, nil)
		person := c.Employed("e001")
		wants(t, c.Check(person), "ALLOW")
		driver := "sqlite"
		if strings.Contains(url, "://") {
			driver = "pgx"
		}
		db, err := sql.Open(driver, url)
		if err != nil {
			t.Fatal(err)
		}
		defer db.Close()
		if _, err := db.ExecContext(t.Context(), "UPDATE pledges SET text = 'I promise nothing'"); err != nil {
			t.Fatal(err)
		}
		c.Reopen()
		wants(t, c.Check(person), "PLEDGE_SIGNATURE_INVALID")
	})
}

// TestDecisionsAreSealed ties what was decided to the log, and changes no
// revision by that.
func TestDecisionsAreSealed(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person := c.Employed("e001")
		before := c.Check(person).Revision
		if err := c.Ledger.SealDecisions(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after := c.Check(person).Revision; after != before {
			t.Errorf("revision %d after sealing at %d", after, before)
		}
		head, err := c.Ledger.Head(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Ledger.SealDecisions(t.Context()); err != nil {
			t.Fatal(err)
		}
		again, err := c.Ledger.Head(t.Context())
		if err != nil || again.Size != head.Size+1 {
			t.Errorf("log of %d entries after %d: %v", again.Size, head.Size, err)
		}
	})
}

func TestASystemForOneContractNeedNotSayIt(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person := c.Employed("e001")
		m, err := c.Ledger.Master(t.Context(), c.Operator)
		if err != nil {
			t.Fatal(err)
		}
		one := m.Systems[0]
		one.ID, one.Scopes = "P77", []meibo.Scope{{Contract: "C01", Assets: []meibo.AssetID{"A01"}, Purposes: []meibo.PurposeCode{meibotest.Purpose}}}
		c.Apply(meibo.Master{Systems: []meibo.System{one}})
		caller := c.Caller("seventy-seven", "CITY", "P77", meibo.RoleSystem)
		d, err := c.Ledger.Check(t.Context(), caller, meibo.Question{Person: person, Asset: "A01", Action: "view"})
		if err != nil {
			t.Fatal(err)
		}
		wants(t, d, "ALLOW")
		if !d.Declared || d.Question.Contract != "C01" || d.Question.Purpose != meibotest.Purpose {
			t.Errorf("recorded as %+v, declared %v", d.Question, d.Declared)
		}
		// who is registered for several must say it
		wants(t, c.Ask(meibo.Question{Person: person, Contract: "C01", Asset: "A01", Action: "view"}), "PURPOSE_MISSING")
	})
}

func TestMalformedQuestionsAreRecordedAsNothing(t *testing.T) {
	each(t, func(t *testing.T, c *meibotest.City) {
		person := c.Employed("e001")
		for _, bad := range []string{"", "髙﨑", "a\x00b", "\xff", strings.Repeat("x", 1<<20), "' OR 1=1 --", "a,b", "a$$b", "*", "-", "!"} {
			for _, q := range []meibo.Question{
				{Person: meibo.PersonID(bad), Contract: "C01", Asset: "A01", Action: "view", Purpose: meibotest.Purpose},
				{Person: person, Contract: meibo.ContractID(bad), Asset: "A01", Action: "view", Purpose: meibotest.Purpose},
				{Person: person, Contract: "C01", Asset: meibo.AssetID(bad), Action: "view", Purpose: meibotest.Purpose},
				{Person: person, Contract: "C01", Asset: "A01", Action: meibo.Action(bad), Purpose: meibotest.Purpose},
				{Person: person, Contract: "C01", Asset: "A01", Action: "view", Purpose: meibo.PurposeCode(bad)},
			} {
				if q.Contract == "" { // the system is registered for one contract: it need not say it
					continue
				}
				if d := c.Ask(q); d.Allowed {
					t.Errorf("%.20q is allowed: %+v", bad, q)
				}
			}
		}
	})
}
