package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

// soon ends what should not take long.
func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func asset(id string) meibo.Asset {
	return meibo.Asset{ID: meibo.AssetID(id), State: meibo.AssetActive}
}

// contents are everything that a ledger's database holds but for the answers to
// requests, to see that nothing changed.
func contents(t *testing.T, db *store.DB) string {
	t.Helper()
	ledger, _ := store.Raw(db)
	var b strings.Builder
	for _, q := range []string{
		"SELECT rev || ' ' || epoch FROM meta", "SELECT seq || record FROM entries ORDER BY seq", "SELECT CAST(place AS TEXT) FROM tree_hashes ORDER BY place",
		"SELECT size || note FROM heads", "SELECT of_table || of_key || seq || salt FROM images ORDER BY 1", "SELECT id || LENGTH(name) FROM assets ORDER BY id",
	} {
		var rows []string
		must(t, ledger.Select(&rows, q))
		fmt.Fprintln(&b, rows)
	}
	return b.String()
}

var broken = errors.New("broken")

func TestAnUpdateIsKeptWholeOrNotAtAll(t *testing.T) {
	cases := []struct {
		name string
		do   func(tx *store.Tx) error
		kind error
	}{
		{"what fails after its entry", func(tx *store.Tx) error {
			if _, err := tx.Record(meibo.Entry{Act: meibo.ActApply}, []any{asset("A02")}); err != nil {
				return err
			}
			return broken
		}, broken},
		{"what has no entry", func(tx *store.Tx) error { return nil }, nil},
		{"what is recorded twice", func(tx *store.Tx) error {
			_, err := tx.Record(meibo.Entry{Act: meibo.ActApply}, []any{asset("A02")})
			_, again := tx.Record(meibo.Entry{Act: meibo.ActApply}, []any{asset("A03")})
			return errors.Join(err, again)
		}, nil},
		{"what breaks a reference in its last row", func(tx *store.Tx) error {
			_, err := tx.Record(meibo.Entry{Act: meibo.ActApply}, []any{asset("A02"), meibo.Person{ID: "E1", OrganizationID: "K9", CreatedAt: asOf}})
			return err
		}, meibo.ErrConflict},
		{"what breaks a check", func(tx *store.Tx) error {
			_, err := tx.Record(meibo.Entry{Act: meibo.ActApply}, []any{asset("A02"), meibo.Asset{ID: "A03", Importance: 9, State: meibo.AssetActive}})
			return err
		}, meibo.ErrConflict},
		{"what is the second of something that there is once", func(tx *store.Tx) error {
			_, err := tx.Record(meibo.Entry{Act: meibo.ActApply}, []any{meibo.Organization{ID: "G0", Kind: meibo.City}, meibo.Organization{ID: "G1", Kind: meibo.City}})
			return err
		}, meibo.ErrConflict},
		{"what has text that is none", func(tx *store.Tx) error {
			_, err := tx.Record(meibo.Entry{Act: meibo.ActApply}, []any{asset("A02"), meibo.Asset{ID: "A03", Name: "\xff", State: meibo.AssetActive}})
			return err
		}, nil},
		{"what looks for what is not there", func(tx *store.Tx) error {
			_, err := store.One[meibo.Asset](&tx.Reader, meibo.AssetID("A99"))
			return err
		}, meibo.ErrNotFound},
	}
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) {
				before := contents(t, db)
				err := db.Update(soon(t), c.do)
				if err == nil || c.kind != nil && !errors.Is(err, c.kind) {
					t.Errorf("got %v, want %v", err, c.kind)
				}
				if after := contents(t, db); after != before {
					t.Errorf("it left\n%s\nwhere was\n%s", after, before)
				}
				must(t, record(db, asset("A01")))
			})
		}
	})
}

func TestAPanicLeavesNothingAndTheStoreServesOn(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		before := contents(t, db)
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			db.Update(soon(t), func(tx *store.Tx) error {
				tx.Record(meibo.Entry{Act: meibo.ActApply}, []any{asset("A01")})
				panic("a handler")
			})
		}()
		if after := contents(t, db); after != before {
			t.Errorf("it left\n%s", after)
		}
		must(t, record(db, asset("A01")))
	})
}

func TestASecondRosterOfOneVersionIsRefused(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		must(t, record(db, full()...))
		if err := record(db, roster(1, "", "{}")); !errors.Is(err, meibo.ErrConflict) {
			t.Errorf("got %v, want %v", err, meibo.ErrConflict)
		}
	})
}

func TestAnEntrySaysWhatItsTransactionDid(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		must(t, db.Update(soon(t), func(tx *store.Tx) error {
			e, err := tx.Record(meibo.Entry{
				Client: "cl1", Key: "k1", Act: meibo.ActSubmit, Contract: "C01", Subjects: []string{"E001"}, Note: "applied",
			}, []any{asset("A01"), meibo.Asset{ID: "A02", Name: hardName, State: meibo.AssetActive}})
			if e.Seq != 1 || e.Revision != 2 || e.At != tx.Now || len(e.Rows) != 2 || len(e.Rows[0].Hash) != 64 {
				t.Errorf("got %+v", e)
			}
			return err
		}))
		view(t, db, func(r *store.Reader) error {
			records, err := r.Entries(0, 10)
			if len(records) != 2 || strings.Contains(records[1], hardName) {
				t.Errorf("the log holds %q", records)
			}
			var e meibo.Entry
			if err := json.Unmarshal([]byte(records[1]), &e); err != nil || e.Seq != 1 || e.Act != meibo.ActSubmit || e.Rows[1].Key != "A02" {
				t.Errorf("the record is %+v, %v", e, err)
			}
			if one, err := r.Entries(1, 1); err != nil || len(one) != 1 || one[0] != records[1] {
				t.Errorf("from 1 on: %q, %v", one, err)
			}
			return err
		})
	})
}

