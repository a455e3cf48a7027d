package directory_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// make is a server of one make, in the words of the tests: people are numbered, and each text is LDIF.
type maker struct {
	name   string
	base   string // where people are
	aside  string // where nobody looks
	config directory.Config
	entry  string // of a person, with %[1]s for the name and %[2]s for the base
	rdn    string // the attribute in a person's DN

	lock, unlock string // lines of a modification
	gone         string // lines that make the filter false for a person
	expire       func(time.Time) string

	Modify        func(string) error
	Pause, Resume func() error
	Crash         func()
	Restart       func() error
	admin         func() (dn, passwordFile string)
	trim          func() // makes the server forget its changes
	number        map[directory.ID]int
	ids           map[int]directory.ID
	ahead         *atomic.Int64 // how far the clock is ahead, in nanoseconds
	t             testing.TB
}

func (m *maker) dn(i int) string { return fmt.Sprintf("%s=%s,%s", m.rdn, login(i), m.base) }

func login(i int) string { return fmt.Sprintf("e%05d", i) }

func (m *maker) modify(ldif ...string) {
	m.t.Helper()
	if err := m.Modify(strings.Join(ldif, "\n\n")); err != nil {
		m.t.Fatal(err)
	}
}

func (m *maker) change(i int, lines string) string {
	return "dn: " + m.dn(i) + "\nchangetype: modify\n" + lines + "\n"
}

func (m *maker) disable(i int) string { return m.change(i, m.lock) }

func (m *maker) enable(i int) string { return m.change(i, m.unlock) }

func (m *maker) remove(i int) string { return "dn: " + m.dn(i) + "\nchangetype: delete\n" }

func (m *maker) move(i int) string {
	return fmt.Sprintf("dn: %s\nchangetype: modrdn\nnewrdn: %s=%s\ndeleteoldrdn: 1\nnewsuperior: %s\n", m.dn(i), m.rdn, login(i), m.aside)
}

func (m *maker) leave(i int) string { return m.change(i, m.gone) }

func (m *maker) rename(i int) string {
	return fmt.Sprintf("dn: %s\nchangetype: modrdn\nnewrdn: %s=renamed%d\ndeleteoldrdn: 1\n", m.dn(i), m.rdn, i)
}

func (m *maker) end(i int, at time.Time) string { return m.change(i, m.expire(at)) }

// crowd is the LDIF of people with these numbers.
func (m *maker) crowd(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, m.entry+"\n\n", login(i), m.base)
	}
	return b.String()
}

// know learns the ids of the people who are there, and is what a caller knows of them.
func (m *maker) know(source *directory.Source) []directory.Known {
	m.t.Helper()
	all, _ := complete(m.t, source)
	var known []directory.Known
	for _, o := range all {
		if i, err := strconv.Atoi(strings.TrimPrefix(o.Login, "e")); err == nil && m.number[o.ID] == 0 {
			m.number[o.ID], m.ids[i] = i, o.ID
		}
		known = append(known, directory.Known{ID: o.ID, State: o.Status.State, Until: o.Status.Until, Base: o.Base})
	}
	return known
}

func (m *maker) source() *directory.Source { return open(m.t, m.config) }

// advance puts the clock forward.
func (m *maker) advance(d time.Duration) { m.ahead.Add(int64(d)) }

func (m *maker) now() time.Time { return time.Now().Add(time.Duration(m.ahead.Load())) }

// follow runs a follower for what is known.
func (m *maker) follow(b *book, change ...func(*directory.Following)) *follower {
	m.t.Helper()
	b.number = func(id directory.ID) int { return m.number[id] }
	return follow(m.t, m.source(), b, change...)
}

func (m *maker) finish(t testing.TB, url, bindDN, passwordFile string) *maker {
	services := "ou=services,dc=kakuu,dc=example"
	m.t, m.ahead, m.number, m.ids = t, new(atomic.Int64), map[directory.ID]int{}, map[int]directory.ID{}
	m.config.URLs, m.config.BindDN, m.config.PasswordFile, m.config.Bases = []string{url}, bindDN, passwordFile, []string{m.base}
	m.config.Canaries = []directory.Canary{
		{DN: "cn=canary-enabled," + services, State: directory.Enabled},
		{DN: "cn=canary-disabled," + services, State: directory.Disabled},
	}
	m.config.Timeouts = directory.Timeouts{Connect: 2 * time.Second, Silence: 5 * time.Second, Whole: 30 * time.Second}
	m.config.Now = m.now
	return m
}

