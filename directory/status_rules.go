package directory

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// verdict is what one value says of the account. The zero verdict says nothing.
type verdict struct {
	state     State
	cause     Cause
	note      Cause // what awaits the owner, should the account be enabled
	until     time.Time
	malformed bool
}

// add takes another verdict into account: the graver state wins, the earliest end counts.
func (v *verdict) add(other verdict) {
	if gravity(other.state) > gravity(v.state) || v.cause == CauseNone && other.state == v.state {
		v.state, v.cause = other.state, other.cause
	}
	if v.note == CauseNone {
		v.note = other.note
	}
	v.malformed = v.malformed || other.malformed
	if v.until.IsZero() || !other.until.IsZero() && other.until.Before(v.until) {
		v.until = other.until
	}
}

func gravity(s State) int {
	return slices.Index([]State{Unknown, Enabled, LockedTemporarily, Disabled}, s)
}

// status is the sum of all verdicts. What is malformed spoils all but what disables.
func (v verdict) status() Status {
	if v.malformed && v.state != Disabled {
		return Status{Unknown, CauseMalformed, v.until}
	}
	if v.state == Enabled {
		return Status{Enabled, v.note, v.until}
	}
	return Status{v.state, v.cause, v.until}
}

// rule reads the values of one attribute.
type rule struct {
	attribute string
	judge     func(value string, now time.Time) verdict
}

// switches are the attributes whose absence says that an account is not disabled.
var switches = []string{"pwdaccountlockedtime", "nsaccountlock", "logindisabled", "ds-pwp-account-disabled"}

// rules are the attributes of an account's state.
var rules = []rule{
	// OpenLDAP's password policy; OpenDJ keeps some of these too
	{"pwdaccountlockedtime", lockedSince},
	{"pwdaccounttmplockoutend", lockedUntil},
	{"pwdstarttime", starts},
	{"pwdendtime", expires},
	{"pwdreset", flag(verdict{note: CauseMustChange}, verdict{})},
	// 389-ds, FreeIPA, Sun
	{"nsaccountlock", flag(off, on)},
	{"accountunlocktime", lockedUntil},
	// Active Directory, Samba, AD LDS
	{"useraccountcontrol", accountControl},
	{"msds-user-account-control-computed", computedControl},
	{"msds-useraccountdisabled", flag(off, on)},
	{"accountexpires", accountExpires},
	{"pwdlastset", passwordLastSet},
	// eDirectory
	{"logindisabled", flag(off, on)},
	{"loginexpirationtime", expires},
	{"lockedbyintruder", flag(locked, verdict{})},
	// OpenDJ, PingDS
	{"ds-pwp-account-disabled", flag(off, on)},
	{"ds-pwp-account-expiration-time", expires},
	// RFC 2307
	{"shadowexpire", shadowExpire},
}

// statusAttributes are asked for in every read.
var statusAttributes = func() []string {
	names := []string{"lockouttime"}
	for _, r := range rules {
		names = append(names, r.attribute)
	}
	return names
}()

// The verdicts that several attributes give.
var (
	malformed = verdict{malformed: true}
	off       = verdict{state: Disabled, cause: CauseAdmin}
	on        = verdict{state: Enabled}
	locked    = verdict{state: LockedTemporarily, cause: CauseLocked}
)

// flag reads a boolean.
func flag(whenTrue, whenFalse verdict) func(string, time.Time) verdict {
	return func(value string, _ time.Time) verdict {
		switch strings.ToLower(value) {
		case "true":
			return whenTrue
		case "false":
			return whenFalse
		}
		return malformed
	}
}

// lockedSince reads pwdAccountLockedTime: the year 0 is a lock by hand, any other moment one by bad passwords. How long
// that lasts stands in a policy that is not read here.
func lockedSince(value string, _ time.Time) verdict {
	if strings.HasPrefix(value, "0000") {
		return off
	}
	if _, ok := generalizedTime(value); !ok {
		return malformed
	}
	return locked
}

// lockedUntil reads the end of a lock. 389-ds writes the year 1970 for one that ends only by hand.
func lockedUntil(value string, now time.Time) verdict {
	end, ok := generalizedTime(value)
	switch {
	case !ok:
		return malformed
	case end.After(now) || end.Unix() <= 0:
		return locked
	}
	return verdict{}
}

func starts(value string, now time.Time) verdict {
	start, ok := generalizedTime(value)
	switch {
	case !ok:
		return malformed
	case start.After(now):
		return verdict{state: Disabled, cause: CauseNotStarted}
	}
	return verdict{}
}

func expires(value string, now time.Time) verdict {
	end, ok := generalizedTime(value)
	if !ok {
		return malformed
	}
	return ends(end, now)
}

// ends is the verdict of an end. It is no verdict of enabled: something else must say that.
func ends(end, now time.Time) verdict {
	end = end.Truncate(time.Second)
	if end.After(now) {
		return verdict{until: end}
	}
	return verdict{state: Disabled, cause: CauseExpired, until: end}
}

// The bits of userAccountControl and its computed twin.
const (
	controlDisabled        = 0x2
	controlLockedOut       = 0x10
	controlPasswordExpired = 0x800000
)

// accountControl reads userAccountControl, which every account of Active Directory has.
func accountControl(value string, now time.Time) verdict {
	bits, err := strconv.ParseInt(value, 10, 32)
	if err != nil {
		return malformed
	}
	v := on
	if bits&controlDisabled != 0 {
		v = off
	}
	v.add(computedControl(value, now))
	return v
}

// computedControl reads msDS-User-Account-Control-Computed, which holds what userAccountControl does not show.
func computedControl(value string, _ time.Time) verdict {
	bits, err := strconv.ParseInt(value, 10, 32)
	switch {
	case err != nil:
		return malformed
	case bits&controlLockedOut != 0:
		return locked
	case bits&controlPasswordExpired != 0:
		return verdict{note: CausePasswordExpired}
	}
	return verdict{}
}

func accountExpires(value string, now time.Time) verdict {
	end, never, ok := fileTime(value)
	switch {
	case !ok:
		return malformed
	case never:
		return verdict{}
	}
	return ends(end, now)
}

func passwordLastSet(value string, _ time.Time) verdict {
	_, never, ok := fileTime(value)
	switch {
	case !ok:
		return malformed
	case never:
		return verdict{note: CauseMustChange}
	}
	return verdict{}
}

// shadowExpire reads days since 1970. Programs disagree about 0, so it is not understood.
func shadowExpire(value string, now time.Time) verdict {
	days, err := strconv.ParseInt(value, 10, 32)
	switch {
	case err != nil || days == 0 || days < -1:
		return malformed
	case days == -1:
		return on
	}
	v := on
	v.add(ends(time.Unix(days*24*60*60, 0).UTC(), now))
	return v
}

// together is the verdict of attributes that mean something only beside others: lockoutTime outlives the lock, so the
// computed control is believed where there is one; a start that is not before the end disables for good.
func together(attr map[string][]string) verdict {
	var v verdict
	computed := len(attr["msds-user-account-control-computed"]) > 0
	for _, value := range attr["lockouttime"] {
		if _, never, ok := fileTime(value); !ok {
			v.add(malformed)
		} else if !never && !computed {
			v.add(locked)
		}
	}
	for _, start := range attr["pwdstarttime"] {
		for _, end := range attr["pwdendtime"] {
			s, known := generalizedTime(start)
			e, too := generalizedTime(end)
			if known && too && !s.Before(e) {
				v.add(verdict{state: Disabled, cause: CauseExpired})
			}
		}
	}
	return v
}
