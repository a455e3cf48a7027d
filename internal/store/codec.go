package store

import (
	"encoding/base64"
	"errors"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// The codec is the one gate through which columns that speak of people, and
// documents, enter and leave the database: sealed (AEAD) for the very place in which
// they stand, so that what is moved to another row, or altered, does not open.
type codec struct {
	ring *keyring // nil before a ledger has begun
	// load reads the keyring anew, as the reader's own transaction sees it; nil:
	// there is no other than ring.
	load func() (*keyring, error)
}

// A place is where a sealed value stands: what it is bound to.
type place struct{ table, column, key string }

func (p place) bytes() []byte { return []byte(p.table + "\x00" + p.column + "\x00" + p.key) }

// errSealed says that a value does not open. It says nothing about what it holds.
var errSealed = errors.New("it was not sealed for this place with a key of this database: it was moved or altered")

// seal seals a value for its place. What is empty stays so.
func (c *codec) seal(p place, plain []byte) ([]byte, error) {
	if len(plain) == 0 {
		return []byte{}, nil
	}
	if c.ring == nil {
		return nil, ErrNoKeys
	}
	return c.ring.aead.Encrypt(plain, p.bytes())
}

// open opens what seal has sealed. A key that it does not know may have come
// meanwhile: then the keyring is read anew, once.
func (c *codec) open(p place, sealed []byte) ([]byte, error) {
	if len(sealed) == 0 {
		return nil, nil
	}
	if c.ring != nil {
		plain, err := c.ring.aead.Decrypt(sealed, p.bytes())
		if err == nil {
			return plain, nil
		}
	}
	if c.load == nil {
		return nil, errSealed
	}
	if err := c.fresh(); err != nil {
		return nil, err
	}
	c.load = nil
	return c.open(p, sealed)
}

// fresh reads the keyring as the transaction sees it.
func (c *codec) fresh() error {
	if c.load == nil {
		return nil
	}
	ring, err := c.load()
	if err != nil && !errors.Is(err, meibo.ErrNotFound) {
		return err
	}
	c.ring = ring
	return nil
}

// sealText and openText do so with text, which is stored as base64.
func (c *codec) sealText(p place, plain string) (string, error) {
	sealed, err := c.seal(p, []byte(plain))
	return base64.RawStdEncoding.EncodeToString(sealed), err
}

func (c *codec) openText(p place, text string) (string, error) {
	sealed, err := unpack(text)
	if err != nil {
		return "", err
	}
	plain, err := c.open(p, sealed)
	return string(plain), err
}

// unpack reads base64 of which there is only one way to write it.
func unpack(text string) ([]byte, error) {
	sealed, err := base64.RawStdEncoding.DecodeString(text)
	if err != nil || base64.RawStdEncoding.EncodeToString(sealed) != text {
		return nil, errSealed
	}
	return sealed, nil
}

// under is a codec whose one key is a row's own. The key goes when the row's content
// is to be destroyed; then nothing opens the content any more, wherever it lies.
func under(key []byte) (*codec, error) {
	own, err := subtle.NewXChaCha20Poly1305(key)
	if err != nil {
		return nil, errors.New("a row with content has no key of its own")
	}
	return &codec{ring: &keyring{aead: own}}, nil
}
