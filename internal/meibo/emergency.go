package meibo

// An Emergency is one claim of an emergency that was allowed (緊急利用). Somebody has
// to confirm it afterwards; until then no other is allowed under the contract.
type Emergency struct {
	ID         string
	ContractID ContractID
	PersonID   PersonID
	DecisionID DecisionID // the first that it allowed
	Since      Instant
	ReviewedAt Instant
	ReviewedBy ClientID
}
