package authz

import "time"

// Facts are what is known about one question, all read in one snapshot. Each fact names what it is about; a fact about
// something else than the question counts as missing, and missing facts deny. Only what forbids must never be left out:
// prohibitions, revocations, suspensions, ends and due dates, and that a contract requires acknowledgement.
//
// Facts carry moments, not states of the day, wherever time alone changes the answer. So nothing has to be written when
// a date passes, and the same facts answer for any moment.
type Facts struct {
	System     *System     // nil: no such system is registered
	Contract   *Contract   // nil: no such contract
	Asset      *Asset      // nil: no such asset
	Purpose    *Purpose    // nil: no such purpose, or none stated
	Person     *Person     // nil: no such person
	Assignment *Assignment // the one in force, else the next, else the latest that ended; nil: none
	Drafted    bool        // a change that is not yet accepted names the person under this contract
	Rights     []Right     // of the assignment
	Hops       []Hop       // from the assignment's employer up to, not including, the prime contractor
	Pledges    []Pledge    // of the person, for any contract and employer; superseded ones left out
	Prohibited []string    // purposes that are prohibited under every contract, with all below them
}

// Term is a period that includes From and excludes Until. Without From it covers nothing; without Until it is open.
type Term struct {
	From, Until time.Time
}

// holds tells whether the period covers the moment.
func (t Term) holds(at string) bool {
	return moment(t.From) <= at && at < moment(t.Until)
}

// System is a registered system that may ask.
type System struct {
	ID     string
	Scopes []Scope
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
	Prohibited              []string  // prohibited under this contract, each with all below it
	AcknowledgementRequired bool      // a right opens only when the city has acknowledged the roster
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
}

// Purpose is a purpose of use (利用目的). Its code is its path in the tree of purposes: U.TAX.RES is below U.TAX, which
// is below U.
type Purpose struct {
	Code string
	Leaf bool // no purpose is below it; only such may be stated
	Term Term // when it may be stated
}

// Account says what the directory knows of a person.
type Account string

// The states of an account.
const (
	AccountEnabled  Account = "enabled"
	AccountDisabled Account = "disabled"
	AccountUnknown  Account = "unknown"  // the directory has no such entry
	AccountUnbound  Account = "unbound"  // the person is not yet bound to an entry
	AccountDeparted Account = "departed" // left the organization
)

// Person is a human who may be on a roster (従事者).
type Person struct {
	ID      string
	Account Account
	Until   time.Time // when the account expires; zero: it does not
}

// Assignment says that a person works on a contract, for an organization of its chain.
type Assignment struct {
	Person   string
	Contract string
	// Employer is the organization of the chain for which the person works. For a dispatched worker (派遣) it is the
	// one that took the person in, not the agency.
	Employer  string
	Term      Term
	Ended     time.Time // when the person was removed or left; zero: neither
	Suspended time.Time // from when the assignment is suspended; zero: it is not
}

// Wait says what a right waits for before it opens.
type Wait string

// What a right can wait for.
const (
	WaitApproval        Wait = "approval"        // it stands in a draft
	WaitNotification    Wait = "notification"    // the city has not been notified
	WaitAcknowledgement Wait = "acknowledgement" // the city has not acknowledged
	WaitCorrection      Wait = "correction"      // the city has returned the roster or the line
)

// Right is an access right (アクセス権限): one asset, one action, a purpose and all below it, for a period.
type Right struct {
	ID           string
	Asset        string
	Action       string
	Purpose      string
	Term         Term
	Opened       time.Time // since when the city is notified of exactly this right; zero: it is not
	Waiting      Wait      // why it is not open
	Acknowledged bool      // the city has acknowledged a roster with exactly this right
}

// Hop is one subcontractor (再委託先) of the chain, with the city's consents to it.
type Hop struct {
	Organization string
	Under        string // who gave it the work: the next hop, or the prime contractor
	Consents     []Consent
}

// All in a list of a consent stands for every word. An empty list stands for none.
const All = "*"

// Consent is the city's consent (承諾) to a subcontractor, as far as it goes.
type Consent struct {
	Term     Term
	Revoked  time.Time // zero: it is not
	Depth    int       // how many hops below the prime contractor it reaches: 1 for a direct subcontractor
	FlowDown bool      // the subcontractor is recorded to be bound by the same conditions
	Started  bool      // the subcontractor is reported to have started
	Assets   []string
	Actions  []string
	Purposes []string // each with all below it
}

// PledgeState says how far a pledge has come.
type PledgeState string

// The states of a pledge.
const (
	PledgeRequested  PledgeState = "requested"  // to be signed
	PledgePending    PledgeState = "pending"    // signed on paper, to be verified
	PledgeRejected   PledgeState = "rejected"   // verified and found wanting
	PledgeUnproven   PledgeState = "unproven"   // its electronic signature does not verify
	PledgeUnassented PledgeState = "unassented" // signed by a minor without the guardian's consent
	PledgeValid      PledgeState = "valid"
)

// Pledge is a person's pledge of confidentiality (誓約書) for a contract and an employer.
type Pledge struct {
	Person   string
	Contract string
	Employer string
	State    PledgeState
	Term     Term
	Due      time.Time // until when a revised text must be signed instead; zero: none has to
}
