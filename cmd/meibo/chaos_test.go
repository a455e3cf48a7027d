package main

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestChaosEndsInTheTruth writes to the directory without pause, and kills, freezes,
// restarts and cuts it off meanwhile, and stops the following now and then. People and
// the section in which some of them stand get other names, and with these another
// employer. In the end what the ledger says of every account is what a direct listing
// of the directory says, by id, place, employer by the name, and state. Where a seed is printed, it tells the same story again.
func TestChaosEndsInTheTruth(t *testing.T) {
	t.Parallel()
	lasts := time.Duration(often(2, 90)) * time.Second
	for _, server := range places {
		t.Run(server.name, func(t *testing.T) { chaos(t, server.open(t, 60), lasts) })
	}
}

func chaos(t *testing.T, p *place, lasts time.Duration) {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	dice := rand.New(rand.NewPCG(seed, 0))
	direct := p.config
	proxy := meibotest.NewProxy(t, p.config.URLs[0])
	p.config.URLs = []string{proxy.URL}
	p.config.Timeouts = timeoutsConfig{Connect: time.Second, Silence: 500 * time.Millisecond, Whole: 20 * time.Second}
	p.config.Limits.Absent = 1000
	p.pace = func(pace *directory.Pace) {
		*pace = directory.Pace{
			Beat: 100 * time.Millisecond, BeatLate: 500 * time.Millisecond, Deaf: time.Second, Canaries: 200 * time.Millisecond,
			Sweep: 3 * time.Second, Soonest: 20 * time.Millisecond, Latest: 200 * time.Millisecond,
		}
	}
	f := newFollowedCity(t, p, 60)
	c := newSection(f)
	f.settled()
	for i := range 3 { // in every story, however short
		c.rename(i+1, true)
	}
	c.renameAll()
	here, writes, faults := slices.Sorted(maps.Keys(f.who)), 0, 0
	for end := time.Now().Add(lasts); time.Now().Before(end); {
		if dice.IntN(12) == 0 {
			f.fault(dice, proxy)
			faults++
		}
		i := here[dice.IntN(len(here))]
		switch n := dice.IntN(20); {
		case n == 0 && len(here) > 20:
			if p.modify(p.remove(i)) == nil {
				here = slices.DeleteFunc(here, func(j int) bool { return j == i })
			}
		case n == 1 && len(here) > 20:
			if p.modify(p.move(i)) == nil {
				here = slices.DeleteFunc(here, func(j int) bool { return j == i })
			}
		case n < 4:
			c.rename(i, dice.IntN(2) == 0)
		case n == 4:
			c.renameAll()
		case n < 12:
			p.modify(p.change(i, p.lock))
		default:
			p.modify(p.change(i, p.unlock)) // refused where there is no lock
		}
		writes++
	}
	t.Logf("%s: %d writes, %d faults, %d of 60 people left", p.name, writes, faults, len(here))
	p.resume()
	f.settled()
	f.settled()
	f.sameAsDirect(direct)
}

// A section is a container below people's base, which goes by two names: by the second
// of them it is another company's.
type section struct {
	f     *followedCity
	names [2]string
	now   int
}

func newSection(f *followedCity) *section {
	f.t.Helper()
	s := &section{f: f}
	for i, name := range []string{"section", "hidden"} {
		s.names[i] = "ou=" + name + "," + f.place.base
	}
	f.change("dn: " + s.names[0] + "\nobjectClass: organizationalUnit\nou: section\n")
	f.Apply(meibo.Master{Organizations: []meibo.Organization{{ID: "S1", Kind: meibo.Contractor, Name: "有限会社ひな形入力センター", DirectoryBase: s.names[1]}}})
	return s
}

// rename gives a person another name, in the section or not.
func (s *section) rename(i int, within bool) {
	p := s.f.place
	name, above := login(i)+"-x", p.base
	if p.names[i] == name {
		name = login(i)
	}
	if within {
		above = s.names[s.now]
	}
	p.rename(i, name, above)
}

// renameAll gives the section its other name, and with it all who are in it.
func (s *section) renameAll() {
	p, from, to := s.f.place, s.names[s.now], s.names[1-s.now]
	rdn, _, _ := strings.Cut(to, ",")
	if p.modify("dn: "+from+"\nchangetype: modrdn\nnewrdn: "+rdn+"\ndeleteoldrdn: 1\n") != nil {
		return
	}
	s.now = 1 - s.now
	for i, above := range p.above {
		if above == from {
			p.above[i] = to
		}
	}
}

// fault does something to the directory, the way to it, or the server.
func (f *followedCity) fault(dice *rand.Rand, proxy *meibotest.Proxy) {
	f.t.Helper()
	switch dice.IntN(4) {
	case 0:
		f.place.crash()
		if err := f.place.restart(); err != nil {
			f.t.Fatal(err)
		}
	case 1:
		if err := f.place.pause(); err != nil {
			f.t.Fatal(err)
		}
		time.Sleep(time.Duration(dice.IntN(700)) * time.Millisecond)
		f.place.resume()
	case 2:
		proxy.Spoil(meibotest.Silence)
		time.Sleep(time.Duration(dice.IntN(700)) * time.Millisecond)
		proxy.Spoil(nil)
		proxy.Cut()
	case 3:
		f.stop()
		f.start()
	}
}

// sameAsDirect compares the ledger's accounts with a direct listing.
func (f *followedCity) sameAsDirect(direct directoryConfig) {
	f.t.Helper()
	c, err := direct.source(defaults())
	if err != nil {
		f.t.Fatal(err)
	}
	c.Now = func() time.Time { return f.Clock.Now().Time() }
	source, err := directory.Open(c)
	if err != nil {
		f.t.Fatal(err)
	}
	organizations, err := f.Ledger.Employers(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	look := &looker{config: f.config}
	look.by(organizations)
	listed, kept := map[string]string{}, map[string]string{}
	if _, err := source.Snapshot(f.t.Context(), func(o directory.Object) error {
		a := accountOf(o.ID, o.Status)
		s := look.sight(o.ID, o.Base, o.DN, &o)
		listed[a.Entry] = fmt.Sprint(o.Base, " ", a.State, " ", s.Employers)
		return nil
	}); err != nil {
		f.t.Fatal(err)
	}
	accounts, err := f.Ledger.Accounts(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, a := range accounts {
		kept[a.Entry] = fmt.Sprint(a.Base, " ", a.State, " ", a.Employers.V)
		if a.HoldID != "" {
			f.t.Errorf("%s is in a hold: %s", a.Entry, a.Held.V.Why)
		}
	}
	if !maps.Equal(listed, kept) {
		f.t.Errorf("the directory lists\n%v\nand the ledger says\n%v", listed, kept)
	}
	for i, person := range f.who {
		d := f.ask(i)
		allowed := d.Allowed
		if want := f.enabled(accounts, person); allowed != want {
			f.t.Errorf("person %d: allowed %t, %v", i, allowed, d.Codes)
		}
	}
}

func (f *followedCity) enabled(accounts []meibo.Account, person meibo.PersonID) bool {
	return slices.ContainsFunc(accounts, func(a meibo.Account) bool {
		return a.PersonID == person && a.State == meibo.AccountEnabled && a.WorksFor("K1")
	})
}
