package ledger

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
	"github.com/meibo-dev/meibo/internal/store"
)

// Secrets vouch for a ledger. They are made once and kept outside the database:
// whoever has its rows, but not these, can neither sign a head of the log, nor make an
// API key, nor read a name or a document.
type Secrets struct {
	Log       string // secret note key that signs the heads of the log
	LogPublic string // the public one, to hand to the city
	Pepper    []byte // key of every keyed hash, 32 bytes
	Data      []byte // opens the keys under which names and documents lie in the database, 32 bytes
}

// NewSecrets makes the secrets of a new ledger. name is the log's name, a host
// name such as meibo.city.example.
func NewSecrets(name string) (Secrets, error) {
	secret, public, err := seal.NewKey(name)
	if err != nil {
		return Secrets{}, err
	}
	return Secrets{Log: secret, LogPublic: public, Pepper: random(32), Data: random(store.DataKeySize)}, nil
}

func random(size int) []byte {
	b := make([]byte, size)
	rand.Read(b)
	return b
}

// Files are the secrets as files by their usual names, to be read by their owner only.
func (s Secrets) Files() map[string][]byte {
	return map[string][]byte{"log.key": []byte(s.Log), "log.pub": []byte(s.LogPublic), "pepper": s.Pepper, "data.key": DataKeyText(s.Data)}
}

// DataKeyText writes a data key as one line of base64, ReadDataKey reads it.
func DataKeyText(key []byte) []byte {
	return append(base64.StdEncoding.AppendEncode(nil, key), '\n')
}

// ReadDataKey reads what DataKeyText wrote. The error says nothing of the text.
func ReadDataKey(text []byte) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != store.DataKeySize {
		return nil, fmt.Errorf("%w: the data key is not one line of base64 over %d bytes", meibo.ErrInvalid, store.DataKeySize)
	}
	return key, nil
}

// Check says what is wrong with secrets that were read from files.
func (s Secrets) Check() error {
	if len(s.Pepper) != 32 {
		return fmt.Errorf("%w: the pepper has %d bytes, want 32", meibo.ErrInvalid, len(s.Pepper))
	}
	if len(s.Data) != store.DataKeySize {
		return fmt.Errorf("%w: the data key has %d bytes, want %d", meibo.ErrInvalid, len(s.Data), store.DataKeySize)
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
