package meibo

// An Access is what somebody could do to an asset at an instant, and by which right.
type Access struct {
	PersonID   PersonID
	ContractID ContractID
	Action     Action
	Purpose    PurposeCode // node of the right
	RightID    RightID
	SystemID   SystemID // through which it was tried
	Leaf       PurposeCode
	// Conditions are the codes of what of the circumstances has to be met on top, such
	// as a permit or a workplace; empty: nothing.
	Conditions []string
}
