package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// bound is how long, of a hundred changes, the slowest but one may take until the
// check refuses. Samba is asked every 100 ms here.
func (p *place) bound() time.Duration {
	return map[string]time.Duration{"OpenLDAP": time.Second, "389-ds": 2 * time.Second, "Samba": 3 * time.Second}[p.name]
}

// often is how often each thing is measured.
func often(short, long int) int {
	if soaking {
		return long
	}
	return short
}

// TestADirectoryChangeRefusesInAMoment measures, through the product's door, how long
// after a write to the directory the check refuses: for every way to leave, on every
// server. The time is counted from when the writer has its acknowledgement, and
// from before it had even begun, which bounds it from above.
func TestADirectoryChangeRefusesInAMoment(t *testing.T) {
	t.Parallel()
	rounds := often(3, 40)
	for _, server := range places {
		t.Run(server.name, func(t *testing.T) {
			p := server.open(t, 6*rounds)
			f := newFollowedCity(t, p, 6*rounds)
			f.settled()
			m := measure(f, rounds)
			over := f.Clock.Now().Time().Add(-48 * time.Hour).Truncate(24 * time.Hour)
			m.change("disable", func(i int) string { return p.change(i, p.lock) })
			m.change("delete", p.remove)
			m.change("move", p.move)
			m.change("filter", func(i int) string { return p.change(i, p.gone) })
			m.change("end", func(i int) string { return p.change(i, p.ends(over)) })
			m.expire()
			m.tell(p.bound())
			if strings.Contains(f.log.String(), "missed") {
				t.Error("a sweep had to find what the server should have told of")
			}
		})
	}
}

// measured are times by what was measured. Each measurement takes the next people.
type measured struct {
	f      *followedCity
	rounds int
	done   int
	order  []string
	times  map[string][]time.Duration
}

func measure(f *followedCity, rounds int) *measured {
	return &measured{f: f, rounds: rounds, times: map[string][]time.Duration{}}
}

// next are the numbers of the next people.
func (m *measured) next() (all []int) {
	for range m.rounds {
		m.done++
		all = append(all, m.done)
	}
	return all
}

// change measures a change of the directory, one person after the other.
func (m *measured) change(way string, ldif func(int) string) {
	m.f.t.Helper()
	for _, i := range m.next() {
		m.f.allowed(i, 10*time.Second)
		began := time.Now()
		m.f.change(ldif(i))
		acknowledged := time.Now()
		at := m.f.refused(i, 30*time.Second)
		m.row(way, "the acknowledgement", at.Sub(acknowledged))
		m.row(way, beforeWrite, at.Sub(began))
	}
}

// expire measures the moment that an account was said to end at, at which nothing is
// written: each person's is a day after the one before, while the key of who asks lasts.
func (m *measured) expire() {
	m.f.t.Helper()
	people := m.next()
	people = people[:min(len(people), 25)]
	end := func(i int) time.Time {
		return m.f.Clock.Now().Time().Truncate(24 * time.Hour).Add(time.Duration(i) * 24 * time.Hour)
	}
	ends := map[int]time.Time{}
	var all []string
	for n, i := range people {
		ends[i] = end(n + 1)
		all = append(all, m.f.place.change(i, m.f.place.ends(ends[i])))
	}
	m.f.change(all...)
	m.f.settled()
	for _, i := range people {
		m.f.Clock.Set(meibo.InstantOf(ends[i]) - 1)
		m.f.wants(i, "ALLOW")
		began := time.Now()
		m.f.Clock.Set(meibo.InstantOf(ends[i]))
		m.row("expiry", "the moment", m.f.refused(i, time.Second).Sub(began))
	}
}

// beforeWrite is when a writer has not even begun.
const beforeWrite = "before the write"

// row notes times.
func (m *measured) row(what, from string, times ...time.Duration) {
	name := fmt.Sprintf("%-20s from %-20s", what, from)
	if m.times[name] == nil {
		m.order = append(m.order, name)
	}
	m.times[name] = append(m.times[name], times...)
}

