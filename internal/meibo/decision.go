package meibo

// A Question (照会) is what a downstream system asks.
type Question struct {
	Person   PersonID    `json:"person"`
	Contract ContractID  `json:"contract"`
	Asset    AssetID     `json:"asset"`
	Action   Action      `json:"action"`
	Purpose  PurposeCode `json:"purpose,omitzero"` // empty: none was stated

	Circumstances Circumstances `json:"circumstances,omitzero"`
	Repeated      bool          `json:"repeated,omitzero"` // the system had used the nonce before

	Naming Naming `json:"-"` // how person and asset are named; what that came to is recorded
}

// Naming is how a question names its person and its asset, where that is not by
// their ids. The ledger finds out who is meant before it decides; a name that fits
// several people names nobody.
type Naming struct {
	Subject  SubjectType
	Name     Personal // of the person, as Subject says
	Resource ResourceType
}

// SubjectType says by what a question names its person.
type SubjectType string

// The types of subjects.
const (
	SubjectPerson  SubjectType = "person"  // id of a person
	SubjectLogin   SubjectType = "login"   // login in the directory of somebody who takes part in the contract
	SubjectMail    SubjectType = "mail"    // mail address in that directory
	SubjectService SubjectType = "service" // id of a service account
)

// ResourceType says what a question names as its asset.
type ResourceType string

// The types of resources.
const (
	ResourceAsset     ResourceType = "asset"           // id of an asset
	ResourceContainer ResourceType = "asset_container" // id of an asset that holds others
)

// Circumstances (状況) are what the asking system says of a question beside the
// question itself. Nothing in them grants anything; what a rule asks for and is
// not stated denies.
type Circumstances struct {
	Zone       string   `json:"zone,omitzero"`         // network zone from which is asked
	Workplace  string   `json:"workplace,omitzero"`    // where the person works
	Device     string   `json:"device,omitzero"`       // with which the person works
	Mode       string   `json:"mode,omitzero"`         // interactive or batch
	AuthLevel  int      `json:"auth_level,omitzero"`   // how strongly the person was authenticated, 1 to 9
	AuthTime   Instant  `json:"auth_time,omitzero"`    // when
	OnBehalfOf PersonID `json:"on_behalf_of,omitzero"` // for whom the person acts
	CaseRef    string   `json:"case_ref,omitzero"`     // number of the application or case (受付番号等)
	Permit     PermitID `json:"permit,omitzero"`       // number of the city's permit (許可)
	Recipient  string   `json:"recipient,omitzero"`    // who receives what is sent, provided or carried
	Medium     string   `json:"medium,omitzero"`       // on what
	Rows       int      `json:"rows,omitzero"`         // how many records are asked for
	Nonce      string   `json:"nonce,omitzero"`        // a word that the system never uses twice
	AskedAt    Instant  `json:"asked_at,omitzero"`     // when the system asks, by its own clock
	Reason     string   `json:"reason,omitzero"`       // why an emergency cannot wait
}

// A Decision answers a Question. It is recorded before it is given; a denial is
// a Decision, not an error.
type Decision struct {
	ID            DecisionID   `json:"id"`
	At            Instant      `json:"at"`
	Question      Question     `json:"question"`
	ClientID      ClientID     `json:"client"`
	SystemID      SystemID     `json:"system,omitzero"`
	Allowed       bool         `json:"allowed"`
	PrimaryCode   string       `json:"primary_code"`
	Codes         []string     `json:"codes"` // all failing reasons, in order of precedence
	Advice        []string     `json:"advice,omitzero"`
	Obligations   []Obligation `json:"obligations,omitzero"` // what the system has to do
	Clauses       []string     `json:"clauses,omitzero"`
	Message       string       `json:"-"`       // Japanese sentence of the primary code
	Public        bool         `json:"-"`       // the sentence may be shown to the end user
	Answers       AnswerDetail `json:"-"`       // how much of this the asking system may be told
	MaxAge        int          `json:"max_age"` // seconds for which an allow may be kept
	Revision      int64        `json:"revision"`
	Epoch         string       `json:"epoch"`
	RosterVersion int          `json:"roster_version,omitzero"`
	RightID       RightID      `json:"right,omitzero"`    // that allowed
	PermitID      PermitID     `json:"permit,omitzero"`   // without which it would not be allowed
	Policy        string       `json:"policy"`            // hash of the rule that decided
	Declared      bool         `json:"declared,omitzero"` // contract and purpose come from the system's registration
	Retries       DecisionID   `json:"retries,omitzero"`  // an earlier record that was not given, because the ledger had moved on
}

// A Code is one reason that a decision can carry, with what it means.
type Code struct {
	Code    string
	Kind    string   // deny, allow, or advice beside an allow
	Group   string   // the part of the rule that it belongs to
	Clauses []string // of the city's document
	Message string   // Japanese; {date}, {from}, {to} and {condition} are filled in a decision
	Public  bool     // the person who asked may be shown it; else only operators may
}

// A Seal ties the chain of recorded decisions of one writer to the ledger's log.
type Seal struct {
	Writer string
	Batch  int
	Hash   string // hex SHA-256 over the chain up to this batch
	At     Instant
}
