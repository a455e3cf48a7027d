package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// soaking is set by make soak: then tests run long.
var soaking = os.Getenv("MEIBO_SOAK") != ""

// A place is a directory server in the words of these tests: people are numbered,
// and each text is LDIF.
type place struct {
	name        string
	base, aside string // where people are, and where nobody looks
	entry, rdn  string
	lock        string // lines of a modification
	unlock      string
	gone        string // make the filter false
	ends        func(time.Time) string
	pace        func(*directory.Pace) // quicker than the configuration lets it be
	config      directoryConfig
	modify      func(string) error
	restart     func() error
	crash       func()
	pause       func() error
	resume      func() error
	hide        func(logins ...string) error // the right to read them; nil: cannot be taken away
	show        func() error
}

func login(i int) string { return fmt.Sprintf("e%05d", i) }

func (p *place) dn(i int) string { return fmt.Sprintf("%s=%s,%s", p.rdn, login(i), p.base) }

func (p *place) change(i int, lines string) string {
	return "dn: " + p.dn(i) + "\nchangetype: modify\n" + lines + "\n"
}

func (p *place) remove(i int) string { return "dn: " + p.dn(i) + "\nchangetype: delete\n" }

func (p *place) move(i int) string {
	return fmt.Sprintf("dn: %s\nchangetype: modrdn\nnewrdn: %s=%s\ndeleteoldrdn: 1\nnewsuperior: %s\n", p.dn(i), p.rdn, login(i), p.aside)
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
	d.URLs, d.BindDN, d.PasswordFile, d.Bases = []string{url}, bindDN, file, []string{p.base}
	d.Canaries = []canaryConfig{{"cn=canary-enabled," + services, "enabled"}, {"cn=canary-disabled," + services, "disabled"}}
	d.Limits = limitsConfig{Hour: 100_000, Lift: 100_000}
	d.Prove, d.Ask = 100*time.Millisecond, 100*time.Millisecond
	return p
}

const staffFilter = "(&(objectClass=inetOrgPerson)(employeeType=staff))"

const staffEntry = "dn: uid=%[1]s,%[2]s\nobjectClass: inetOrgPerson\nuid: %[1]s\ncn: %[1]s\nsn: %[1]s\nemployeeType: staff"

const kakuu = "dc=kakuu,dc=example"

