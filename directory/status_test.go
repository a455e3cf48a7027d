package directory_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

// fileTime is a moment in Microsoft's count.
func fileTime(t time.Time) string {
	return strconv.FormatInt((t.Unix()+11_644_473_600)*10_000_000, 10)
}

func TestStatus(t *testing.T) {
	const guid = "objectguid=0123456789abcdef "
	past, future := asOf.Add(-time.Hour), asOf.Add(time.Hour)
	zulu := func(t time.Time) string { return t.Format("20060102150405Z") }
	for name, c := range map[string]struct {
		attr string // name=value, by blanks
		seen string
		want string // state, cause and whether there is an end
	}{
		"nothing seen is not enabled":              {"uid=x", "", "unknown hidden"},
		"nothing said where it could have been":    {"uid=x", "pwdaccountlockedtime", "enabled"},
		"the same at 389-ds":                       {"uid=x", "nsaccountlock", "enabled"},
		"the same at eDirectory":                   {"uid=x", "logindisabled", "enabled"},
		"the same at OpenDJ":                       {"uid=x", "ds-pwp-account-disabled", "enabled"},
		"other attributes seen say nothing":        {"uid=x", "pwdendtime shadowexpire useraccountcontrol", "unknown hidden"},
		"OpenLDAP: locked by hand":                 {"pwdaccountlockedtime=000001010000Z", "", "disabled admin"},
		"OpenLDAP: locked by hand, longer":         {"pwdaccountlockedtime=00000101000000Z", "", "disabled admin"},
		"OpenLDAP: locked by tries":                {"pwdaccountlockedtime=" + zulu(past), "", "locked-temporarily locked"},
		"OpenLDAP: a lock that is none":            {"pwdaccountlockedtime=yes", "pwdaccountlockedtime", "unknown malformed"},
		"OpenLDAP: a delay":                        {"pwdaccounttmplockoutend=" + zulu(future), "", "locked-temporarily locked"},
		"OpenLDAP: a delay that is over":           {"pwdaccounttmplockoutend=" + zulu(past), "pwdaccountlockedtime", "enabled"},
		"OpenLDAP: ended now":                      {"pwdendtime=" + zulu(asOf), "pwdaccountlockedtime", "disabled expired until"},
		"OpenLDAP: ends later":                     {"pwdendtime=" + zulu(future), "pwdaccountlockedtime", "enabled until"},
		"OpenLDAP: an end does not show the lock":  {"pwdendtime=" + zulu(future), "pwdendtime", "unknown hidden until"},
		"OpenLDAP: not yet":                        {"pwdstarttime=" + zulu(future), "pwdaccountlockedtime", "disabled not-started"},
		"OpenLDAP: started":                        {"pwdstarttime=" + zulu(past), "pwdaccountlockedtime", "enabled"},
		"OpenLDAP: a start after the end":          {"pwdstarttime=" + zulu(past) + " pwdendtime=" + zulu(past), "", "disabled expired until"},
		"OpenLDAP: a start not before a later end": {"pwdstarttime=" + zulu(past.Add(9*time.Hour)) + " pwdendtime=" + zulu(past.Add(3*time.Hour)), "", "disabled not-started until"},
		"OpenLDAP: must change":                    {"pwdreset=TRUE", "pwdaccountlockedtime", "enabled must-change"},
		"OpenLDAP: must change shows no lock":      {"pwdreset=TRUE", "", "unknown hidden"},
		"389-ds: locked":                           {"nsaccountlock=true", "", "disabled admin"},
		"389-ds: locked in capitals":               {"nsaccountlock=TRUE", "", "disabled admin"},
		"389-ds: not locked":                       {"nsaccountlock=false", "", "enabled"},
		"389-ds: neither":                          {"nsaccountlock=1", "nsaccountlock", "unknown malformed"},
		"389-ds: locked by tries":                  {"accountunlocktime=" + zulu(future), "nsaccountlock", "locked-temporarily locked"},
		"389-ds: locked by tries without end":      {"accountunlocktime=19700101000000Z", "nsaccountlock", "locked-temporarily locked"},
		"389-ds: unlocked since":                   {"accountunlocktime=" + zulu(past), "nsaccountlock", "enabled"},
		"AD: enabled":                              {guid + "useraccountcontrol=512", "", "enabled"},
		"AD: disabled":                             {guid + "useraccountcontrol=514", "", "disabled admin"},
		"AD: hidden":                               {guid, "useraccountcontrol pwdaccountlockedtime", "unknown hidden"},
		"AD: expired":                              {guid + "useraccountcontrol=512 accountexpires=" + fileTime(past), "", "disabled expired until"},
		"AD: expires":                              {guid + "useraccountcontrol=512 accountexpires=" + fileTime(future), "", "enabled until"},
		"AD: never expires, 0":                     {guid + "useraccountcontrol=512 accountexpires=0", "", "enabled"},
		"AD: never expires":                        {guid + "useraccountcontrol=512 accountexpires=9223372036854775807", "", "enabled"},
		"AD: an end that is none":                  {guid + "useraccountcontrol=512 accountexpires=soon", "", "unknown malformed"},
		"AD: an end before 1601":                   {guid + "useraccountcontrol=512 accountexpires=-5", "", "unknown malformed"},
		"AD: locked out":                           {guid + "useraccountcontrol=512 lockouttime=" + fileTime(past), "", "locked-temporarily locked"},
		"AD: lockout over, as computed":            {guid + "useraccountcontrol=512 lockouttime=" + fileTime(past) + " msds-user-account-control-computed=0", "", "enabled"},
		"AD: locked out, as computed":              {guid + "useraccountcontrol=512 msds-user-account-control-computed=16", "", "locked-temporarily locked"},
		"AD: password expired":                     {guid + "useraccountcontrol=512 msds-user-account-control-computed=8388608", "", "enabled password-expired"},
		"AD: computed shows no lock":               {guid + "msds-user-account-control-computed=0", "", "unknown hidden"},
		"AD: must change":                          {guid + "useraccountcontrol=512 pwdlastset=0", "", "enabled must-change"},
		"AD: disabled and locked out":              {guid + "useraccountcontrol=530", "", "disabled admin"},
		"AD: no number":                            {guid + "useraccountcontrol=0x202", "", "unknown malformed"},
		"AD LDS: disabled":                         {guid + "msds-useraccountdisabled=TRUE", "", "disabled admin"},
		"AD LDS: enabled":                          {guid + "msds-useraccountdisabled=FALSE", "", "enabled"},
		"eDirectory: disabled":                     {"logindisabled=TRUE", "", "disabled admin"},
		"eDirectory: expired":                      {"logindisabled=FALSE loginexpirationtime=" + zulu(past), "", "disabled expired until"},
		"eDirectory: intruder":                     {"lockedbyintruder=TRUE", "logindisabled", "locked-temporarily locked"},
		"eDirectory: no intruder":                  {"lockedbyintruder=FALSE", "", "unknown hidden"},
		"OpenDJ: disabled":                         {"ds-pwp-account-disabled=true", "", "disabled admin"},
		"OpenDJ: expired":                          {"ds-pwp-account-expiration-time=" + zulu(past), "", "disabled expired until"},
		"shadow: the day has come":                 {"shadowexpire=" + strconv.FormatInt(asOf.Unix()/86400, 10), "", "disabled expired until"},
		"shadow: tomorrow":                         {"shadowexpire=" + strconv.FormatInt(asOf.Unix()/86400+1, 10), "", "enabled until"},
		"shadow: never":                            {"shadowexpire=-1", "", "enabled"},
		"shadow: 0 is ambiguous":                   {"shadowexpire=0", "pwdaccountlockedtime", "unknown malformed"},
		"disabled outweighs malformed":             {"nsaccountlock=true shadowexpire=x", "", "disabled admin"},
		"malformed outweighs enabled":              {"nsaccountlock=false shadowexpire=x", "", "unknown malformed"},
		"malformed outweighs a temporary lock":     {"lockedbyintruder=TRUE shadowexpire=x", "", "unknown malformed"},
		"one of two values disables":               {"nsaccountlock=false nsaccountlock=true", "", "disabled admin"},
		"the earliest end counts":                  {"pwdendtime=" + zulu(future.Add(time.Hour)) + " loginexpirationtime=" + zulu(future), "nsaccountlock", "enabled until"},
		"an end with an offset":                    {"pwdendtime=20261015100000+0900", "nsaccountlock", "disabled expired until"},
		"an end with an offset and a fraction":     {"pwdendtime=20261015100001.5+09", "nsaccountlock", "enabled until"},
		"an end by the hour":                       {"pwdendtime=2026101501Z", "nsaccountlock", "disabled expired until"},
		"an end by the minute and a half":          {"pwdendtime=202610150100,5Z", "nsaccountlock", "enabled until"},
		"an end within this second":                {"pwdendtime=20261015010000.9Z", "nsaccountlock", "disabled expired until"},
		"an end without a zone":                    {"pwdendtime=20261015010000", "nsaccountlock", "unknown malformed"},
		"an end that is no date":                   {"pwdendtime=20261332010000Z", "nsaccountlock", "unknown malformed"},
		"an end with a fraction without digits":    {"pwdendtime=20261015010000.Z", "nsaccountlock", "unknown malformed"},
		"an end with an impossible offset":         {"pwdendtime=20261015010000+2460", "nsaccountlock", "unknown malformed"},
	} {
		t.Run(name, func(t *testing.T) {
			attr, seen := map[string][]string{}, directory.Fields{}
			for _, pair := range strings.Fields(c.attr) {
				name, value, _ := strings.Cut(pair, "=")
				attr[name] = append(attr[name], value)
			}
			for _, name := range strings.Fields(c.seen) {
				seen[name] = true
			}
			s := directory.StatusOf(attr, seen, asOf)
			got := strings.TrimSpace(fmt.Sprint(s.State, " ", s.Cause))
			if !s.Until.IsZero() {
				got += " until"
			}
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestAnAccountExpiresByTheClock(t *testing.T) {
	end := asOf.Add(time.Hour)
	s := directory.Status{State: directory.Enabled, Until: end}
	if got := s.At(end.Add(-1)); got != s {
		t.Errorf("before: %v", got)
	}
	if got := s.At(end); got.State != directory.Disabled || got.Cause != directory.CauseExpired {
		t.Errorf("then: %v", got)
	}
	if got := (directory.Status{State: directory.Enabled}).At(end); got.State != directory.Enabled {
		t.Errorf("without an end: %v", got)
	}
	attr := map[string][]string{"nsaccountlock": {"false"}, "accountexpires": {fileTime(end)}}
	if got := directory.StatusOf(attr, nil, asOf).Until; !got.Equal(end) {
		t.Errorf("got %s, want %s", got, end)
	}
	attr["accountexpires"][0] = fileTime(end)[:17] + "9" // whoever keeps coarser moments sees no change
	if got := directory.StatusOf(attr, nil, asOf).Until; !got.Equal(end) {
		t.Errorf("got %s, want a whole second", got)
	}
}

func TestStatesHaveNames(t *testing.T) {
	for _, s := range []directory.State{directory.Unknown, directory.Enabled, directory.Disabled, directory.LockedTemporarily} {
		if got, err := directory.ParseState(s.String()); err != nil || got != s {
			t.Errorf("%s: got %s, %v", s, got, err)
		}
	}
	if got, err := directory.ParseState("Enabled"); err == nil || got != directory.Unknown {
		t.Errorf("got %s, %v", got, err)
	}
	if got := directory.State(99).String(); got != "unknown" {
		t.Errorf("got %s", got)
	}
}

// statusNames are the attributes that FuzzStatus chooses from.
var statusNames = []string{
	"pwdaccountlockedtime", "pwdaccounttmplockoutend", "pwdstarttime", "pwdendtime", "pwdreset", "nsaccountlock",
	"accountunlocktime", "useraccountcontrol", "msds-user-account-control-computed", "msds-useraccountdisabled",
	"accountexpires", "lockouttime", "pwdlastset", "logindisabled", "loginexpirationtime", "lockedbyintruder",
	"ds-pwp-account-disabled", "ds-pwp-account-expiration-time", "shadowexpire", "uid", "objectguid",
}

// FuzzStatus adds any value to any account: what was disabled stays so, and nothing that is not understood enables.
func FuzzStatus(f *testing.F) {
	for i, v := range []string{"000001010000Z", "20261015010000Z", "TRUE", "false", "514", "9223372036854775807", "-1", ""} {
		f.Add(uint8(i), v, uint8(2*i), "20270101000000.5+0900")
	}
	f.Fuzz(func(t *testing.T, first uint8, value string, second uint8, other string) {
		name, another := statusNames[int(first)%len(statusNames)], statusNames[int(second)%len(statusNames)]
		seen := directory.Fields{"pwdaccountlockedtime": true}
		alone := directory.StatusOf(map[string][]string{name: {value}}, seen, asOf)
		attr := map[string][]string{name: {value}}
		attr[another] = append(attr[another], other)
		together := directory.StatusOf(attr, seen, asOf)
		if alone.State == directory.Disabled && together.State != directory.Disabled {
			t.Errorf("%s=%q is disabled, and with %s=%q %v", name, value, another, other, together)
		}
		if alone.Cause == directory.CauseMalformed && together.State != directory.Disabled && together.State != directory.Unknown {
			t.Errorf("%s=%q is not understood, and with %s=%q %v", name, value, another, other, together)
		}
		if !together.Until.IsZero() && together.State == directory.Enabled && !together.Until.After(asOf) {
			t.Errorf("enabled beyond its end: %v", together)
		}
		if end, err := time.Parse("20060102150405Z", value); err == nil && len(value) == 15 && name == "pwdendtime" {
			if want := !end.After(asOf); (alone.State == directory.Disabled) != want || !alone.Until.Equal(end) {
				t.Errorf("an end at %s: %v", end, alone)
			}
		}
	})
}

// TestManyMarksCostNoMoreThanOne: an entry may have a hundred thousand values, and each of them is parsed once.
func TestManyMarksCostNoMoreThanOne(t *testing.T) {
	person := map[string][]string{}
	for i := range 500 {
		person["memberof"] = append(person["memberof"], fmt.Sprintf("cn=g%d,ou=groups,dc=example", i))
	}
	marked := func(n int) map[string][]string {
		values := map[string][]string{"status": {"left"}}
		for i := range n {
			values["memberOf"] = append(values["memberOf"], fmt.Sprintf("cn=left%d, ou=groups, dc=example", i))
		}
		return values
	}
	costs := func(marks int) float64 {
		left := directory.DepartedBy(marked(marks))
		return testing.AllocsPerRun(3, func() {
			if left(person) {
				t.Error("taken for departed")
			}
		})
	}
	if one, many := costs(1), costs(40); many > 1.1*one {
		t.Errorf("%v allocations for 40 marks, %v for one", many, one)
	}
	for _, value := range []string{"CN=Left7,OU=groups,DC=example", "cn=left7, ou=groups, dc=example"} {
		if !directory.DepartedBy(marked(8))(map[string][]string{"memberof": {"cn=other,dc=example", value}}) {
			t.Errorf("%s marks nobody", value)
		}
	}
	if !directory.DepartedBy(marked(0))(map[string][]string{"status": {"LEFT"}}) {
		t.Error("a text marks nobody")
	}
}
