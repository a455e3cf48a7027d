package meibo

// A Training (研修・周知) says that a person was told the city's conditions (S0-2,
// S0-3).
type Training struct {
	ID          string
	PersonID    PersonID
	ContractID  ContractID // empty: for any
	CompletedOn Date
	ValidUntil  Date // last day; empty: as long as the city's parameters say
	Material    string
	RecordedBy  ClientID
	At          Instant
}

// Check says what is wrong with a training that is to be recorded.
func (t Training) Check(now Instant) Problems {
	var ps Problems
	switch {
	case t.CompletedOn == "":
		ps.add(0, "completed_on", "REQUIRED")
	case !t.CompletedOn.Valid():
		ps.add(0, "completed_on", "INVALID_DATE")
	case t.CompletedOn > now.Day():
		ps.add(0, "completed_on", "IN_THE_FUTURE")
	}
	if t.ValidUntil != "" && t.ValidUntil < t.CompletedOn {
		ps.add(0, "valid_until", "UNTIL_BEFORE_FROM")
	}
	if code := TextProblem(t.Material); code != "" {
		ps.add(0, "material", code)
	}
	return ps
}
