package store

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Record writes rows and the entry that answers for them, appends the entry to
// the log and signs the new head. It fills in the entry's number, instant,
// revision and evidence, and returns it so.
func (t *Tx) Record(e meibo.Entry, rows []any) (meibo.Entry, error) {
	if t.recorded {
		return e, errors.New("update recorded twice")
	}
	t.recorded = true
	images, err := t.putAll(rows)
	if err != nil {
		return e, err
	}
	raise := "UPDATE meta SET rev = rev + 1 WHERE id = 1 RETURNING rev"
	switch e.Act {
	case meibo.ActSealDecisions, meibo.ActSealPledge, meibo.ActSealRoster, meibo.ActDestroyDecisions, meibo.ActRotateDataKey: // change nothing that decides
		raise = "SELECT rev FROM meta WHERE id = 1"
	}
	if err := t.scan(&e.Revision, raise); err != nil {
		return e, fmt.Errorf("raise revision: %w", err)
	}
	size, err := t.size()
	if err != nil {
		return e, err
	}
	e.Seq, e.At, e.Epoch = size, t.Now, t.epoch
	for _, i := range images {
		evidence, err := t.putImage(i, size)
		if err != nil {
			return e, err
		}
		e.Rows = append(e.Rows, evidence)
	}
	record, err := meibo.Canonical(e)
	if err != nil {
		return e, fmt.Errorf("write entry: %w", err)
	}
	return e, t.append(e, record)
}

// An image is a row as it was written, in canonical JSON.
type image struct {
	rowName
	text string
}

// putAll writes rows and returns their images. Of a row that is given twice the
// last is kept.
func (t *Tx) putAll(rows []any) ([]image, error) {
	place := map[rowName]int{}
	var images []image
	for _, row := range rows {
		i, err := t.put(row)
		if err != nil {
			return nil, err
		}
		if at, twice := place[i.rowName]; twice {
			images[at] = i
			continue
		}
		place[i.rowName] = len(images)
		images = append(images, i)
	}
	return images, nil
}

// put writes one row and returns its image.
func (t *Tx) put(row any) (image, error) {
	v := reflect.ValueOf(row)
	tab := tableOf(v.Type())
	values, err := tab.values(v)
	if err != nil {
		return image{}, err
	}
	stored, err := tab.stored(t.codec, values)
	if err != nil {
		return image{}, err
	}
	if err := t.exec(tab.upsert, stored...); err != nil {
		return image{}, fmt.Errorf("write %s: %w", tab.name, err)
	}
	text, err := meibo.Canonical(tab.image(values))
	if err != nil {
		return image{}, fmt.Errorf("write %s: %w", tab.name, err)
	}
	return image{rowName{tab.name, tab.keyOf(values)}, string(text)}, nil
}

// putImage keeps an image under a fresh salt and commits to it, as it is before it is
// sealed: keys come and go, and the log must verify with each of them, and what a proof
// of it shows must be readable to those who have no key. Without the salt, which goes
// when the image goes, the commitment says nothing about the row.
func (t *Tx) putImage(i image, seq int64) (meibo.RowEvidence, error) {
	var random [16]byte
	rand.Read(random[:])
	salt := hex.EncodeToString(random[:])
	text, err := t.sealImage(i.rowName, seq, i.text)
	if err == nil {
		err = t.exec("INSERT INTO images (of_table, of_key, seq, salt, image) VALUES (?, ?, ?, ?, ?)", i.table, i.key, seq, salt, text)
	}
	if err != nil {
		return meibo.RowEvidence{}, fmt.Errorf("write image: %w", err)
	}
	return meibo.RowEvidence{Table: i.table, Key: i.key, Hash: commitment(salt, i.rowName, i.text)}, nil
}

