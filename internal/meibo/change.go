package meibo

// A Change (従事者変更届) is what a contractor submits for one contract. Lines that
// only take away hold at once; lines that add or widen wait for approval, so one
// submission makes up to two Changes of a contract.
type Change struct {
	ID             ChangeID
	SubmissionID   string
	ContractID     ContractID
	OrganizationID OrganizationID // whose client submitted it
	SubmittedBy    ClientID
	SubmitterID    PersonID // the person behind that client, if known
	SubmittedAt    Instant
	State          ChangeState
	DecidedAt      Instant
	Reason         Personal // why it was rejected
	Version        int      // roster version it cut; 0: none
}

// ChangeState is where a change stands.
type ChangeState string

const (
	ChangeSubmitted ChangeState = "submitted" // waits for approval
	ChangeAccepted  ChangeState = "accepted"
	ChangeWithdrawn ChangeState = "withdrawn"
	ChangeRejected  ChangeState = "rejected"
)

// An Approval is one organization's yes to a change: the submitting
// contractor's, and the prime's counter-signature for a subcontractor's change.
type Approval struct {
	ChangeID       ChangeID
	OrganizationID OrganizationID
	ClientID       ClientID
	At             Instant
}

// A Line is one row of a change: one right, or one person where the operation
// needs no right. New people are named by directory login.
type Line struct {
	ChangeID   ChangeID
	Row        int // row of the file, or place in the request, from 1
	Operation  Operation
	ContractID ContractID
	PersonID   PersonID
	Login      Personal
	Name       Personal
	Kana       Personal
	Latin      Personal
	Alias      Personal
	FormerName Personal
	Adult      Attested
	EmployerID OrganizationID
	Employment Employment
	AssetID    AssetID
	Action     Action
	Purpose    PurposeCode
	Starts     Date // column "from"
	Ends       Date // column "until"
	Workplace  string
	Task       string
	Reason     Reason
	Pledge     PledgeClaim
	Returned   Attested // that a removed person has returned what was lent (返却確認)
	Successor  PersonID // who goes on with the work of a removed person (引継ぎ先)
}

// Operation (変更区分) is what a line asks for.
type Operation string

const (
	Add     Operation = "add"     // 追加
	Amend   Operation = "change"  // 変更
	Suspend Operation = "suspend" // 一時停止
	Resume  Operation = "resume"  // 再開
	Remove  Operation = "remove"  // 解除
)

// Reason (理由) is why a line is submitted.
type Reason string

const (
	ReasonPlacement      Reason = "placement"       // 新規配置
	ReasonTransfer       Reason = "transfer"        // 異動
	ReasonDeparture      Reason = "departure"       // 退職
	ReasonLeave          Reason = "leave"           // 休職
	ReasonReassignment   Reason = "reassignment"    // 担当替え
	ReasonNameChange     Reason = "name_change"     // 氏名変更
	ReasonContractChange Reason = "contract_change" // 契約変更
	ReasonCorrection     Reason = "correction"      // 誤り訂正
)

// Attested is a contractor's yes or no about a person (18歳以上).
type Attested string

const (
	AttestedYes Attested = "yes"
	AttestedNo  Attested = "no"
)

// PledgeClaim (誓約書の状態) is what an added line says of the pledge.
type PledgeClaim string

const (
	PledgeToRequest PledgeClaim = "request"   // meibo asks the person for one
	PledgeOnFile    PledgeClaim = "submitted" // the contractor says that one exists
)

// HasTriple reports whether the line names a right.
func (l Line) HasTriple() bool { return l.AssetID != "" || l.Action != "" || l.Purpose != "" }

// Triple is the right that the line names.
func (l Line) Triple() Triple { return Triple{l.AssetID, l.Action, l.Purpose} }

// Vocabulary of a line's closed fields, in the order in which forms show them.
var (
	Operations  = []Operation{Add, Amend, Suspend, Resume, Remove}
	Reasons     = []Reason{ReasonPlacement, ReasonTransfer, ReasonDeparture, ReasonLeave, ReasonReassignment, ReasonNameChange, ReasonContractChange, ReasonCorrection}
	Employments = []Employment{Regular, FixedTerm, Dispatched, Subcontracted}
)
