package directory_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

// run is the input of Compare in short words. People are numbered from 1; all were enabled and are seen enabled, after a
// complete and proven snapshot, unless it says otherwise.
type run struct {
	known      int
	others     int                      // entries seen beside the known
	was        map[int]directory.State  // what was known otherwise
	until      map[int]time.Time        // when the account was known to expire
	now        map[int]directory.Status // what is seen otherwise
	absent     []int                    // not seen, looked up and missing
	unasked    []int                    // not seen and not looked up
	found      map[int]directory.Status // not seen, looked up and found
	quarantine map[int]directory.Status // unfit entries
	flaw       string                   // of these; empty: oversize
	base       func(int) string         // where the person was last seen
	spoil      func(*directory.Observation)
	limits     directory.Limits
}

func (r run) plan() directory.Plan {
	seen := directory.Observation{
		Completeness: directory.Completeness{Complete: true, Proven: true},
		Seen:         map[directory.ID]directory.Sight{}, Confirmed: map[directory.ID]directory.Confirmation{},
	}
	var known []directory.Known
	for i := 1; i <= r.known; i++ {
		k := directory.Known{ID: id(i), State: directory.Enabled, Until: r.until[i]}
		if state, ok := r.was[i]; ok {
			k.State = state
		}
		if r.base != nil {
			k.Base = r.base(i)
		}
		known = append(known, k)
		status, other := r.now[i]
		if !other {
			status = directory.Status{State: directory.Enabled, Until: r.until[i]}
		}
		unfit, quarantined := r.quarantine[i]
		found, looked := r.found[i]
		switch {
		case quarantined:
			flaw := r.flaw
			if flaw == "" {
				flaw = "oversize"
			}
			seen.Completeness.Quarantined = append(seen.Completeness.Quarantined,
				directory.Quarantined{ID: id(i), Flaw: flaw, Status: unfit})
		case looked:
			seen.Confirmed[id(i)] = directory.Confirmation{Status: found}
		case slices.Contains(r.absent, i):
			seen.Confirmed[id(i)] = directory.Confirmation{Missing: true}
		case slices.Contains(r.unasked, i):
		default:
			seen.Seen[id(i)] = directory.Sight{Status: status, Base: k.Base}
			seen.Completeness.Entries++
		}
	}
	seen.Completeness.Entries += r.others
	if r.spoil != nil {
		r.spoil(&seen)
	}
	slices.Reverse(known) // the order of the known must not matter
	before := slices.Clone(known)
	p := directory.Compare(known, seen, r.limits)
	if !slices.Equal(known, before) {
		panic("the caller's list was changed")
	}
	return p
}

// say writes a plan in short: "7 gone" and "8 held:limit", in the order of the ids.
func say(p directory.Plan) string {
	var all []string
	for _, c := range p.Apply {
		all = append(all, fmt.Sprintf("%d %s", number(c.ID), c.Kind))
	}
	for _, h := range p.Held {
		all = append(all, fmt.Sprintf("%d held:%s", number(h.ID), h.Why))
	}
	return strings.Join(all, ", ")
}

func number(id directory.ID) (n int) {
	fmt.Sscanf(id.Value[24:], "%d", &n)
	return n
}

// held says that the people with these numbers are held for the reason.
func held(why directory.Why, numbers ...int) string {
	var all []string
	for _, n := range numbers {
		all = append(all, fmt.Sprintf("%d held:%s", n, why))
	}
	return strings.Join(all, ", ")
}

func numbers(from, to int) (all []int) {
	for i := from; i <= to; i++ {
		all = append(all, i)
	}
	return all
}

func each(status directory.Status, numbers ...int) map[int]directory.Status {
	all := map[int]directory.Status{}
	for _, n := range numbers {
		all[n] = status
	}
	return all
}

func gone(numbers ...int) string {
	var all []string
	for _, n := range numbers {
		all = append(all, fmt.Sprintf("%d gone", n))
	}
	return strings.Join(all, ", ")
}

