package directory

import (
	"slices"
	"time"
)

// Compare says how a run's observation differs from what was known, and what of it may be applied now. It is a pure
// function; the same input gives the same plan.
//
// Three kinds of signal are kept apart:
//
//   - What an entry says of itself restricts at once, up to the breaker, whether the read was complete or not. It lifts
//     only after a complete snapshot whose canaries were right. An unknown state changes nothing.
//   - Absence ends a person only if the snapshot was complete, saw enough, a look-up of the very id found nothing, and
//     no more are absent than the limits allow. Beyond a limit all absent are held, since none can be believed more
//     than the others.
//   - No information changes nothing. Of an incomplete read an absence is not even held.
func Compare(known []Known, seen Observation, limits Limits) Plan {
	c := newComparison(known, seen.Completeness, limits)
	c.confirmed = seen.Confirmed
	sure := seen.Completeness.Complete
	quarantined := map[ID]Quarantined{}
	for _, q := range seen.Completeness.Quarantined {
		if quarantined[q.ID].Flaw != string(flawTwice) {
			quarantined[q.ID] = q
		}
	}
	var absent []Known
	for _, k := range sorted(known) {
		sight, visible := seen.Seen[k.ID]
		q, unfit := quarantined[k.ID]
		switch {
		case unfit:
			c.unfit(k, q.Flaw, q.Status)
		case visible:
			c.entry(k, sight.Status, ProofEntry, sure)
		case seen.Completeness.Complete:
			absent = append(absent, k)
		}
	}
	c.absent(known, absent)
	return c.end(sure)
}

// sorted makes the breaker's choice repeatable.
func sorted(known []Known) []Known {
	known = slices.Clone(known)
	slices.SortFunc(known, func(a, b Known) int { return a.ID.compare(b.ID) })
	return known
}

// comparison is a plan in the making.
type comparison struct {
	confirmed map[ID]Confirmation
	limits    Limits
	people    int
	lifts     []Change
	off       int // people who were disabled and are
	plan      Plan
}

func newComparison(known []Known, read Completeness, limits Limits) *comparison {
	return &comparison{limits: limits.WithDefaults(), people: max(limits.People, len(known)), plan: Plan{Completeness: read}}
}

// end is the plan; whole says that everybody was read.
func (c *comparison) end(whole bool) Plan {
	c.lift(whole)
	if whole {
		c.plan.Spent.Entries = c.plan.Completeness.Entries
	}
	c.plan.sort()
	return c.plan
}

// unfit takes the entry of a person in quarantine: what it says against the account counts, if it is one entry.
func (c *comparison) unfit(k Known, flaw string, to Status) {
	if to.State == Disabled && flaw != string(flawTwice) {
		c.entry(k, to, ProofEntry, false)
		return
	}
	c.hold(k, to, WhyQuarantine)
}

// entry takes what an entry says of a person. Only what is sure may lift.
func (c *comparison) entry(k Known, to Status, proof Proof, sure bool) {
	same := to.State == k.State
	if same && to.State == Disabled {
		c.off++
	}
	switch {
	case to.State == Unknown:
		if !same {
			c.hold(k, to, WhyUnknown)
		}
	case to.Cause == CauseDeparted:
		c.restrict(k, to, Gone, proof)
	case same && (to.State == Disabled || to.Until.Equal(k.Until)):
	case same && sooner(to.Until, k.Until), to.State == Disabled, k.State == Enabled && to.State == LockedTemporarily:
		c.restrict(k, to, Restricted, proof)
	case !sure:
		// who was restricted stays so until a read is complete
	case !c.plan.Completeness.Proven && !c.limits.LiftUnproven:
		c.hold(k, to, WhyUnproven)
	default:
		c.lifts = append(c.lifts, Change{ID: k.ID, Kind: Lifted, From: k.State, To: to, Proof: proof})
	}
}

// severalLifts is how many who were disabled may all be enabled at once before it is rather their locks that are hidden,
// whatever the canaries show: theirs may be under another rule of access.
const severalLifts = 3

