package main

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// soaking is set by make soak: then tests run long.
var soaking = os.Getenv("MEIBO_SOAK") != ""

// A followed city is one whose server follows a directory and is asked over gRPC.
type followedCity struct {
	*meibotest.City
	*people
	place  *place
	who    map[int]meibo.PersonID
	access pb.AccessServiceClient
	key    string // of the system that asks
	log    *lockedBuffer
	counts *prometheus.Registry
	t      testing.TB
	stop   func() // the following
}

// newFollowedCity begins a city on SQLite with n people of the directory at work.
// The directory is followed until the test's end.
func newFollowedCity(t testing.TB, p *place, n int) *followedCity {
	t.Helper()
	f := &followedCity{place: p, who: map[int]meibo.PersonID{}, log: &lockedBuffer{}, counts: prometheus.NewRegistry(), t: t}
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
	f.join(c.Ledger, f.counts)
	f.key, _ = c.Token("asking", "CITY", "P01", meibo.RoleSystem)
	door, _ := c.Doors()
	f.access = dialAccess(t, door)
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
		lines[i].Row = i + 1
	}
	var done ledger.Submitted
	var err error
	for late := time.Now().Add(time.Minute); ; time.Sleep(100 * time.Millisecond) {
		done, err = f.Ledger.Submit(f.t.Context(), f.Submitter, f.Key(), lines)
		if err == nil {
			break
		}
		// a busy machine's directory is soon taken for a silent one
		if !unavailable(err) || time.Now().After(late) {
			f.t.Fatal(err)
		}
	}
	f.Approve(f.Approver, done)
	for i, row := range done.Rows {
		f.who[i+1] = row.PersonID
		f.Pledged(row.PersonID)
	}
	f.Notify()
}

// unavailable tells whether nothing was wrong with lines but that the directory did not
// answer. The text of an error names the first problems only.
func unavailable(err error) bool {
	var all meibo.Problems
	return errors.As(err, &all) && !slices.ContainsFunc(all.Fatal(), func(p meibo.Problem) bool { return p.Code != "DIRECTORY_UNAVAILABLE" })
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

// ask makes the usual check of a person through the door.
func (f *followedCity) ask(i int) *pb.CheckAccessResponse {
	f.t.Helper()
	d, err := f.access.CheckAccess(as(f.t.Context(), f.key), usual(f.who[i]))
	if err != nil {
		f.t.Fatal(err)
	}
	return d
}

// refused waits until the check refuses a person, and says when it first did.
func (f *followedCity) refused(i int, within time.Duration) time.Time {
	f.t.Helper()
	for late := time.Now().Add(within); ; {
		if d := f.ask(i); !d.Allowed {
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
		d := f.ask(i)
		if d.Allowed {
			return
		}
		if time.Now().After(late) {
			f.t.Fatalf("%s: person %d is refused: %v\n%s", f.place.name, i, d.Codes, f.log)
		}
	}
}

// wants demands a code of the check.
func (f *followedCity) wants(i int, code string) {
	f.t.Helper()
	if d := f.ask(i); d.PrimaryCode != code {
		f.t.Errorf("%s: person %d: %v, want %s", f.place.name, i, d.Codes, code)
	}
}

func (f *followedCity) change(ldif ...string) {
	f.t.Helper()
	if err := f.place.modify(strings.Join(ldif, "\n\n")); err != nil {
		f.t.Fatal(err)
	}
}

// metric is the value of a metric of the directory whose labels have these values; 0:
// there is none.
func (f *followedCity) metric(name string, labels ...string) float64 {
	f.t.Helper()
	families, err := f.counts.Gather()
	if err != nil {
		f.t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() != "meibo_directory_"+name {
			continue
		}
		for _, m := range family.GetMetric() {
			var values []string
			for _, l := range m.GetLabel() {
				values = append(values, l.GetValue())
			}
			if slices.Equal(values, labels) {
				return m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return 0
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
