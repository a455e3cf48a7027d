package meibo

// A Contract (委託契約) is work that the city entrusts to a prime contractor.
type Contract struct {
	ID              ContractID
	Name            string
	Department      string
	PrimeID         OrganizationID
	Starts          Date // first day
	Ends            Date // last day, inclusive
	State           ContractState
	TerminatedAt    Instant // when the city ended it early (解除)
	AckRequired     bool    // a right waits for the city's acknowledgement (受領確認), not only for its notification
	Responsible     Personal
	Supervisor      Personal
	CatalogAccepted Date // when the contractor accepted the city's rules (S0-1)
	RenewalOf       ContractID
	Assets          List[AssetID]
	Purposes        List[PurposeCode] // nodes whose descendants the work may serve
	Prohibited      List[PurposeCode] // nodes whose descendants it must never serve
	NoticeTo        List[string]      // mail addresses of the city's receivers
	NoticeWay       NoticeWay         // how the city is told; empty: by mail
	NoticeURL       string            // where a webhook is posted to

	TrainingRequired bool              // nobody works without valid training
	ReviewDue        Date              // last day on which the roster need not be confirmed again; empty: no review
	Workplaces       List[string]      // consented by the city; empty: any
	Devices          List[string]      // with which work may be done; empty: any
	Hours            Packed[[]Window]  // in which work may be done; empty: any
	Rows             int               // records that may be asked for at once; 0: any number
	EmergencyStaff   List[PersonID]    // who may claim an emergency
	Provisos         Packed[[]Proviso] // on purposes that are agreed conditionally
}

// ContractState is what the city has decided about a contract. That it has not
// begun or is over follows from its dates and is not written.
type ContractState string

const (
	ContractActive     ContractState = "active"
	ContractSuspended  ContractState = "suspended"
	ContractTerminated ContractState = "terminated"
)

// End is the instant from which nothing under the contract is allowed: the end
// of its last day, or its termination if that came before.
func (c Contract) End() Instant {
	end := c.Ends.End()
	if c.State == ContractTerminated && c.TerminatedAt < end {
		return c.TerminatedAt
	}
	return end
}

// Complete reports whether a responsible person and a supervisor are named and
// the city's rules accepted (S0-1, S2-1-1-a).
func (c Contract) Complete() bool {
	return c.Responsible != "" && c.Supervisor != "" && c.CatalogAccepted != ""
}

// Over reports whether the contract has ended or was terminated by now.
func (c Contract) Over(now Instant) bool { return now >= c.End() }
