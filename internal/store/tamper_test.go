package store_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// A plot is what somebody does who knows how the store works and has all of it
// in his hands, but not the key.
type plot struct {
	name string
	do   func(v *vandal)
	want string // table and key that verification names
}

var plots = []plot{
	{"a right that an entry never granted, with an image of its own", func(v *vandal) {
		right := with(v.row("rights", "id", "r1"), "id", "r9")
		v.insert(v.ledger, "rights", right)
		v.insert(v.ledger, "images", map[string]any{"of_table": "rights", "of_key": "r9", "seq": int64(1), "salt": "00", "image": "{}"})
	}, "images rights/r9/1"},
	{"an image of an entry that is still to come", func(v *vandal) {
		v.insert(v.ledger, "images", map[string]any{"of_table": "rights", "of_key": "r1", "seq": int64(99), "salt": "00", "image": "{}"})
	}, "images rights/r1/99"},
	{"a right that comes to life again", func(v *vandal) {
		v.set("rights", "id", "r1", "ended_at", nil)
	}, "rights r1"},
	{"a right that lasts longer", func(v *vandal) { v.set("rights", "id", "r2", "ends", "2027-12-31") }, "rights r2"},
	{"an assignment that goes away with its images", func(v *vandal) {
		v.exec(v.ledger, "DELETE FROM assignments WHERE id = 'as2'")
		v.exec(v.ledger, "DELETE FROM images WHERE of_table = 'assignments' AND of_key = 'as2'")
	}, "images assignments/as2/1"},
	{"a person as he was before, under the image of today", func(v *vandal) {
		v.set("people", "id", "E001", "name", hardName)
	}, "people E001"},
	{"two people under each other's names", func(v *vandal) {
		v.set("people", "id", "E001", "name", "")
		v.set("people", "id", "E002", "name", harderName)
	}, "people E001"},
	{"a roster with another document and its hash", func(v *vandal) {
		v.set("rosters", "version", 1, "document", "{}")
		v.set("rosters", "version", 1, "hash", meibo.HashText("{}"))
	}, "rosters C01/1"},
	{"a roster in the place of another", func(v *vandal) {
		v.set("rosters", "version", 1, "version", 9)
		v.set("rosters", "version", 2, "version", 1)
		v.set("rosters", "version", 9, "version", 2)
	}, "rosters C01/1"},
	{"a pledge with another text and its hash", func(v *vandal) {
		v.set("pledges", "id", "pl1", "text", "何も守りません。")
		v.set("pledges", "id", "pl1", "text_hash", meibo.HashText("何も守りません。"))
	}, "pledges pl1"},
	{"a paper with other bytes and their hash", func(v *vandal) {
		sum := sha256.Sum256([]byte("another"))
		v.set("documents", "id", "d1", "bytes", []byte("another"))
		v.set("documents", "id", "d1", "size", 7)
		v.set("documents", "id", "d1", "hash", hex.EncodeToString(sum[:]))
	}, "documents d1"},
	{"two entries in each other's place", func(v *vandal) {
		v.exec(v.ledger, "UPDATE entries SET seq = 99 WHERE seq = 1")
		v.exec(v.ledger, "UPDATE entries SET seq = 1 WHERE seq = 2")
		v.exec(v.ledger, "UPDATE entries SET seq = 2 WHERE seq = 99")
	}, "entries 1"},
	{"an entry of somebody else", func(v *vandal) { v.forge(1, `"client":"K1"`, `"client":"K2"`) }, "entries 1"},
	{"an entry of somebody else, with its hashes", func(v *vandal) {
		v.forge(1, `"client":"K1"`, `"client":"K2"`)
		v.rehash()
	}, "heads 1"},
	{"a log rewritten in full, under another key", func(v *vandal) {
		v.forge(1, `"client":"K1"`, `"client":"K2"`)
		v.sign(v.rehash())
	}, "heads 1"},
	{"a log that ends earlier", func(v *vandal) {
		v.exec(v.ledger, "DELETE FROM entries WHERE seq = 3")
	}, "entries 3"},
	{"a log that ends earlier, with its hashes and its size", func(v *vandal) {
		v.exec(v.ledger, "DELETE FROM entries WHERE seq = 3")
		v.exec(v.ledger, "UPDATE heads SET size = 3")
		v.rehash()
	}, "heads 1"},
	{"a revision that goes back", func(v *vandal) { v.exec(v.ledger, "UPDATE meta SET rev = 1") }, "meta 1"},
	{"another history", func(v *vandal) { v.exec(v.ledger, "UPDATE meta SET epoch = 'E2'") }, "meta 1"},
	{"nothing is left", func(v *vandal) {
		for _, table := range []string{"heads", "entries", "tree_hashes", "meta", "images"} {
			v.exec(v.ledger, "DELETE FROM "+table)
		}
	}, "heads 1"},
	{"a denied question that was allowed", func(v *vandal) {
		v.exec(v.decisions, "UPDATE decisions SET allowed = NOT allowed WHERE id = 'D1'")
	}, "decisions D1"},
	{"a denied question that was allowed, record and all", func(v *vandal) {
		v.exec(v.decisions, "UPDATE decisions SET allowed = NOT allowed, record = REPLACE(record, '\"allowed\":true', '\"allowed\":false') WHERE id = 'D1'")
	}, "batches w/2"},
	{"what moves from one column to the next", func(v *vandal) {
		v.exec(v.decisions, "UPDATE decisions SET client_id = 'cl', system_id = '1P01' WHERE id = 'D1'")
	}, "decisions D1"},
	{"a decision in a batch that is not there", func(v *vandal) {
		v.exec(v.decisions, "UPDATE decisions SET id = 'D8', batch = 77 WHERE id = 'D9'")
	}, "batches w/4"},
	{"a decision that nobody made, in a batch of its own", func(v *vandal) {
		row := with(v.rows(v.decisions, "decisions", []string{"id"})[0], "id", "D7")
		v.insert(v.decisions, "decisions", with(row, "writer", "w9"))
	}, "decisions D7"},
	{"the chain of a writer goes away with its decisions", func(v *vandal) {
		v.exec(v.decisions, "DELETE FROM decisions")
		v.exec(v.decisions, "DELETE FROM batches")
	}, "batches w/3"},
	{"the last sealed batch goes away with its decisions", func(v *vandal) {
		v.exec(v.decisions, "DELETE FROM decisions WHERE batch >= 3")
		v.exec(v.decisions, "DELETE FROM batches WHERE seq >= 3")
	}, "batches w/3"},
	{"a sealed chain rewritten in full", func(v *vandal) {
		v.exec(v.decisions, "UPDATE decisions SET allowed = NOT allowed, record = REPLACE(record, '\"allowed\":true', '\"allowed\":false') WHERE id = 'D1'")
		v.rechain()
	}, "batches w/3"},
}

