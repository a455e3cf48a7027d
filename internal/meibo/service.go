package meibo

// A ServiceAccount is a program's account. A human on the roster answers for it:
// it can do what was registered for it, as long as he himself may work.
type ServiceAccount struct {
	ID         PersonID // by which systems ask
	Name       string
	OwnerID    PersonID
	ContractID ContractID
	Rights     Packed[[]MemberRight]
}
