package meibo

// A Person (従事者) is a human who is, or was, to work on a contract. Names are
// kept byte for byte and are labels only: identity is the id, bound once to an
// entry of the directory. No birth date, address or number is kept; whether
// somebody is of age is attested.
type Person struct {
	ID             PersonID
	OrganizationID OrganizationID // whose directory base names the login
	Login          Personal
	LoginKey       string // keyed hash of organization and login, for look-up
	Name           Personal
	Kana           Personal
	Latin          Personal
	Alias          Personal // 通称
	FormerName     Personal // 旧氏
	RenamedOn      Date     // the day on which the former name was given up; empty: before meibo knew the person
	Adult          bool     // attested to be 18 or older
	CreatedAt      Instant
	DepartedAt     Instant // when it was recorded that the person left
	DisposedAt     Instant // when it was destroyed who the person was
}

// An Account is what the directory says about a person. Without an Account a
// person is not bound to the directory.
type Account struct {
	PersonID  PersonID
	Entry     string // kind and id of the directory entry, entryUUID:…; bound once, to one person at a time
	State     AccountState
	Cause     string  // the directory's reason, a code
	Until     Instant // when the account ends by itself
	ChangedAt Instant

	Base string // subtree of the directory in which the entry was seen last
	// Employers are the organizations for which the person works, as the directory
	// says. Empty: it does not say.
	Employers   Packed[[]OrganizationID]
	EmployersAt Instant  // since when it says so
	Unit        Personal // of the organization, as it was confirmed
	UnitSeen    Personal // another one that the directory shows
	// TransferredAt is since when the directory shows a unit that nobody has confirmed.
	TransferredAt Instant
	// DoubtedAt is since when the directory gives no sure word of the person: the entry
	// cannot be read, or what it says is not believed. Zero: it does.
	DoubtedAt Instant
	HoldID    string // of a DirectoryHold
	Held      Packed[HeldChange]
}

// NoEmployer stands among the employers of an account for one that is not
// registered. It is no id.
const NoEmployer OrganizationID = "?"

// CauseDeparted is the cause of an account that is gone because the contractor
// removed the person for good.
const CauseDeparted = "departed"

// AccountState is a tri-state: what is not known to be enabled is refused.
type AccountState string

const (
	AccountEnabled  AccountState = "enabled"
	AccountDisabled AccountState = "disabled"
	AccountUnknown  AccountState = "unknown"
	AccountGone     AccountState = "gone" // deleted, moved out or departed; never undone

	// AccountLocked is shown, and never kept: an enabled account that bad passwords
	// have locked for a time. Anybody can cause that, so it is no departure.
	AccountLocked AccountState = "locked"
)

// CauseLocked is the cause of an account that is AccountLocked.
const CauseLocked = "locked"

// Shown is the state as people are to see it.
func (a Account) Shown() AccountState {
	if a.State == AccountEnabled && a.Cause == CauseLocked {
		return AccountLocked
	}
	return a.State
}

// Shows takes over the unit that the directory shows. The first one is the
// confirmed one; another waits to be confirmed, until the first is shown again. That
// none is shown says nothing: perhaps it cannot be read any more.
func (a *Account) Shows(unit Personal, now Instant) {
	switch {
	case unit == "":
	case a.Unit == "":
		a.Unit = unit
	case unit == a.Unit:
		a.UnitSeen, a.TransferredAt = "", 0
	case unit != a.UnitSeen:
		a.UnitSeen = unit
		if a.TransferredAt.IsZero() {
			a.TransferredAt = now
		}
	}
}

// Leave takes away what only speaks of somebody who is there.
func (a *Account) Leave() {
	a.HoldID, a.Held, a.UnitSeen, a.TransferredAt, a.DoubtedAt = "", Packed[HeldChange]{}, "", 0, 0
}
