package main

import (
	"maps"
	"slices"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// lies are what stands between the server and its directory may do. The first are
// told in every run, the others when there is time.
func (p *place) lies() map[string]meibotest.Fault {
	told := map[string]meibotest.Fault{
		"half": meibotest.Half, "silence": meibotest.Silence, "hidden lock": meibotest.Hide(p.lockedBy, true), "no paging control": meibotest.NoPaging,
	}
	if soaking || p.name == "OpenLDAP" {
		maps.Copy(told, map[string]meibotest.Fault{
			"empty": meibotest.Empty, "cut": meibotest.CutAfter(5), "hidden id": meibotest.Hide(p.idKind(), true),
			"the account is refused": meibotest.RefuseBind,
		})
	}
	if soaking {
		maps.Copy(told, map[string]meibotest.Fault{
			"size limit": meibotest.SizeLimit(5), "admin limit": meibotest.Fail(11, 5), "time limit": meibotest.Fail(3, 5),
			"busy": meibotest.Fail(51, 0), "unavailable": meibotest.Fail(52, 3), "unwilling": meibotest.Fail(53, 0), "no rights": meibotest.Fail(50, 0),
			"no such object": meibotest.Fail(32, 0), "refresh required": meibotest.Fail(4096, 0), "everything fails": meibotest.RefuseAll(80),
			"cut at once": meibotest.CutAfter(0), "stall": meibotest.StallAfter(5), "slow": meibotest.Slow(2 * time.Millisecond),
			"no cookie": meibotest.NoCookie, "no end": meibotest.NoDone, "hidden class": meibotest.Hide("objectClass", true),
			"a part is held elsewhere": meibotest.Refer("ldap://elsewhere/"), "hidden lock of people alone": meibotest.Hide(p.lockedBy, false),
		})
	}
	return told
}

// TestNoLieRevokesAnybody puts each lie between the ledger and a real directory: at
// the start, while it is followed, and when it has to be connected to again.
// Meanwhile one person is disabled and one deleted. Nobody else may be refused at
// any moment, and these two must be once the lie is over.
func TestNoLieRevokesAnybody(t *testing.T) {
	t.Parallel()
	for _, server := range places {
		t.Run(server.name, func(t *testing.T) {
			t.Parallel()
			p := server.open(t, 6*30+6)
			lied(t, p, p.lies())
		})
	}
}

func lied(t *testing.T, p *place, told map[string]meibotest.Fault) {
	proxy := meibotest.NewProxy(t, p.config.URLs[0])
	p.config.URLs = []string{proxy.URL}
	patience := 300 * time.Millisecond
	if p.name != "OpenLDAP" { // the others take as long to look one person up when they are busy
		patience = time.Second
	}
	p.config.Timeouts = timeoutsConfig{Connect: patience, Silence: patience, Whole: 5 * time.Second}
	p.pace = func(pace *directory.Pace) {
		*pace = directory.Pace{
			Beat: 30 * time.Millisecond, BeatLate: patience / 3, Deaf: 200 * time.Millisecond, Canaries: 50 * time.Millisecond,
			Sweep: 100 * time.Millisecond, Ask: 30 * time.Millisecond, Soonest: 10 * time.Millisecond, Latest: 40 * time.Millisecond,
		}
	}
	p.config.Limits.DayShare = 1
	f := newFollowedCity(t, p, 6*len(told)+6)
	f.settled()
	next, revoked := 1, map[int]bool{}
	for _, name := range slices.Sorted(maps.Keys(told)) {
		for _, when := range []string{"start", "running", "reconnect"} {
			t.Run(name+" at "+when, func(t *testing.T) {
				lie(t, f, proxy, told[name], when, next, revoked)
			})
			next += 2
		}
	}
}

func lie(t *testing.T, f *followedCity, proxy *meibotest.Proxy, fault meibotest.Fault, when string, i int, revoked map[int]bool) {
	if when == "start" {
		f.stop()
	}
	proxy.Spoil(fault)
	switch when {
	case "start":
		f.start()
	case "reconnect":
		proxy.Cut()
	}
	f.change(f.place.change(i, f.place.lock), f.place.remove(i+1))
	revoked[i], revoked[i+1] = true, true
	innocent := func() {
		for j := range f.who {
			if revoked[j] {
				continue
			}
			if d := f.ask(j); !d.Allowed {
				t.Errorf("person %d is refused: %v", j, d.Codes)
			}
		}
	}
	for until := time.Now().Add(400 * time.Millisecond); time.Now().Before(until); {
		innocent()
	}
	proxy.Spoil(nil)
	f.refused(i, 10*time.Second)
	f.refused(i+1, 10*time.Second)
	f.settled()
	innocent()
}
