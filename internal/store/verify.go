package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/tink"
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
	Destroyed int64  // of them, those whose records were destroyed when their time was over
	Forgotten int64  // images that were destroyed with what they showed, as the log says
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
// the signed head, every image of every row, that each row is the one its newest
// entry committed to and that none stands without an entry, the chain of rosters, and the chains of
// decisions up to their seals. The error is *Tampered for the first bad row.
func (db *DB) Verify(ctx context.Context, a Auditor) (Verified, error) {
	if a.Progress == nil {
		a.Progress = func(string, int64, int64) {}
	}
	v := &verification{wrap: db.wrap, Auditor: a, newest: map[rowName]rowClaim{}, ended: map[string]int{}, disposed: map[rowName]int64{}}
	err := db.View(ctx, func(r *Reader) error {
		for _, step := range []func(*Reader) error{v.head, v.log, v.tree, v.meta, v.keys, v.images, v.rows, v.papers, v.rosters} {
			if err := step(r); err != nil {
				return err
			}
		}
		var err error
		if v.seals, err = all[meibo.Seal](r, "ORDER BY writer"); err != nil {
			return err
		}
		ended, err := all[meibo.Destruction](r, "")
		for _, d := range ended {
			v.ended[d.Writer] = d.Batch
		}
		return err
	})
	if err == nil {
		err = v.decisions(ctx, db)
	}
	return v.found, err
}

type verification struct {
	Auditor
	wrap     tink.AEAD
	found    Verified
	size     int64       // of the log, as it was signed
	root     tlog.Hash   // of the log, as it was signed
	hashes   []tlog.Hash // of the tree, recomputed
	newest   map[rowName]rowClaim
	rev      int64
	epoch    string
	seals    []meibo.Seal
	disposed map[rowName]int64 // by what entry a row's content was destroyed
	ended    map[string]int    // by chain, up to which batch records were to be destroyed
}

type rowName struct{ table, key string }

type rowClaim struct {
	hash, salt string
	seq        int64
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

// papers checks that scanned papers and pledge texts are what their hashes say.
func (v *verification) papers(r *Reader) error {
	pledges, err := all[meibo.Pledge](r, "ORDER BY id")
	if err != nil {
		return err
	}
	for _, p := range pledges {
		if p.State != meibo.PledgeDisposed && meibo.HashText(string(p.Text)) != p.TextHash {
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
		if d.Gone() { // as the log says: its row was held against it
			continue
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
			broken := roster.PreviousHash != previous || meibo.HashText(string(roster.Document)) != roster.Hash
			if roster.Document == "" && roster.Hash == "" { // destroyed, as the log says: its row was held against it
				broken = roster.PreviousHash != ""
			}
			if head.Version != i+1 || broken {
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
