package directory_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/directory"
)

// news is a batch in short words, of people numbered from 1 who were all enabled.
type news struct {
	known   int
	was     map[int]directory.Status
	seen    map[int]directory.Status // entries as the server sent them
	reread  map[int]directory.Status // looked up by id
	clock   map[int]directory.Status
	left    []int
	absent  []int // looked up and not found
	unsure  []int // absent and not looked up
	unfit   map[int]directory.Status
	twice   map[int]directory.Status
	whole   bool // a complete reading
	blank   bool // the canaries prove nothing
	entries int
	limits  directory.Limits
}

func (n news) decide() directory.Plan {
	b := directory.Batch{Full: n.whole, Completeness: directory.Completeness{Complete: n.whole, Proven: !n.blank, Entries: n.entries}}
	for proof, all := range map[directory.Proof]map[int]directory.Status{
		directory.ProofEntry: n.seen, directory.ProofReread: n.reread, directory.ProofClock: n.clock,
	} {
		for i, status := range all {
			b.Events = append(b.Events, directory.Event{Kind: directory.EventSeen, ID: id(i), Status: status, Proof: proof})
		}
	}
	for _, i := range n.left {
		b.Events = append(b.Events, directory.Event{Kind: directory.EventLeft, ID: id(i), Proof: directory.ProofLeft})
	}
	for confirmed, all := range map[bool][]int{true: n.absent, false: n.unsure} {
		for _, i := range all {
			b.Events = append(b.Events, directory.Event{Kind: directory.EventAbsent, ID: id(i), Confirmed: confirmed})
		}
	}
	for flaw, all := range map[string]map[int]directory.Status{"not-utf8": n.unfit, "id-twice": n.twice} {
		for i, status := range all {
			b.Events = append(b.Events, directory.Event{Kind: directory.EventUnfit, ID: id(i), Status: status, Flaw: flaw})
		}
	}
	known := know(n.known)
	for i, was := range n.was {
		known[i-1].State, known[i-1].Until = was.State, was.Until
	}
	before := slices.Clone(known)
	p := directory.Decide(known, b, n.limits)
	if !slices.Equal(known, before) {
		panic("the caller's list was changed")
	}
	return p
}

