package directory

import "time"

// EventKind says what an event tells of a person.
type EventKind string

// The kinds of event.
const (
	EventSeen   EventKind = "seen"   // the entry is there and says Status
	EventLeft   EventKind = "left"   // the server told of it, and it is not to be found by its id any more
	EventAbsent EventKind = "absent" // a complete reading did not show it
	EventUnfit  EventKind = "unfit"  // the entry cannot be believed: Flaw says why
)

// Event is what a directory has shown of one person, with what that rests on. An absence from a list is no event of
// itself: [EventAbsent] says whether a look-up confirmed it.
type Event struct {
	Kind      EventKind
	ID        ID
	Status    Status // of who is seen or unfit
	DN        string // of who is seen or unfit; empty where only the clock speaks
	Base      string
	Flaw      string // of who is unfit; see [Quarantined]
	Proof     Proof
	Confirmed bool      // of who is absent: looked up, and not found
	At        time.Time // when it was received

	mark  uint64 // of the entry; zero: nothing new is known of it
	entry *seen  // nil: only its state was read
}

// Object is the entry. It is nil where only the state was read, as a sweep does, and after a reading of everybody for
// whoever is not known to the caller. Of a reading of everybody it is made at each call, since fifty thousand people
// with all their attributes want half a gigabyte: keep of it what is needed.
func (e Event) Object() *Object {
	if e.entry == nil {
		return nil
	}
	o := e.entry.whole()
	return &o
}

// Cause of a batch: what it comes from.
type BatchCause string

// The causes of a batch.
const (
	BatchRefresh BatchCause = "refresh" // what has changed since the token, or everybody
	BatchStream  BatchCause = "stream"  // what the server told as it happened
	BatchSweep   BatchCause = "sweep"   // a reading of everybody
	BatchLookUp  BatchCause = "look-up" // what was asked for by [Follower.Look]
	BatchExpiry  BatchCause = "expiry"  // the clock
	BatchProof   BatchCause = "proof"   // nothing has changed, and that is known
)

// Batch is what a follower hands on at once: apply its events and store its token in one transaction. [Decide] says
// what of it may be applied. A batch may come twice when it was not known to be stored; that does no harm.
type Batch struct {
	Cause  BatchCause
	Events []Event
	// Next is where to go on after a restart, once the events are applied. It may be the token that was there before.
	Next Token
	// Full says that everybody was read. Of the known, who has no event was not looked for: became known meanwhile.
	Full bool
	// Completeness is the proof of what was read. Without Complete no absence is among the events; without Proven nothing
	// may be lifted.
	Completeness Completeness
	// Current is the moment at which the directory is known to have been what all batches until now say. It is the input
	// of [Freshness]; zero: this batch proves nothing of the kind.
	Current time.Time
}
