package meibo

// A Permit (許可) is the city's leave for what is otherwise forbidden: a carry-out,
// a provision, a copy; or, after a contract's end, the return and disposal of what
// is left.
type Permit struct {
	ID          PermitID
	ContractID  ContractID
	PersonID    PersonID // who may use it; empty: everybody under the contract
	State       PermitState
	ApproverID  PersonID // who approved it for the contractor; he cannot use it himself
	Starts      Date
	Ends        Date // inclusive
	RevokedAt   Instant
	Assets      List[AssetID] // "*": every one; of no list nothing is permitted
	Actions     List[Action]
	Purposes    List[PurposeCode]
	Recipients  List[string]
	Media       List[string]
	Rows        int // records in all; 0: any number
	Uses        int // how often; 0: any number
	CloseOut    bool
	Obligations Packed[[]Obligation]
	ReturnDue   Date    // by when what is carried out has to be back; empty: it need not
	ReturnedAt  Instant // when it was
}

// PermitState is how far a permit has come.
type PermitState string

const (
	PermitPending PermitState = "pending"
	PermitGranted PermitState = "granted"
	PermitRefused PermitState = "refused"
)

// Counted reports whether uses of the permit are counted: then each is used up
// exactly once.
func (p Permit) Counted() bool { return p.Rows > 0 || p.Uses > 0 || p.ReturnDue != "" }

// A PermitUse is one decision that a permit allowed.
type PermitUse struct {
	DecisionID DecisionID
	PermitID   PermitID
	PersonID   PersonID
	Rows       int
	At         Instant
}

// Anything in a list of a permit stands for every word.
const Anything = "*"

// An Obligation (義務) is what a system has to do when it lets a person act.
type Obligation struct {
	Name   string   `json:"name"`
	Number int      `json:"number,omitempty"` // of rows, minutes or days
	Fields []string `json:"fields,omitempty"` // to be masked
}

// Obligations lists the vocabulary.
var Obligations = []string{
	"log_full", "mask", "max_rows", "watermark", "encrypt", "two_person", "session_lock", "reauth", "no_cache", "notify_supervisor", "review_within",
}

// A Proviso is a condition under which a purpose, and all below it, is allowed.
type Proviso struct {
	Purpose     PurposeCode  `json:"purpose"`
	CaseRef     bool         `json:"case_ref,omitempty"`
	AuthLevel   int          `json:"auth_level,omitempty"`
	Rows        int          `json:"rows,omitempty"`
	Zones       []string     `json:"zones,omitempty"`
	Workplaces  []string     `json:"workplaces,omitempty"`
	Devices     []string     `json:"devices,omitempty"`
	Obligations []Obligation `json:"obligations,omitempty"`
}
