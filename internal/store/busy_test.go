package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

// brieflyRecord is record for those who cannot wait long.
func brieflyRecord(t testing.TB, db *store.DB, rows ...any) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	return db.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Record(meibo.Entry{Act: meibo.ActApply}, rows)
		return err
	})
}

func TestAWriterThatDoesNotComeToItsTurnIsTold(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		before := contents(t, db)
		release := holdWriters(t, db, url)
		if err := brieflyRecord(t, db, asset("A01")); !errors.Is(err, meibo.ErrBusy) {
			t.Errorf("got %v, want %v", err, meibo.ErrBusy)
		}
		release()
		if after := contents(t, db); after != before {
			t.Errorf("it left\n%s", after)
		}
		must(t, record(db, asset("A01")))
	})
}

// holdWriters keeps every writer out from outside the store until release.
func holdWriters(t *testing.T, db *store.DB, url string) (release func()) {
	t.Helper()
	var pool *sql.DB
	var err error
	if db.Engine() == "SQLite" {
		pool, err = sql.Open("sqlite", "file:"+url+"?_txlock=immediate")
	} else {
		pool, err = sql.Open("pgx", url)
	}
	must(t, err)
	tx, err := pool.Begin()
	must(t, err)
	if db.Engine() == "PostgreSQL" {
		_, err = tx.Exec("SELECT pg_advisory_xact_lock(7361)")
		must(t, err)
	}
	return func() {
		must(t, tx.Rollback())
		must(t, pool.Close())
	}
}

// A fault makes the store's writes fail from below until it is mended.
type fault struct {
	name, engine string
	begin, mend  string
}

var faults = []fault{
	{"a file that cannot be written", "SQLite", "PRAGMA query_only = 1", "PRAGMA query_only = 0"},
	{"a file system that is full", "SQLite", "PRAGMA max_page_count = 1", "PRAGMA max_page_count = 1000000"},
	{
		"a disk that is full", "PostgreSQL",
		`CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$;
		 CREATE TRIGGER full_disk BEFORE INSERT ON heads FOR EACH ROW EXECUTE FUNCTION full_disk();
		 CREATE TRIGGER full_disk BEFORE INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION full_disk()`,
		"DROP FUNCTION full_disk CASCADE",
	},
	{
		"a server that shuts down", "PostgreSQL",
		`CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$;
		 CREATE TRIGGER away BEFORE INSERT ON heads FOR EACH ROW EXECUTE FUNCTION away();
		 CREATE TRIGGER away BEFORE INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION away()`,
		"DROP FUNCTION away CASCADE",
	},
}

func TestAStoreThatCannotBeWrittenSaysSoAndKeepsNothingHalf(t *testing.T) {
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			url := map[string]func(testing.TB) string{"SQLite": meibotest.SQLite, "PostgreSQL": meibotest.Postgres}[f.engine](t)
			db := begun(t, url)
			must(t, record(db, asset("A01")))
			before := contents(t, db)
			ledger, decisions := store.Raw(db)
			pools := []*sqlx.DB{ledger, decisions}[:map[string]int{"SQLite": 2, "PostgreSQL": 1}[f.engine]]
			statement := func(text string) {
				for _, pool := range pools {
					if _, err := pool.Exec(text); err != nil {
						t.Fatal(err)
					}
				}
			}
			statement(f.begin)
			big := meibo.Asset{ID: "A02", Name: strings.Repeat("x", 100000), State: meibo.AssetActive}
			if err := record(db, big); !errors.Is(err, meibo.ErrBusy) {
				t.Errorf("a change got %v, want %v", err, meibo.ErrBusy)
			}
			d := decision("D1")
			d.Policy = strings.Repeat("p", 100000)
			if _, _, err := db.RecordDecision(soon(t), d); !errors.Is(err, meibo.ErrBusy) {
				t.Errorf("a decision got %v, want %v", err, meibo.ErrBusy)
			}
			view(t, db, func(r *store.Reader) error { _, _, err := r.Revision(); return err })
			statement(f.mend)
			if after := contents(t, db); after != before {
				t.Errorf("it left\n%s\nwhere was\n%s", after, before)
			}
			must(t, record(db, asset("A03")))
			_, _, err := db.RecordDecision(soon(t), decision("D2"))
			must(t, err)
			if v, err := db.Verify(soon(t), auditor(t, nil)); err != nil || v.Decisions != 1 {
				t.Errorf("verified %+v, %v", v, err)
			}
		})
	}
}

func TestAStandbyServesViewsAndRefusesWrites(t *testing.T) {
	url := meibotest.Postgres(t)
	db := begun(t, url)
	ledger, _ := store.Raw(db)
	var name string
	must(t, ledger.Get(&name, "SELECT current_database()"))
	if _, err := ledger.Exec(fmt.Sprintf("ALTER DATABASE %s SET default_transaction_read_only = on", name)); err != nil {
		t.Fatal(err)
	}
	must(t, db.Close())
	db = open(t, url)
	if err := record(db, asset("A01")); !errors.Is(err, meibo.ErrBusy) {
		t.Errorf("got %v, want %v", err, meibo.ErrBusy)
	}
	view(t, db, func(r *store.Reader) error { _, _, err := r.Revision(); return err })
}

func TestAServerThatIsNotThereIsBusy(t *testing.T) {
	_, err := store.Open(soon(t), options(t, "postgres://meibo@127.0.0.1:1/none?connect_timeout=5"))
	if !errors.Is(err, meibo.ErrBusy) {
		t.Errorf("got %v, want %v", err, meibo.ErrBusy)
	}
}
