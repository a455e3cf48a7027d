package directory_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// know is what a caller knows of the people numbered from 1: all enabled.
func know(n int) []directory.Known {
	all := make([]directory.Known, n)
	for i := range all {
		all[i] = directory.Known{ID: id(i + 1), State: directory.Enabled, Base: people}
	}
	return all
}

// synced demands a plan without an error.
func synced(t *testing.T, s *directory.Source, known []directory.Known) directory.Plan {
	t.Helper()
	p, err := directory.Sync(context.Background(), s, known, directory.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestSync(t *testing.T) {
	const n = 160
	s, source := city(t, crowd(n))
	if p := synced(t, source, know(n)); say(p) != "" || p.Completeness.Entries != n {
		t.Errorf("nothing changed: %s", say(p))
	}
	modify(t, s, "dn: uid=e00001,"+people+"\nchangetype: delete\n\n"+
		"dn: uid=e00002,"+people+"\nchangetype: modrdn\nnewrdn: uid=e00002\ndeleteoldrdn: 0\nnewsuperior: "+left+"\n\n"+
		change("e00003", "pwdAccountLockedTime", "000001010000Z")+"\n"+
		change("e00004", "pwdEndTime", "20261015005959Z")+"\n"+
		change("e00005", "pwdEndTime", "20270101000000Z")+"\n"+
		"dn: uid=e00006,"+people+"\nchangetype: modrdn\nnewrdn: uid=renamed\ndeleteoldrdn: 1\n")
	p := synced(t, source, know(n))
	if got := say(p); got != "1 gone, 2 gone, 3 restricted, 4 restricted, 5 restricted" {
		t.Errorf("got %s", got)
	}
	if p.Apply[0].Proof != directory.ProofMissing || p.Apply[2].Proof != directory.ProofEntry {
		t.Errorf("got %+v", p.Apply)
	}
	known := know(n)[2:5]
	known[0].State, known[1].State = directory.Disabled, directory.Disabled
	modify(t, s, "dn: uid=e00003,"+people+"\nchangetype: modify\ndelete: pwdAccountLockedTime\n")
	if got := say(synced(t, source, known)); got != "3 lifted, 5 restricted" {
		t.Errorf("got %s", got)
	}
}

// TestABrokenDirectoryRevokesNobody does to a real server what has deleted everybody in other products.
func TestABrokenDirectoryRevokesNobody(t *testing.T) {
	const n = 60
	access := func(to string) string {
		return "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nreplace: olcAccess\nolcAccess: " + to +
			"\nolcAccess: to * by dn.exact=\"cn=meibo,ou=services," + suffix + "\" read by * auth\n"
	}
	for name, c := range map[string]struct {
		ldif     string
		canaries bool
		code     directory.Code // of the error; empty: none
		want     string
	}{
		"no right to read the people":   {access(`to dn.children="` + people + `" by * auth`), false, "", held(directory.WhyFloor, numbers(1, n)...)},
		"no right to read most of them": {access(`to dn.regex="^uid=e000[0-4].,` + people + `$" by * auth`), false, "", held(directory.WhyFloor, numbers(1, 49)...)},
		"no right to read some of them": {access(`to dn.regex="^uid=e0001.,` + people + `$" by * auth`), false, "", held(directory.WhyLimit, numbers(10, 19)...)},
		"no right to read the base":     {access(`to dn.subtree="` + people + `" by * none`), false, "32", ""},
		"no right to read anything":     {access(`to * by * auth`), false, "50", ""},
		"no right to see locks":         {access(`to attrs=pwdAccountLockedTime by * auth`), true, directory.CodeCanary, ""},
		"no right to see the ids":       {access(`to attrs=entryUUID by * auth`), false, "", held(directory.WhyFloor, numbers(1, n)...)},
		"no right to see the classes":   {access(`to dn.children="` + people + `" attrs=objectClass by * auth`), false, "", held(directory.WhyFloor, numbers(1, n)...)},
		"the base has moved":            {"dn: " + people + "\nchangetype: modrdn\nnewrdn: ou=staff\ndeleteoldrdn: 1\n", true, "32", ""},
		"a size limit":                  {"dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nreplace: olcLimits\nolcLimits: * size=20\n", false, "4", ""},
		"the service account is locked": {"dn: cn=meibo,ou=services," + suffix + "\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n", true, "49", ""},
		"everybody is in another place": {movedAway(n), true, "", held(directory.WhyFloor, numbers(1, n)...)},
	} {
		t.Run(name, func(t *testing.T) {
			s, _ := city(t, crowd(n))
			cfg := config(s)
			if !c.canaries {
				cfg.Canaries = nil
			}
			modify(t, s, c.ldif)
			p, err := directory.Sync(context.Background(), open(t, cfg), know(n), directory.Limits{})
			if c.code != "" {
				incomplete(t, err, c.code)
			} else if err != nil {
				t.Error(err)
			}
			if got := say(p); got != c.want || len(p.Apply) > 0 {
				t.Errorf("got %s", got)
			}
		})
	}
}

// movedAway is the LDIF that moves all people out of the base.
func movedAway(n int) string {
	var b strings.Builder
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&b, "dn: uid=e%05d,%s\nchangetype: modrdn\nnewrdn: uid=e%05d\ndeleteoldrdn: 0\nnewsuperior: %s\n\n", i, people, i, left)
	}
	return b.String()
}