// inetOrgPerson is a person of the servers that are not Active Directory.
const inetOrgPerson = "dn: uid=%[1]s,%[2]s\nobjectClass: inetOrgPerson\nuid: %[1]s\ncn: %[1]s\nsn: %[1]s\nemployeeType: staff"

func generalized(at time.Time) string { return at.UTC().Format("20060102150405Z") }

func onOpenLDAP(t testing.TB, n int) *maker {
	t.Helper()
	m := &maker{
		name: "OpenLDAP", base: people, aside: left, entry: inetOrgPerson, rdn: "uid",
		config: directory.Config{Filter: "(&(objectClass=inetOrgPerson)(employeeType=staff))"},
		lock:   "replace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z",
		unlock: "delete: pwdAccountLockedTime",
		gone:   "replace: employeeType\nemployeeType: other",
		expire: func(at time.Time) string { return "replace: pwdEndTime\npwdEndTime: " + generalized(at) },
	}
	s := meibotest.SlapdWith(t, demo.SlapdOptions{Data: strings.NewReader(units + "\n\n" + m.crowd(1, n))})
	m.Modify, m.Pause, m.Resume, m.Crash = s.Modify, s.Pause, s.Resume, s.Crash
	m.Restart = func() error { return s.Restart(context.Background()) }
	return m.finish(t, s.URL, s.BindDN, s.PasswordFile)
}

func on389(t testing.TB, n int) *maker {
	t.Helper()
	m := &maker{
		name: "389-ds", base: people, aside: left, entry: inetOrgPerson, rdn: "uid",
		config: directory.Config{Filter: "(&(objectClass=inetOrgPerson)(employeeType=staff))", IDKind: directory.NsUniqueID},
		lock:   "replace: nsAccountLock\nnsAccountLock: true",
		unlock: "delete: nsAccountLock",
		gone:   "replace: employeeType\nemployeeType: other",
		expire: func(at time.Time) string {
			return fmt.Sprintf("add: objectClass\nobjectClass: shadowAccount\n-\nreplace: shadowExpire\nshadowExpire: %d", at.Unix()/86400)
		},
	}
	s := meibotest.StartDS389(t, units, m.crowd(1, n))
	m.Modify, m.Pause, m.Resume, m.Crash, m.Restart = s.Modify, s.Pause, s.Resume, s.Crash, s.Restart
	m.trim = func() {
		if err := s.Trim(); err != nil {
			m.t.Fatal(err)
		}
	}
	return m.finish(t, s.URL, s.BindDN, s.PasswordFile)
}

func onSamba(t testing.TB, n int) *maker {
	t.Helper()
	m := &maker{
		name: "Samba", base: "OU=people,DC=kakuu,DC=example", aside: "OU=left,DC=kakuu,DC=example", rdn: "CN",
		entry: "dn: CN=%[1]s,%[2]s\nobjectClass: user\nsAMAccountName: %[1]s\nuserAccountControl: 544\nemployeeType: staff",
		config: directory.Config{
			Filter: "(&(objectClass=user)(employeeType=staff))", IDKind: directory.ObjectGUID, Login: "sAMAccountName",
		},
		lock:   "replace: userAccountControl\nuserAccountControl: 546",
		unlock: "replace: userAccountControl\nuserAccountControl: 544",
		gone:   "replace: employeeType\nemployeeType: other",
		expire: func(at time.Time) string {
			return fmt.Sprintf("replace: accountExpires\naccountExpires: %d", (at.Unix()+11_644_473_600)*10_000_000)
		},
	}
	s := meibotest.StartSamba(t, "dn: "+m.base+"\nobjectClass: organizationalUnit\n\ndn: "+m.aside+"\nobjectClass: organizationalUnit", m.crowd(1, n))
	m.Modify, m.Pause, m.Resume, m.Crash, m.Restart = s.Modify, s.Pause, s.Resume, s.Crash, s.Restart
	m.admin = func() (string, string) { return s.AdminDN, s.AdminFile }
	return m.finish(t, s.URL, s.BindDN, s.PasswordFile)
}