// Forget destroys the images of rows, with the salts of their commitments. It belongs
// into a transaction whose act is meibo.ActDispose, before what stays of the rows is
// recorded; from then on nothing tells what they said.
func (t *Tx) Forget(rows []any) error {
	keys := map[string][]string{}
	for _, row := range rows {
		v := reflect.ValueOf(row)
		tab := tableOf(v.Type())
		keys[tab.name] = append(keys[tab.name], tab.keyIn(v))
	}
	for _, table := range slices.Sorted(maps.Keys(keys)) {
		for part := range slices.Chunk(keys[table], maxListed) {
			query, args, err := t.in("DELETE FROM images WHERE of_table = ? AND of_key IN (?)", table, part)
			if err == nil {
				err = t.exec(query, args...)
			}
			if err != nil {
				return fmt.Errorf("forget %s: %w", table, err)
			}
		}
	}
	return nil
}

func commitment(salt string, of rowName, image string) string {
	sum := sha256.Sum256([]byte(salt + "\x00" + of.table + "\x00" + of.key + "\x00" + image))
	return hex.EncodeToString(sum[:])
}

// append puts the record at the end of the log and signs the new head.
func (t *Tx) append(e meibo.Entry, record []byte) error {
	if err := t.exec("INSERT INTO entries (seq, at, record) VALUES (?, ?, ?)", e.Seq, e.At, string(record)); err != nil {
		return fmt.Errorf("append entry: %w", err)
	}
	hashes, err := tlog.StoredHashes(e.Seq, record, t.hashes())
	if err != nil {
		return fmt.Errorf("append entry: %w", err)
	}
	first := tlog.StoredHashIndex(0, e.Seq)
	for i, h := range hashes {
		if err := t.exec("INSERT INTO tree_hashes (place, hash) VALUES (?, ?)", first+int64(i), h[:]); err != nil {
			return fmt.Errorf("append entry: %w", err)
		}
	}
	root, err := tlog.TreeHash(e.Seq+1, t.hashes())
	if err != nil {
		return fmt.Errorf("append entry: %w", err)
	}
	note, err := t.sign(e.Seq+1, root)
	if err != nil {
		return fmt.Errorf("sign head: %w", err)
	}
	err = t.exec(`INSERT INTO heads (id, size, note) VALUES (1, ?, ?)
		ON CONFLICT (id) DO UPDATE SET size = excluded.size, note = excluded.note`, e.Seq+1, note)
	if err != nil {
		return fmt.Errorf("write head: %w", err)
	}
	return nil
}

func (r *Reader) size() (int64, error) {
	var size int64
	err := r.scan(&size, "SELECT size FROM heads WHERE id = 1")
	if errors.Is(err, meibo.ErrNotFound) {
		return 0, nil
	}
	return size, err
}

// Head is the newest signed head of the log; empty before the first entry.
func (r *Reader) Head() (size int64, note string, err error) {
	var h struct {
		Size int64
		Note string
	}
	err = r.scan(&h, "SELECT size, note FROM heads WHERE id = 1")
	if errors.Is(err, meibo.ErrNotFound) {
		return 0, "", nil
	}
	return h.Size, h.Note, err
}

// hashes reads stored hashes of the log's tree.
func (r *Reader) hashes() tlog.HashReader {
	return tlog.HashReaderFunc(func(places []int64) ([]tlog.Hash, error) {
		if len(places) == 0 {
			return nil, nil
		}
		query, args, err := r.in("SELECT place, hash FROM tree_hashes WHERE place IN (?)", places)
		if err != nil {
			return nil, err
		}
		var rows []struct {
			Place int64
			Hash  []byte
		}
		if err := r.list(&rows, query, args...); err != nil {
			return nil, err
		}
		found := make(map[int64]tlog.Hash, len(rows))
		for _, row := range rows {
			found[row.Place] = tlog.Hash(row.Hash)
		}
		hashes := make([]tlog.Hash, len(places))
		for i, p := range places {
			h, ok := found[p]
			if !ok {
				return nil, fmt.Errorf("tree hash %d is missing", p)
			}
			hashes[i] = h
		}
		return hashes, nil
	})
}
