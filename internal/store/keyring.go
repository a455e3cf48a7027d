package store

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// DataKeySize is the size of a data key in bytes.
const DataKeySize = 32

// The errors of whoever opens a store with the wrong key.
var (
	ErrNoDataKey    = errors.New("no data key is there: put back the file keys.data that belongs to this database, or set MEIBO_DATA_KEY; without it names and documents cannot be read")
	ErrOtherDataKey = errors.New("the data key is not the one that this database was sealed with: put back the file keys.data, or the MEIBO_DATA_KEY, that belongs to it; nothing was changed")
	ErrNoKeys       = errors.New("the database has lost its keys (table data_keys): restore it from a backup; names and documents cannot be read")
)

// A keyring is the keys under which values are sealed: the newest seals, all of them
// open. The database keeps it, itself sealed (wrapped) under the data key, which
// never lies there.
type keyring struct {
	wrapped string // as the database keeps it
	keys    *keyset.Handle
	aead    tink.AEAD
	prefix  []byte // of what the newest key seals
}

// wrapOf makes of a data key what wraps keyrings.
func wrapOf(key []byte) (tink.AEAD, error) {
	if len(key) != DataKeySize {
		return nil, fmt.Errorf("%w: the data key has %d bytes, want %d", meibo.ErrInvalid, len(key), DataKeySize)
	}
	return subtle.NewXChaCha20Poly1305(key)
}

// newKeyring makes a keyring of one new key.
func newKeyring(wrap tink.AEAD) (*keyring, error) {
	keys, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	return ringOf(keys, wrap)
}

// wrappedFor is what a wrapped keyring is bound to.
var wrappedFor = []byte("meibo data_keys")

// ringOf wraps keys.
func ringOf(keys *keyset.Handle, wrap tink.AEAD) (*keyring, error) {
	if wrap == nil {
		return nil, ErrNoDataKey
	}
	var b bytes.Buffer
	if err := keys.WriteWithAssociatedData(keyset.NewBinaryWriter(&b), wrap, wrappedFor); err != nil {
		return nil, fmt.Errorf("wrap keys: %w", err)
	}
	return readRing(base64.RawStdEncoding.EncodeToString(b.Bytes()), wrap)
}

// readRing unwraps what the database keeps.
func readRing(wrapped string, wrap tink.AEAD) (*keyring, error) {
	if wrap == nil {
		return nil, ErrNoDataKey
	}
	content, err := unpack(wrapped)
	if err != nil {
		return nil, ErrOtherDataKey
	}
	keys, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(content)), wrap, wrappedFor)
	if err != nil {
		return nil, ErrOtherDataKey
	}
	seals, err := aead.New(keys)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	newest, err := keys.Primary()
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return &keyring{wrapped, keys, seals, binary.BigEndian.AppendUint32([]byte{1}, newest.KeyID())}, nil
}

// grown is the keyring with a new key that seals from now on.
func (k *keyring) grown(wrap tink.AEAD) (*keyring, error) {
	m := keyset.NewManagerFromHandle(k.keys)
	id, err := m.Add(aead.AES256GCMKeyTemplate())
	if err == nil {
		err = m.SetPrimary(id)
	}
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	keys, err := m.Handle()
	if err != nil {
		return nil, fmt.Errorf("make keys: %w", err)
	}
	return ringOf(keys, wrap)
}

// pruned is the keyring without all but the newest key.
func (k *keyring) pruned(wrap tink.AEAD) (*keyring, error) {
	newest, err := k.keys.Primary()
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	m := keyset.NewManagerFromHandle(k.keys)
	for _, info := range k.keys.KeysetInfo().GetKeyInfo() {
		if info.GetKeyId() == newest.KeyID() {
			continue
		}
		if err := m.Delete(info.GetKeyId()); err != nil {
			return nil, fmt.Errorf("destroy key: %w", err)
		}
	}
	keys, err := m.Handle()
	if err != nil {
		return nil, fmt.Errorf("destroy key: %w", err)
	}
	return ringOf(keys, wrap)
}

// newest reports whether a value was sealed with the newest key.
func (k *keyring) newest(sealed []byte) bool { return bytes.HasPrefix(sealed, k.prefix) }

// readKeyring reads the keyring; ErrNotFound before a ledger has begun.
func (r *Reader) readKeyring(wrap tink.AEAD) (*keyring, error) {
	var wrapped string
	if err := r.scan(&wrapped, "SELECT keyset FROM data_keys WHERE id = 1"); err != nil {
		return nil, err
	}
	if known := r.codec.ring; known != nil && known.wrapped == wrapped {
		return known, nil
	}
	return readRing(wrapped, wrap)
}
