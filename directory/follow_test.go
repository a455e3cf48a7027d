package directory_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

// staffed is how many people each server has.
const staffed = 60

func TestFollowOpenLDAP(t *testing.T) {
	t.Parallel()
	m := onOpenLDAP(t, staffed)
	m.follows(t, directory.ModeContent, 0)
	m.follows(t, directory.ModePoll, 20, func(f *directory.Following) {
		f.Mode, f.Pace.Sweep = directory.ModePoll, 100*time.Millisecond
	})
}

func TestFollow389(t *testing.T) {
	t.Parallel()
	m := on389(t, staffed)
	m.follows(t, directory.ModeContentHint, 0)
	m.follows(t, directory.ModeSearchHint, 20, func(f *directory.Following) { f.Mode = directory.ModeSearchHint })
}

func TestFollowSamba(t *testing.T) {
	t.Parallel()
	m := onSamba(t, staffed)
	m.follows(t, directory.ModeUSN, 0)
	m.config.BindDN, m.config.PasswordFile = m.admin()
	m.follows(t, directory.ModeDirSync, 20)
}

// follows does to a real server all that can happen to a person, and demands that each of it is told, and nothing else.
// The people's numbers are those after first.
func (m *maker) follows(t *testing.T, mode directory.Mode, first int, change ...func(*directory.Following)) {
	t.Helper()
	b := newBook(t, m.know(m.source()))
	f := m.follow(b, change...)
	f.untilNotice(directory.NoticeCurrent)
	if got := f.Standing(); got.Mode != mode || got.Reason == "" || got.People != len(b.people) {
		t.Errorf("stands at %+v", got)
	}
	running(t, m, f, first)
	f.stop()
	whileDown(t, m, b, first, change...)
}

// told writes what was told with numbers after first: "%d gone, %d lifted".
func (b *book) only(first int, changes string) {
	b.t.Helper()
	var want []string
	for change := range strings.SplitSeq(changes, ", ") {
		n, what, _ := strings.Cut(change, " ")
		i, _ := strconv.Atoi(n)
		want = append(want, fmt.Sprintf("%d %s", first+i, what))
	}
	slices.Sort(want)
	if got := b.say(); got != strings.Join(want, ", ") || b.sayHeld() != "" {
		b.t.Errorf("told %s, held %s; want %s", got, b.sayHeld(), want)
	}
}

func running(t *testing.T, m *maker, f *follower, first int) {
	step := func(i int, ldif, change string) {
		t.Helper()
		m.modify(ldif)
		f.untilTold(fmt.Sprintf("%d %s", i, change))
	}
	step(first+1, m.disable(first+1), "restricted")
	step(first+2, m.remove(first+2), "gone")
	step(first+3, m.move(first+3), "gone")
	step(first+4, m.leave(first+4), "gone")
	step(first+5, m.end(first+5, m.now().Add(30*24*time.Hour)), "restricted") // it ends sooner than never
	m.modify(m.rename(first + 6))
	f.untilNamed(m.ids[first+6], "renamed")
	step(first+1, m.enable(first+1), "lifted")
	f.only(first, "1 lifted, 1 restricted, 2 gone, 3 gone, 4 gone, 5 restricted")
	f.forget()
	m.advance(40 * 24 * time.Hour)
	f.untilTold(fmt.Sprintf("%d restricted", first+5))
	f.only(first, "5 restricted")
	f.forget()
}

// whileDown changes people while nobody follows, and others while the server starts again.
func whileDown(t *testing.T, m *maker, b *book, first int, change ...func(*directory.Following)) {
	m.modify(m.disable(first+11), m.remove(first+12), m.move(first+13), m.leave(first+14), m.rename(first+15))
	f := m.follow(b, change...)
	f.until("all of them", func() bool { return len(f.told) >= 4 })
	f.untilNamed(m.ids[first+15], "renamed")
	f.untilRead()
	f.only(first, "11 restricted, 12 gone, 13 gone, 14 gone")
	b.forget()
	if err := m.Restart(); err != nil {
		t.Fatal(err)
	}
	m.modify(m.disable(first+16), m.remove(first+17))
	f.until("both", func() bool { return len(f.told) >= 2 })
	f.only(first, "16 restricted, 17 gone")
	f.stop()
}

// TestAReadingThatIsAskedForIsOfAllAttributes: what the caller makes of them may have changed, though no entry has.
func TestAReadingThatIsAskedForIsOfAllAttributes(t *testing.T) {
	t.Parallel()
	_, source := city(t, crowd(3))
	f := followed(t, source, 3)
	for range 2 {
		f.forget()
		f.untilRead()
		f.until("attributes", func() bool {
			for _, b := range f.batches {
				if b.Cause == directory.BatchSweep && len(b.Events) == 3 && b.Events[0].Object() != nil {
					return true
				}
			}
			return false
		})
	}
}

// TestAfterARefreshOfTheChangedEverybodyIsReadWhole: a server that has lost its session log tells who has changed, and of
// the others only that they are there. Nobody is then looked up for not having been read.
func TestAfterARefreshOfTheChangedEverybodyIsReadWhole(t *testing.T) {
	t.Parallel()
	const n = 120
	m := onOpenLDAP(t, n)
	b := newBook(t, m.know(m.source()))
	f := m.follow(b)
	f.untilNotice(directory.NoticeCurrent)
	f.stop()
	m.modify(m.disable(1))
	if err := m.Restart(); err != nil {
		t.Fatal(err)
	}
	b.forget()
	f = m.follow(b)
	f.untilNotice(directory.NoticeSwept)
	f.only(0, "1 restricted")
	for _, batch := range b.batches {
		reread := 0
		for _, e := range batch.Events {
			if e.Proof == directory.ProofReread {
				reread++
			}
		}
		if reread > 1 {
			t.Errorf("%d people were looked up in a %s", reread, batch.Cause)
		}
	}
}