func TestWhatAnIncompleteReadShowsStillCounts(t *testing.T) {
	f := newFake(t, func(r *reply) {
		r.person(1)
		r.entry("uid=p2,"+people, "entryUUID", id(2).Value, "pwdAccountLockedTime", "000001010000Z")
		r.done(4)
	})
	known := know(4)
	known[0].State = directory.Disabled
	p, err := directory.Sync(context.Background(), open(t, f.config(t)), known, directory.Limits{LiftUnproven: true})
	incomplete(t, err, "4")
	if got := say(p); got != "2 restricted" {
		t.Errorf("got %s", got)
	}
}

func TestAWrongCanaryTakesBackAll(t *testing.T) {
	f := newFake(t, nil)
	f.people = func(r *reply) {
		r.entry("uid=p,"+people, "entryUUID", id(1).Value, "pwdAccountLockedTime", "000001010000Z")
		r.page("")
		f.top = hidden // the canary is gone when it is read again
	}
	c := f.config(t)
	c.Canaries = []directory.Canary{{DN: "cn=canary," + suffix, State: directory.Enabled}}
	p, err := directory.Sync(context.Background(), open(t, c), know(1), directory.Limits{})
	incomplete(t, err, directory.CodeCanary)
	if say(p) != "" {
		t.Errorf("got %s", say(p))
	}
}

// searches answers a snapshot with the people numbered so, and look-ups with what found says.
func searches(found func(filter string) []int, listed ...int) func(*reply) {
	return func(r *reply) {
		all := listed
		if strings.Contains(r.filter, "entryUUID=") {
			all = found(r.filter)
		}
		for _, n := range all {
			r.person(n)
		}
		r.page("")
	}
}

func TestAbsencesAreLookedUpOneByOne(t *testing.T) {
	asks := func(filter string) (n int) {
		for i := 1; i <= 20; i++ {
			if strings.Contains(filter, id(i).Value) {
				n = i
			}
		}
		return n
	}
	truthful := func(filter string) []int {
		if n := asks(filter); n > 2 {
			return []int{n}
		}
		return nil
	}
	blind := func(string) []int { return nil }
	half := numbers(5, 20)
	for name, c := range map[string]struct {
		found func(string) []int
		code  directory.Code
		want  string
		odd   int
	}{
		"two of four absent ones are gone": {truthful, "", "1 gone, 2 gone", 2},
		"the look-up finds nobody":         {blind, directory.CodeBlind, held(directory.WhyUnconfirmed, 1, 2, 3, 4), 0},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t, searches(c.found, half...))
			p, err := directory.Sync(context.Background(), open(t, f.config(t)), know(20), directory.Limits{})
			if c.code != "" {
				incomplete(t, err, c.code)
			} else if err != nil {
				t.Error(err)
			}
			if got := say(p); got != c.want || len(p.Disagreements) != c.odd {
				t.Errorf("got %s, %d disagreements", got, len(p.Disagreements))
			}
		})
	}
	f := newFake(t, nil)
	f.people = func(r *reply) {
		if strings.Contains(r.filter, "entryUUID=") {
			r.done(51)
			return
		}
		searches(nil, half...)(r)
	}
	p, err := directory.Sync(context.Background(), open(t, f.config(t)), know(20), directory.Limits{})
	incomplete(t, err, "51")
	if got := say(p); got != held(directory.WhyUnconfirmed, 1, 2, 3, 4) {
		t.Errorf("a busy server: %s", got)
	}
}

func TestAStoppedServerRevokesNobody(t *testing.T) {
	s, source := city(t, crowd(3))
	s.Stop()
	p, err := directory.Sync(context.Background(), source, know(3), directory.Limits{})
	incomplete(t, err, directory.CodeUnreachable)
	if say(p) != "" {
		t.Errorf("got %s", say(p))
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = directory.Sync(ctx, source, know(3), directory.Limits{})
	if incomplete(t, err, directory.CodeCanceled); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestManyAtOnce(t *testing.T) {
	_, source := city(t, crowd(700), person(9001, "sato", "userPassword: right"))
	var group sync.WaitGroup
	for range 6 {
		group.Go(func() {
			ctx := context.Background()
			if p, err := directory.Sync(ctx, source, know(700), directory.Limits{}); err != nil || say(p) != "" {
				t.Errorf("sync: %s, %v", say(p), err)
			}
			if all, err := source.Find(ctx, people, "sato"); err != nil || len(all) != 1 {
				t.Errorf("find: %v, %v", all, err)
			}
			if err := source.Authenticate(ctx, id(9001), "right"); err != nil {
				t.Errorf("authenticate: %v", err)
			}
		})
	}
	group.Wait()
}

// TestALockThatAReadingHidesInTheMiddle: see the same of a follower.
func TestALockThatAReadingHidesInTheMiddle(t *testing.T) {
	s, source := city(t, crowd(60))
	modify(t, s, change("e00058", "pwdAccountLockedTime", "000001010000Z"))
	known := know(60)
	known[57].State = directory.Disabled
	p := meibotest.NewProxy(t, s.URL)
	c := config(s)
	c.URLs = []string{p.URL}
	hide := meibotest.Hide("pwdAccountLockedTime", false)
	p.Spoil(func(a *meibotest.Answer) {
		if a.Number > 50 {
			hide(a)
		}
	})
	plan, err := directory.Sync(context.Background(), open(t, c), known, directory.Limits{})
	if err != nil || len(plan.Apply)+len(plan.Held) > 0 {
		t.Errorf("%+v, %v", plan, err)
	}
	modify(t, s, "dn: uid=e00058,"+people+"\nchangetype: modify\ndelete: pwdAccountLockedTime\n")
	plan, err = directory.Sync(context.Background(), source, known, directory.Limits{})
	if err != nil || len(plan.Apply) != 1 || plan.Apply[0].Kind != directory.Lifted {
		t.Errorf("%+v, %v", plan, err)
	}
}
