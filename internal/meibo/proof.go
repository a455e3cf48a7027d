package meibo

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
