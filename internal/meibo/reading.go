package meibo

// A Reading is what the directory has shown at once: in a reading of everybody, or
// as it told of a change. One that changed nothing, and came to the same as the one
// before, is not kept.
type Reading struct {
	ID         string
	At         Instant
	Cause      ReadingCause
	Outcome    ReadingOutcome
	Code       string // why it was incomplete or held
	Seen       int    // people in the directory; 0: not everybody was read
	Disabled   int
	Gone       int
	Held       int // people whose change waits for a person, after it
	Absent     int // of those gone, who were ended because they were not there
	Restricted int // who were disabled without a date that announced it
	Lifted     int // who were enabled again
}

// ReadingCause is why the directory was heard.
type ReadingCause string

// The causes of a reading.
const (
	ReadingRefresh ReadingCause = "refresh" // what has changed since the bookmark, or everybody
	ReadingStream  ReadingCause = "stream"  // what the server told as it happened
	ReadingSweep   ReadingCause = "sweep"   // everybody was read
	ReadingLookUp  ReadingCause = "look-up" // people were looked up
	ReadingExpiry  ReadingCause = "expiry"  // the clock
	ReadingProof   ReadingCause = "proof"   // nothing has changed, and that is known
	ReadingVerdict ReadingCause = "verdict" // a person has decided on a hold
	ReadingSilence ReadingCause = "silence" // the directory could not be read for long
)

// ReadingOutcome is how a reading ended.
type ReadingOutcome string

const (
	ReadingApplied    ReadingOutcome = "applied"
	ReadingNothing    ReadingOutcome = "nothing" // nothing had changed
	ReadingHeld       ReadingOutcome = "held"    // too much to be believed: a person must look
	ReadingIncomplete ReadingOutcome = "incomplete"
)

// A Bookmark says up to where the directory was followed. It is written in the
// transaction that puts in force what was read up to there. It holds no secret.
type Bookmark struct {
	ID       string // directory
	Token    string // opaque; good for one server, one configuration and one account only
	Entries  int    // people whom the last complete reading saw
	ProvenAt Instant
	At       Instant
}

// BookmarkID is the id of the one row.
const BookmarkID = "directory"

// A DirectoryHold (保留) is a set of people of whom the directory says what is too
// much to be believed. A person confirms or rejects exactly this set. Until then
// what was known stays, and whoever is in it touches nothing of the highest
// importance and is granted nothing new.
type DirectoryHold struct {
	ID        string // the same for the same set, another as soon as anybody joins or leaves it
	Why       string
	People    int
	State     DirectoryHoldState
	OpenedAt  Instant
	SettledAt Instant
	SettledBy ClientID
}

// DirectoryHoldState is where a hold stands.
type DirectoryHoldState string

// The states of a hold.
const (
	DirectoryHoldOpen      DirectoryHoldState = "open"
	DirectoryHoldConfirmed DirectoryHoldState = "confirmed"
	DirectoryHoldRejected  DirectoryHoldState = "rejected" // the same set is not held again, as long as it is found
	DirectoryHoldLapsed    DirectoryHoldState = "lapsed"   // a later reading showed something else
)

// A HeldChange is what the directory says of one person in a hold.
type HeldChange struct {
	Why    string       `json:"why"`
	Since  Instant      `json:"since,omitzero"` // since when the person is in holds without a break
	Absent bool         `json:"absent,omitempty"`
	State  AccountState `json:"state,omitempty"`
	Cause  string       `json:"cause,omitempty"`
	Until  Instant      `json:"until,omitzero"`
}

// Blank tells whether nothing sure could be read of the person: a hold can then be
// rejected, but nobody's word makes the state known.
func (c HeldChange) Blank() bool { return c.Why == "unknown" || c.Why == "quarantine" }
