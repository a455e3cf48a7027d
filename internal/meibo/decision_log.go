package meibo

// A DecisionFilter selects recorded decisions. What is empty selects all.
type DecisionFilter struct {
	Person   PersonID
	System   SystemID
	Contract ContractID
	Asset    AssetID
	Action   Action
	Purpose  PurposeCode // it, or one below it
	Code     string      // among the codes or the advice of the decision
	Allowed  Answer
	From     Instant // included
	Until    Instant // excluded

	// What the reader may see, beside what he asks for; nil is everything.
	People    []PersonID
	Contracts []ContractID
}

// An Answer is a yes or a no that may be left open.
type Answer string

const (
	Yes Answer = "yes"
	No  Answer = "no"
)

// Check says what is wrong with a filter.
func (f DecisionFilter) Check() Problems {
	var ps Problems
	for _, x := range []field{
		{"person", string(f.Person)}, {"system", string(f.System)}, {"contract", string(f.Contract)}, {"asset", string(f.Asset)},
		{"action", string(f.Action)}, {"purpose", string(f.Purpose)}, {"code", f.Code},
	} {
		if x.text != "" && x.text != NoID && !ValidID(x.text) {
			ps.add(0, x.name, "INVALID_ID")
		}
	}
	if f.Allowed != "" && !known(f.Allowed, []Answer{Yes, No}) {
		ps.add(0, "allowed", "UNKNOWN_VALUE")
	}
	if !f.From.IsZero() && !f.Until.IsZero() && f.Until <= f.From {
		ps.add(0, "until", "UNTIL_BEFORE_FROM")
	}
	return ps
}

// A Recorded is a decision as it is kept, and where in its chain.
type Recorded struct {
	Decision
	Record string // canonical JSON, over which the chain goes
	Writer string
	Batch  int
	Line   int
}

// A DecisionPlace is where a page of recorded decisions begins: after this one.
type DecisionPlace struct {
	At Instant
	ID DecisionID
}

// A DecisionCount counts decisions that are alike.
type DecisionCount struct {
	SystemID    SystemID
	ContractID  ContractID
	AssetID     AssetID
	Action      Action
	Purpose     PurposeCode
	Allowed     bool
	PrimaryCode string
	Decisions   int
	People      int // different ones
	First       Instant
	Last        Instant
}

// A LateRemoval is a right that was taken away, or shortened, on a day that had
// passed when it was recorded: it worked from then on, and what was allowed in
// between is looked back upon.
type LateRemoval struct {
	ChangeID   ChangeID
	Row        int
	ContractID ContractID
	PersonID   PersonID
	AssetID    AssetID // empty: all that the person had
	Action     Action
	Purpose    PurposeCode
	Effective  Instant // when it should have worked
	Recorded   Instant // when it did
}

// LateRemovalOf finds what a line of a change came too late for.
func LateRemovalOf(c Change, l Line) (LateRemoval, bool) {
	r := LateRemoval{
		ChangeID: c.ID, Row: l.Row, ContractID: c.ContractID, PersonID: l.PersonID, AssetID: l.AssetID, Action: l.Action, Purpose: l.Purpose,
		Recorded: c.SubmittedAt,
	}
	if c.State != ChangeAccepted || l.Ends == "" || l.Operation != Remove && l.Operation != Amend {
		return r, false
	}
	r.Effective = l.Ends.End()
	return r, r.Effective < r.Recorded
}

// Filter selects what was allowed in between.
func (r LateRemoval) Filter() DecisionFilter {
	return DecisionFilter{
		Person: r.PersonID, Contract: r.ContractID, Asset: r.AssetID, Action: r.Action, Purpose: r.Purpose, Allowed: Yes,
		From: r.Effective, Until: r.Recorded + 1, // what was allowed at that very moment may have come before
	}
}

// A Destruction says up to which batch of a chain the records of decisions were
// destroyed because their time was over. The chain still verifies.
type Destruction struct {
	Writer        string
	Batch         int
	DecidedBefore Instant
	At            Instant
}

// UsualDecisionYears is for how many years records of decisions are kept where the
// city has settled nothing.
const UsualDecisionYears = 7

// DecisionsEnd is the moment before which what was decided is not kept any more.
func (p CityParameters) DecisionsEnd(now Instant) Instant {
	years := p.DecisionYears
	if years == 0 {
		years = UsualDecisionYears
	}
	return InstantOf(now.Time().In(JST).AddDate(-years, 0, 0))
}