var (
	off     = directory.Status{State: directory.Disabled, Cause: directory.CauseAdmin}
	on      = directory.Status{State: directory.Enabled}
	locked  = directory.Status{State: directory.LockedTemporarily, Cause: directory.CauseLocked}
	unclear = directory.Status{State: directory.Unknown, Cause: directory.CauseMalformed}
	away    = directory.Status{State: directory.Disabled, Cause: directory.CauseDeparted}
)

func TestPlan(t *testing.T) {
	incomplete := func(o *directory.Observation) { o.Completeness.Complete, o.Completeness.Proven = false, false }
	unproven := func(o *directory.Observation) { o.Completeness.Proven = false }
	wasOff := map[int]directory.State{1: directory.Disabled, 2: directory.Unknown, 3: directory.LockedTemporarily}
	soon, later := asOf.Add(time.Hour), asOf.Add(2*time.Hour)
	ending := func(end time.Time) map[int]directory.Status {
		return each(directory.Status{State: directory.Enabled, Until: end}, 1)
	}
	expired := each(directory.Status{State: directory.Disabled, Cause: directory.CauseExpired, Until: soon}, numbers(1, 30)...)
	for name, c := range map[string]struct {
		run
		want string
	}{
		"nothing changed":                     {run{known: 100}, ""},
		"nobody known":                        {run{others: 70}, ""},
		"nobody known and nobody seen":        {run{}, ""},
		"disabled":                            {run{known: 100, now: each(off, 7)}, "7 restricted"},
		"locked for a time":                   {run{known: 100, now: each(locked, 7)}, "7 restricted"},
		"disabled of three":                   {run{known: 3, now: each(off, 1, 2, 3)}, "1 restricted, 2 restricted, 3 restricted"},
		"still disabled":                      {run{known: 3, was: wasOff, now: each(off, 1)}, "2 lifted, 3 lifted"},
		"enabled again":                       {run{known: 3, was: wasOff}, "1 lifted, 2 lifted, 3 lifted"},
		"disabled, now locked for a time":     {run{known: 1, was: wasOff, now: each(locked, 1)}, "1 lifted"},
		"unknown, now disabled":               {run{known: 2, was: wasOff, now: each(off, 1, 2)}, "2 restricted"},
		"enabled again, unproven":             {run{known: 3, was: wasOff, spoil: unproven}, held(directory.WhyUnproven, 1, 2, 3)},
		"enabled again, unproven but allowed": {run{known: 3, was: wasOff, spoil: unproven, limits: directory.Limits{LiftUnproven: true}}, "1 lifted, 2 lifted, 3 lifted"},
		"enabled again, incomplete":           {run{known: 3, was: wasOff, spoil: incomplete, limits: directory.Limits{LiftUnproven: true}}, ""},
		"disabled, unproven":                  {run{known: 3, now: each(off, 2), spoil: unproven}, "2 restricted"},
		"disabled, incomplete":                {run{known: 30, now: each(off, 2), spoil: incomplete}, "2 restricted"},
		"an unknown state":                    {run{known: 4, was: wasOff, now: each(unclear, 1, 2, 3, 4)}, held(directory.WhyUnknown, 1, 3, 4)},

		"expires from now on":                {run{known: 1, now: ending(soon)}, "1 restricted"},
		"expires sooner":                     {run{known: 1, until: map[int]time.Time{1: later}, now: ending(soon)}, "1 restricted"},
		"expires sooner, incomplete":         {run{known: 1, until: map[int]time.Time{1: later}, now: ending(soon), spoil: incomplete}, "1 restricted"},
		"expires later":                      {run{known: 1, until: map[int]time.Time{1: soon}, now: ending(later)}, "1 lifted"},
		"expires later, unproven":            {run{known: 1, until: map[int]time.Time{1: soon}, now: ending(later), spoil: unproven}, held(directory.WhyUnproven, 1)},
		"expires no longer, incomplete":      {run{known: 1, until: map[int]time.Time{1: soon}, now: each(on, 1), spoil: incomplete}, ""},
		"the end in another zone":            {run{known: 1, until: map[int]time.Time{1: soon.In(time.FixedZone("JST", 9*3600))}, now: ending(soon)}, ""},
		"30 of 100 whose end nobody knew":    {run{known: 100, now: expired}, say30(10)},
		"30 of 100 whose end had been known": {run{known: 100, now: expired, until: thirty(soon)}, say30(30)},

		"moved to the departed":             {run{known: 10, now: each(away, 7)}, "7 gone"},
		"departed, disabled before":         {run{known: 10, was: wasOff, now: each(away, 1)}, "1 gone, 2 lifted, 3 lifted"},
		"departed, incomplete and unproven": {run{known: 10, now: each(away, 7), spoil: incomplete}, "7 gone"},

		"one deleted":                        {run{known: 74, absent: []int{7}}, "7 gone"},
		"the only one deleted":               {run{known: 1, others: 70, absent: []int{1}}, "1 gone"},
		"five deleted":                       {run{known: 20, absent: numbers(1, 5)}, gone(1, 2, 3, 4, 5)},
		"six deleted":                        {run{known: 74, absent: numbers(1, 6)}, held(directory.WhyLimit, 1, 2, 3, 4, 5, 6)},
		"2 % of 1000 deleted":                {run{known: 1000, absent: numbers(1, 20)}, gone(numbers(1, 20)...)},
		"more than 2 % of 1000":              {run{known: 1000, absent: numbers(1, 21)}, held(directory.WhyLimit, numbers(1, 21)...)},
		"two deleted and one disabled":       {run{known: 160, absent: []int{3, 4}, now: each(off, 9)}, "3 gone, 4 gone, 9 restricted"},
		"14 of a company vanish":             {run{known: 74, absent: numbers(31, 44)}, held(directory.WhyLimit, numbers(31, 44)...)},
		"60 of 160 really gone":              {run{known: 160, absent: numbers(1, 60)}, held(directory.WhyLimit, numbers(1, 60)...)},
		"five, and one earlier today":        {run{known: 100, absent: numbers(1, 5), limits: directory.Limits{Recent: directory.Recent{Gone: 1}}}, held(directory.WhyDayLimit, 1, 2, 3, 4, 5)},
		"four, and one earlier today":        {run{known: 100, absent: numbers(1, 4), limits: directory.Limits{Recent: directory.Recent{Gone: 1}}}, gone(1, 2, 3, 4)},
		"20 of 1000, and 30 earlier today":   {run{known: 1000, absent: numbers(1, 20), limits: directory.Limits{Recent: directory.Recent{Gone: 30}}}, gone(numbers(1, 20)...)},
		"20 of 1000, and 31 earlier today":   {run{known: 1000, absent: numbers(1, 20), limits: directory.Limits{Recent: directory.Recent{Gone: 31}}}, held(directory.WhyDayLimit, numbers(1, 20)...)},
		"deleted, not looked up":             {run{known: 74, unasked: []int{7}, absent: []int{8}}, "8 gone, 7 held:unconfirmed"},
		"not listed and found":               {run{known: 74, found: each(on, 7)}, ""},
		"not listed, found and disabled":     {run{known: 74, found: each(off, 7)}, "7 restricted"},
		"not listed, found and not readable": {run{known: 74, found: each(unclear, 7)}, held(directory.WhyUnknown, 7)},
		"found ones do not count as absent":  {run{known: 74, absent: numbers(1, 5), found: each(on, numbers(6, 30)...)}, gone(1, 2, 3, 4, 5)},
		"deleted, incomplete":                {run{known: 74, absent: []int{7}, spoil: incomplete}, ""},
		"deleted, unproven":                  {run{known: 74, absent: []int{7}, spoil: unproven}, "7 gone"},

		"an empty directory":             {run{known: 3, absent: numbers(1, 3)}, held(directory.WhyFloor, 1, 2, 3)},
		"an empty directory for one":     {run{known: 1, absent: []int{1}}, held(directory.WhyFloor, 1)},
		"an empty directory, not asked":  {run{known: 74, unasked: numbers(1, 74)}, held(directory.WhyFloor, numbers(1, 74)...)},
		"half of a directory":            {run{known: 74, absent: numbers(1, 37)}, held(directory.WhyLimit, numbers(1, 37)...)},
		"less than half":                 {run{known: 74, absent: numbers(1, 38)}, held(directory.WhyFloor, numbers(1, 38)...)},
		"two of three, beside many":      {run{known: 3, others: 70, absent: []int{1, 2}}, held(directory.WhyFloor, 1, 2)},
		"two of four, beside many":       {run{known: 4, others: 70, absent: []int{1, 2}}, gone(1, 2)},
		"half of what there was":         {run{known: 4, others: 30, absent: []int{1}, limits: directory.Limits{Recent: directory.Recent{Entries: 70}}}, held(directory.WhyFloor, 1)},
		"nearly what there was":          {run{known: 4, others: 60, absent: []int{1}, limits: directory.Limits{Recent: directory.Recent{Entries: 70}}}, gone(1)},
		"a whole small base":             {run{known: 74, absent: []int{71, 72, 73}, base: small(70)}, held(directory.WhyFloor, 71, 72, 73)},
		"most of a small base":           {run{known: 74, absent: []int{3, 71, 72, 73}, base: small(70)}, "3 gone, " + held(directory.WhyFloor, 71, 72, 73)},
		"one of a small base":            {run{known: 74, absent: []int{71}, base: small(70)}, gone(71)},
		"the only one of a base":         {run{known: 74, absent: []int{74}, base: small(73)}, gone(74)},
		"no limits: nobody by absence":   {run{known: 74, absent: []int{7}, limits: directory.Limits{Absent: -1, AbsentShare: -1}}, held(directory.WhyLimit, 7)},
		"disabled ones in an empty half": {run{known: 74, absent: numbers(1, 60), now: each(off, 70)}, "70 restricted, " + held(directory.WhyFloor, numbers(1, 60)...)},

		"11 of 74 disabled":            {run{known: 74, now: each(off, numbers(1, 11)...)}, restricted(10) + ", " + held(directory.WhyBreaker, 11)},
		"10 % of 200 disabled":         {run{known: 200, now: each(off, numbers(1, 21)...)}, restricted(20) + ", " + held(directory.WhyBreaker, 21)},
		"three, and 9 within the hour": {run{known: 74, now: each(off, 1, 2, 3), limits: directory.Limits{Recent: directory.Recent{Restricted: 9}}}, restricted(1) + ", " + held(directory.WhyBreaker, 2, 3)},
		"11 departed":                  {run{known: 74, now: each(away, numbers(1, 11)...)}, gone(numbers(1, 10)...) + ", " + held(directory.WhyBreaker, 11)},
		"50 locked for a time":         {run{known: 74, now: each(locked, numbers(1, 50)...)}, restricted(50)},

		"an unfit entry":                  {run{known: 74, quarantine: each(on, 7)}, held(directory.WhyQuarantine, 7)},
		"an unfit entry that is disabled": {run{known: 74, quarantine: each(off, 7)}, "7 restricted"},
		"two entries with one id":         {run{known: 74, quarantine: each(off, 7), flaw: "id-twice"}, held(directory.WhyQuarantine, 7)},
	} {
		t.Run(name, func(t *testing.T) {
			p := c.plan()
			if got := say(p); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			for _, change := range p.Apply {
				if missing := change.To == (directory.Status{}); missing != (change.Proof == directory.ProofMissing) ||
					missing && change.Kind != directory.Gone {
					t.Errorf("a change without its proof: %+v", change)
				}
			}
			if len(p.Disagreements) != len(c.found) {
				t.Errorf("%d disagreements, want %d", len(p.Disagreements), len(c.found))
			}
		})
	}
}

