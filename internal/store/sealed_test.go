package store_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/store"
)

// everything is all that lies in a database: on SQLite the files, on PostgreSQL every
// row of every table as text, with what is binary in it.
func everything(t *testing.T, url string) []byte {
	t.Helper()
	var all []byte
	if !strings.Contains(url, "://") {
		files, err := filepath.Glob(filepath.Dir(url) + "/*")
		must(t, err)
		for _, f := range files {
			content, err := os.ReadFile(f)
			must(t, err)
			all = append(all, content...)
		}
		return all
	}
	ledger, decisions := store.Raw(open(t, url))
	var tables []string
	must(t, ledger.Select(&tables, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
	for _, table := range tables {
		var rows []string
		must(t, decisions.Select(&rows, "SELECT CAST(t AS TEXT) FROM "+table+" t"))
		all = append(all, strings.Join(rows, "\n")...)
	}
	return all
}

func TestNothingInTheDatabaseSaysWhoPeopleAre(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		must(t, furnished(t, url).Close())
		all := everything(t, url)
		if !bytes.Contains(all, []byte("課税資料入力業務")) {
			t.Fatal("the search finds nothing at all")
		}
		for _, secret := range []string{
			hardName, "髙﨑", "葛\U000E0101西", "saki", "タカサキ", "Åström", "𡈽屋", "秘密を守ります", "%PDF", "O’BRIEN", string(dataKey),
			meibo.HashText(hardName + "は秘密を守ります。\n"), // who guesses the name could try it
		} {
			asHex := []byte(hex.EncodeToString([]byte(secret)))
			if bytes.Contains(all, asHex) || strings.Contains(secret, "{{") || bytes.Contains(withoutTemplates(all), []byte(secret)) {
				t.Errorf("it says %q", secret)
			}
		}
	})
}

// withoutTemplates: the wording of pledges is no secret, before a name stands in it.
func withoutTemplates(all []byte) []byte {
	return bytes.ReplaceAll(all, []byte("{{name}}は秘密を守ります。"), nil)
}

func TestWhatIsMovedDoesNotOpen(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		rows := full()
		second := full()[11].(meibo.Person)
		second.ID, second.Login, second.LoginKey, second.Name = "E002", "ken", "key2", "佐藤"
		paper := []byte("another paper")
		other := meibo.Document{ID: "d2", Hash: "h", Size: len(paper), Key: bytes.Repeat([]byte{8}, 32), Bytes: paper, CreatedAt: asOf}
		must(t, record(db, append(rows, second, other)...))
		raw, _ := store.Raw(db)
		for what, moves := range map[string][]string{
			"to another person":      {"UPDATE people SET name = (SELECT name FROM people WHERE id = 'E002') WHERE id = 'E001'"},
			"to another column":      {"UPDATE people SET kana = name WHERE id = 'E001'"},
			"of a paper":             {"UPDATE documents SET bytes = (SELECT bytes FROM documents WHERE id = 'd2') WHERE id = 'd1'"},
			"of a paper and its key": {"UPDATE documents SET bytes = (SELECT bytes FROM documents WHERE id = 'd2'), key = (SELECT key FROM documents WHERE id = 'd2') WHERE id = 'd1'"},
			"to the clear":           {"UPDATE people SET name = 'AQAAAAB' WHERE id = 'E001'"},
			"of an image":            {"DELETE FROM images WHERE of_table = 'people' AND of_key = 'E001'", "INSERT INTO images SELECT of_table, 'E001', seq, salt, image FROM images WHERE of_table = 'people' AND of_key = 'E002'"},
		} {
			tx, err := raw.Beginx()
			must(t, err)
			for _, move := range moves {
				_, err := tx.Exec(move)
				must(t, err)
			}
			must(t, tx.Commit())
			err = db.View(t.Context(), func(r *store.Reader) error {
				_, err1 := store.One[meibo.Person](r, meibo.PersonID("E001"))
				_, err2 := store.One[meibo.Document](r, meibo.DocumentID("d1"))
				_, err3 := store.Past[meibo.Person](r, 1<<40)
				return errors.Join(err1, err2, err3)
			})
			if err == nil || errors.Is(err, meibo.ErrNotFound) || !strings.Contains(err.Error(), "moved or altered") {
				t.Errorf("a move %s: %v", what, err)
			}
			if err != nil && (strings.Contains(err.Error(), "佐藤") || strings.Contains(err.Error(), hardName)) {
				t.Errorf("a move %s tells: %v", what, err)
			}
			_, err = raw.Exec("DELETE FROM images WHERE of_table = 'people'")
			must(t, err)
			must(t, record(db, rows[11], second, rows[17], other))
		}
	})
}

