package ledger

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// newDocument makes of bytes a document that is kept under a key of its own.
func newDocument(s meibo.Scene, mediaType string, content []byte) meibo.Document {
	sum := sha256.Sum256(content)
	return meibo.Document{
		ID: meibo.DocumentID(s.NewID()), Hash: hex.EncodeToString(sum[:]), Size: len(content), MediaType: mediaType,
		Key: random(32), Bytes: content, CreatedAt: s.Now,
	}
}
