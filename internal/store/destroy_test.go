package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

// retired has four batches, of which two were destroyed; announced says whether the
// log knows.
func retired(t *testing.T, url string, announced bool) (*store.DB, meibo.Destruction) {
	t.Helper()
	db := furnished(t, url) // three sealed batches, one that is not
	ended, err := db.Ended(context.Background(), asOf+1e12)
	must(t, err)
	if len(ended) != 1 || ended[0].Batch != 4 {
		t.Fatalf("ended: %+v", ended)
	}
	d := ended[0]
	d.Batch, d.At = 2, asOf
	if announced {
		must(t, db.Update(context.Background(), func(tx *store.Tx) error {
			_, err := tx.Record(meibo.Entry{Act: meibo.ActDestroyDecisions}, []any{d})
			return err
		}))
	}
	for _, want := range []int{2, 0} { // it can be repeated
		if n, err := db.Destroy(context.Background(), d); err != nil || n != want {
			t.Fatalf("destroyed %d, want %d, %v", n, want, err)
		}
	}
	return db, d
}

func TestDestroyedRecordsLeaveTheChainWhole(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db, _ := retired(t, url, true)
		v, err := db.Verify(context.Background(), auditor(t, nil))
		must(t, err)
		if v.Decisions != 4 || v.Destroyed != 2 || v.Unsealed != 1 {
			t.Errorf("verified %+v", v)
		}
		left, err := db.Decisions(context.Background(), meibo.DecisionFilter{}, meibo.DecisionPlace{}, true, 10)
		must(t, err)
		if len(left) != 2 || left[0].ID != "D2" {
			t.Errorf("left: %+v", left)
		}
		if _, err := db.Decision(context.Background(), "D0", meibo.DecisionFilter{}); !errors.Is(err, meibo.ErrNotFound) {
			t.Errorf("a destroyed record: %v", err)
		}
		_, _, err = db.RecordDecision(context.Background(), decision("D10"))
		must(t, err)
		_, err = db.Verify(context.Background(), auditor(t, nil))
		must(t, err)
		if ended, err := db.Ended(context.Background(), asOf); err != nil || len(ended) != 0 {
			t.Errorf("ended before anything was decided: %v, %v", ended, err)
		}
	})
}

func TestDestroyedRecordsAreAnsweredFor(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db, _ := retired(t, url, false)
		var bad *store.Tampered
		if _, err := db.Verify(context.Background(), auditor(t, nil)); !errors.As(err, &bad) || bad.Table != "destroyed" {
			t.Errorf("records that were destroyed without a word: %v", err)
		}
	})
	for name, vandalism := range map[string]string{
		"its hashes are forgotten": "DELETE FROM destroyed WHERE batch = 2",
		"a hash is another":        "INSERT INTO destroyed (writer, batch, hashes) SELECT writer, 3, hashes FROM destroyed WHERE batch = 2",
		"a batch that never was":   "INSERT INTO destroyed (writer, batch, hashes) SELECT 'nobody', 1, hashes FROM destroyed WHERE batch = 2",
		"hashes are no hashes":     "DELETE FROM destroyed WHERE batch = 1; INSERT INTO destroyed (writer, batch, hashes) SELECT writer, 1, 'x' FROM destroyed WHERE batch = 2",
	} {
		t.Run(name, func(t *testing.T) {
			meibotest.Each(t, func(t *testing.T, url string) {
				db, _ := retired(t, url, true)
				_, decisions := store.Raw(db)
				conn, err := decisions.Connx(context.Background())
				must(t, err)
				defer conn.Close()
				v := &vandal{t: t, db: beside(t, url)}
				v.unchain(conn)
				v.exec(conn, vandalism)
				var bad *store.Tampered
				_, err = v.db.Verify(context.Background(), auditor(t, nil))
				if !errors.As(err, &bad) || bad.Table != "destroyed" && bad.Table != "batches" {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

// TestPagesOfTheLogOfDecisions reads a thousand decisions that share few moments.
func TestPagesOfTheLogOfDecisions(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := furnished(t, url) // with four
		var list []meibo.Decision
		for i := range 300 {
			d := decision(fmt.Sprintf("D%04d", i*7919%300))
			d.At += meibo.Instant(i % 3)
			list = append(list, d)
		}
		for _, d := range list {
			_, _, err := db.RecordDecision(context.Background(), d)
			must(t, err)
		}
		for _, oldest := range []bool{true, false} {
			var place meibo.DecisionPlace
			seen := map[meibo.DecisionID]bool{}
			for {
				page, err := db.Decisions(context.Background(), meibo.DecisionFilter{}, place, oldest, 37)
				must(t, err)
				for _, d := range page {
					next := meibo.DecisionPlace{At: d.At, ID: d.ID}
					if place.ID != "" && (next.At > place.At || next.At == place.At && next.ID > place.ID) != oldest || seen[d.ID] {
						t.Fatalf("%v after %v", next, place)
					}
					place, seen[d.ID] = next, true
				}
				if len(page) < 37 {
					break
				}
			}
			if len(seen) != len(list)+4 {
				t.Errorf("%d of %d are shown", len(seen), len(list)+4)
			}
		}
	})
}
