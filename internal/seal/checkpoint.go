// Package seal signs and verifies: pledges, rosters, checkpoints of the ledger.
//
// A checkpoint is what it signs. The row of every pledge and roster is in an
// entry of the log, and so is under the next checkpoint.
package seal

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A Checkpoint is the head of a log: how many entries it has and the root hash
// over them. As text it is a C2SP tlog-checkpoint: the log's name, the size and
// the root in base64, one a line.
type Checkpoint struct {
	Log  string
	Size int64
	Root [32]byte
}

// ErrUnverified says that a checkpoint is not one that the key signed.
var ErrUnverified = errors.New("checkpoint does not verify")

// NewKey makes an Ed25519 key pair for a log's name, as note keys: the secret
// one to sign with and the public one to hand to the city.
func NewKey(log string) (secret, public string, err error) {
	secret, public, err = note.GenerateKey(rand.Reader, log)
	if err == nil {
		_, err = note.NewSigner(secret) // refuses a name that no note can bear
	}
	if err != nil {
		return "", "", fmt.Errorf("make checkpoint key for %q: %w", log, err)
	}
	return secret, public, nil
}

// A Signer signs checkpoints of one log.
type Signer struct{ signer note.Signer }

// NewSigner reads a secret note key.
func NewSigner(secret string) (*Signer, error) {
	s, err := note.NewSigner(strings.TrimSpace(secret))
	if err != nil {
		return nil, errors.New("read checkpoint key: not a note signing key")
	}
	return &Signer{s}, nil
}

// Sign is the signed note of a checkpoint of the signer's log.
func (s *Signer) Sign(size int64, root [32]byte) (string, error) {
	text := fmt.Sprintf("%s\n%d\n%s\n", s.signer.Name(), size, base64.StdEncoding.EncodeToString(root[:]))
	signed, err := note.Sign(&note.Note{Text: text}, s.signer)
	if err != nil {
		return "", fmt.Errorf("sign checkpoint: %w", err)
	}
	return string(signed), nil
}

// A Verifier verifies checkpoints of one log.
type Verifier struct{ verifier note.Verifier }

// NewVerifier reads a public note key.
func NewVerifier(public string) (*Verifier, error) {
	v, err := note.NewVerifier(strings.TrimSpace(public))
	if err != nil {
		return nil, errors.New("read checkpoint key: not a note verifier key")
	}
	return &Verifier{v}, nil
}

// Open verifies a signed checkpoint; anything that this log's key did not sign
// is ErrUnverified.
func (v *Verifier) Open(signed string) (Checkpoint, error) {
	n, err := note.Open([]byte(signed), note.VerifierList(v.verifier))
	if err != nil {
		return Checkpoint{}, fmt.Errorf("%w: %w", ErrUnverified, err)
	}
	c, err := parse(n.Text)
	if err == nil && c.Log != v.verifier.Name() {
		return Checkpoint{}, fmt.Errorf("%w: it is of another log", ErrUnverified)
	}
	return c, err
}

func parse(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 {
		return Checkpoint{}, fmt.Errorf("%w: three lines wanted", ErrUnverified)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, fmt.Errorf("%w: size is not a number", ErrUnverified)
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != 32 {
		return Checkpoint{}, fmt.Errorf("%w: root is no hash", ErrUnverified)
	}
	return Checkpoint{lines[0], size, [32]byte(root)}, nil
}