// tell writes the table, and demands that the times are short.
func (m *measured) tell(bound time.Duration) {
	m.f.t.Helper()
	var table strings.Builder
	for _, name := range m.order {
		times := m.times[name]
		fmt.Fprintf(&table, "\n%-9s %s n %3d  %s", m.f.place.name, name, len(times), quantiles(times))
		if slow := quantile(times, .99); slow > bound && !strings.Contains(name, beforeWrite) { // in which the writer starts
			m.f.t.Errorf("%s: %v until the check refuses", name, slow)
		}
	}
	m.f.t.Log(table.String())
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
	t.Parallel()
	p := openLDAPPlace(t, 2)
	f := newFollowedCity(t, p, 2)
	end := f.Clock.Now().Time().Add(time.Hour).Truncate(time.Second)
	f.change(p.change(1, p.ends(end)))
	f.settled()
	f.allowed(1, time.Second)
	f.stop()
	p.crash()
	f.Clock.Set(meibo.InstantOf(end) - 1)
	f.wants(1, "ALLOW")
	f.Clock.Set(meibo.InstantOf(end))
	f.wants(1, "SUBJECT_DISABLED")
	f.wants(2, "ALLOW")
}

// TestWhatHappensWhileNobodyListensIsNotLost: people leave in every way while the
// service is down, while the directory starts again, and while the bookmark becomes
// one that the directory does not know, or is older than what it remembers. Measured
// is how long after its return the service refuses them.
func TestWhatHappensWhileNobodyListensIsNotLost(t *testing.T) {
	t.Parallel()
	rounds := often(1, 10)
	for _, server := range places {
		t.Run(server.name, func(t *testing.T) {
			n := 16*rounds + 2
			p := server.open(t, n)
			p.config.Limits.DayShare = 1
			f := newFollowedCity(t, p, n)
			f.settled()
			m := measure(f, 4)
			for range rounds {
				m.away("service down", func() error { return nil })
				m.away("bookmark rotten", f.rot)
				m.away("change log trimmed", p.trim)
				m.restarted()
			}
			m.tell(p.bound())
			f.settled()
			f.wants(n-1, "ALLOW")
			f.wants(n, "ALLOW")
			if mark, err := f.Ledger.Bookmark(t.Context()); err != nil || mark.Token == "" || mark.Token == rotten {
				t.Errorf("the bookmark is %+v, %v", mark, err)
			}
		})
	}
}

const rotten = "rotten"

// rot spoils the bookmark.
func (f *followedCity) rot() error {
	token := rotten
	_, err := f.Ledger.Reconcile(f.t.Context(), reportOfToken(&token))
	return err
}

// leave has four people leave, each in another way.
func (m *measured) leave() (people []int) {
	p, all := m.f.place, m.next()
	m.f.change(p.change(all[0], p.lock), p.remove(all[1]), p.move(all[2]), p.change(all[3], p.gone))
	return all
}

// away measures what happened while nobody followed, from when somebody does again.
func (m *measured) away(what string, spoil func() error) {
	m.f.t.Helper()
	m.f.stop()
	people := m.leave()
	if err := spoil(); err != nil {
		m.f.t.Fatal(err)
	}
	began := time.Now()
	m.f.start()
	m.refuses(what, "the start", people, began)
}

// restarted measures what is written as soon as the directory has started again.
func (m *measured) restarted() {
	m.f.t.Helper()
	if err := m.f.place.restart(); err != nil {
		m.f.t.Fatal(err)
	}
	people := m.leave()
	m.refuses("directory restarted", "the acknowledgement", people, time.Now())
}

func (m *measured) refuses(what, from string, people []int, began time.Time) {
	m.f.t.Helper()
	for _, i := range people {
		m.row(what, from, m.f.refused(i, 20*time.Second).Sub(began))
	}
}
