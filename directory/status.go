package directory

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// State says what a directory says of an account. The zero value is Unknown, which never counts as enabled.
type State uint8

// The states of an account.
const (
	Unknown           State = iota
	Enabled                 // nothing speaks against it, and the read could have shown it
	Disabled                // by hand, by time or by where the entry stands
	LockedTemporarily       // by bad passwords; shown, but nobody's departure: anyone can cause it
)

var stateNames = [...]string{"unknown", "enabled", "disabled", "locked-temporarily"}

// String is the state's name: unknown, enabled, disabled or locked-temporarily.
func (s State) String() string {
	if int(s) < len(stateNames) {
		return stateNames[s]
	}
	return stateNames[Unknown]
}

// ParseState reads a state's name.
func ParseState(text string) (State, error) {
	if i := slices.Index(stateNames[:], text); i >= 0 {
		return State(i), nil
	}
	return Unknown, fmt.Errorf("parse account state: no state is named so")
}

// MarshalText writes the state's name.
func (s State) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the state's name.
func (s *State) UnmarshalText(text []byte) (err error) {
	*s, err = ParseState(string(text))
	return err
}

// Cause says why an account is in its state.
type Cause string

// The causes. Of an enabled account the last two say what awaits its owner.
const (
	CauseNone            Cause = ""
	CauseAdmin           Cause = "admin"            // switched off by hand
	CauseExpired         Cause = "expired"          // its time is over
	CauseNotStarted      Cause = "not-started"      // its time has not come
	CauseDeparted        Cause = "departed"         // it stands where departed people are kept
	CauseLocked          Cause = "locked"           // too many bad passwords
	CauseHidden          Cause = "hidden"           // the read could not show whether it is disabled
	CauseMalformed       Cause = "malformed"        // an attribute of its state cannot be understood
	CauseMustChange      Cause = "must-change"      // the password must be changed
	CausePasswordExpired Cause = "password-expired" // the password must be changed, for its age
)

// Status is the state of an account with its cause.
type Status struct {
	State State
	Cause Cause
	// Until is when the account expires, a whole second; zero: it does not. From then on it is disabled, without any
	// change in the directory: whoever keeps a Status has to watch the clock.
	Until time.Time
}

// At is the status at a later moment, if the entry stays as it is.
func (s Status) At(now time.Time) Status {
	if s.State != Disabled && !s.Until.IsZero() && !now.Before(s.Until) {
		return Status{Disabled, CauseExpired, s.Until}
	}
	return s
}

// Fields is the set of attributes, in lower case, that a read asked for and the server's schema knows. Of these, an
// absent one is absent; of any other, absence says nothing. A right to read that is lacking cannot be told from absence
// here: that is what canaries are for.
type Fields map[string]bool

// StatusOf computes the status of an entry from its attributes, whose descriptions are in lower case, at a moment. It
// knows the attributes of OpenLDAP's password policy, 389-ds and FreeIPA, Active Directory and Samba, eDirectory,
// OpenDJ and RFC 2307.
//
// Whatever disables wins. A value that it does not understand makes the state unknown, and so does an entry without any
// attribute of the state, unless one that would disable the account could have been seen.
func StatusOf(attr map[string][]string, seen Fields, now time.Time) Status {
	said := verdict{}
	for _, rule := range rules {
		for _, value := range attr[rule.attribute] {
			said.add(rule.judge(value, now))
		}
	}
	said.add(together(attr))
	if said.state == Unknown {
		if visible(attr, seen) {
			said.add(on)
		} else {
			said.cause = CauseHidden
		}
	}
	return said.status()
}

// visible tells whether the absence of a disabling attribute means that the account is enabled.
func visible(attr map[string][]string, seen Fields) bool {
	if len(attr["objectguid"]) > 0 {
		return false // Active Directory always sends userAccountControl to those who may read it
	}
	return slices.ContainsFunc(switches, func(name string) bool { return seen[name] })
}

// departedMark is what marks departed people by one attribute, parsed once for all entries.
type departedMark struct {
	attribute string // description
	texts     []string
	names     []*ldap.DN // of the texts that are DNs
}

func departedMarks(values map[string][]string) (all []departedMark) {
	for name, texts := range values {
		mark := departedMark{attribute: description(name), texts: texts}
		for _, text := range texts {
			if dn := parseDN(text); dn != nil {
				mark.names = append(mark.names, dn)
			}
		}
		all = append(all, mark)
	}
	return all
}

// departed tells whether the entry has one of the values that mark departed people. A value is parsed once, however many
// marks there are, and not at all where no mark is a DN.
func departed(attr map[string][]string, marks []departedMark, r *room) bool {
	for _, mark := range marks {
		for _, value := range attr[mark.attribute] {
			if slices.ContainsFunc(mark.texts, func(text string) bool { return strings.EqualFold(text, value) }) {
				return true
			}
			if len(mark.names) == 0 {
				continue
			}
			if dn := r.parseDN(value); dn != nil && slices.ContainsFunc(mark.names, dn.EqualFold) {
				return true
			}
		}
	}
	return false
}
