package authz

import "time"

// Proviso is a condition under which a purpose, and all below it, is allowed: every field that is set must be met.
type Proviso struct {
	Purpose     string
	CaseRef     bool // a case reference must be stated
	AuthLevel   int  // the person must be authenticated at least so strongly
	Rows        int  // so many records at once at most; 0: any number
	Zones       *Only
	Workplaces  *Only
	Devices     *Only
	Obligations []Obligation // come with every allowed decision
}

// PermitState says how far a permit has come.
type PermitState string

// The states of a permit.
const (
	PermitPending PermitState = "pending" // applied for, and not decided
	PermitGranted PermitState = "granted"
	PermitRefused PermitState = "refused"
)

// Unlimited is the number of a permit that counts nothing.
const Unlimited = -1

// Permit is the city's leave (許可) for what is otherwise forbidden: to carry out, provide, copy and the like, or to
// return and dispose of things after the contract's end. In its lists [All] stands for every word, and an empty list
// for none.
type Permit struct {
	ID       string
	Person   string // who may use it; [All]: everybody under the contract
	Contract string
	State    PermitState
	Approver string // who approved it; a permit that nobody approved counts as pending
	Term     Term
	Revoked  time.Time // zero: it is not

	Assets, Actions, Purposes []string // each purpose with all below it
	Recipients, Media         []string
	Rows, RowsUsed            int // how many records it is for in all, and how many were used; [Unlimited]: any number
	Uses, UsesMade            int // how often it may be used, and how often it was; [Unlimited]: any number
	CloseOut                  bool
	Obligations               []Obligation // come with every decision that it allows
}

// Loan is something that a person has carried out and has to bring back (持ち出した物).
type Loan struct {
	Person   string
	Due      time.Time // zero: it need not be brought back
	Returned time.Time // zero: it is not
}

// Emergency is one claim of an emergency that was allowed (緊急利用).
type Emergency struct {
	Person   string
	Since    time.Time // when it was first allowed
	Reviewed time.Time // when somebody confirmed it afterwards; zero: nobody did
}

// Hours are the hours of the week, in Japan, at which work may be done.
type Hours struct {
	Windows []Window
}

// Window is a period of certain days of the week. From and Until count from midnight; Until may lie up to a day beyond
// the next midnight.
type Window struct {
	Days        []time.Weekday
	From, Until time.Duration
}
