package authz

import "time"

// Facts are what is known about one question, all read in one snapshot. Each fact names what it is about; a fact about
// something else than the question counts as missing.
//
// What permits is empty until it is filled, and what is missing denies: a list of assets, actions or purposes without
// entries covers nothing. What restricts is the other way round, and must never be left out: prohibitions, revocations,
// suspensions, ends, due dates, holds, leaves, provisos, limits, the members of a container, that a contract requires
// acknowledgement, and every [Only].
//
// Facts carry moments, not states of the day, wherever time alone changes the answer. So nothing has to be written when
// a date passes, and the same facts answer for any moment.
type Facts struct {
	Parameters *Parameters // what the city has settled; nil: [DefaultParameters]
	Directory  *Directory  // nil: no directory speaks for accounts
	Clock      Clock

	System     *System     // nil: no such system is registered
	Contract   *Contract   // nil: no such contract
	Asset      *Asset      // nil: no such asset
	Purpose    *Purpose    // nil: no such purpose, or none stated
	Person     *Person     // nil: no such person
	Owner      *Person     // of a service account, who answers for it; nil: the person is human, or nobody does
	Assignment *Assignment // the one in force, else the next, else the latest that ended; nil: none. Of a service account, the owner's
	Drafted    bool        // a change that is not yet accepted names the person under this contract
	Rights     []Right     // under the assignment
	Hops       []Hop       // from the assignment's employer up to, not including, the prime contractor
	Pledges    []Pledge    // of the person or owner, for any contract and employer; superseded ones left out
	Trainings  []Training  // of the person or owner
	Principal  *Principal  // for whom the person acts; nil: no such person, or none named
	Permits    []Permit    // of the contract: those that the person may use, and the one that the question names
	Loans      []Loan      // what the person or owner has carried out and not brought back
	Holds      []Hold      // on the person, the owner, the principal, the contract, the asset or its members, or on all
	Prohibited []string    // purposes that are prohibited under every contract, with all below them
}

// Term is a period that includes From and excludes Until. Without From it covers nothing; without Until it is open.
type Term struct {
	From, Until time.Time
}

// Only is a closed list of words that restricts something to itself. A nil Only does not restrict; one without words
// permits nothing.
type Only struct {
	Words []string
}

// OnlyOf returns an Only of the words.
func OnlyOf(words ...string) *Only {
	return &Only{Words: words}
}

// Directory is the directory that speaks for the accounts of persons.
type Directory struct {
	Read time.Time // when the last reading of the whole directory began
}

// Clock is what is known of the clock from which the asked moment was read.
type Clock struct {
	Offset time.Duration // from the time that is to be trusted
	Lost   bool          // no source of time can be reached to tell the offset
}

// System is a registered system that may ask.
type System struct {
	ID          string
	Scopes      []Scope
	Zones       *Only            // network zones from which it may ask; nil: from any
	Obligations []ObligationName // that it fulfils
	OnBehalf    bool             // people act for others in it, so each question must name for whom
	Nonces      bool             // each of its questions must carry a nonce that it never used before, and say when it was asked
}

// Scope is what a system may ask about: one asset under one contract, for a purpose and all below it.
type Scope struct {
	Contract, Asset, Purpose string
}

// ContractState says whether the city lets a contract run.
type ContractState string

// The states of a contract.
const (
	ContractActive    ContractState = "active"
	ContractSuspended ContractState = "suspended"
)

// Contract is a contract between the city and its prime contractor (委託契約).
type Contract struct {
	ID                      string
	Prime                   string // the prime contractor's organization
	State                   ContractState
	Complete                bool // the responsible persons are named and the conditions accepted
	Term                    Term
	Terminated              time.Time // from when it is terminated early; zero: it is not
	Assets                  []string  // entrusted under the contract
	Purposes                []string  // agreed, each with all below it
	Prohibited              []string  // prohibited under this contract, each with all below and above it
	Provisos                []Proviso // on purposes that are agreed conditionally
	AcknowledgementRequired bool      // a right opens only when the city has acknowledged the roster
	TrainingRequired        bool      // nobody works without valid training
	ReviewDue               time.Time // by when the roster must be confirmed again, grace included; zero: it need not be
	Workplaces              *Only     // consented by the city; nil: any
	Devices                 *Only     // with which work may be done; nil: any
	Hours                   *Hours    // at which work may be done; nil: any
	Rows                    int       // how many records may be asked for at once; 0: any number
	EmergencyStaff          []string  // persons named beforehand who may claim an emergency
	Emergencies             []Emergency
}

// AssetState says whether an asset may be used at all.
type AssetState string

// The states of an asset.
const (
	AssetActive   AssetState = "active"
	AssetDisposed AssetState = "disposed"
	AssetReturned AssetState = "returned"
	AssetLocked   AssetState = "locked" // its classification is under review
)

// Asset is an information asset (情報資産).
type Asset struct {
	ID         string
	Importance int // 重要性: 1, the highest, to 4; 0: not yet classified
	State      AssetState
	Members    []Asset   // what a container holds (混載媒体): it is handled like the most important of them
	Purposes   *Only     // for which it is intended, each with all below it; nil: for any
	Prohibited []string  // for which it must not be used, each with all below and above it
	Provisos   []Proviso // on purposes for which it is intended conditionally
}

// Purpose is a purpose of use (利用目的). Its code is its path in the tree of purposes: U.TAX.RES is below U.TAX, which
// is below U.
type Purpose struct {
	Code      string
	Leaf      bool  // no purpose is below it; only such may be stated
	Term      Term  // when it may be stated
	Actions   *Only // that serve it; nil: any
	CaseRef   bool  // a case reference must be stated
	CaseForms *Only // of which a case reference must be: 9 stands for a digit, A for a capital letter; nil: any text
}
