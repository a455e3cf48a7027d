package main

import (
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestMetricsTellThatADirectoryLies: each way in which it may is counted where it is
// looked for.
func TestMetricsTellThatADirectoryLies(t *testing.T) {
	t.Parallel()
	p := openLDAPPlace(t, 5)
	proxy := meibotest.NewProxy(t, p.config.URLs[0])
	p.config.URLs = []string{proxy.URL}
	f := newFollowedCity(t, p, 4)
	f.settled()
	becomes := func(want float64, name string, labels ...string) {
		t.Helper()
		for late := time.Now().Add(10 * time.Second); f.metric(name, labels...) != want; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(late) {
				t.Fatalf("%s %v is %v, want %v\n%s", name, labels, f.metric(name, labels...), want, f.log)
			}
		}
	}
	reads := func() meibo.Reading {
		t.Helper()
		r, err := f.sync(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	becomes(1, "canary_ok", "1")
	becomes(1, "canary_ok", "2")

	// a complete reading shows every second person only, and look-ups find the others
	proxy.Spoil(meibotest.Half)
	reads()
	becomes(2, "lookup_disagreements_total")

	// a lock is not told of, and seen by the next reading
	proxy.Spoil(meibotest.Hide(p.lockedBy, false))
	told := f.metric("events_total", "seen", "entry")
	f.change(p.change(1, p.lock))
	becomes(told+1, "events_total", "seen", "entry")
	becomes(0, "missed_total")
	proxy.Spoil(nil)
	reads()
	becomes(1, "missed_total")
	f.wants(1, "SUBJECT_DISABLED")

	// a reading that proves nothing
	proxy.Spoil(meibotest.NoPaging)
	r := reads()
	if r.Outcome != meibo.ReadingIncomplete || f.metric("no_information_total", r.Code) == 0 {
		t.Errorf("%+v, counted %v times", r, f.metric("no_information_total", r.Code))
	}
	proxy.Spoil(nil)

	// a canary that is not what it should be
	canary := "dn: " + p.config.Canaries[0].DN + "\nchangetype: modify\n"
	f.change(canary + p.lock)
	becomes(0, "canary_ok", "1")
	f.change(canary + p.unlock)
	becomes(1, "canary_ok", "1")
	for i := 2; i <= 4; i++ {
		f.wants(i, "ALLOW")
	}
}
