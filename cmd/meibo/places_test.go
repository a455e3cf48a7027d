package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// A place is a directory server in the words of these tests: people are numbered,
// and each text is LDIF.
type place struct {
	name        string
	base, aside string // where people are, and where nobody looks
	entry, rdn  string
	lock        string // lines of a modification
	unlock      string
	lockedBy    string                 // the attribute that tells of a lock
	gone        string                 // make the filter false
	ends        func(time.Time) string // of an account, at a midnight of Greenwich
	trim        func() error           // make the server forget what has changed lately
	pace        func(*directory.Pace)  // quicker than the configuration lets it be
	config      directoryConfig
	names       map[int]string // of people who have got another one
	above       map[int]string // where people stand who do not stand in base
	modify      func(string) error
	restart     func() error
	crash       func()
	pause       func() error
	resume      func() error
	hide        func(logins ...string) error // the right to read them; nil: cannot be taken away
	show        func() error
}

func login(i int) string { return fmt.Sprintf("e%05d", i) }

func (p *place) dn(i int) string { return p.named(i) + "," + cmp.Or(p.above[i], p.base) }

// named is how a person is named below the entry above.
func (p *place) named(i int) string { return p.rdn + "=" + cmp.Or(p.names[i], login(i)) }

// rename is another name for a person, in a place above which may be another, too.
func (p *place) rename(i int, name, above string) error {
	err := p.modify(fmt.Sprintf("dn: %s\nchangetype: modrdn\nnewrdn: %s=%s\ndeleteoldrdn: 1\nnewsuperior: %s\n", p.dn(i), p.rdn, name, above))
	if err == nil {
		p.names[i], p.above[i] = name, above
	}
	return err
}

// idKind is the attribute that holds an entry's id.
func (p *place) idKind() string { return cmp.Or(p.config.IDKind, string(directory.EntryUUID)) }

func (p *place) change(i int, lines string) string {
	return "dn: " + p.dn(i) + "\nchangetype: modify\n" + lines + "\n"
}

func (p *place) remove(i int) string { return "dn: " + p.dn(i) + "\nchangetype: delete\n" }

func (p *place) move(i int) string {
	return fmt.Sprintf("dn: %s\nchangetype: modrdn\nnewrdn: %s\ndeleteoldrdn: 1\nnewsuperior: %s\n", p.dn(i), p.named(i), p.aside)
}

func (p *place) crowd(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, p.entry+"\n\n", login(i+1), p.base)
	}
	return b.String()
}

// follow fills in the configuration: everything is watched closely, and nothing is
// too much to be believed but absence.
func (p *place) follow(url, bindDN, file string) *place {
	services := "ou=services,dc=kakuu,dc=example"
	d := &p.config
	p.names, p.above = map[int]string{}, map[int]string{}
	d.URLs, d.BindDN, d.PasswordFile, d.Bases = []string{url}, bindDN, file, []string{p.base}
	d.Canaries = []canaryConfig{{"cn=canary-enabled," + services, "enabled"}, {"cn=canary-disabled," + services, "disabled"}}
	d.Limits = limitsConfig{Hour: 100_000, Lift: 100_000}
	d.Prove, d.Ask = 100*time.Millisecond, 100*time.Millisecond
	return p
}

const staffFilter = "(&(objectClass=inetOrgPerson)(employeeType=staff))"

const staffEntry = "dn: uid=%[1]s,%[2]s\nobjectClass: inetOrgPerson\nuid: %[1]s\ncn: %[1]s\nsn: %[1]s\nemployeeType: staff"

const kakuu = "dc=kakuu,dc=example"

// places are the servers on which the tests run.
var places = []struct {
	name string
	open func(t testing.TB, people int) *place
}{{"OpenLDAP", openLDAPPlace}, {"389-ds", ds389Place}, {"Samba", sambaPlace}}

