package store

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Proof shows that the log answers for a row as it was last written: the row's
// image and salt, the entry that commits to them, and the way from the entry to the
// signed head. ErrNotFound: there is no such row.
func (r *Reader) Proof(table, key string) (meibo.Proof, error) {
	var p meibo.Proof
	var kept struct {
		Seq         int64
		Salt, Image string
	}
	err := r.scan(&kept, "SELECT seq, salt, image FROM images WHERE of_table = ? AND of_key = ? ORDER BY seq DESC LIMIT 1", table, key)
	if err != nil {
		return p, err
	}
	if kept.Image, err = r.openImage(rowName{table, key}, kept.Seq, kept.Image); err != nil {
		return p, err
	}
	p = meibo.Proof{Format: meibo.ProofFormat, Table: table, Key: key, Salt: kept.Salt, Image: meibo.Personal(kept.Image), Entry: kept.Seq}
	if err := r.scan(&p.Record, "SELECT record FROM entries WHERE seq = ?", kept.Seq); err != nil {
		return p, err
	}
	if p.Size, p.Checkpoint, err = r.Head(); err != nil {
		return p, err
	}
	way, err := tlog.ProveRecord(p.Size, kept.Seq, r.hashes())
	if err != nil {
		return p, fmt.Errorf("prove entry %d: %w", kept.Seq, err)
	}
	for _, h := range way {
		p.Way = append(p.Way, h.String())
	}
	return p, nil
}

// Consistency is the newest signed head of the log, and the way to it from an
// earlier size: hashes in base64, none from 0. There is no way from a size that the
// log has not reached: whoever has seen it sees by the head that the log has gone back.
func (r *Reader) Consistency(from int64) (head string, way []string, err error) {
	size, head, err := r.Head()
	if err != nil || from == 0 || from > size {
		return head, nil, err
	}
	if from < 0 {
		return "", nil, meibo.ErrNotFound
	}
	proof, err := tlog.ProveTree(size, from, r.hashes())
	if err != nil {
		return "", nil, fmt.Errorf("prove consistency from %d: %w", from, err)
	}
	for _, h := range proof {
		way = append(way, h.String())
	}
	return head, way, nil
}