// row is the stored row of a table.
func (v *vandal) row(table, column string, key any) map[string]any {
	v.t.Helper()
	for _, row := range v.rows(v.ledger, table, []string{column}) {
		if fmt.Sprint(row[column]) == fmt.Sprint(key) {
			return row
		}
	}
	v.t.Fatalf("%s has no %v", table, key)
	return nil
}

func (v *vandal) set(table, column string, key any, of string, value any) {
	v.t.Helper()
	v.exec(v.ledger, "UPDATE "+table+" SET "+of+" = ? WHERE "+column+" = ?", value, key)
}

// forge replaces a part of an entry's record.
func (v *vandal) forge(seq int, old, new string) {
	v.t.Helper()
	record := v.row("entries", "seq", seq)["record"].(string)
	if !strings.Contains(record, old) {
		v.t.Fatalf("%s is not in %s", old, record)
	}
	v.set("entries", "seq", seq, "record", strings.Replace(record, old, new, 1))
}

// rehash stores the tree over the entries as they are, and returns its head.
func (v *vandal) rehash() (size int64, root tlog.Hash) {
	v.t.Helper()
	v.exec(v.ledger, "DELETE FROM tree_hashes")
	var stored []tlog.Hash
	read := tlog.HashReaderFunc(func(places []int64) ([]tlog.Hash, error) {
		var found []tlog.Hash
		for _, p := range places {
			found = append(found, stored[p])
		}
		return found, nil
	})
	for _, row := range v.rows(v.ledger, "entries", []string{"seq"}) {
		hashes, err := tlog.StoredHashes(size, []byte(row["record"].(string)), read)
		must(v.t, err)
		for _, h := range hashes {
			v.insert(v.ledger, "tree_hashes", map[string]any{"place": int64(len(stored)), "hash": h[:]})
			stored = append(stored, h)
		}
		size++
	}
	root, err := tlog.TreeHash(size, read)
	must(v.t, err)
	return size, root
}

