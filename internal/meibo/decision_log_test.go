package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestARemovalIsLateWhenItsDayHasPassed(t *testing.T) {
	noon := meibo.Date("2026-10-15").Start() + 12*3600*1_000_000
	for _, c := range []struct {
		name      string
		line      meibo.Line
		state     meibo.ChangeState
		late      bool
		effective meibo.Instant
	}{
		{"yesterday was the last day", meibo.Line{Operation: meibo.Remove, Ends: "2026-10-14"}, meibo.ChangeAccepted, true, meibo.Date("2026-10-15").Start()},
		{"a right is shortened to a week ago", meibo.Line{Operation: meibo.Amend, AssetID: "A01", Action: "view", Purpose: "U", Ends: "2026-10-08"}, meibo.ChangeAccepted, true, meibo.Date("2026-10-09").Start()},
		{"today is the last day", meibo.Line{Operation: meibo.Remove, Ends: "2026-10-15"}, meibo.ChangeAccepted, false, 0},
		{"no day is named", meibo.Line{Operation: meibo.Remove}, meibo.ChangeAccepted, false, 0},
		{"the change waits", meibo.Line{Operation: meibo.Amend, Ends: "2026-10-08"}, meibo.ChangeSubmitted, false, 0},
		{"a right is added for a time that has passed", meibo.Line{Operation: meibo.Add, Ends: "2026-10-08"}, meibo.ChangeAccepted, false, 0},
	} {
		r, late := meibo.LateRemovalOf(meibo.Change{SubmittedAt: noon, State: c.state}, c.line)
		if late != c.late || late && (r.Effective != c.effective || r.Recorded != noon || r.Filter().Allowed != meibo.Yes) {
			t.Errorf("%s: late: %v, %+v", c.name, late, r)
		}
	}
}

func TestAFilterSaysAllThatIsWrong(t *testing.T) {
	f := meibo.DecisionFilter{Person: "a b", System: "é", Contract: "/", Asset: "?", Action: "*", Purpose: "%", Code: `"`, Allowed: "maybe", From: 2, Until: 2}
	if ps := f.Check(); len(ps) != 9 {
		t.Errorf("got %v", ps)
	}
	if ps := (meibo.DecisionFilter{Person: meibo.NoID, From: 1, Until: 2, Allowed: meibo.No}).Check(); len(ps) != 0 {
		t.Errorf("got %v", ps)
	}
}
