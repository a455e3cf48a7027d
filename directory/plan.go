package directory

import (
	"slices"
	"strings"
	"time"
)

// Known is what the caller last knew of a person. People whom it has ended already do not belong here.
type Known struct {
	ID    ID
	State State
	Until time.Time // when the account expires; zero: it does not
	Base  string    // where the person was last seen; empty: not known
}

// Sight is what a snapshot saw of a person.
type Sight struct {
	Status Status
	Base   string
}

// Confirmation is the answer of a look-up by id.
type Confirmation struct {
	Missing bool
	Status  Status // of who is not missing
}

// Observation is all that a run has found out: the input of [Compare] beside what was known.
type Observation struct {
	Completeness Completeness
	Seen         map[ID]Sight        // of the known people, those whom the snapshot saw
	Confirmed    map[ID]Confirmation // of the known people whom it did not see, those that were looked up
}

// Kind says what a change does.
type Kind string

// The kinds of change.
const (
	Restricted Kind = "restricted" // the account may do less: disabled, locked for a time, or expiring sooner
	Lifted     Kind = "lifted"     // it may do more; what was ended is not restored by it
	Gone       Kind = "gone"       // the person has left: deleted, moved out, or where departed people are kept
)

// Proof says what a change rests on.
type Proof string

// The proofs. An absence from a list is none.
const (
	ProofEntry     Proof = "entry"     // the entry was read and says so
	ProofReread    Proof = "reread"    // the entry was looked up by id after something had happened to it
	ProofClock     Proof = "clock"     // the entry had said until when
	ProofLeft      Proof = "left"      // the server told of the entry, and a look-up right after did not find the id
	ProofMissing   Proof = "missing"   // a complete snapshot did not show the id and a look-up did not find it
	ProofConfirmed Proof = "confirmed" // a person has confirmed what was held
)

// Change is a difference that may be applied now.
type Change struct {
	ID    ID
	Kind  Kind
	From  State
	To    Status // of someone gone: Disabled by CauseDeparted, or the zero Status of a missing entry
	Proof Proof
}

// Why says why a difference is held back.
type Why string

// The reasons to hold.
const (
	WhyFloor       Why = "floor"       // too few were seen for the read to be believed
	WhyLimit       Why = "limit"       // more are absent than one run may end
	WhyDayLimit    Why = "day-limit"   // more are absent than a day may end
	WhyUnconfirmed Why = "unconfirmed" // the absence was not looked up
	WhyUnproven    Why = "unproven"    // no canaries prove that enabled means enabled
	WhyUnknown     Why = "unknown"     // the state cannot be told
	WhyQuarantine  Why = "quarantine"  // the entry is unfit to be read, or there are two with the id
	WhyBreaker     Why = "breaker"     // more are disabled than an hour may disable
	WhyLifts       Why = "lifts"       // more are enabled than an hour may enable, or all who were disabled: rather their locks are hidden
)

// Hold is a difference that must wait: for a person to confirm it, or for a better read. What was known stays, but
// whoever is held should get nothing new.
type Hold struct {
	ID     ID
	Why    Why
	From   State
	To     Status // what was seen; the zero Status of someone absent
	Absent bool
}

// Limits are what a run may do without asking anybody. A field that is zero is the default, a negative one is none.
type Limits struct {
	Absent      int     // absent people a run may end, whatever their share; default 5
	AbsentShare float64 // of the known, that a run may end, if that is more than Absent; default 0.02
	DayShare    float64 // of the known, that a day may end by absence, if that is more than Absent; default 0.05
	Floor       float64 // of the known, or of the last snapshot's entries, that a snapshot must see; default 0.5
	Hour        int     // people an hour may disable, whatever their share; default 10
	HourShare   float64 // of the known, that an hour may disable, if that is more than Hour; default 0.1
	Lift        int     // people whose restrictions an hour may lift, whatever their share; default 10
	LiftShare   float64 // of the known, if that is more than Lift; default 0.1
	// LiftUnproven lets restrictions be lifted without canaries: for a directory that has no service entries yet. Then a
	// lock attribute that has become unreadable enables everyone.
	LiftUnproven bool
	// People is how many the caller knows in all, of whom the shares are taken, when not all of them are given; zero: they
	// are.
	People int
	Recent Recent
}

// Recent is what was applied lately. The caller keeps count, by the Spent of the plans that it applied.
type Recent struct {
	Gone       int // ended by absence in the last 24 hours
	Restricted int // disabled in the last hour; neither locks for a time nor ends that were known count
	Lifted     int // enabled, or enabled for longer, in the last hour
	Entries    int // handed on by the last complete snapshot; zero: not known
}

// TooFew tells whether a complete reading of everybody saw so few entries that it cannot be believed at all: then it says
// nothing of anybody whom it did not show. known is how many people the caller knows.
func (l Limits) TooFew(read Completeness, known int) bool {
	l = l.WithDefaults()
	return read.Complete && float64(read.Entries) < l.Floor*float64(max(known, l.Recent.Entries))
}

// TooMany tells whether so many people are more than one reading may end.
func (l Limits) TooMany(n, known int) bool {
	l = l.WithDefaults()
	return n > max(l.Absent, share(l.AbsentShare, known))
}

// WithDefaults are the limits that are in force.
func (l Limits) WithDefaults() Limits {
	or(&l.Absent, 5)
	or(&l.AbsentShare, 0.02)
	or(&l.DayShare, 0.05)
	or(&l.Floor, 0.5)
	or(&l.Hour, 10)
	or(&l.HourShare, 0.1)
	or(&l.Lift, 10)
	or(&l.LiftShare, 0.1)
	return l
}

// Plan is what to do with a run's differences. Both lists are in the order of the ids.
type Plan struct {
	Apply []Change
	Held  []Hold
	// Disagreements are people whom a complete snapshot did not show and a look-up found. There should be none.
	Disagreements []ID
	Completeness  Completeness
	// Spent is what applying the plan takes from the limits. Its Entries are zero after an incomplete snapshot: then the
	// earlier ones stay.
	Spent Recent
}

func (p *Plan) sort() {
	slices.SortFunc(p.Apply, func(a, b Change) int { return a.ID.compare(b.ID) })
	slices.SortFunc(p.Held, func(a, b Hold) int { return a.ID.compare(b.ID) })
	slices.SortFunc(p.Disagreements, ID.compare)
}

func (id ID) compare(other ID) int { return strings.Compare(id.String(), other.String()) }
