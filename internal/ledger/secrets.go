package ledger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
)

// Secrets vouch for a ledger. They are made once and kept outside the database:
// whoever can write rows, but has not these, can neither sign a head of the log
// nor make an API key.
type Secrets struct {
	Log       string // secret note key that signs the heads of the log
	LogPublic string // the public one, to hand to the city
	Pepper    []byte // key of every keyed hash, 32 bytes
}

// NewSecrets makes the secrets of a new ledger. name is the log's name, a host
// name such as meibo.city.example.
func NewSecrets(name string) (Secrets, error) {
	secret, public, err := seal.NewKey(name)
	if err != nil {
		return Secrets{}, err
	}
	pepper := make([]byte, 32)
	rand.Read(pepper)
	return Secrets{Log: secret, LogPublic: public, Pepper: pepper}, nil
}

// Check says what is wrong with secrets that were read from files.
func (s Secrets) Check() error {
	if len(s.Pepper) != 32 {
		return fmt.Errorf("%w: the pepper has %d bytes, want 32", meibo.ErrInvalid, len(s.Pepper))
	}
	return nil
}

// hash is the keyed hash of parts, each with its length before it, so that no
// two lists of parts meet.
func (s Secrets) hash(use string, parts ...string) string {
	mac := hmac.New(sha256.New, s.Pepper)
	for _, p := range append([]string{use}, parts...) {
		fmt.Fprintf(mac, "%d:%s", len(p), p)
	}
	return hex.EncodeToString(mac.Sum(nil))
}

// loginKey is under what a login of an organization is looked up.
func (s Secrets) loginKey(o meibo.OrganizationID, login meibo.Personal) string {
	return s.hash("login", string(o), string(login))
}

// fingerprint tells whether secrets are those that a ledger was begun with,
// without saying anything about them.
func (s Secrets) fingerprint() string {
	return "secrets:" + s.hash("fingerprint", strings.TrimSpace(s.LogPublic))[:32]
}