func TestSealingChangesNothingThatDecides(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := furnished(t, url)
		view(t, db, func(r *store.Reader) error {
			rev, _, err := r.Revision()
			size, _, _ := r.Head()
			if rev != 3 || size != 4 {
				t.Errorf("at revision %d with %d entries, want 3 and 4", rev, size)
			}
			return err
		})
	})
}

func TestRevisionsComeInTheOrderOfTheirCommits(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		const writers, each = 16, 5
		stop := make(chan struct{})
		var readers, working sync.WaitGroup
		for range 4 { // what a revision promises is there when it is seen
			readers.Go(func() {
				for last := int64(0); ; {
					select {
					case <-stop:
						return
					default:
					}
					err := db.View(soon(t), func(r *store.Reader) error {
						rev, _, err := r.Revision()
						if err != nil {
							return err
						}
						assets, err := r.Assets()
						size, _, _ := r.Head()
						if int64(len(assets)) != rev-1 || size != rev || rev < last {
							t.Errorf("at revision %d, after %d, there are %d assets and %d entries", rev, last, len(assets), size)
						}
						last = rev
						return err
					})
					if err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		for w := range writers {
			working.Go(func() {
				for i := range each {
					if err := record(db, asset(fmt.Sprintf("A-%d-%d", w, i))); err != nil {
						t.Error(err)
					}
				}
			})
		}
		working.Wait()
		close(stop)
		readers.Wait()
		view(t, db, func(r *store.Reader) error {
			records, err := r.Entries(0, 1000)
			if len(records) != writers*each+1 {
				t.Errorf("%d entries, want %d", len(records), writers*each+1)
			}
			at := meibo.Instant(0)
			for i, record := range records {
				var e meibo.Entry
				if err := json.Unmarshal([]byte(record), &e); err != nil {
					return err
				}
				if e.Seq != int64(i) || e.Revision != e.Seq+1 || e.At <= at {
					t.Errorf("entry %d says %d, revision %d, at %v", i, e.Seq, e.Revision, e.At)
				}
				at = e.At
			}
			return err
		})
		if _, err := db.Verify(soon(t), auditor(t, nil)); err != nil {
			t.Error(err)
		}
	})
}

func TestAViewNeverWaitsForWriters(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		inside, release := make(chan struct{}), make(chan struct{})
		var writers sync.WaitGroup
		writers.Go(func() {
			err := db.Update(context.Background(), func(tx *store.Tx) error {
				_, err := tx.Record(meibo.Entry{Act: meibo.ActApply}, []any{asset("A00")})
				close(inside)
				<-release
				return err
			})
			if err != nil {
				t.Error(err)
			}
		})
		<-inside
		for i := range 24 { // more than any pool has connections
			writers.Go(func() {
				if err := record(db, asset(fmt.Sprintf("A%d", i+1))); err != nil {
					t.Error(err)
				}
			})
		}
		for range 50 {
			must(t, db.View(soon(t), func(r *store.Reader) error {
				if rev, _, err := r.Revision(); rev != 1 {
					t.Errorf("a view sees revision %d, %v while it is being written", rev, err)
				}
				return nil
			}))
			if _, _, err := db.RecordDecision(soon(t), decision(fmt.Sprint("D", time.Now().UnixNano()))); err != nil {
				t.Errorf("a decision waited: %v", err)
			}
		}
		close(release)
		writers.Wait()
	})
}

func TestAViewSeesOneSnapshot(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		view(t, db, func(r *store.Reader) error {
			before, _, err := r.Revision()
			must(t, err)
			must(t, record(db, asset("A01")))
			after, _, err := r.Revision()
			if assets, err := r.Assets(); after != before || len(assets) != 0 {
				t.Errorf("at %d it sees revision %d and %d assets, %v", before, after, len(assets), err)
			}
			return err
		})
		view(t, db, func(r *store.Reader) error {
			if rev, _, err := r.Revision(); rev != 2 || err != nil {
				t.Errorf("the next view sees revision %d, %v", rev, err)
			}
			return nil
		})
	})
}

func TestAViewCannotWrite(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		view(t, db, func(r *store.Reader) error {
			if err := store.Exec(r, "DELETE FROM meta"); err == nil {
				t.Error("a view deleted rows")
			}
			return nil
		})
		view(t, db, func(r *store.Reader) error { _, _, err := r.Revision(); return err })
	})
}

func TestWhatWasAnsweredIsFoundByItsKey(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		q := meibo.Request{ClientID: "cl1", Request: "q1", Act: meibo.ActSubmit, Digest: "d", Answer: `{"change":"ch1"}`, At: asOf}
		must(t, record(db, q))
		view(t, db, func(r *store.Reader) error {
			found, err := r.Request("cl1", "q1")
			if found == nil || *found != q {
				t.Errorf("found %+v, want %+v", found, q)
			}
			for _, other := range [][2]string{{"cl2", "q1"}, {"cl1", "q2"}, {"CL1", "q1"}, {"cl1", "Q1"}} {
				if found, err := r.Request(meibo.ClientID(other[0]), other[1]); found != nil || err != nil {
					t.Errorf("%v finds %+v, %v", other, found, err)
				}
			}
			return err
		})
	})
}
