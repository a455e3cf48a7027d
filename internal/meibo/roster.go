package meibo

// A Roster (従事者名簿) is one numbered, frozen version of who works on a contract
// with which rights. It is never changed; a correction is the next version.
type Roster struct {
	ContractID   ContractID
	Version      int
	CutAt        Instant
	ChangeID     ChangeID // the Change that cut it; empty when a departure did
	Document     Personal // canonical JSON (RFC 8785)
	Hash         string   // hex SHA-256 of Document
	PreviousHash string
	Checkpoint   string // signed head of the ledger's log when it was cut
	Members      int
	Added        int
	Removed      int
	Changed      int
	Faults       int // members whose employer or chain of subcontracts has a fault
}

// RosterDocument is the content of a roster: what the city is told.
type RosterDocument struct {
	Format       string         `json:"format"`
	Contract     ContractHeader `json:"contract"`
	Version      int            `json:"version"`
	CutAt        Instant        `json:"cut_at"`
	PreviousHash string         `json:"previous_hash,omitempty"`
	Members      []Member       `json:"members"`
	Difference   Difference     `json:"difference"`
	Assets       []Term         `json:"assets,omitempty"`
	Purposes     []Term         `json:"purposes,omitempty"`
}

// A Term says in words what a code of the rights stands for, as it was when the
// roster was cut.
type Term struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

// RosterFormat names the document's form.
const RosterFormat = "meibo-roster-1"

// ContractHeader is the head of a roster.
type ContractHeader struct {
	City        string         `json:"city,omitempty"` // to whom the roster is submitted (宛先)
	ID          ContractID     `json:"id"`
	Name        string         `json:"name"`
	Department  string         `json:"department,omitempty"`
	Starts      Date           `json:"starts"`
	Ends        Date           `json:"ends"`
	Prime       OrganizationID `json:"prime"`
	PrimeName   string         `json:"prime_name"`
	PrimeNumber string         `json:"prime_number,omitempty"` // 法人番号
	PrimeSeat   string         `json:"prime_seat,omitempty"`   // 所在地
	Responsible Personal       `json:"responsible,omitempty"`
	Supervisor  Personal       `json:"supervisor,omitempty"`
}

// A Member is one line of a roster.
type Member struct {
	Number       int            `json:"number"` // 通し番号
	PersonID     PersonID       `json:"person"`
	Name         Personal       `json:"name"`
	Kana         Personal       `json:"kana,omitempty"`
	Latin        Personal       `json:"latin,omitempty"`
	Alias        Personal       `json:"alias,omitempty"`
	FormerName   Personal       `json:"former_name,omitempty"`
	RenamedOn    Date           `json:"renamed_on,omitempty"` // when the former name was given up
	Employer     OrganizationID `json:"employer"`
	EmployerName string         `json:"employer_name"`
	Employment   Employment     `json:"employment"`
	Task         string         `json:"task,omitempty"`
	Workplace    string         `json:"workplace,omitempty"`
	Starts       Date           `json:"starts"`
	Ends         Date           `json:"ends"`
	Suspended    bool           `json:"suspended,omitzero"`
	Pledge       PledgeState    `json:"pledge,omitempty"`
	PledgedOn    Date           `json:"pledged_on,omitempty"`
	Chain        []ChainHop     `json:"chain,omitempty"`
	ChainFault   string         `json:"chain_fault,omitempty"`
	Rights       []MemberRight  `json:"rights"`
}

// ChainHop is one hop of a member's chain of subcontracts.
type ChainHop struct {
	Organization OrganizationID `json:"organization"`
	Consent      string         `json:"consent,omitempty"`
}

// MemberRight is one right of a member.
type MemberRight struct {
	Asset   AssetID     `json:"asset"`
	Action  Action      `json:"action"`
	Purpose PurposeCode `json:"purpose"`
	From    Date        `json:"from"`
	Until   Date        `json:"until"`
}

// Difference names the members in which a version differs from the one before.
type Difference struct {
	Added   []PersonID `json:"added,omitempty"`
	Removed []PersonID `json:"removed,omitempty"`
	Changed []PersonID `json:"changed,omitempty"`
}

// VersionStatus is what became of a roster version on its way to the city.
type VersionStatus struct {
	Version        int
	NotifiedAt     Instant // a system outside took it; zero while it did not, or after a bounce
	AcknowledgedAt Instant
	ReturnedAt     Instant // when the whole version was returned
}

// An Acknowledgement (受領確認) is the city's answer to a roster version: taken,
// or returned, whole or for one member.
type Acknowledgement struct {
	ID         string
	ContractID ContractID
	Version    int
	Verdict    Verdict
	PersonID   PersonID // the member whose line is returned; empty: the whole version
	Reason     Personal // the city's words
	ClientID   ClientID
	At         Instant
}

// Verdict is how the city answered.
type Verdict string

const (
	Acknowledged Verdict = "acknowledged"
	Returned     Verdict = "returned"
)

// Compare names the differences from old to m, by person; a member's number
// does not count.
func Compare(old, new []Member) Difference {
	before := map[PersonID]string{}
	for _, m := range old {
		before[m.PersonID] = memberKey(m)
	}
	var d Difference
	for _, m := range new {
		was, known := before[m.PersonID]
		switch {
		case !known:
			d.Added = append(d.Added, m.PersonID)
		case was != memberKey(m):
			d.Changed = append(d.Changed, m.PersonID)
		}
		delete(before, m.PersonID)
	}
	for _, m := range old {
		if _, gone := before[m.PersonID]; gone {
			d.Removed = append(d.Removed, m.PersonID)
		}
	}
	return d
}
