package main

import (
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestChaosEndsInTheTruth writes to the directory without pause, and kills, freezes,
// restarts and cuts it off meanwhile, and stops the following now and then. In the
// end what the ledger says of every account is what a direct listing of the
// directory says, by id, place and state. Where a seed is printed, it tells the same story again.
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
	f.settled()
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
		case n < 11:
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
	listed, kept := map[string]string{}, map[string]string{}
	if _, err := source.Snapshot(f.t.Context(), func(o directory.Object) error {
		a := accountOf(o.ID, o.Status)
		listed[a.Entry] = o.Base + " " + string(a.State)
		return nil
	}); err != nil {
		f.t.Fatal(err)
	}
	accounts, err := f.Ledger.Accounts(f.t.Context())
	if err != nil {
		f.t.Fatal(err)
	}
	for _, a := range accounts {
		kept[a.Entry] = a.Base + " " + string(a.State)
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
	return slices.ContainsFunc(accounts, func(a meibo.Account) bool { return a.PersonID == person && a.State == meibo.AccountEnabled })
}