func openLDAPPlace(t testing.TB, n int) *place {
	t.Helper()
	p := &place{
		name: "OpenLDAP", base: "ou=people," + kakuu, aside: "ou=left," + kakuu, entry: staffEntry, rdn: "uid",
		lock: "replace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z", unlock: "delete: pwdAccountLockedTime",
		gone: "replace: employeeType\nemployeeType: other", config: directoryConfig{Filter: staffFilter},
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
	return p.follow(s.URL, s.BindDN, s.PasswordFile)
}

func ds389Place(t testing.TB, n int) *place {
	t.Helper()
	p := &place{
		name: "389-ds", base: "ou=people," + kakuu, aside: "ou=left," + kakuu, entry: staffEntry, rdn: "uid",
		lock: "replace: nsAccountLock\nnsAccountLock: true", unlock: "delete: nsAccountLock",
		gone: "replace: employeeType\nemployeeType: other", config: directoryConfig{Filter: staffFilter, IDKind: "nsUniqueId"},
	}
	s := meibotest.StartDS389(t, p.folders("organizationalUnit", "ou"), p.crowd(n))
	p.modify, p.crash, p.pause, p.resume, p.restart = s.Modify, s.Crash, s.Pause, s.Resume, s.Restart
	return p.follow(s.URL, s.BindDN, s.PasswordFile)
}

func sambaPlace(t testing.TB, n int) *place {
	t.Helper()
	p := &place{
		name: "Samba", base: "OU=people,DC=kakuu,DC=example", aside: "OU=left,DC=kakuu,DC=example", rdn: "CN",
		entry: "dn: CN=%[1]s,%[2]s\nobjectClass: user\nsAMAccountName: %[1]s\nuserAccountControl: 544\nemployeeType: staff",
		lock:  "replace: userAccountControl\nuserAccountControl: 546", unlock: "replace: userAccountControl\nuserAccountControl: 544",
		gone:   "replace: employeeType\nemployeeType: other",
		config: directoryConfig{Filter: "(&(objectClass=user)(employeeType=staff))", IDKind: "objectGUID", Login: "sAMAccountName"},
		ends: func(at time.Time) string {
			return fmt.Sprintf("replace: accountExpires\naccountExpires: %d", (at.Unix()+11_644_473_600)*10_000_000)
		},
	}
	s := meibotest.StartSamba(t, p.folders("organizationalUnit", "OU"), p.crowd(n))
	p.modify, p.crash, p.pause, p.resume, p.restart = s.Modify, s.Crash, s.Pause, s.Resume, s.Restart
	return p.follow(s.URL, s.AdminDN, s.AdminFile)
}

// folders is the LDIF of where people are and of where nobody looks.
func (p *place) folders(class, attribute string) string {
	entry := "dn: %s\nobjectClass: %s\n%s: %s\n\n"
	return fmt.Sprintf(entry, p.base, class, strings.ToLower(attribute), "people") + fmt.Sprintf(entry, p.aside, class, strings.ToLower(attribute), "left")
}

// A followed city is one whose server follows a directory; all but its doors is
// what serve runs.
type followedCity struct {
	*meibotest.City
	*people
	place *place
	who   map[int]meibo.PersonID
	log   *lockedBuffer
	t     testing.TB
	stop  func() // the following
}

// newFollowedCity begins a city on SQLite with n people of the directory at work.
// The directory is followed until the test's end.
func newFollowedCity(t testing.TB, p *place, n int) *followedCity {
	t.Helper()
	f := &followedCity{place: p, who: map[int]meibo.PersonID{}, log: &lockedBuffer{}, t: t}
	cfg := defaults()
	cfg.Directory = p.config
	var c *meibotest.City
	now := func() meibo.Instant {
		if c == nil {
			return meibotest.AsOf
		}
		return c.Clock.Now()
	}
	var err error
	if f.people, err = openDirectory(cfg, slog.New(slog.NewJSONHandler(f.log, nil)), now); err != nil {
		t.Fatal(err)
	}
	c = meibotest.NewCity(t, meibotest.SQLite(t), f.ledger(), func(m *meibo.Master) {
		for i := range m.Organizations {
			if m.Organizations[i].ID == "K1" {
				m.Organizations[i].DirectoryBase = p.base
			}
		}
	})
	f.City = c
	f.join(c.Ledger, prometheus.NewRegistry())
	if p.pace != nil {
		p.pace(&f.pace)
	}
	f.start()
	f.employ(n)
	return f
}

// employ puts n people on C01 by one change, with all that makes an allow.
func (f *followedCity) employ(n int) {
	f.t.Helper()
	lines := make([]meibo.Line, n)
	for i := range lines {
		lines[i] = meibotest.Line(login(i + 1))
	}
	done := f.Submit(f.Submitter, lines...)
	f.Approve(f.Approver, done)
	for i, row := range done.Rows {
		f.who[i+1] = row.PersonID
		f.Pledged(row.PersonID)
	}
	f.Notify()
}

// start begins to follow.
func (f *followedCity) start() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		f.follow(ctx)
	}()
	var once sync.Once
	f.stop = func() { once.Do(func() { cancel(); <-ended }) }
	f.t.Cleanup(f.stop)
}

// settled waits until everybody was read after everything that has happened.
func (f *followedCity) settled() meibo.Reading {
	f.t.Helper()
	late := time.Now().Add(time.Minute)
	for {
		r, err := f.sync(f.t.Context())
		if err == nil && r.Outcome != meibo.ReadingIncomplete {
			return r
		}
		if time.Now().After(late) {
			f.t.Fatalf("nothing is read: %+v, %v\n%s", r, err, f.log)
		}
	}
}

// refused waits until the check refuses a person, and says when it first did.
func (f *followedCity) refused(i int, within time.Duration) time.Time {
	f.t.Helper()
	for late := time.Now().Add(within); ; {
		if d := f.Check(f.who[i]); !d.Allowed {
			return time.Now()
		}
		if time.Now().After(late) {
			f.t.Fatalf("%s: person %d is still allowed\n%s", f.place.name, i, f.log)
		}
	}
}

// allowed waits until the check allows a person again.
func (f *followedCity) allowed(i int, within time.Duration) {
	f.t.Helper()
	for late := time.Now().Add(within); ; {
		d := f.Check(f.who[i])
		if d.Allowed {
			return
		}
		if time.Now().After(late) {
			f.t.Fatalf("%s: person %d is refused: %v\n%s", f.place.name, i, d.Codes, f.log)
		}
	}
}

func (f *followedCity) change(ldif ...string) {
	f.t.Helper()
	if err := f.place.modify(strings.Join(ldif, "\n\n")); err != nil {
		f.t.Fatal(err)
	}
}

// A lockedBuffer is a log that can be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// reportOfToken is a report that keeps a token, and says something new each time.
func reportOfToken(token *string) ledger.Report {
	return ledger.Report{Cause: meibo.ReadingSilence, Failed: "test", Token: token}
}