func openLDAPPlace(t testing.TB, n int) *place {
	t.Helper()
	p := &place{
		name: "OpenLDAP", base: "ou=people," + kakuu, aside: "ou=left," + kakuu, entry: staffEntry, rdn: "uid",
		lock: "replace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z", unlock: "delete: pwdAccountLockedTime",
		lockedBy: "pwdAccountLockedTime",
		gone:     "replace: employeeType\nemployeeType: other", config: directoryConfig{Filter: staffFilter},
		ends: func(at time.Time) string {
			return "replace: pwdEndTime\npwdEndTime: " + at.UTC().Format("20060102150405Z")
		},
	}
	s := meibotest.SlapdWith(t, demo.SlapdOptions{Data: strings.NewReader(p.folders("organizationalUnit", "ou") + p.crowd(n))})
	p.modify, p.crash, p.pause, p.resume = s.Modify, s.Crash, s.Pause, s.Resume
	p.restart = func() error { return s.Restart(context.Background()) }
	p.hide = func(logins ...string) error {
		return s.Modify(configChange + "add: olcAccess\nolcAccess: {0}to dn.regex=\"^uid=(" + strings.Join(logins, "|") + "),\" by anonymous auth by * none\n")
	}
	p.show = func() error { return s.Modify(configChange + "delete: olcAccess\nolcAccess: {0}\n") }
	p.trim = func() error { // it remembers a thousand changes
		all := make([]string, 1100)
		for i := range all {
			all[i] = p.change(n, fmt.Sprintf("replace: description\ndescription: %d", i))
		}
		return s.Modify(strings.Join(all, "\n"))
	}
	return p.follow(s.URL, s.BindDN, s.PasswordFile)
}

func ds389Place(t testing.TB, n int) *place {
	t.Helper()
	p := &place{
		name: "389-ds", base: "ou=people," + kakuu, aside: "ou=left," + kakuu, entry: staffEntry, rdn: "uid",
		lock: "replace: nsAccountLock\nnsAccountLock: true", unlock: "delete: nsAccountLock",
		lockedBy: "nsAccountLock",
		gone:     "replace: employeeType\nemployeeType: other", config: directoryConfig{Filter: staffFilter, IDKind: "nsUniqueId"},
		ends: func(at time.Time) string {
			return fmt.Sprintf("add: objectClass\nobjectClass: shadowAccount\n-\nreplace: shadowExpire\nshadowExpire: %d", at.Unix()/86400)
		},
	}
	s := meibotest.StartDS389(t, p.folders("organizationalUnit", "ou"), p.crowd(n))
	p.modify, p.crash, p.pause, p.resume, p.restart = s.Modify, s.Crash, s.Pause, s.Resume, s.Restart
	p.trim = func() error {
		if err := errors.Join(s.Trim(), s.Modify(p.change(n, "replace: description\ndescription: x"))); err != nil {
			return err
		}
		return s.Restart() // until then it does not notice
	}
	return p.follow(s.URL, s.BindDN, s.PasswordFile)
}

func sambaPlace(t testing.TB, n int) *place {
	t.Helper()
	p := &place{
		name: "Samba", base: "OU=people,DC=kakuu,DC=example", aside: "OU=left,DC=kakuu,DC=example", rdn: "CN",
		entry: "dn: CN=%[1]s,%[2]s\nobjectClass: user\nsAMAccountName: %[1]s\nuserAccountControl: 544\nemployeeType: staff",
		lock:  "replace: userAccountControl\nuserAccountControl: 546", unlock: "replace: userAccountControl\nuserAccountControl: 544",
		lockedBy: "userAccountControl",
		gone:     "replace: employeeType\nemployeeType: other",
		config:   directoryConfig{Filter: "(&(objectClass=user)(employeeType=staff))", IDKind: "objectGUID", Login: "sAMAccountName"},
		ends: func(at time.Time) string {
			return fmt.Sprintf("replace: accountExpires\naccountExpires: %d", (at.Unix()+11_644_473_600)*10_000_000)
		},
	}
	s := meibotest.StartSamba(t, p.folders("organizationalUnit", "OU"), p.crowd(n))
	p.modify, p.crash, p.pause, p.resume, p.restart, p.trim = s.Modify, s.Crash, s.Pause, s.Resume, s.Restart, s.Expunge
	return p.follow(s.URL, s.AdminDN, s.AdminFile)
}

// folders is the LDIF of where people are and of where nobody looks.
func (p *place) folders(class, attribute string) string {
	entry := "dn: %s\nobjectClass: %s\n%s: %s\n\n"
	return fmt.Sprintf(entry, p.base, class, strings.ToLower(attribute), "people") + fmt.Sprintf(entry, p.aside, class, strings.ToLower(attribute), "left")
}
