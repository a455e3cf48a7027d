package main

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os/exec"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// A writtenGroup is a group of a real directory that a server, which is killed again
// and again, has to make what it should be: the first people of it are granted what
// it stands for, the next are known and not granted it, the last is unknown.
type writtenGroup struct {
	*crash
	place            *place
	dn               string
	granted, members int // people; of those known
}

// TestAGroupIsWhatItShouldBeAfterKills kills the real server in the middle of writing
// a group, after removals have begun, after all of them, and at any time. Whoever is
// not granted what it stands for is out before anybody new is in; in the end it is
// what it should be, and nobody whom meibo does not know has been touched.
func TestAGroupIsWhatItShouldBeAfterKills(t *testing.T) {
	t.Parallel()
	g := newWrittenGroup(t, 30, 150)
	all := g.members - g.granted
	inTheMiddle := 0
	rounds := []func(in, out int) bool{
		func(in, out int) bool { return out > 0 },
		func(in, out int) bool { return out == all },
		func(in, out int) bool { return in > 0 },
	}
	for round := 0; round < len(rounds) || inTheMiddle == 0 && round < 4*len(rounds); round++ { // a busy machine may look too late
		enough := rounds[round%len(rounds)]
		g.spoil()
		s := g.start("serve", "--config", g.config)
		var in, out int
		for late := time.Now().Add(time.Minute); ; {
			in, out = g.look()
			if in > 0 && out < all {
				t.Errorf("round %d: %d are in before the last of %d is out", round, in, all-out)
			}
			if enough(in, out) {
				break
			}
			if time.Now().After(late) {
				t.Fatalf("round %d: %d in, %d out\n%s", round, in, out, &g.log)
			}
		}
		time.Sleep(time.Duration(rand.IntN(3)) * time.Millisecond)
		s.kill()
		if in, out = g.look(); in < g.granted || out < all {
			inTheMiddle++
		}
	}
	t.Logf("%d kills were in the middle", inTheMiddle)
	if inTheMiddle == 0 {
		t.Error("the server was never killed in the middle of its writing: the test shows nothing")
	}
	s := g.start("serve", "--config", g.config)
	g.becomes()
	if err := s.end(); err != nil {
		t.Error(err)
	}
	g.left()
}

// newWrittenGroup builds the city with its directory, and the group with everybody in
// it who should not be.
func newWrittenGroup(t *testing.T, granted, members int) *writtenGroup {
	t.Helper()
	p := openLDAPPlace(t, members+1)
	g := &writtenGroup{place: p, granted: granted, members: members, dn: "cn=granted,ou=groups," + kakuu}
	g.crash = &crash{t: t, database: meibotest.SQLite(t)}
	cfg := defaults()
	cfg.Directory = p.config
	now := wallClock()
	people, err := openDirectory(cfg, slog.New(slog.DiscardHandler), wallClock)
	if err != nil {
		t.Fatal(err)
	}
	day := func(days int) meibo.Date { return now.Add(time.Duration(days) * 24 * time.Hour).Day() }
	city := meibotest.NewCity(t, g.database, people.ledger(), func(m *meibo.Master) {
		m.Contracts[0].Starts, m.Contracts[0].Ends, m.Subcontracts = day(-60), day(300), nil
		for i := range m.Organizations {
			if m.Organizations[i].ID == "K1" {
				m.Organizations[i].DirectoryBase = p.base
			}
		}
	})
	city.Clock.Set(now)
	people.join(city.Ledger, prometheus.NewRegistry())
	city.Prove()
	lines := make([]meibo.Line, members)
	for i := range lines {
		lines[i] = meibotest.Line(login(i + 1))
		lines[i].Starts, lines[i].Ends = day(-1), day(200)
	}
	submitted := city.Submit(city.Caller("writing", "K1", "", meibo.RoleSubmitter), lines...)
	city.Approve(city.Caller("approving", "K1", "", meibo.RoleApprover), submitted)
	for _, row := range submitted.Rows[:granted] {
		city.Pledged(row.PersonID)
	}
	city.Notify()
	city.Ledger.Close()
	p.config.Groups = []groupConfig{{
		DN: g.dn, System: "P01", Contract: "C01", Asset: "A01", Action: "view", Purpose: string(meibotest.Purpose), Write: true, Batch: 1,
	}}
	g.configure(city, func(c *config) { c.Directory = p.config })
	g.must(p.modify("dn: ou=groups," + kakuu + "\nobjectClass: organizationalUnit\nou: groups\n\ndn: " + g.dn +
		"\nobjectClass: groupOfNames\ncn: granted\nmember: " + p.config.BindDN + "\n"))
	return g
}

func (g *writtenGroup) must(err error) {
	g.t.Helper()
	if err != nil {
		g.t.Fatal(err)
	}
}

// spoil makes somebody else write the group: nobody is in it who should be, everybody
// else is, and one whom meibo does not know.
func (g *writtenGroup) spoil() {
	g.t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "dn: %s\nchangetype: modify\nreplace: member\nmember: %s\n", g.dn, g.place.config.BindDN)
	for i := g.granted + 1; i <= g.members+1; i++ {
		fmt.Fprintf(&b, "member: %s\n", g.place.dn(i))
	}
	g.must(g.place.modify(b.String()))
}

var numbered = regexp.MustCompile(`(?m)^member: uid=e0*(\d+),`)

// look counts those who are in and should be, and those who are out and should be. The
// one whom meibo does not know must be in.
func (g *writtenGroup) look() (in, out int) {
	g.t.Helper()
	c := g.place.config
	said, err := exec.CommandContext(g.t.Context(), "ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", c.URLs[0], "-D", c.BindDN, "-y", c.PasswordFile,
		"-s", "base", "-b", g.dn, "member").Output()
	g.must(err)
	there := map[string]bool{}
	for _, m := range numbered.FindAllSubmatch(said, -1) {
		there[string(m[1])] = true
	}
	if !there[fmt.Sprint(g.members+1)] {
		g.t.Error("who is unknown to meibo was taken out")
	}
	for i := 1; i <= g.members; i++ {
		switch is := there[fmt.Sprint(i)]; {
		case i <= g.granted && is:
			in++
		case i > g.granted && !is:
			out++
		}
	}
	return in, out
}

// becomes waits until the group is what it should be.
func (g *writtenGroup) becomes() {
	g.t.Helper()
	for late := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		in, out := g.look()
		if in == g.granted && out == g.members-g.granted {
			return
		}
		if time.Now().After(late) {
			g.t.Fatalf("%d in, %d out\n%s", in, out, &g.log)
		}
	}
}

// left starts the server once more: it finds its own work, knows it for that, and
// leaves it alone.
func (g *writtenGroup) left() {
	g.t.Helper()
	from := len(g.log.String())
	s := g.start("serve", "--config", g.config)
	for late := time.Now().Add(time.Minute); !strings.Contains(g.log.String()[from:], `"msg":"the directory is followed"`); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			g.t.Fatal(&g.log)
		}
	}
	time.Sleep(500 * time.Millisecond) // in which it looks more than once
	g.must(s.end())
	if in, out := g.look(); in != g.granted || out != g.members-g.granted {
		g.t.Errorf("%d in, %d out", in, out)
	}
	for _, word := range []string{"a group was written", "whom meibo does not know", "not what it should be"} {
		if strings.Contains(g.log.String()[from:], word) {
			g.t.Errorf("the log says %q\n%s", word, g.log.String()[from:])
		}
	}
}
