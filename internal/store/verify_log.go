package store

import (
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/meibo-dev/meibo/internal/meibo"
)

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

// disposable are the tables whose images a disposal may destroy.
var disposable = map[string]bool{
	"pledges": true, "documents": true, "rosters": true, "change_lines": true, "changes": true, "acknowledgements": true, "contracts": true,
	"people": true, "accounts": true, "passkeys": true, "sealed_papers": true, "clients": true,
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
		if e.Act == meibo.ActDispose && disposable[row.Table] {
			v.disposed[rowName{row.Table, row.Key}] = seq
		}
		v.newest[rowName{row.Table, row.Key}] = rowClaim{hash: row.Hash, seq: seq}
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

// keys reads the keys that open what is sealed. Whatever they do not open was not
// sealed by this ledger: from here on no other keys are looked for.
func (v *verification) keys(r *Reader) error {
	ring, err := r.readKeyring(v.wrap)
	switch {
	case errors.Is(err, meibo.ErrNotFound):
		return &Tampered{"data_keys", "1", "removed"}
	case errors.Is(err, ErrOtherDataKey):
		return &Tampered{"data_keys", "1", "edited: the data key does not open it"}
	case err != nil:
		return v.unreadable(r, "data_keys", err)
	}
	r.codec = &codec{ring: ring}
	return v.alone(r, "data_keys")
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
