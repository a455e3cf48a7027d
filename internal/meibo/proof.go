package meibo

import (
	"crypto/sha256"
	"encoding/base64"
)

// A Proof shows that the ledger's log answers for a row: it commits, under a salt,
// to the row's image, and leads by a few hashes to a signed head. Whoever has the
// log's public key verifies it without meibo's database.
type Proof struct {
	Format     string   `json:"format"`
	Table      string   `json:"table"`
	Key        string   `json:"key"`
	Salt       string   `json:"salt"`
	Image      Personal `json:"image"` // the row in canonical JSON
	Entry      int64    `json:"entry"` // number of the entry, from 0
	Record     string   `json:"record"`
	Size       int64    `json:"size"` // of the log when the proof was made
	Way        []string `json:"way"`  // hashes in base64
	Checkpoint string   `json:"checkpoint"`
}

// ProofFormat names the proof's form.
const ProofFormat = "meibo-proof-1"

// An Origin says of which row of the ledger a sealed paper is. It stands in the
// paper, below its seal: that the row says what Hash is the hash of is the word of who
// sealed. That the entry has written the row, the log proves where the origin shows the
// entry; where it is brief, that there is such an entry. It names nobody.
type Origin struct {
	Format     string   `json:"format"` // the first in it: by it the origin is found in a paper
	Table      string   `json:"table"`
	Key        string   `json:"key"`
	Hash       string   `json:"hash"` // of a roster's canonical JSON, of a pledge's text
	Entry      int64    `json:"entry"`
	Record     string   `json:"record,omitempty"`
	Leaf       string   `json:"leaf,omitempty"` // base64 of the record's hash in the log, instead of the record
	Size       int64    `json:"size"`
	Way        []string `json:"way"`
	Checkpoint string   `json:"checkpoint"`
}

// Brief is the origin without the record, as a paper carries it: whoever holds the paper
// of one contract must not learn which other rows the entry has written, and these may be
// very many. The log still proves that the entry is in it; that it has written the row is
// the sealer's word.
func (o Origin) Brief() Origin {
	leaf := sha256.Sum256([]byte("\x00" + o.Record)) // RFC 6962, 2.1
	o.Record, o.Leaf = "", base64.StdEncoding.EncodeToString(leaf[:])
	return o
}

// OriginFormat names the origin's form.
const OriginFormat = "meibo-origin-1"

// Origin is what a paper of the proven row says of it: neither the row nor what
// would let anybody try guesses at it.
func (p Proof) Origin(hash string) Origin {
	return Origin{
		Format: OriginFormat, Table: p.Table, Key: p.Key, Hash: hash, Entry: p.Entry, Record: p.Record, Size: p.Size, Way: p.Way, Checkpoint: p.Checkpoint,
	}
}