func TestAPlanTellsWhatItSpends(t *testing.T) {
	r := run{known: 100, others: 7, absent: []int{1, 2}, unasked: []int{3}, until: thirty(asOf), now: each(away, 31)}
	for i := 4; i <= 10; i++ {
		r.now[i] = directory.Status{State: directory.Disabled, Cause: directory.CauseExpired, Until: asOf} // announced
	}
	r.now[41], r.now[42], r.now[43] = off, off, locked
	p := r.plan()
	if want := (directory.Recent{Gone: 2, Restricted: 3, Entries: 104}); p.Spent != want || len(p.Apply) != 13 {
		t.Errorf("got %+v of %d changes, want %+v of 13", p.Spent, len(p.Apply), want)
	}
	r.spoil = func(o *directory.Observation) { o.Completeness.Complete = false }
	if p := r.plan(); p.Spent != (directory.Recent{Restricted: 3}) {
		t.Errorf("incomplete: got %+v", p.Spent)
	}
}

func small(last int) func(int) string {
	return func(n int) string {
		if n > last {
			return "ou=small," + people
		}
		return people
	}
}

func thirty(end time.Time) map[int]time.Time {
	all := map[int]time.Time{}
	for i := 1; i <= 30; i++ {
		all[i] = end
	}
	return all
}

