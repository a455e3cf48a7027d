package meibo

// A Standing is everything that a question about a person can reach, as of one
// revision. What does not exist is nil or empty.
type Standing struct {
	Revision   int64
	Epoch      string
	System     *System
	Contract   *Contract
	Asset      *Asset
	Purpose    *Purpose
	Leaf       bool // nothing lies below the purpose
	Person     *Person
	Account    *Account
	Assignment *Assignment    // the one that runs, else the one that ended last
	Drafted    OrganizationID // employer in a change that still waits and would add the person
	Rights     []Right        // of the assignment
	Consents   []Subcontract  // of the contract
	Pledges    []Pledge       // of the person, for any contract
	Templates  []PledgeTemplate
	Versions   []VersionStatus
}
