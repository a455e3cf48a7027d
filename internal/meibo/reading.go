package meibo

// A Reading is what one reading of the directory came to.
type Reading struct {
	ID       string
	At       Instant
	Outcome  ReadingOutcome
	Code     string // why it was incomplete or held
	Seen     int
	Disabled int
	Gone     int
	Held     int
}

// ReadingOutcome is how a reading ended.
type ReadingOutcome string

const (
	ReadingApplied    ReadingOutcome = "applied"
	ReadingNothing    ReadingOutcome = "nothing" // nothing had changed
	ReadingHeld       ReadingOutcome = "held"    // too many absent: a person must look
	ReadingIncomplete ReadingOutcome = "incomplete"
)
