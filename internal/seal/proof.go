package seal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

// inLog finds with the log's public key the entry to which an origin leads; of one that
// it does not show, the number only. Anything else is ErrUnverified.
func inLog(o meibo.Origin, log *Verifier) (entry meibo.Entry, head Checkpoint, err error) {
	if head, err = log.Open(o.Checkpoint); err != nil {
		return entry, head, err
	}
	var way tlog.RecordProof
	for _, text := range o.Way {
		h, err := tlog.ParseHash(text)
		if err != nil {
			return entry, head, unverified("a hash is none")
		}
		way = append(way, h)
	}
	leaf := tlog.RecordHash([]byte(o.Record))
	if o.Record == "" {
		if leaf, err = tlog.ParseHash(o.Leaf); err != nil {
			return entry, head, unverified("a hash is none")
		}
	}
	if head.Size != o.Size || o.Entry < 0 || o.Entry >= o.Size ||
		tlog.CheckRecord(way, o.Size, tlog.Hash(head.Root), o.Entry, leaf) != nil {
		return entry, head, unverified("the entry is not in the log")
	}
	if o.Record == "" {
		entry.Seq = o.Entry
		return entry, head, nil
	}
	if err := json.Unmarshal([]byte(o.Record), &entry); err != nil || entry.Seq != o.Entry {
		return entry, head, unverified("the entry is not readable")
	}
	return entry, head, nil
}

func unverified(what string) error { return fmt.Errorf("%w: %s", ErrUnverified, what) }

// VerifyProof verifies with the log's public key, and nothing else, that the log
// answers for the row of a proof. Anything else is ErrUnverified.
func VerifyProof(p meibo.Proof, log *Verifier) (proven Proven, err error) {
	if p.Format != meibo.ProofFormat {
		return proven, unverified("the proof is of another form")
	}
	if proven.Entry, proven.Head, err = inLog(p.Origin(""), log); err != nil {
		return proven, err
	}
	if err := json.Unmarshal([]byte(p.Image), &proven.Row); err != nil {
		return proven, unverified("the row is not readable")
	}
	sum := sha256.Sum256([]byte(p.Salt + "\x00" + p.Table + "\x00" + p.Key + "\x00" + string(p.Image)))
	for _, row := range proven.Entry.Rows {
		if row.Table == p.Table && row.Key == p.Key && row.Hash == hex.EncodeToString(sum[:]) {
			return proven, nil
		}
	}
	return proven, unverified("the entry does not answer for the row")
}
