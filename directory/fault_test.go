package directory_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// faults are what stands between a follower and a server may do to it.
var faults = map[string]meibotest.Fault{
	"empty":                       meibotest.Empty,
	"half":                        meibotest.Half,
	"size limit":                  meibotest.SizeLimit(20),
	"admin limit":                 meibotest.Fail(11, 20),
	"time limit":                  meibotest.Fail(3, 20),
	"busy":                        meibotest.Fail(51, 0),
	"unavailable":                 meibotest.Fail(52, 3),
	"unwilling":                   meibotest.Fail(53, 0),
	"no rights":                   meibotest.Fail(50, 0),
	"no such object":              meibotest.Fail(32, 0),
	"refresh required":            meibotest.Fail(4096, 0),
	"everything fails":            meibotest.RefuseAll(80),
	"cut at once":                 meibotest.CutAfter(0),
	"cut":                         meibotest.CutAfter(20),
	"stall":                       meibotest.StallAfter(20),
	"silence":                     meibotest.Silence,
	"slow":                        meibotest.Slow(2 * time.Millisecond),
	"no end":                      meibotest.NoDone,
	"no paging control":           meibotest.NoPaging,
	"no cookie":                   meibotest.NoCookie,
	"hidden lock":                 meibotest.Hide("pwdAccountLockedTime", true),
	"hidden id":                   meibotest.Hide("entryUUID", true),
	"hidden class":                meibotest.Hide("objectClass", true),
	"a part is held elsewhere":    meibotest.Refer("ldap://elsewhere/"),
	"the account is refused":      meibotest.RefuseBind,
	"hidden lock of people alone": meibotest.Hide("pwdAccountLockedTime", false),
}

// TestNoFaultRevokesAnybody puts each fault before a real server: at the start of a follower, while it runs, and when it
// has to connect again. Meanwhile one person is disabled and one deleted. Nobody else may be told of; these two must be
// once the fault is over.
func TestNoFaultRevokesAnybody(t *testing.T) {
	for _, mode := range []directory.Mode{directory.ModeContent, directory.ModePoll} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			m := onOpenLDAP(t, 220)
			m.config.Timeouts = directory.Timeouts{Connect: 300 * time.Millisecond, Silence: 150 * time.Millisecond, Whole: 5 * time.Second}
			p := meibotest.NewProxy(t, m.config.URLs[0])
			m.config.URLs = []string{p.URL}
			next, times := 1, []string{"start", "running", "reconnect"}
			for i, name := range slices.Sorted(maps.Keys(faults)) {
				told := times
				if !soaking { // each fault once, and each third at the same time
					told = times[i%3 : i%3+1]
				}
				for _, when := range told {
					t.Run(name+" at "+when, func(t *testing.T) {
						m.t = t
						faulty(t, m, p, mode, faults[name], when, next)
					})
					next += 2
				}
			}
		})
	}
}

func faulty(t *testing.T, m *maker, p *meibotest.Proxy, mode directory.Mode, fault meibotest.Fault, when string, i int) {
	hasty := m.config.Timeouts
	m.config.Timeouts = directory.Timeouts{}
	b := newBook(t, m.know(m.source()))
	m.config.Timeouts = hasty
	pace := func(f *directory.Following) {
		f.Mode = mode
		f.Pace = directory.Pace{
			Beat: 30 * time.Millisecond, BeatLate: 100 * time.Millisecond, Deaf: 200 * time.Millisecond, Canaries: 20 * time.Millisecond,
			Sweep: 60 * time.Millisecond, Soonest: 10 * time.Millisecond, Latest: 40 * time.Millisecond,
		}
	}
	if when == "start" {
		p.Spoil(fault)
	}
	f := m.follow(b, pace)
	if when != "start" {
		f.untilNotice(directory.NoticeCurrent)
		p.Spoil(fault)
	}
	if when == "reconnect" {
		p.Cut()
	}
	m.modify(m.disable(i), m.remove(i+1))
	time.Sleep(250 * time.Millisecond) // in which the fault may do its worst
	want := map[string]bool{fmt.Sprintf("%d restricted", i): true, fmt.Sprintf("%d gone", i+1): true}
	for told := range strings.SplitSeq(f.say(), ", ") {
		if told != "" && !want[told] {
			t.Errorf("told %s", told)
		}
	}
	p.Spoil(nil)
	f.untilTold(slices.Collect(maps.Keys(want))...)
	if got := f.say(); strings.Count(got, ",") != 1 {
		t.Errorf("told %s in the end", got)
	}
	f.stop()
}

// A server whose list leaves out people whom it knows by their ids ends nobody, and is
// told of as what it is: one that contradicts itself.
func TestAListThatContradictsALookUpIsToldOf(t *testing.T) {
	t.Parallel()
	m := onOpenLDAP(t, 20)
	p := meibotest.NewProxy(t, m.config.URLs[0])
	m.config.URLs = []string{p.URL}
	b := newBook(t, m.know(m.source()))
	f := m.follow(b)
	f.untilNotice(directory.NoticeSwept)
	if got := f.Standing().Disagreed; got != 0 {
		t.Errorf("%d disagreements before", got)
	}
	p.Spoil(meibotest.Half)
	f.Sweep()
	f.untilNotice(directory.NoticeDisagreed)
	if got := f.Standing().Disagreed; got == 0 || len(b.people) != 20 {
		t.Errorf("%d disagreements, %d people", got, len(b.people))
	}
}

