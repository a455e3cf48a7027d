package authz

import "time"

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

// Person is who asks: a human who may be on a roster (従事者), or a service account.
type Person struct {
	ID            string
	Account       Account
	Begins        time.Time // when the employment begins; zero: it has
	Until         time.Time // when the account expires; zero: it does not
	Ambiguous     bool      // the identifier names more than one person
	Transferred   time.Time // since when the directory shows a unit that nobody has confirmed; zero: it does not
	Doubted       time.Time // since when the directory gives no sure word of the person; zero: it does
	Held          time.Time // since when that word waits for somebody to confirm it: nothing of the highest importance; zero: it does not
	Leaves        []Term    // 休職・休業; one without From counts from ever
	Organizations *Only     // for which the person works, as the directory says; nil: it does not say
	Service       bool      // a service account, no human
	Owner         string    // of a service account, the human who answers for it
}

// Principal is another person for whom the person acts, as far as that person's own eligibility goes.
type Principal struct {
	Person      *Person
	Assignment  *Assignment // under the same contract; nil: none
	Pledges     []Pledge
	Delegations []Delegation // by which somebody may act for the principal
}

// Delegation lets a person act for another under a contract.
type Delegation struct {
	Person    string
	Principal string
	Contract  string
	Term      Term
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
	// Workplaces and Devices restrict the person further than the contract does.
	Workplaces *Only
	Devices    *Only
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
	Holder       string    // the service account for which it is; empty: the assignment's person holds it
	LastUse      time.Time // when it last allowed, or, of one that never did, was opened; zero: not known
	// Limits are what the right excepts from its purpose, or grants conditionally. A right whose limits stand in the way
	// does not cover the question; another may. Nil: it has none.
	Limits *Limits
}

// Limits are the purposes that a right excepts, each with all below and above it, and the provisos on it.
type Limits struct {
	Prohibited []string
	Provisos   []Proviso
}

// Hop is one subcontractor (再委託先) of the chain, with the city's consents to it.
type Hop struct {
	Organization string
	Under        string // who gave it the work: the next hop, or the prime contractor
	Consents     []Consent
}

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
	// Announced is from when the revised text is in force, so that people are told of Due; zero: it is.
	Announced time.Time
}

// Training says that a person has been told the conditions (研修・周知) in a way that lasts for the term.
type Training struct {
	Person   string
	Contract string // [All]: any
	Term     Term   // from when it was completed
}

// HoldKind says why something is held.
type HoldKind string

// The kinds of hold. Any other kind holds like an incident.
const (
	HoldIncident HoldKind = "incident" // an incident is being handled: nothing is allowed
	HoldLegal    HoldKind = "legal"    // evidence is being kept: nothing may be changed
	HoldShared   HoldKind = "shared"   // the credential seems to be used by more than one human: nothing is allowed
)

// Hold stops what it is on, wherever all that it names is involved. A hold that names nothing is on everything.
type Hold struct {
	ID                      string
	Kind                    HoldKind
	Person, Contract, Asset string
	From                    time.Time // zero: from ever
	Until                   time.Time // when it was lifted; zero: it is not
}
