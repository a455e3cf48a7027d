package directory_test

import (
	"context"
	"fmt"
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/directory"
)

// TestAReadingHandsOnEntriesAsTheyAre: what is kept of many entries until a reading is
// proven, and of the changes of a stream, is all that a look-up shows of each.
func TestAReadingHandsOnEntriesAsTheyAre(t *testing.T) {
	t.Parallel()
	const n = 60
	var ldif []string
	for i := range n {
		ldif = append(ldif, person(i+1, fmt.Sprintf("e%05d", i+1), value("sn;lang-ja;phonetic", fmt.Sprintf("ヤマダ%d", i)), fmt.Sprintf("title: t%d", i),
			fmt.Sprintf("mail: %d@a.example", i), fmt.Sprintf("mail: %d@b.example", i)))
	}
	s, _ := city(t, ldif...)
	c := config(s)
	c.Also = []string{"title"}
	source := open(t, c)
	want := map[directory.ID]map[string][]string{}
	all, _ := complete(t, source)
	for _, o := range all {
		want[o.ID] = o.Attr
	}
	for _, mode := range []directory.Mode{directory.ModeContent, directory.ModePoll} {
		got := map[directory.ID]map[string][]string{}
		f := follow(t, source, newBook(t, know(n)), func(f *directory.Following) {
			f.Mode, f.Pace.Full = mode, time.Nanosecond
			f.Apply = func(_ context.Context, b directory.Batch) error {
				for _, e := range b.Events {
					if o := e.Object(); o != nil && b.Cause != directory.BatchProof {
						maps.DeleteFunc(o.Attr, func(name string, _ []string) bool { _, asked := want[o.ID][name]; return !asked }) // the stamps
						got[e.ID] = o.Attr
					}
				}
				return nil
			}
		})
		f.untilNotice(directory.NoticeCurrent)
		f.stop()
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s (-got +want):\n%s", mode, diff)
		}
		clear(got)
		f = follow(t, source, newBook(t, know(n)), func(f1 *directory.Following) {
			f1.Mode, f1.Pace.Full, f1.Apply = mode, time.Nanosecond, f.Following.Apply
		})
		f.untilRead()
		f.stop()
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s, swept (-got +want):\n%s", mode, diff)
		}
	}
}
