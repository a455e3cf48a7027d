package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Tampered is the first thing that verification found wrong: a row, entry or
// decision whose bytes are not those that the log answers for.
type Tampered struct {
	Table string
	Key   string
	What  string // edited, removed, unexplained, reordered, …
}

func (t *Tampered) Error() string {
	return fmt.Sprintf("%s %s: %s", t.Table, t.Key, t.What)
}

// Verified is what verification went through.
type Verified struct {
	Entries   int64
	Rows      int64
	Decisions int64
	Unsealed  int64  // decisions recorded since the last seal; held by their chain only
	Root      string // hex root hash of the log
	Head      string // the signed head
}

// An Auditor checks what the store cannot: signatures of heads.
type Auditor struct {
	// Open verifies a signed head and returns what it says.
	Open func(note string) (size int64, root [32]byte, err error)
	// Progress is told how far a stage has come; total is 0 when unknown.
	Progress func(stage string, done, total int64)
}

// Verify re-checks the whole store from its stored bytes: the log and its tree,
// the signed head, that every row is the one its newest entry committed to and
// that no row stands without an entry, the chain of rosters, and the chains of
// decisions up to their seals. The error is *Tampered for the first bad row.
func (db *DB) Verify(ctx context.Context, a Auditor) (Verified, error) {
	if a.Progress == nil {
		a.Progress = func(string, int64, int64) {}
	}
	v := &verification{Auditor: a, newest: map[rowName]rowClaim{}}
	err := db.View(ctx, func(r *Reader) error {
		for _, step := range []func(*Reader) error{v.head, v.log, v.tree, v.meta, v.rows, v.papers, v.rosters} {
			if err := step(r); err != nil {
				return err
			}
		}
		var err error
		v.seals, err = all[meibo.Seal](r, "ORDER BY writer")
		return err
	})
	if err == nil {
		err = v.decisions(ctx, db)
	}
	return v.found, err
}

type verification struct {
	Auditor
	found  Verified
	size   int64       // of the log, as it was signed
	root   tlog.Hash   // of the log, as it was signed
	hashes []tlog.Hash // of the tree, recomputed
	newest map[rowName]rowClaim
	rev    int64
	epoch  string
	seals  []meibo.Seal
}

type rowName struct{ table, key string }

type rowClaim struct {
	hash string
	seq  int64
}

// ReadHashes lets tlog read the recomputed tree.
func (v *verification) ReadHashes(places []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(places))
	for i, p := range places {
		if p >= int64(len(v.hashes)) {
			return nil, fmt.Errorf("tree hash %d is missing", p)
		}
		out[i] = v.hashes[p]
	}
	return out, nil
}

const chunk = 1000

// head reads what was signed last.
func (v *verification) head(r *Reader) error {
	size, note, err := r.Head()
	if err != nil {
		return v.unreadable(r, "heads", err)
	}
	signed, root, err := v.Open(note)
	if err != nil {
		return &Tampered{"heads", "1", "removed, or its signature does not verify"}
	}
	if size != signed {
		return &Tampered{"heads", "1", "edited: its size is not the one that was signed"}
	}
	v.size, v.root, v.found.Head = signed, root, note
	return v.alone(r, "heads")
}

// list reads rows of a table whose bytes may be anything.
func (v *verification) list(r *Reader, table string, into any, query string, args ...any) error {
	return v.unreadable(r, table, r.list(into, query, args...))
}

// unreadable: what the database hands over and Go cannot read was not written by
// the store.
func (v *verification) unreadable(r *Reader, table string, err error) error {
	if err == nil || errors.Is(err, meibo.ErrBusy) || r.ctx.Err() != nil {
		return err
	}
	return &Tampered{table, "", "unreadable: " + err.Error()}
}

// alone: a table of one row holds no other.
func (v *verification) alone(r *Reader, table string) error {
	var others []int64
	if err := v.list(r, table, &others, "SELECT id FROM "+table+" WHERE id <> 1 ORDER BY id"); err != nil {
		return err
	}
	if len(others) > 0 {
		return &Tampered{table, fmt.Sprint(others[0]), "unexplained"}
	}
	return nil
}

// log goes through the entries in order, rebuilds the tree and notes what each
// row was last committed to.
func (v *verification) log(r *Reader) error {
	for {
		var rows []struct {
			Seq        int64
			At, Record string
		}
		if err := v.list(r, "entries", &rows, "SELECT seq, at, record FROM entries WHERE seq >= ? ORDER BY seq LIMIT ?", v.found.Entries, chunk); err != nil {
			return err
		}
		for _, row := range rows {
			if row.Seq != v.found.Entries {
				return &Tampered{"entries", fmt.Sprint(v.found.Entries), "removed"}
			}
			if row.Seq >= v.size {
				return &Tampered{"entries", fmt.Sprint(row.Seq), "unexplained: the signed head ends before it"}
			}
			if err := v.entry(row.Seq, row.At, row.Record); err != nil {
				return err
			}
		}
		v.Progress("entries", v.found.Entries, v.size)
		if len(rows) < chunk {
			break
		}
	}
	if v.found.Entries != v.size {
		return &Tampered{"entries", fmt.Sprint(v.found.Entries), "removed"}
	}
	return nil
}

