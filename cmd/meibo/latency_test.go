package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// TestADirectoryChangeRefusesInAMoment measures, through the ledger, how long after
// a write to the directory the check refuses: for every way to leave, on every
// server. The time is counted from when the writer has its acknowledgement, and
// from before it had even begun, which bounds it from above.
func TestADirectoryChangeRefusesInAMoment(t *testing.T) {
	rounds := 4
	if soaking {
		rounds = 40
	}
	for name, server := range map[string]struct {
		open  func(testing.TB, int) *place
		bound time.Duration // of the 99th in a hundred
	}{
		"OpenLDAP": {openLDAPPlace, time.Second},
		"389-ds":   {ds389Place, 2 * time.Second},
		"Samba":    {sambaPlace, 3 * time.Second}, // asked every 100 ms here
	} {
		t.Run(name, func(t *testing.T) {
			p := server.open(t, 4*rounds)
			f := newFollowedCity(t, p, 4*rounds)
			f.settled()
			var table strings.Builder
			measure := func(way string, first int, ldif func(int) string) {
				var since, above []time.Duration
				for i := first; i < first+rounds; i++ {
					f.allowed(i, 10*time.Second)
					began := time.Now()
					f.change(ldif(i))
					acknowledged := time.Now()
					at := f.refused(i, 30*time.Second)
					since, above = append(since, at.Sub(acknowledged)), append(above, at.Sub(began))
				}
				fmt.Fprintf(&table, "%-9s %-8s n %3d  after the acknowledgement: %s  from before the write: %s\n", p.name, way, rounds, quantiles(since), quantiles(above))
				if slow := quantile(since, .99); slow > server.bound {
					t.Errorf("%s: %v until the check refuses", way, slow)
				}
			}
			measure("disable", 1, func(i int) string { return p.change(i, p.lock) })
			measure("delete", 1+rounds, p.remove)
			measure("move", 1+2*rounds, p.move)
			measure("filter", 1+3*rounds, func(i int) string { return p.change(i, p.gone) })
			t.Log("\n" + table.String())
			if strings.Contains(f.log.String(), "missed") {
				t.Error("a sweep had to find what the server should have told of")
			}
		})
	}
}

func quantiles(list []time.Duration) string {
	ms := func(d time.Duration) string { return fmt.Sprintf("%.1f", float64(d)/1e6) }
	return fmt.Sprintf("p50 %s p99 %s max %s ms", ms(quantile(list, .5)), ms(quantile(list, .99)), ms(slices.Max(list)))
}

func quantile(list []time.Duration, q float64) time.Duration {
	sorted := slices.Sorted(slices.Values(list))
	return sorted[min(len(sorted)-1, int(q*float64(len(sorted))))]
}

// TestAnAccountEndsAtItsSecond: nothing is written when the time comes, neither in
// the directory nor in the ledger, and no server has to answer.
func TestAnAccountEndsAtItsSecond(t *testing.T) {
	p := openLDAPPlace(t, 2)
	f := newFollowedCity(t, p, 2)
	end := f.Clock.Now().Time().Add(time.Hour).Truncate(time.Second)
	f.change(p.change(1, p.ends(end)))
	f.settled()
	f.allowed(1, time.Second)
	f.stop()
	p.crash()
	f.Clock.Set(meibo.InstantOf(end) - 1)
	wantsCode(t, f, 1, "ALLOW")
	f.Clock.Set(meibo.InstantOf(end))
	wantsCode(t, f, 1, "SUBJECT_DISABLED")
	wantsCode(t, f, 2, "ALLOW")
}

func wantsCode(t *testing.T, f *followedCity, i int, code string) {
	t.Helper()
	if d := f.Check(f.who[i]); d.PrimaryCode != code {
		t.Errorf("person %d: %v, want %s", i, d.Codes, code)
	}
}

// TestWhatHappensWhileNobodyListensIsNotLost: changes while the server is down, while
// the directory starts again, and with a bookmark that the directory does not know.
func TestWhatHappensWhileNobodyListensIsNotLost(t *testing.T) {
	t.Parallel()
	for _, server := range []func(testing.TB, int) *place{openLDAPPlace, ds389Place} {
		p := server(t, 12)
		t.Run(p.name, func(t *testing.T) {
			f := newFollowedCity(t, p, 12)
			f.settled()

			f.stop() // the service is down
			f.change(p.change(1, p.lock), p.remove(2))
			f.start()
			f.refused(1, 10*time.Second)
			f.refused(2, 10*time.Second)

			if err := p.restart(); err != nil { // the directory is
				t.Fatal(err)
			}
			f.change(p.change(3, p.lock), p.move(4))
			f.refused(3, 20*time.Second)
			f.refused(4, 20*time.Second)

			f.stop()
			rotten := "rotten"
			if _, err := f.Ledger.Reconcile(t.Context(), reportOfToken(&rotten)); err != nil {
				t.Fatal(err)
			}
			f.change(p.change(5, p.lock), p.remove(6))
			f.start()
			f.refused(5, 10*time.Second)
			f.refused(6, 10*time.Second)
			f.settled()
			for i := 7; i <= 12; i++ {
				wantsCode(t, f, i, "ALLOW")
			}
			mark, err := f.Ledger.Bookmark(t.Context())
			if err != nil || mark.Token == "" || mark.Token == rotten {
				t.Errorf("the bookmark is %+v, %v", mark, err)
			}
		})
	}
}
