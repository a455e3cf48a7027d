package meibo

// A Delegation (代理) lets a person act for another under a contract. It gives
// nothing by itself: both must be in order there, and the one who acts needs the
// right.
type Delegation struct {
	ID          DelegationID
	ContractID  ContractID
	PersonID    PersonID // who acts: a person or a service account
	PrincipalID PersonID // for whom
	Starts      Date
	Ends        Date
	RevokedAt   Instant
}

// Until is when the delegation ends.
func (d Delegation) Until() Instant {
	if !d.RevokedAt.IsZero() {
		return min(d.RevokedAt, d.Ends.End())
	}
	return d.Ends.End()
}