func TestDecide(t *testing.T) {
	soon := asOf.Add(time.Hour)
	wasOff := map[int]directory.Status{1: off}
	expired := directory.Status{State: directory.Disabled, Cause: directory.CauseExpired, Until: soon}
	for name, c := range map[string]struct {
		news
		want string
	}{
		"nothing was told":                      {news{known: 3}, ""},
		"nothing was told in a whole reading":   {news{known: 3, whole: true, entries: 3}, ""},
		"what the server sends restricts":       {news{known: 3, seen: each(off, 1)}, "1 restricted"},
		"and does not lift":                     {news{known: 3, was: wasOff, seen: each(on, 1)}, ""},
		"a look-up lifts":                       {news{known: 3, was: wasOff, reread: each(on, 1)}, "1 lifted"},
		"not without canaries":                  {news{known: 3, was: wasOff, reread: each(on, 1), blank: true}, held(directory.WhyUnproven, 1)},
		"unless that is accepted":               {news{known: 3, was: wasOff, reread: each(on, 1), blank: true, limits: directory.Limits{LiftUnproven: true}}, "1 lifted"},
		"a whole reading lifts":                 {news{known: 3, was: wasOff, seen: each(on, 1), whole: true, entries: 3}, "1 lifted"},
		"the clock restricts":                   {news{known: 3, clock: each(expired, 2)}, "2 restricted"},
		"unknown changes nothing":               {news{known: 3, reread: each(unclear, 2)}, held(directory.WhyUnknown, 2)},
		"locked for a time":                     {news{known: 3, seen: each(locked, 2)}, "2 restricted"},
		"departed":                              {news{known: 3, seen: each(away, 2)}, "2 gone"},
		"who has left":                          {news{known: 3, left: []int{1, 2, 3}}, "1 gone, 2 gone, 3 gone"},
		"who was told of is not known":          {news{known: 3, left: []int{7}, seen: each(off, 8)}, ""},
		"ten leave, the rest waits":             {news{known: 20, left: numbers(1, 12)}, gone(numbers(1, 10)...) + ", " + held(directory.WhyBreaker, 11, 12)},
		"the hour is spent":                     {news{known: 20, left: []int{1}, limits: directory.Limits{Recent: directory.Recent{Restricted: 10}}}, held(directory.WhyBreaker, 1)},
		"the breaker is for all":                {news{known: 20, left: numbers(1, 8), seen: each(off, 9, 10, 11)}, gone(numbers(1, 8)...) + ", 9 restricted, 10 restricted, 11 held:breaker"},
		"what was announced costs nothing":      {news{known: 20, was: map[int]directory.Status{11: {State: directory.Enabled, Until: soon}}, left: numbers(1, 10), clock: each(expired, 11)}, gone(numbers(1, 10)...) + ", 11 restricted"},
		"absent and confirmed":                  {news{known: 30, absent: []int{1, 2}, whole: true, entries: 28}, "1 gone, 2 gone"},
		"absent and not confirmed":              {news{known: 30, absent: []int{1}, unsure: []int{2}, whole: true, entries: 28}, "1 gone, 2 held:unconfirmed"},
		"more absent than may be":               {news{known: 30, absent: numbers(1, 6), whole: true, entries: 24}, held(directory.WhyLimit, numbers(1, 6)...)},
		"an absence without a whole reading":    {news{known: 30, absent: []int{1}, entries: 29}, ""},
		"half is missing":                       {news{known: 4, absent: []int{1, 2, 3}, whole: true, entries: 1}, held(directory.WhyFloor, 1, 2, 3)},
		"unfit, but disabled":                   {news{known: 3, unfit: map[int]directory.Status{1: off, 2: on}}, "1 restricted, 2 held:quarantine"},
		"two with one id":                       {news{known: 3, twice: each(off, 1)}, held(directory.WhyQuarantine, 1)},
		"who was disabled has left":             {news{known: 20, was: wasOff, left: []int{1}, limits: directory.Limits{Recent: directory.Recent{Restricted: 10}}}, "1 gone"},
		"an account that ends sooner":           {news{known: 3, seen: each(directory.Status{State: directory.Enabled, Until: soon}, 1)}, "1 restricted"},
		"an account that ends later needs more": {news{known: 3, was: map[int]directory.Status{1: {State: directory.Enabled, Until: soon}}, seen: each(on, 1)}, ""},
		"ten are lifted":                        {news{known: 20, was: each(off, numbers(1, 10)...), reread: each(on, numbers(1, 10)...)}, lifted(numbers(1, 10)...)},
		"eleven are held":                       {news{known: 20, was: each(off, numbers(1, 11)...), reread: each(on, numbers(1, 11)...)}, held(directory.WhyLifts, numbers(1, 11)...)},
		"of many, a tenth":                      {news{known: 110, was: each(off, numbers(1, 11)...), reread: each(on, numbers(1, 11)...)}, lifted(numbers(1, 11)...)},
		"an end that has become unreadable":     {news{known: 20, was: each(directory.Status{State: directory.Enabled, Until: soon}, numbers(1, 11)...), reread: each(on, numbers(1, 11)...)}, held(directory.WhyLifts, numbers(1, 11)...)},
		"all who were disabled, at once":        {news{known: 20, was: each(off, 1, 2, 3, 4), seen: each(on, 1, 2, 3, 4), whole: true, entries: 20}, held(directory.WhyLifts, 1, 2, 3, 4)},
		"all but one":                           {news{known: 20, was: each(off, 1, 2, 3, 4, 5), seen: with(each(on, 1, 2, 3, 4), 5, off), whole: true, entries: 20}, lifted(1, 2, 3, 4)},
		"one by one":                            {news{known: 20, was: each(off, 1, 2, 3, 4), reread: each(on, 1, 2, 3, 4)}, lifted(1, 2, 3, 4)},
		"the hour has lifted some":              {news{known: 20, was: each(off, 1, 2), reread: each(on, 1, 2), limits: directory.Limits{Recent: directory.Recent{Lifted: 9}}}, held(directory.WhyLifts, 1, 2)},
	} {
		t.Run(name, func(t *testing.T) {
			if got := say(c.decide()); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func with(all map[int]directory.Status, i int, status directory.Status) map[int]directory.Status {
	all[i] = status
	return all
}

func lifted(numbers ...int) string {
	return strings.ReplaceAll(gone(numbers...), "gone", "lifted")
}

func TestAPlanOfABatchTellsWhatItSpends(t *testing.T) {
	p := news{known: 40, left: []int{1}, seen: each(off, 2), absent: []int{3}, whole: true, entries: 39}.decide()
	if want := (directory.Recent{Gone: 1, Restricted: 2, Entries: 39}); p.Spent != want {
		t.Errorf("got %+v, want %+v", p.Spent, want)
	}
	if p := (news{known: 40, left: []int{1}, entries: 5}).decide(); p.Spent.Entries != 0 {
		t.Errorf("a batch of a stream has read nobody: %+v", p.Spent)
	}
}

func TestAHoldIsConfirmedForExactlyItsPeople(t *testing.T) {
	p := news{known: 30, absent: numbers(1, 7), reread: each(unclear, 9), whole: true, entries: 22}.decide()
	sets := p.HoldSets()
	if len(sets) != 2 || sets[0].Why != directory.WhyLimit || len(sets[0].Holds) != 7 || sets[1].Why != directory.WhyUnknown {
		t.Fatalf("got %+v", sets)
	}
	again := news{known: 30, absent: []int{7, 6, 5, 4, 3, 2, 1}, whole: true, entries: 23}.decide().HoldSets()[0]
	if again.Key() != sets[0].Key() {
		t.Error("the same set has another key in the next run")
	}
	text, err := json.Marshal(sets[0])
	var stored directory.HoldSet
	if err != nil || json.Unmarshal(text, &stored) != nil || cmp.Diff(stored, sets[0]) != "" || stored.Key() != sets[0].Key() {
		t.Errorf("stored: %v, %s", err, text)
	}
	for name, other := range map[string]news{
		"one more":         {known: 30, absent: numbers(1, 8), whole: true, entries: 22},
		"one less":         {known: 30, absent: numbers(1, 6), whole: true, entries: 24},
		"another state":    {known: 30, was: map[int]directory.Status{1: off}, absent: numbers(1, 7), whole: true, entries: 23},
		"another reason":   {known: 30, absent: numbers(1, 7), whole: true, entries: 3},
		"not looked up":    {known: 30, unsure: numbers(1, 7), whole: true, entries: 23, limits: directory.Limits{Absent: 10}},
		"of other persons": {known: 30, absent: numbers(2, 8), whole: true, entries: 23},
	} {
		if sets := other.decide().HoldSets(); len(sets) != 1 || sets[0].Key() == stored.Key() {
			t.Errorf("%s: the same key", name)
		}
	}
	changes, err := stored.Confirm(know(30))
	if err != nil || len(changes) != 7 || changes[6].ID != id(7) || changes[6].Kind != directory.Gone || changes[6].Proof != directory.ProofConfirmed {
		t.Errorf("confirmed: %+v, %v", changes, err)
	}
	known := know(30)
	known[2].State = directory.Disabled
	var moved *directory.HoldMoved
	if _, err := stored.Confirm(append(known[:5:5], known[6:]...)); !errors.As(err, &moved) || !slices.Equal(moved.IDs, []directory.ID{id(3), id(6)}) {
		t.Errorf("who has moved: %v", err)
	}
	if _, err := sets[1].Confirm(know(30)); !errors.As(err, &moved) {
		t.Errorf("what is unknown cannot be confirmed: %v", err)
	}
}

func TestWhatIsHeldCanBeConfirmed(t *testing.T) {
	for name, c := range map[string]struct {
		news
		want directory.Kind
	}{
		"a restriction beyond the breaker": {news{known: 20, seen: each(off, 1), limits: directory.Limits{Hour: -1, HourShare: -1}}, directory.Restricted},
		"a departure beyond it":            {news{known: 20, left: []int{1}, limits: directory.Limits{Hour: -1, HourShare: -1}}, directory.Gone},
		"departed beyond it":               {news{known: 20, seen: each(away, 1), limits: directory.Limits{Hour: -1, HourShare: -1}}, directory.Gone},
		"a lift without canaries":          {news{known: 20, was: map[int]directory.Status{1: off}, reread: each(on, 1), blank: true}, directory.Lifted},
	} {
		sets := c.decide().HoldSets()
		known := know(20)
		if was, other := c.was[1]; other {
			known[0].State = was.State
		}
		changes, err := sets[0].Confirm(known)
		if err != nil || len(changes) != 1 || changes[0].Kind != c.want {
			t.Errorf("%s: %+v, %v", name, changes, err)
		}
	}
}

func TestFreshness(t *testing.T) {
	standard, never := directory.FreshnessLimits{}, directory.FreshnessLimits{FreezeAfter: time.Minute, SuspendAfter: -1}
	strict := directory.FreshnessLimits{FreezeAfter: time.Hour, SuspendAfter: time.Minute}
	for _, c := range []struct {
		limits directory.FreshnessLimits
		age    time.Duration
		want   directory.Freshness
		next   time.Duration // after the proof; zero: never
	}{
		{standard, 0, directory.Fresh, 15 * time.Minute},
		{standard, 15*time.Minute - 1, directory.Fresh, 15 * time.Minute},
		{standard, 15 * time.Minute, directory.Frozen, 24 * time.Hour},
		{standard, 24 * time.Hour, directory.Stale, 0},
		{standard, -time.Hour, directory.Fresh, 15 * time.Minute}, // the clock was put back
		{never, 1e6 * time.Hour, directory.Frozen, 0},
		{strict, 59 * time.Second, directory.Fresh, time.Minute},
		{strict, time.Minute, directory.Stale, 0},
	} {
		now := asOf.Add(c.age)
		if got := c.limits.At(asOf, now); got != c.want {
			t.Errorf("%+v after %s: got %s, want %s", c.limits, c.age, got, c.want)
		}
		next := c.limits.Next(asOf, now)
		if next.IsZero() != (c.next == 0) || c.next != 0 && !next.Equal(asOf.Add(c.next)) {
			t.Errorf("%+v after %s: changes at %s", c.limits, c.age, next)
		}
	}
	if got := standard.At(time.Time{}, asOf); got != directory.Stale {
		t.Errorf("never proven: %s", got)
	}
}

func TestStatesAreWrittenByName(t *testing.T) {
	text, err := json.Marshal([]directory.State{directory.Unknown, directory.Enabled, directory.Disabled, directory.LockedTemporarily})
	if err != nil || string(text) != `["unknown","enabled","disabled","locked-temporarily"]` {
		t.Errorf("got %s, %v", text, err)
	}
	var states []directory.State
	if err := json.Unmarshal([]byte(`["no state"]`), &states); err == nil || !strings.Contains(err.Error(), "no state") {
		t.Errorf("got %v", err)
	}
}
