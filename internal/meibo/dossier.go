package meibo

// A Dossier (調書) is everything of a person's own that a question can reach, for
// all contracts.
type Dossier struct {
	Person      Person
	Account     *Account     // nil: not bound to an entry
	Assignments []Assignment // one under each contract: the one that runs, else the one that ended last
	Rights      []Right      // of those assignments, that have not ended
	Drafted     []ContractID // whose waiting changes would add the person
	Pledges     []Pledge     // but for those that others replaced
	Trainings   []Training
	Loans       []Permit     // used by the person, for what has to be brought back
	Delegations []Delegation // by which others act for the person
}