// TestABusyServerIsNotTakenForAFrozenOne: it answers no heart-beat in time while it sends what a reading has asked for,
// as one does that serves one after the other.
func TestABusyServerIsNotTakenForAFrozenOne(t *testing.T) {
	t.Parallel()
	m := onOpenLDAP(t, 60)
	b := newBook(t, m.know(m.source()))
	p := meibotest.NewProxy(t, m.config.URLs[0])
	m.config.URLs = []string{p.URL}
	p.Spoil(func(a *meibotest.Answer) {
		switch {
		case a.Op != ldap.ApplicationSearchResultEntry:
		case a.Scope == ldap.ScopeWholeSubtree:
			time.Sleep(5 * time.Millisecond)
		case a.Base == "":
			time.Sleep(400 * time.Millisecond)
		}
	})
	f := m.follow(b, func(f *directory.Following) {
		f.Mode, f.Pace.Beat, f.Pace.BeatLate = directory.ModePoll, 20*time.Millisecond, 150*time.Millisecond
	})
	f.untilNotice(directory.NoticeSwept)
	p.Spoil(meibotest.Silence) // and a frozen one is still noticed
	f.forget()
	f.untilNotice(directory.NoticeInterrupted)
}

// TestALockThatOneReadingHidesIsLookedUp: a fault that comes or goes in the middle of a reading hides some locks and not
// others, so that neither the canaries nor the limits tell.
func TestALockThatOneReadingHidesIsLookedUp(t *testing.T) {
	t.Parallel()
	m := onOpenLDAP(t, 60)
	m.modify(m.disable(58), m.disable(3))
	b := newBook(t, m.know(m.source()))
	p := meibotest.NewProxy(t, m.config.URLs[0])
	m.config.URLs = []string{p.URL}
	hide := meibotest.Hide("pwdAccountLockedTime", false)
	p.Spoil(func(a *meibotest.Answer) {
		if a.Number > 50 { // more than a look-up asks for
			hide(a)
		}
	})
	f := m.follow(b, func(f *directory.Following) { f.Mode = directory.ModePoll })
	f.untilNotice(directory.NoticeSwept)
	if got := f.say() + f.sayHeld(); got != "" {
		t.Errorf("told %s", got)
	}
	p.Spoil(nil)
	m.modify(m.enable(58))
	f.untilTold("58 lifted")
}

// TestAStreamWithoutCookiesBeginsAnew: what happened while nobody listened is not lost, since everybody is read.
func TestAStreamWithoutCookiesBeginsAnew(t *testing.T) {
	t.Parallel()
	m := onOpenLDAP(t, 60)
	b := newBook(t, m.know(m.source()))
	p := meibotest.NewProxy(t, m.config.URLs[0])
	m.config.URLs = []string{p.URL}
	p.Spoil(meibotest.NoCookie)
	f := m.follow(b)
	f.untilNotice(directory.NoticeCurrent)
	m.modify(m.disable(1))
	f.untilTold("1 restricted")
	f.stop()
	m.modify(m.disable(2), m.remove(3))
	p.Spoil(nil)
	f = m.follow(b)
	f.untilTold("2 restricted", "3 gone")
	f.until("everybody to be read", func() bool { return f.Standing().Refreshes == 1 })
}

// TestALostServerDoesNotInterruptTheCaller: what was heard before is put in force in peace, and following goes on.
func TestALostServerDoesNotInterruptTheCaller(t *testing.T) {
	t.Parallel()
	s, _ := city(t, crowd(3))
	p := meibotest.NewProxy(t, s.URL)
	c := config(s)
	c.URLs = []string{p.URL}
	b := newBook(t, know(3))
	var lost atomic.Bool
	f := follow(t, open(t, c), b, func(f *directory.Following) {
		f.Pace.Beat, f.Pace.BeatLate = 20*time.Millisecond, 50*time.Millisecond
		f.Apply = func(ctx context.Context, batch directory.Batch) error {
			if batch.Cause == directory.BatchStream && lost.CompareAndSwap(false, true) {
				p.Spoil(meibotest.Silence)
				select {
				case <-ctx.Done():
					t.Error("it is interrupted")
				case <-time.After(300 * time.Millisecond):
				}
				p.Spoil(nil)
			}
			return b.apply(ctx, batch)
		}
	})
	f.untilNotice(directory.NoticeCurrent)
	modify(t, s, change("e00001", "pwdAccountLockedTime", "000001010000Z"))
	f.untilTold("1 restricted")
	modify(t, s, change("e00002", "pwdAccountLockedTime", "000001010000Z"))
	f.untilTold("2 restricted")
	f.untilNotice(directory.NoticeInterrupted)
}

// A bind that takes too long is given up, which is what its error says in the end. The server is lost all the same, and
// not the caller at fault whose work that ended.
func TestWhatWasGivenUpIsNoEndOfTheCaller(t *testing.T) {
	lost := &directory.Incomplete{Code: directory.CodeSilent, Err: &directory.Incomplete{Code: directory.CodeCanceled, Err: context.Canceled}}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(lost)
	if err := directory.CauseOf(ctx, ctx.Err()); err != lost {
		t.Errorf("got %v", err)
	}
	ctx, cancel = context.WithCancelCause(t.Context())
	cancel(nil)
	if err := directory.CauseOf(ctx, lost); err != lost {
		t.Errorf("ended by the caller: got %v", err)
	}
}
