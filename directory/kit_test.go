package directory_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// soaking is set by make soak: then tests run long.
var soaking = os.Getenv("MEIBO_SOAK") != ""

const (
	suffix = "dc=kakuu,dc=example"
	people = "ou=people," + suffix
	left   = "ou=left," + suffix
)

// asOf is the moment of the fictitious city: 15 October 2026, 10:00 in Japan.
var asOf = time.Date(2026, 10, 15, 1, 0, 0, 0, time.UTC)

// units is the LDIF of the folders.
const units = "dn: " + people + "\nobjectClass: organizationalUnit\nou: people\n\n" +
	"dn: " + left + "\nobjectClass: organizationalUnit\nou: left"

// person is the LDIF of a person below ou=people, with further lines "attribute: value". Its id is made of the number.
func person(number int, uid string, lines ...string) string {
	return personBelow(people, number, uid, lines...)
}

func personBelow(base string, number int, uid string, lines ...string) string {
	return fmt.Sprintf("dn: uid=%s,%s\nobjectClass: inetOrgPerson\nuid: %s\ncn: %s\nsn: %s\nentryUUID: %s\n%s",
		uid, base, uid, uid, uid, id(number).Value, strings.Join(lines, "\n"))
}

// value is a line of LDIF for a value of any octets.
func value(attribute, octets string) string {
	return attribute + ":: " + base64.StdEncoding.EncodeToString([]byte(octets))
}

func id(number int) directory.ID {
	return directory.ID{Kind: directory.EntryUUID, Value: fmt.Sprintf("00000000-0000-4000-8000-%012d", number)}
}

// crowd is the LDIF of many people, numbered from 1.
func crowd(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = person(i+1, fmt.Sprintf("e%05d", i+1))
	}
	return strings.Join(all, "\n\n")
}

// config reads the people of a slapd, with both canaries.
func config(s *demo.Slapd) directory.Config {
	return directory.Config{
		URLs: []string{s.URL}, BindDN: s.BindDN, PasswordFile: s.PasswordFile, Bases: []string{people},
		Canaries: []directory.Canary{
			{DN: "cn=canary-enabled,ou=services," + suffix, State: directory.Enabled},
			{DN: "cn=canary-disabled,ou=services," + suffix, State: directory.Disabled},
		},
		Timeouts: directory.Timeouts{Connect: 2 * time.Second, Silence: 2 * time.Second, Whole: 20 * time.Second},
		Now:      func() time.Time { return asOf },
	}
}

// city starts a slapd with these people and opens it.
func city(t *testing.T, ldif ...string) (*demo.Slapd, *directory.Source) {
	t.Helper()
	s := meibotest.Slapd(t, append([]string{units}, ldif...)...)
	return s, open(t, config(s))
}

func open(t testing.TB, c directory.Config) *directory.Source {
	t.Helper()
	source, err := directory.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	return source
}

// snapshot reads all people.
func snapshot(source *directory.Source) ([]directory.Object, directory.Completeness, error) {
	var all []directory.Object
	proof, err := source.Snapshot(context.Background(), func(o directory.Object) error {
		all = append(all, o)
		return nil
	})
	return all, proof, err
}

// complete reads all people and fails the test without a proof.
func complete(t testing.TB, source *directory.Source) ([]directory.Object, directory.Completeness) {
	t.Helper()
	all, proof, err := snapshot(source)
	if err != nil || !proof.Complete || proof.Entries != len(all) {
		t.Fatalf("no proof: %v, %+v", err, proof)
	}
	return all, proof
}

// byLogin is the object with the login.
func byLogin(t *testing.T, all []directory.Object, login string) directory.Object {
	t.Helper()
	i := slices.IndexFunc(all, func(o directory.Object) bool { return o.Login == login })
	if i < 0 {
		t.Fatalf("%s is not there", login)
	}
	return all[i]
}

// incomplete demands an Incomplete with the code.
func incomplete(t testing.TB, err error, want directory.Code) {
	t.Helper()
	var why *directory.Incomplete
	if !errors.As(err, &why) || why.Code != want {
		t.Errorf("got %v, want an Incomplete with code %s", err, want)
	}
}

// modify changes the directory.
func modify(t *testing.T, s *demo.Slapd, ldif string) {
	t.Helper()
	if err := s.Modify(ldif); err != nil {
		t.Fatal(err)
	}
}

// change is the LDIF that replaces an attribute of a person.
func change(uid, attribute, value string) string {
	return fmt.Sprintf("dn: uid=%s,%s\nchangetype: modify\nreplace: %s\n%s: %s\n", uid, people, attribute, attribute, value)
}
