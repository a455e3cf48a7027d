package seal

import (
	"errors"
	"fmt"
	"strings"
	"time"

	fnote "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A Consistency leads from a size of a log to its signed head: whoever has seen the
// log at that size can tell whether it only grew since.
type Consistency struct {
	Format     string   `json:"format"`
	From       int64    `json:"from"`
	Checkpoint string   `json:"checkpoint"`
	Way        []string `json:"way"` // hashes in base64
}

// ConsistencyFormat names its form.
const ConsistencyFormat = "meibo-consistency-1"

// ErrRewritten says that a log is not a continuation of what was seen of it.
var ErrRewritten = errors.New("the log is not a continuation of what was seen")

// Follow verifies that the log has only grown since it was seen, and returns its
// head. Who has seen nothing yet (size 0) believes the first head. A head that the
// key did not sign is ErrUnverified; one that does not continue what was seen, or
// has gone back, is ErrRewritten.
func (v *Verifier) Follow(seen Checkpoint, c Consistency) (Checkpoint, error) {
	head, err := v.Open(c.Checkpoint)
	if err != nil {
		return Checkpoint{}, err
	}
	switch {
	case seen.Size == 0:
		return head, nil
	case c.Format != ConsistencyFormat || c.From != seen.Size:
		return Checkpoint{}, fmt.Errorf("%w: the way begins at %d, %d was seen", ErrUnverified, c.From, seen.Size)
	case head.Size < seen.Size:
		return Checkpoint{}, fmt.Errorf("%w: it has %d entries, %d were seen", ErrRewritten, head.Size, seen.Size)
	}
	var way tlog.TreeProof
	for _, text := range c.Way {
		h, err := tlog.ParseHash(text)
		if err != nil {
			return Checkpoint{}, fmt.Errorf("%w: a hash is none", ErrUnverified)
		}
		way = append(way, h)
	}
	if err := tlog.CheckTree(way, head.Size, tlog.Hash(head.Root), seen.Size, tlog.Hash(seen.Root)); err != nil {
		return Checkpoint{}, fmt.Errorf("%w: from %d entries to %d", ErrRewritten, seen.Size, head.Size)
	}
	return head, nil
}

// Cosign adds a witness' signature to a head that the log's key has signed, in the
// form cosignature/v1 (c2sp.org/tlog-cosignature): it says when the witness saw the
// head, and that it continues every head that the witness signed before. Call it for
// what Follow has found good only.
func (v *Verifier) Cosign(signed, secret string) (string, error) {
	n, err := note.Open([]byte(signed), note.VerifierList(v.verifier))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnverified, err)
	}
	s, err := fnote.NewSignerForCosignatureV1(strings.TrimSpace(secret))
	if err != nil {
		return "", errors.New("read witness key: not a note signing key")
	}
	both, err := note.Sign(n, s)
	if err != nil {
		return "", fmt.Errorf("co-sign checkpoint: %w", err)
	}
	return string(both), nil
}

// WitnessKey is a witness' public key as those read it who verify its
// co-signatures: a key for co-signing signs nothing else.
func WitnessKey(public string) (string, error) {
	key, err := fnote.VKeyToCosignatureV1(strings.TrimSpace(public))
	if err != nil {
		return "", errors.New("read witness key: not a note key")
	}
	return key, nil
}

// Cosigned tells when a witness has co-signed a head that the log's key, too, has
// signed. Anything else is ErrUnverified.
func (v *Verifier) Cosigned(signed, public string) (time.Time, error) {
	w, err := fnote.NewVerifierForCosignatureV1(strings.TrimSpace(public))
	if err != nil {
		return time.Time{}, errors.New("read witness key: not a note key")
	}
	n, err := note.Open([]byte(signed), note.VerifierList(v.verifier, w))
	if err != nil || len(n.Sigs) != 2 {
		return time.Time{}, errors.Join(ErrUnverified, err)
	}
	for _, s := range n.Sigs {
		if s.Hash == w.KeyHash() && s.Name == w.Name() {
			return fnote.CoSigV1Timestamp(s)
		}
	}
	return time.Time{}, ErrUnverified
}
