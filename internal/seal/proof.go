package seal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Proven is what a proof proves: the entry that answers for a row, and the row.
type Proven struct {
	Entry meibo.Entry
	Row   map[string]any
	Head  Checkpoint
}

// VerifyProof verifies with the log's public key, and nothing else, that the log
// answers for the row of a proof. Anything else is ErrUnverified.
func VerifyProof(p meibo.Proof, log *Verifier) (Proven, error) {
	var proven Proven
	head, err := log.Open(p.Checkpoint)
	if err != nil {
		return proven, err
	}
	bad := func(what string) (Proven, error) { return proven, fmt.Errorf("%w: %s", ErrUnverified, what) }
	if p.Format != meibo.ProofFormat || head.Size != p.Size {
		return bad("the proof is of another form or head")
	}
	var way tlog.RecordProof
	for _, text := range p.Way {
		h, err := tlog.ParseHash(text)
		if err != nil {
			return bad("a hash is none")
		}
		way = append(way, h)
	}
	if p.Entry < 0 || p.Entry >= p.Size || tlog.CheckRecord(way, p.Size, tlog.Hash(head.Root), p.Entry, tlog.RecordHash([]byte(p.Record))) != nil {
		return bad("the entry is not in the log")
	}
	errEntry := json.Unmarshal([]byte(p.Record), &proven.Entry)
	errRow := json.Unmarshal([]byte(p.Image), &proven.Row)
	if errors.Join(errEntry, errRow) != nil || proven.Entry.Seq != p.Entry {
		return bad("the entry or the row is not readable")
	}
	sum := sha256.Sum256([]byte(p.Salt + "\x00" + p.Table + "\x00" + p.Key + "\x00" + string(p.Image)))
	for _, row := range proven.Entry.Rows {
		if row.Table == p.Table && row.Key == p.Key && row.Hash == hex.EncodeToString(sum[:]) {
			proven.Head = head
			return proven, nil
		}
	}
	return bad("the entry does not answer for the row")
}