func TestOnlyItsDataKeyOpensADatabase(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		must(t, furnished(t, url).Close())
		for _, readOnly := range []bool{false, true} {
			for _, c := range []struct {
				key  []byte
				want error
			}{{nil, store.ErrNoDataKey}, {bytes.Repeat([]byte{9}, store.DataKeySize), store.ErrOtherDataKey}, {[]byte("short"), meibo.ErrInvalid}} {
				o := options(t, url)
				o.DataKey, o.ReadOnly = c.key, readOnly
				if db, err := store.Open(t.Context(), o); !errors.Is(err, c.want) {
					t.Errorf("with a key of %d bytes: %v, want %v (%v)", len(c.key), err, c.want, db)
				}
			}
		}
		db := open(t, url)
		raw, _ := store.Raw(db)
		_, err := raw.Exec("DELETE FROM data_keys")
		must(t, err)
		must(t, db.Close())
		if _, err := store.Open(t.Context(), options(t, url)); !errors.Is(err, store.ErrNoKeys) {
			t.Errorf("without its keys: %v", err)
		}
	})
}

// rotate seals everything under a new key.
func rotate(db *store.DB) error {
	turn := func(f func(*store.Tx) error) error {
		return db.Update(context.Background(), func(tx *store.Tx) error {
			if err := f(tx); err != nil {
				return err
			}
			_, err := tx.Record(meibo.Entry{Act: meibo.ActRotateDataKey}, nil)
			return err
		})
	}
	err := turn(func(tx *store.Tx) error { _, err := tx.GrowKeys(); return err })
	if err == nil {
		err = db.Reseal(context.Background(), func(done, _ int64) { fmt.Fprintln(os.Stdout, done) })
	}
	if err == nil {
		err = turn((*store.Tx).PruneKeys)
	}
	return err
}

func rotateForEver(db *store.DB) {
	for {
		if err := rotate(db); err != nil {
			panic(err)
		}
	}
}

func TestARotationThatIsKilledLosesNothing(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := furnished(t, url)
		for i := range 5 {
			var people []any
			for j := range 100 {
				id := fmt.Sprintf("M%d-%02d", i, j)
				people = append(people, meibo.Person{ID: meibo.PersonID(id), OrganizationID: "K1", Login: meibo.Personal(id), LoginKey: id, Name: hardName, CreatedAt: asOf})
			}
			must(t, record(db, people...))
		}
		must(t, db.Close())
		for round := range 3 {
			c := child(t, "rotate", url)
			for range 3 + 5*round {
				c.line()
			}
			c.kill()
			db := open(t, url)
			if _, err := db.Verify(t.Context(), auditor(t, nil)); err != nil {
				t.Fatalf("after kill %d: %v", round+1, err)
			}
			must(t, db.Close())
		}
		db = open(t, url)
		before := sealedNames(t, db)
		must(t, rotate(db)) // ends what was begun
		must(t, rotate(db))
		if n := store.Keys(db); n != 1 {
			t.Errorf("%d keys are left", n)
		}
		for i, after := range sealedNames(t, db) {
			if after == before[i] || after[:5] == before[i][:5] {
				t.Errorf("name %d lies where it lay", i)
			}
		}
		if _, err := db.Verify(t.Context(), auditor(t, nil)); err != nil {
			t.Errorf("after it has ended: %v", err)
		}
	})
}

// sealedNames are the names of people as the database keeps them.
func sealedNames(t *testing.T, db *store.DB) (names []string) {
	t.Helper()
	raw, _ := store.Raw(db)
	must(t, raw.Select(&names, "SELECT name FROM people WHERE name <> '' ORDER BY id"))
	for i, n := range names {
		sealed, err := base64.RawStdEncoding.DecodeString(n)
		must(t, err)
		names[i] = string(sealed)
	}
	return names
}

// On PostgreSQL another replica goes on while one rotates.
func TestAReplicaFollowsARotation(t *testing.T) {
	url := meibotest.Postgres(t)
	here, there := furnished(t, url), open(t, url)
	name := func(db *store.DB) (p meibo.Person) {
		view(t, db, func(r *store.Reader) (err error) {
			p, err = store.One[meibo.Person](r, meibo.PersonID("E001"))
			return err
		})
		return p
	}
	for range 3 {
		same(t, name(there).Name, meibo.Personal(harderName))
		must(t, rotate(here))
		p := name(there) // sealed under a key that it has not seen
		must(t, rotate(here))
		p.Kana = "カサイ"
		must(t, record(there, p))
		must(t, rotate(here))
		same(t, name(here), p)
	}
	if _, err := there.Verify(t.Context(), auditor(t, nil)); err != nil {
		t.Error(err)
	}
	must(t, here.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Record(meibo.Entry{Act: meibo.ActRotateDataKey}, nil)
		return errors.Join(tx.Rewrap(bytes.Repeat([]byte{9}, store.DataKeySize)), err)
	}))
	if _, err := store.Open(t.Context(), options(t, url)); !errors.Is(err, store.ErrOtherDataKey) {
		t.Errorf("under the data key of before: %v", err)
	}
}