func (v *verification) entry(seq int64, at, record string) error {
	var e meibo.Entry
	if err := json.Unmarshal([]byte(record), &e); err != nil {
		return &Tampered{"entries", fmt.Sprint(seq), "unreadable"}
	}
	if e.Seq != seq || e.At.String() != at {
		return &Tampered{"entries", fmt.Sprint(seq), "reordered"}
	}
	hashes, err := tlog.StoredHashes(seq, []byte(record), v)
	if err != nil {
		return fmt.Errorf("rebuild tree at entry %d: %w", seq, err)
	}
	v.hashes = append(v.hashes, hashes...)
	for _, row := range e.Rows {
		v.newest[rowName{row.Table, row.Key}] = rowClaim{row.Hash, seq}
	}
	v.rev = e.Revision
	if e.Epoch != "" {
		v.epoch = e.Epoch
	}
	v.found.Entries++
	return nil
}

// tree compares the stored hashes with the rebuilt ones, and the rebuilt root
// with the signed one. Where the roots differ an entry was edited: the first
// whose stored hash differs. Where they are the same, a stored hash was.
func (v *verification) tree(r *Reader) error {
	root, err := tlog.TreeHash(v.size, v)
	if err != nil {
		return fmt.Errorf("rebuild root: %w", err)
	}
	v.found.Root = hex.EncodeToString(root[:])
	for next := int64(0); ; {
		var rows []struct {
			Place int64
			Hash  []byte
		}
		if err := v.list(r, "tree_hashes", &rows, "SELECT place, hash FROM tree_hashes WHERE place >= ? ORDER BY place LIMIT ?", next, 10*chunk); err != nil {
			return err
		}
		for _, row := range rows {
			switch {
			case row.Place != next:
				return &Tampered{"tree_hashes", fmt.Sprint(next), "removed"}
			case next >= int64(len(v.hashes)):
				return &Tampered{"tree_hashes", fmt.Sprint(next), "unexplained"}
			case string(row.Hash) != string(v.hashes[next][:]):
				if level, n := tlog.SplitStoredHashIndex(next); level == 0 && root != v.root {
					return &Tampered{"entries", fmt.Sprint(n), "edited"}
				}
				return &Tampered{"tree_hashes", fmt.Sprint(next), "edited"}
			}
			next++
		}
		v.Progress("tree", next, int64(len(v.hashes)))
		if len(rows) < 10*chunk {
			if next != int64(len(v.hashes)) {
				return &Tampered{"tree_hashes", fmt.Sprint(next), "removed"}
			}
			break
		}
	}
	if root != v.root {
		return &Tampered{"heads", "1", "the signed root is not that of the entries: the log was rewritten"}
	}
	return nil
}

// meta holds the revision and the history against the entries.
func (v *verification) meta(r *Reader) error {
	rev, epoch, err := r.Revision()
	switch {
	case errors.Is(err, meibo.ErrNotFound):
		return &Tampered{"meta", "1", "removed"}
	case err != nil:
		return v.unreadable(r, "meta", err)
	case rev != v.rev:
		return &Tampered{"meta", "1", "edited: the revision is not the newest entry's"}
	case epoch != v.epoch:
		return &Tampered{"meta", "1", "edited: the history is not the one that the log began"}
	}
	return v.alone(r, "meta")
}

// papers checks that scanned papers and pledge texts are what their hashes say.
func (v *verification) papers(r *Reader) error {
	pledges, err := all[meibo.Pledge](r, "ORDER BY id")
	if err != nil {
		return err
	}
	for _, p := range pledges {
		if meibo.HashText(string(p.Text)) != p.TextHash {
			return &Tampered{"pledges", string(p.ID), "the text is not the one that was agreed to"}
		}
	}
	var ids []string
	if err := r.list(&ids, "SELECT id FROM documents ORDER BY id"); err != nil {
		return err
	}
	for _, id := range ids {
		d, err := get[meibo.Document](r, "WHERE id = ?", id)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(d.Bytes)
		if hex.EncodeToString(sum[:]) != d.Hash || len(d.Bytes) != d.Size {
			return &Tampered{"documents", id, "edited"}
		}
	}
	return nil
}

// rosters checks each contract's chain of versions and the head that each
// version was cut under.
func (v *verification) rosters(r *Reader) error {
	contracts, err := r.Contracts()
	if err != nil {
		return err
	}
	for _, c := range contracts {
		rosters, err := r.Rosters(c.ID)
		if err != nil {
			return err
		}
		previous := ""
		for i, head := range rosters {
			key := fmt.Sprintf("%s/%d", c.ID, i+1)
			roster, err := r.Roster(c.ID, head.Version)
			if err != nil {
				return err
			}
			if head.Version != i+1 || roster.PreviousHash != previous || meibo.HashText(string(roster.Document)) != roster.Hash {
				return &Tampered{"rosters", key, "the chain of versions is broken"}
			}
			if err := v.checkpoint(roster.Checkpoint); err != nil {
				return &Tampered{"rosters", key, err.Error()}
			}
			previous = roster.Hash
		}
	}
	return nil
}

// checkpoint: an earlier signed head must be a prefix of the log as it is.
func (v *verification) checkpoint(note string) error {
	size, root, err := v.Open(note)
	if err != nil || size > v.found.Entries {
		return fmt.Errorf("checkpoint does not verify")
	}
	rebuilt, err := tlog.TreeHash(size, v)
	if err != nil || rebuilt != tlog.Hash(root) {
		return fmt.Errorf("checkpoint is not part of the log: it was rewritten")
	}
	return nil
}
