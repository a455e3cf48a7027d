package meibo

// A Request is what a write answered to a caller's idempotency key.
type Request struct {
	ClientID ClientID
	Request  string
	Act      Act
	Digest   string // keyed hash of what was asked
	Answer   string // JSON of ids and codes, never a name
	At       Instant
}
