package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

func TestManyDecisionsAtOnceAreAllDurableAndChained(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		const askers, each = 32, 8
		var asking sync.WaitGroup
		for a := range askers {
			asking.Go(func() {
				for i := range each {
					rev, epoch, err := db.RecordDecision(soon(t), decision(fmt.Sprintf("D-%d-%d", a, i)))
					if rev != 1 || epoch != "E1" || err != nil {
						t.Errorf("recorded at %d of %q, %v", rev, epoch, err)
					}
				}
			})
		}
		asking.Wait()
		must(t, db.Close())
		db = open(t, url)
		v, err := db.Verify(soon(t), auditor(t, nil))
		if err != nil || v.Decisions != askers*each || v.Unsealed != askers*each {
			t.Errorf("verified %+v, %v", v, err)
		}
	})
}

func TestDecisionsThatWaitAreWrittenTogether(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		release := holdDecisions(t, db)
		const many = 300 // more than one batch holds
		var asking sync.WaitGroup
		ask := func(id string) {
			asking.Go(func() {
				if _, _, err := db.RecordDecision(context.Background(), decision(id)); err != nil {
					t.Error(err)
				}
			})
		}
		ask("first")
		for store.Waiting(db) > 0 || !store.Writing(db) { // until its batch is being written
			time.Sleep(time.Millisecond)
		}
		for i := range many {
			ask(fmt.Sprintf("D%d", i))
		}
		for store.Waiting(db) != many%256 {
			time.Sleep(time.Millisecond)
		}
		release()
		asking.Wait()
		_, decisions := store.Raw(db)
		var sizes []int
		must(t, decisions.Select(&sizes, "SELECT size FROM batches ORDER BY seq"))
		if diff := cmp.Diff([]int{1, 256, many % 256}, sizes); diff != "" {
			t.Errorf("batches (-want +got):\n%s", diff)
		}
		if v, err := db.Verify(soon(t), auditor(t, nil)); err != nil || v.Decisions != many+1 {
			t.Errorf("verified %+v, %v", v, err)
		}
	})
}

// holdDecisions keeps decisions from being written until release.
func holdDecisions(t *testing.T, db *store.DB) (release func()) {
	t.Helper()
	_, pool := store.Raw(db)
	tx, err := pool.Beginx() // on SQLite the one connection that there is
	must(t, err)
	if db.Engine() == "PostgreSQL" {
		_, err := tx.Exec("LOCK TABLE batches IN ACCESS EXCLUSIVE MODE")
		must(t, err)
	}
	return func() { must(t, tx.Rollback()) }
}

func TestADecisionIsAnsweredWithTheRevisionAfterIt(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		for want := int64(1); want < 4; want++ {
			rev, epoch, err := db.RecordDecision(soon(t), decision(fmt.Sprint("D", want)))
			if rev != want || epoch != "E1" || err != nil {
				t.Errorf("recorded at %d of %q, %v, want %d", rev, epoch, err, want)
			}
			must(t, record(db, asset("A01")))
		}
	})
}

func TestWhoeverStopsWaitingIsTold(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		release := holdDecisions(t, db)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, _, err := db.RecordDecision(ctx, decision("D1")); !errors.Is(err, meibo.ErrBusy) || !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, meibo.ErrBusy)
		}
		release()
		_, _, err := db.RecordDecision(soon(t), decision("D2"))
		must(t, err)
	})
}

func TestADecisionIsRecordedOnce(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		_, _, err := db.RecordDecision(soon(t), decision("D1"))
		must(t, err)
		if _, _, err := db.RecordDecision(soon(t), decision("D1")); !errors.Is(err, meibo.ErrConflict) {
			t.Errorf("got %v, want %v", err, meibo.ErrConflict)
		}
		_, _, err = db.RecordDecision(soon(t), decision("D2"))
		must(t, err)
		if v, err := db.Verify(soon(t), auditor(t, nil)); err != nil || v.Decisions != 2 {
			t.Errorf("verified %+v, %v", v, err)
		}
	})
}

func TestARecordHoldsTheDecisionAndNothingElse(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		d := decision("D1")
		d.Allowed, d.PrimaryCode, d.Codes = false, "PLEDGE_MISSING", []string{"PLEDGE_MISSING", "RIGHT_MISSING"}
		d.Advice, d.Clauses, d.RosterVersion, d.RightID, d.Declared, d.Retries = []string{"ADV"}, []string{"S2-1-2"}, 3, "r1", true, "D0"
		d.Message, d.Public = "誓約書が提出されていません。", true
		_, _, err := db.RecordDecision(soon(t), d)
		must(t, err)
		_, decisions := store.Raw(db)
		var text string
		must(t, decisions.Get(&text, "SELECT record FROM decisions"))
		var back meibo.Decision
		must(t, json.Unmarshal([]byte(text), &back))
		d.Message, d.Public = "", false // sentences are not kept
		if diff := cmp.Diff(d, back); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestEachServerHasAChainOfItsOwn(t *testing.T) {
	url := meibotest.Postgres(t)
	first := begun(t, url)
	second := open(t, url)
	for i := range 3 {
		for name, db := range map[string]*store.DB{"first": first, "second": second} {
			_, _, err := db.RecordDecision(soon(t), decision(fmt.Sprint(name, i)))
			must(t, err)
		}
	}
	heads, err := first.Unsealed(soon(t))
	if len(heads) != 2 || heads[0].Batch != 3 || heads[1].Batch != 3 || err != nil {
		t.Errorf("unsealed are %+v, %v", heads, err)
	}
	if v, err := second.Verify(soon(t), auditor(t, nil)); err != nil || v.Decisions != 6 {
		t.Errorf("verified %+v, %v", v, err)
	}
}

func TestOnlyWhatIsNewIsSealed(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := furnished(t, url) // three batches under a seal, one after it
		heads, err := db.Unsealed(soon(t))
		if len(heads) != 1 || heads[0].Batch != 4 || err != nil {
			t.Errorf("unsealed are %+v, %v", heads, err)
		}
		must(t, db.Update(soon(t), func(tx *store.Tx) error {
			_, err := tx.Record(meibo.Entry{Act: meibo.ActSealDecisions}, []any{heads[0]})
			return err
		}))
		if heads, err := db.Unsealed(soon(t)); len(heads) != 0 || err != nil {
			t.Errorf("unsealed are %+v, %v", heads, err)
		}
		if v, err := db.Verify(soon(t), auditor(t, nil)); err != nil || v.Unsealed != 0 {
			t.Errorf("verified %+v, %v", v, err)
		}
	})
}
