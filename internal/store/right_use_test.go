package store_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestTheLatestUseOfARightIsKept: also of uses that are noted together, because they
// could not be before, and whatever comes late.
func TestTheLatestUseOfARightIsKept(t *testing.T) {
	meibotest.Each(t, func(t *testing.T, url string) {
		db := begun(t, url)
		use := func(right meibo.RightID, at meibo.Instant) meibo.RightUse {
			return meibo.RightUse{RightID: right, PersonID: "E001", At: at}
		}
		must(t, db.NoteUses(soon(t), []meibo.RightUse{use("r2", asOf), use("r1", asOf), use("r1", asOf+2), use("r1", asOf+1)}))
		must(t, db.NoteUses(soon(t), []meibo.RightUse{use("r1", asOf+1), use("r2", asOf+5)}))
		must(t, db.NoteUses(soon(t), nil))
		var all []meibo.RightUse
		must(t, db.UsesSince(soon(t), 0, func(some []meibo.RightUse) error { all = slices.Concat(all, some); return nil }))
		if diff := cmp.Diff([]meibo.RightUse{use("r1", asOf+2), use("r2", asOf+5)}, all); diff != "" {
			t.Errorf("uses (-want +got):\n%s", diff)
		}
		all = nil
		must(t, db.UsesSince(soon(t), meibo.Forever, func(some []meibo.RightUse) error { all = slices.Concat(all, some); return nil }))
		if len(all) != 0 {
			t.Errorf("since ever after: %v", all)
		}
	})
}