// lift applies what lifts, if it is not too much: where a lock or an end has become unreadable, everybody seems to be
// enabled.
func (c *comparison) lift(whole bool) {
	n := len(c.lifts)
	most := max(c.limits.Lift, share(c.limits.LiftShare, c.people))
	hidden := whole && c.off == 0 && c.enabled() > severalLifts
	if n > 0 && (hidden || n+c.limits.Recent.Lifted > most) {
		for _, change := range c.lifts {
			c.plan.Held = append(c.plan.Held, Hold{ID: change.ID, Why: WhyLifts, From: change.From, To: change.To})
		}
		return
	}
	c.plan.Apply = append(c.plan.Apply, c.lifts...)
	c.plan.Spent.Lifted = n
}

// enabled is how many people seem to be enabled who were disabled.
func (c *comparison) enabled() (n int) {
	for _, change := range c.lifts {
		if change.From == Disabled {
			n++
		}
	}
	return n
}

// sooner compares ends, of which the zero one is never.
func sooner(a, b time.Time) bool {
	return !a.IsZero() && (b.IsZero() || a.Before(b))
}

// restrict applies what an entry says against an account, as far as the breaker lets it. What a date that was known had
// announced is not counted.
func (c *comparison) restrict(k Known, to Status, kind Kind, proof Proof) {
	announced := to.Cause == CauseExpired && !k.Until.IsZero() && !to.Until.After(k.Until)
	if to.State == Disabled && k.State != Disabled && !announced && !c.spend() {
		c.hold(k, to, WhyBreaker)
		return
	}
	c.apply(k, to, kind, proof)
}

// spend takes one person from what an hour may disable.
func (c *comparison) spend() bool {
	most := max(c.limits.Hour, share(c.limits.HourShare, c.people))
	if c.plan.Spent.Restricted+c.limits.Recent.Restricted >= most {
		return false
	}
	c.plan.Spent.Restricted++
	return true
}

// absent takes the people whom a complete snapshot did not show.
func (c *comparison) absent(known, absent []Known) {
	var gone []Known
	for _, k := range absent {
		answer, asked := c.confirmed[k.ID]
		if asked && !answer.Missing {
			c.plan.Disagreements = append(c.plan.Disagreements, k.ID)
			c.entry(k, answer.Status, ProofEntry, true)
			continue
		}
		gone = append(gone, k)
	}
	reason := c.disbelief(known, gone)
	emptied := c.emptied(known, gone)
	for _, k := range gone {
		why := reason
		if _, asked := c.confirmed[k.ID]; !asked && why == "" {
			why = WhyUnconfirmed
		}
		if why == "" && emptied[k.Base] {
			why = WhyFloor
		}
		if why != "" {
			c.plan.Held = append(c.plan.Held, Hold{ID: k.ID, Why: why, From: k.State, Absent: true})
			continue
		}
		c.plan.Apply = append(c.plan.Apply, Change{ID: k.ID, Kind: Gone, From: k.State, Proof: ProofMissing})
		c.plan.Spent.Gone++
	}
}

// disbelief is why none of the absences can be believed; empty: they can.
func (c *comparison) disbelief(known, gone []Known) Why {
	n := len(gone)
	switch {
	case n == 0:
		return ""
	case c.limits.TooFew(c.plan.Completeness, len(known)), c.tooFew(len(known), n):
		return WhyFloor
	case c.limits.TooMany(n, c.people):
		return WhyLimit
	case n+c.limits.Recent.Gone > max(c.limits.Absent, share(c.limits.DayShare, c.people)):
		return WhyDayLimit
	}
	return ""
}

// tooFew tells whether the people left of a group are below the floor. One person may leave any group.
func (c *comparison) tooFew(people, gone int) bool {
	return gone > 1 && float64(people-gone) < c.limits.Floor*float64(people)
}

// emptied are the bases that have lost so many of their people that rather the right to read them was lost.
func (c *comparison) emptied(known, gone []Known) map[string]bool {
	people, missing, few := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, k := range known {
		people[k.Base]++
	}
	for _, k := range gone {
		missing[k.Base]++
	}
	for base, n := range missing {
		few[base] = base != "" && c.tooFew(people[base], n)
	}
	return few
}

func (c *comparison) apply(k Known, to Status, kind Kind, proof Proof) {
	c.plan.Apply = append(c.plan.Apply, Change{ID: k.ID, Kind: kind, From: k.State, To: to, Proof: proof})
}

func (c *comparison) hold(k Known, to Status, why Why) {
	c.plan.Held = append(c.plan.Held, Hold{ID: k.ID, Why: why, From: k.State, To: to})
}

func share(part float64, of int) int { return int(part * float64(of)) }
