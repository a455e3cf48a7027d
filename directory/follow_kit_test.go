package directory_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

// book is a caller that keeps what a follower tells: the people, the token and the last proof, as a database would.
type book struct {
	t      testing.TB
	limits directory.Limits
	number func(directory.ID) int

	mu      sync.Mutex
	people  map[directory.ID]directory.Known
	names   map[directory.ID]string // DNs, as far as they came
	token   directory.Token
	current time.Time
	told    map[string]time.Time // "3 restricted": when
	held    map[string]bool
	batches []directory.Batch
	notices []directory.Notice
	news    chan struct{}
}

func newBook(t testing.TB, known []directory.Known) *book {
	b := &book{t: t, people: map[directory.ID]directory.Known{}, names: map[directory.ID]string{}, told: map[string]time.Time{},
		held: map[string]bool{}, news: make(chan struct{}, 1), number: number}
	for _, k := range known {
		b.people[k.ID] = k
	}
	return b
}

func (b *book) known(context.Context) ([]directory.Known, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.people)), nil
}

func (b *book) apply(_ context.Context, batch directory.Batch) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := time.Now()
	plan := directory.Decide(slices.Collect(maps.Values(b.people)), batch, b.limits)
	for _, c := range plan.Apply {
		b.told[fmt.Sprintf("%d %s", b.number(c.ID), c.Kind)] = now
		if c.Kind == directory.Gone {
			delete(b.people, c.ID)
			delete(b.names, c.ID)
			continue
		}
		k := b.people[c.ID]
		k.State, k.Until = c.To.State, c.To.Until
		b.people[c.ID] = k
	}
	for _, h := range plan.Held {
		b.held[fmt.Sprintf("%d held:%s", b.number(h.ID), h.Why)] = true
	}
	for _, e := range batch.Events {
		if k, there := b.people[e.ID]; there && e.Kind == directory.EventSeen && e.Base != "" {
			k.Base = e.Base
			b.people[e.ID] = k
			if e.DN != "" {
				b.names[e.ID] = e.DN
			}
		}
	}
	b.token = batch.Next
	if batch.Current.After(b.current) {
		b.current = batch.Current
	}
	b.batches = append(b.batches, batch)
	b.tick()
	return nil
}

func (b *book) report(n directory.Notice) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.notices = append(b.notices, n)
	b.tick()
}

func (b *book) tick() {
	select {
	case b.news <- struct{}{}:
	default:
	}
}

// until waits for a condition, which is asked with the book locked.
func (b *book) until(what string, condition func() bool) {
	b.t.Helper()
	b.within(10*time.Second, what, condition)
}

func (b *book) within(limit time.Duration, what string, condition func() bool) {
	b.t.Helper()
	late := time.After(limit)
	for {
		b.mu.Lock()
		done := condition()
		b.mu.Unlock()
		if done {
			return
		}
		select {
		case <-late:
			b.t.Fatalf("waited in vain for %s; told %s; held %s; notices %s", what, b.say(), b.sayHeld(), b.sayNotices())
		case <-b.news:
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (b *book) untilTold(changes ...string) {
	b.t.Helper()
	for _, change := range changes {
		b.until(change, func() bool { return !b.told[change].IsZero() })
	}
}

// untilNamed waits until a person has a DN with this text in it.
func (b *book) untilNamed(id directory.ID, text string) {
	b.t.Helper()
	b.until(text, func() bool { return strings.Contains(b.names[id], text) })
}

func (b *book) untilNotice(kind directory.NoticeKind) {
	b.t.Helper()
	b.until(string(kind), func() bool {
		return slices.ContainsFunc(b.notices, func(n directory.Notice) bool { return n.Kind == kind })
	})
}

// untilRead has everybody read, and waits for it.
func (f *follower) untilRead() {
	f.t.Helper()
	f.Sweep()
	f.untilNotice(directory.NoticeSwept)
}

func (b *book) forget() {
	b.mu.Lock()
	defer b.mu.Unlock()
	clear(b.told)
	clear(b.held)
	b.notices, b.batches = nil, nil
}

// say is all that was told, in order.
func (b *book) say() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(slices.Sorted(maps.Keys(b.told)), ", ")
}

func (b *book) sayHeld() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(slices.Sorted(maps.Keys(b.held)), ", ")
}

func (b *book) sayNotices() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []string
	for _, n := range b.notices {
		text := fmt.Sprintf("%s %s", n.Kind, n.Mode)
		if n.Err != nil {
			text += ": " + n.Err.Error()
		}
		all = append(all, text)
	}
	return strings.Join(all[max(0, len(all)-8):], "; ")
}

// quick is a pace for tests.
var quick = directory.Pace{
	Beat: 100 * time.Millisecond, BeatLate: 500 * time.Millisecond, Deaf: time.Second, Canaries: 100 * time.Millisecond,
	Sweep: 2 * time.Second, Ask: 50 * time.Millisecond, Soonest: 20 * time.Millisecond, Latest: 200 * time.Millisecond,
}

// follower is a follower that runs for a book.
type follower struct {
	*directory.Follower
	*book
	stop func()
}

// follow runs a follower for the book until the test ends or it is stopped.
func follow(t testing.TB, source *directory.Source, b *book, change ...func(*directory.Following)) *follower {
	t.Helper()
	f := directory.Following{From: b.token, Known: b.known, Apply: b.apply, Report: b.report, Pace: quick}
	for _, c := range change {
		c(&f)
	}
	f1, err := source.Follower(f)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f1.Run(ctx) }()
	var once sync.Once
	stop := func() {
		once.Do(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Errorf("follower: %v", err)
			}
		})
	}
	t.Cleanup(stop)
	return &follower{f1, b, stop}
}

// followed starts a follower of the people numbered from 1 and waits until it is up to date.
func followed(t testing.TB, source *directory.Source, n int, change ...func(*directory.Following)) *follower {
	t.Helper()
	f := follow(t, source, newBook(t, know(n)), change...)
	f.untilNotice(directory.NoticeCurrent)
	return f
}
