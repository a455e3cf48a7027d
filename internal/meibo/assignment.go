package meibo

// An Assignment (従事) puts a Person on a Contract for an employer. A person has
// at most one that has not ended per contract.
type Assignment struct {
	ID            AssignmentID
	ContractID    ContractID
	PersonID      PersonID
	EmployerID    OrganizationID
	Employment    Employment
	Task          string
	Workplace     string
	Starts        Date
	Ends          Date // last day as planned, inclusive
	SuspendedFrom Instant
	SuspendedWhy  Reason  // leave is told apart from the rest
	EndedAt       Instant // when a removal or departure ended it
	EndReason     Reason
	ListedFrom    int // first roster version that contains it
	ChangeID      ChangeID
	CreatedAt     Instant
}

// Employment (雇用区分) is how a person is employed.
type Employment string

const (
	Regular       Employment = "regular"       // 正社員
	FixedTerm     Employment = "fixed_term"    // 契約社員
	Dispatched    Employment = "dispatched"    // 派遣
	Subcontracted Employment = "subcontracted" // 再受託者
)

// Running reports whether the assignment has not been ended.
func (a Assignment) Running() bool { return a.EndedAt.IsZero() }

// Suspended reports whether the assignment stands still at now.
func (a Assignment) Suspended(now Instant) bool {
	return !a.SuspendedFrom.IsZero() && a.SuspendedFrom <= now
}

// A Right (アクセス権限) is asset × action × purpose with a period, under an
// Assignment. It is never widened in place: a wider one is another Right, so
// that the city is told of it before it holds.
type Right struct {
	ID           RightID
	AssignmentID AssignmentID
	ContractID   ContractID
	PersonID     PersonID
	AssetID      AssetID
	Action       Action
	Purpose      PurposeCode // a node; its leaves may be declared
	Starts       Date
	Ends         Date
	ListedFrom   int     // first roster version that contains it
	ListedUntil  int     // first version that no longer contains it; 0: the newest does
	ReturnedAt   Instant // when the city returned it
	EndedAt      Instant
	ChangeID     ChangeID
	CreatedAt    Instant
}

// Triple is what a right allows, without its period.
type Triple struct {
	Asset   AssetID
	Action  Action
	Purpose PurposeCode
}

// Triple is the right without its period.
func (r Right) Triple() Triple { return Triple{r.AssetID, r.Action, r.Purpose} }

// Listed reports whether the newest roster version contains the right, or the
// next one will.
func (r Right) Listed() bool {
	return r.EndedAt.IsZero() && r.ReturnedAt.IsZero() && r.ListedUntil == 0
}

// Waiting says why a right is not open.
type Waiting string

const (
	WaitsForNothing         Waiting = ""
	WaitsForNotification    Waiting = "notification"
	WaitsForAcknowledgement Waiting = "acknowledgement"
	WasReturned             Waiting = "returned"
)

// Opened is the rule between grant and revocation: a right opens with the first
// version that contains it and was notified to the city (S2-6-1-b), or, where
// the contract asks for it, acknowledged (S0-4). A right that the city returned
// is closed, and a version that it returned whole opens nothing. The instant is
// zero while the right waits.
func (r Right) Opened(versions []VersionStatus, ackRequired bool) (Instant, Waiting) {
	if !r.ReturnedAt.IsZero() {
		return 0, WasReturned
	}
	opened, waiting := Instant(0), WaitsForNotification
	for _, v := range versions {
		if !r.toldBy(v) {
			continue
		}
		at := v.NotifiedAt
		if ackRequired {
			at = v.AcknowledgedAt
		}
		switch {
		case !at.IsZero() && (opened.IsZero() || at < opened):
			opened, waiting = at, WaitsForNothing
		case opened.IsZero() && !v.NotifiedAt.IsZero():
			waiting = WaitsForAcknowledgement
		}
	}
	return opened, waiting
}

// Acknowledged reports whether the city acknowledged a version that contains
// the right.
func (r Right) Acknowledged(versions []VersionStatus) bool {
	for _, v := range versions {
		if r.toldBy(v) && !v.AcknowledgedAt.IsZero() {
			return true
		}
	}
	return false
}

// toldBy reports whether a version contains the right and was not returned.
func (r Right) toldBy(v VersionStatus) bool {
	return r.ListedFrom > 0 && v.Version >= r.ListedFrom && (r.ListedUntil == 0 || v.Version < r.ListedUntil) && v.ReturnedAt.IsZero()
}
