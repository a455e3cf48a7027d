package meibo

// A Caller is who asks, as the face has authenticated him. It is handed down as
// an argument and never read out of a context.
type Caller struct {
	Client Client
	KeyID  KeyID
	Grants []Grant

	Revision int64 // at which all this was so
}

// A Client is a program or a person's tool that holds keys.
type Client struct {
	ID             ClientID
	Name           string
	OrganizationID OrganizationID
	PersonID       PersonID // whose tool it is; empty for programs
	SystemID       SystemID // the downstream system it speaks for; empty for others
	CreatedAt      Instant
}

// A Grant gives a client a role in an organization for one contract, or for all
// of them ("*").
type Grant struct {
	ClientID       ClientID
	Role           Role
	OrganizationID OrganizationID
	ContractID     ContractID
	CreatedAt      Instant
}

// AnyContract is the contract of a grant that holds for all contracts.
const AnyContract ContractID = "*"

// Role is what a client may do; authz says which verbs it has.
type Role string

const (
	RoleSubmitter    Role = "submitter"
	RoleApprover     Role = "approver"
	RoleCityReceiver Role = "city_receiver"
	RoleCityApprover Role = "city_approver"
	RoleAuditor      Role = "auditor"
	RoleOperator     Role = "operator"
	RoleSystem       Role = "system"
)

// Roles lists the roles.
var Roles = []Role{RoleSubmitter, RoleApprover, RoleCityReceiver, RoleCityApprover, RoleAuditor, RoleOperator, RoleSystem}

// For reports whether an organization of the kind can be given the role: each
// side has its own, and nobody is both submitter and receiver.
func (r Role) For(k OrganizationKind) bool {
	switch r {
	case RoleSubmitter, RoleApprover:
		return k == Contractor
	case RoleCityReceiver, RoleCityApprover, RoleSystem:
		return k == City
	case RoleAuditor:
		return k == City || k == Operators
	case RoleOperator:
		return k == Operators
	}
	return false
}

// A Key is one of at most two live API keys of a client. Only a keyed hash of
// its secret is stored.
type Key struct {
	ID        KeyID
	ClientID  ClientID
	Hash      string
	CreatedAt Instant
	ExpiresAt Instant
	RevokedAt Instant
}

// MaxLiveKeys is how many live keys a client may have: one in use and one to
// change over to.
const MaxLiveKeys = 2

// Live reports whether the key serves at now.
func (k Key) Live(now Instant) bool {
	return now < k.ExpiresAt && (k.RevokedAt.IsZero() || now < k.RevokedAt)
}