func restricted(n int) string {
	var all []string
	for i := 1; i <= n; i++ {
		all = append(all, fmt.Sprintf("%d restricted", i))
	}
	return strings.Join(all, ", ")
}

// say30 is the plan of 30 that expired, of whom n may be restricted.
func say30(n int) string {
	if n == 30 {
		return restricted(30)
	}
	return restricted(n) + ", " + held(directory.WhyBreaker, numbers(n+1, 30)...)
}

// FuzzPlan: whoever is gone by absence was confirmed missing after a complete read that saw at least half, nobody is
// both applied and held, and nobody is lifted without a proof.
func FuzzPlan(f *testing.F) {
	f.Add([]byte("\x00\x01\x02\x03\x04\x05"), true, true, uint8(0))
	f.Add([]byte("\x01\x01\x01\x01"), true, false, uint8(70))
	f.Add([]byte(strings.Repeat("\x00", 100)+"\x01\x09\x21"), true, true, uint8(0))
	f.Fuzz(func(t *testing.T, fates []byte, complete, proven bool, others uint8) {
		if len(fates) > 200 {
			return
		}
		r := run{known: len(fates), others: int(others), now: map[int]directory.Status{}, was: map[int]directory.State{},
			found: map[int]directory.Status{}, quarantine: map[int]directory.Status{}}
		states := []directory.Status{on, off, locked, unclear, away}
		for i, fate := range fates {
			switch n, status := i+1, states[int(fate/8)%len(states)]; fate % 8 {
			case 1:
				r.absent = append(r.absent, n)
			case 2:
				r.unasked = append(r.unasked, n)
			case 3:
				r.found[n] = status
			case 4:
				r.quarantine[n] = status
			case 5:
				r.was[n], r.now[n] = directory.Disabled, status
			default:
				r.now[n] = status
			}
		}
		r.spoil = func(o *directory.Observation) {
			o.Completeness.Complete, o.Completeness.Proven = complete, complete && proven
		}
		p := r.plan()
		once := map[directory.ID]bool{}
		byAbsence := 0
		for _, c := range p.Apply {
			n := number(c.ID)
			if once[c.ID] {
				t.Errorf("%d is applied twice", n)
			}
			once[c.ID] = true
			if c.Proof == directory.ProofMissing {
				byAbsence++
				if !complete || !slices.Contains(r.absent, n) {
					t.Errorf("%d is gone, complete %t", n, complete)
				}
			}
			if c.Kind == directory.Lifted && !(complete && proven) {
				t.Errorf("%d is lifted without a proof", n)
			}
		}
		if byAbsence > 5 && byAbsence > len(fates)/50 || byAbsence > 1 && 2*(len(fates)-byAbsence) < len(fates) {
			t.Errorf("%d of %d are gone by absence", byAbsence, len(fates))
		}
		for _, h := range p.Held {
			if once[h.ID] {
				t.Errorf("%d is held and applied, or held twice", number(h.ID))
			}
			once[h.ID] = true
		}
	})
}
