package meibo

// A Hold stops what it is on, at once, wherever all that it names is involved:
// while an incident is handled, while evidence is kept, or because a credential
// seems to be used by more than one human (S1-11-2, S1-10).
type Hold struct {
	ID         HoldID
	Kind       HoldKind
	PersonID   PersonID
	ContractID ContractID
	AssetID    AssetID
	Reference  string // number of the incident's file
	OpenedAt   Instant
	OpenedBy   ClientID
	LiftedAt   Instant
	LiftedBy   ClientID
}

// HoldKind is why something is held.
type HoldKind string

const (
	HoldIncident HoldKind = "incident" // nothing is allowed
	HoldLegal    HoldKind = "legal"    // nothing may be changed
	HoldShared   HoldKind = "shared"   // nothing is allowed
)

// Check says what is wrong with a hold that is to be opened.
func (h Hold) Check() Problems {
	var ps Problems
	if !known(h.Kind, []HoldKind{HoldIncident, HoldLegal, HoldShared}) {
		ps.add(0, "kind", missingOr(string(h.Kind), "UNKNOWN_VALUE"))
	}
	if h.PersonID == "" && h.ContractID == "" && h.AssetID == "" {
		ps.add(0, "person", "HOLD_NAMES_NOTHING")
	}
	if code := TextProblem(h.Reference); code != "" {
		ps.add(0, "reference", code)
	}
	return ps
}