// sign signs a head with a key that is not the log's but bears its name.
func (v *vandal) sign(size int64, root tlog.Hash) {
	v.t.Helper()
	other, _, err := seal.NewKey("meibo.city.kakuu.example")
	must(v.t, err)
	signer, err := seal.NewSigner(other)
	must(v.t, err)
	note, err := signer.Sign(size, root)
	must(v.t, err)
	v.exec(v.ledger, "UPDATE heads SET size = ?, note = ?", size, note)
}

// rechain computes the chain of batches anew from their decisions.
func (v *vandal) rechain() {
	v.t.Helper()
	head := ""
	for _, batch := range v.rows(v.decisions, "batches", []string{"writer", "seq"}) {
		h := sha256.New()
		h.Write([]byte(head + batch["at"].(string)))
		for _, d := range v.rows(v.decisions, "decisions", []string{"batch", "line"}) {
			if d["batch"] == batch["seq"] {
				sum := sha256.Sum256([]byte(d["record"].(string)))
				h.Write(sum[:])
			}
		}
		v.exec(v.decisions, "UPDATE batches SET previous = ?, hash = ? WHERE seq = ?", head, hex.EncodeToString(h.Sum(nil)), batch["seq"])
		head = hex.EncodeToString(h.Sum(nil))
	}
}

// keep remembers every row; the function that it returns puts them back.
func (v *vandal) keep() (restore func()) {
	v.t.Helper()
	kept := map[string][]map[string]any{}
	for _, g := range v.targets() {
		kept[g.table] = v.rows(g.conn, g.table, g.key)
	}
	return func() {
		for _, g := range v.targets() {
			v.exec(g.conn, "DELETE FROM "+g.table)
			for _, row := range kept[g.table] {
				v.insert(g.conn, g.table, row)
			}
		}
	}
}

func TestWhatSomebodyDoesWhoKnowsTheStoreIsFound(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		v := newVandal(t, url)
		writer := fmt.Sprint(v.rows(v.decisions, "batches", []string{"writer", "seq"})[0]["writer"])
		restore := v.keep()
		for _, p := range plots {
			t.Run(p.name, func(t *testing.T) {
				defer restore()
				p.do(v)
				_, err := v.db.Verify(context.Background(), auditor(t, nil))
				var tampered *store.Tampered
				if !errors.As(err, &tampered) {
					t.Fatalf("verification ended with %v", err)
				}
				if got := tampered.Table + " " + strings.Replace(tampered.Key, writer, "w", 1); got != p.want {
					t.Errorf("verification names %v, want %s", tampered, p.want)
				}
			})
		}
		v.clean("every plot")
	})
}

func TestWhatIsNotSealedYetIsCounted(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		v := newVandal(t, url)
		v.exec(v.decisions, "DELETE FROM decisions WHERE id = 'D9'")
		v.exec(v.decisions, "DELETE FROM batches WHERE seq = 4")
		found, err := v.db.Verify(context.Background(), auditor(t, nil))
		if err != nil || found.Unsealed != 0 || found.Decisions != 3 {
			t.Errorf("verified %+v, %v: only the chain holds what no seal answers for", found, err)
		}
	})
}
