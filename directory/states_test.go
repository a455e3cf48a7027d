package directory_test

import (
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// newCityWithStates starts a slapd with one person for each state of an account that OpenLDAP can hold.
func newCityWithStates(t *testing.T) *demo.Slapd {
	t.Helper()
	posix := "objectClass: shadowAccount\nshadowExpire: "
	return meibotest.Slapd(t, units, strings.Join([]string{
		person(1, "enabled"),
		person(2, "disabled", "pwdAccountLockedTime: 000001010000Z"),
		person(3, "locked", "pwdAccountLockedTime: 20261015005500Z"),
		person(4, "ended", "pwdEndTime: 20261015010000Z"),
		person(5, "ending", "pwdEndTime: 20261015010001Z"),
		person(6, "early", "pwdStartTime: 20261101000000Z"),
		person(7, "new", "pwdReset: TRUE"),
		person(8, "retired", value("employeeType", "退職")),
		personBelow(left, 9, "departed"),
		strings.Replace(person(10, "shadowed"), "uid: ", posix+"20000\nuid: ", 1),
		strings.Replace(person(11, "shadowing"), "uid: ", posix+"30000\nuid: ", 1),
	}, "\n\n"))
}
