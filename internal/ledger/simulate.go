package ledger

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A WhatIf is a change to be tried, and which recorded questions to ask again. The
// change is one of four: master data, lines, a rule, or a preset.
type WhatIf struct {
	Master *meibo.Master
	Lines  []meibo.Line // count as approved, notified and acknowledged
	Rule   *Rule
	Preset *meibo.Preset
	Days   int // asks what was asked in the last so many; 0: 30
	At     meibo.Instant
	Limit  int // of different questions; 0: MaxSimulated
}

// MaxSimulated bounds how many different questions a simulation asks, and maxDays
// how far back it reads.
const (
	MaxSimulated = 50_000
	maxDays      = 3660
	usualDays    = 30
	mostDiffer   = 1000
)

// A Simulation tells how answers would differ.
type Simulation struct {
	At        meibo.Instant // at which all was asked
	Since     meibo.Instant // back to when the log was read
	Cut       bool          // not as far back as was asked for: there were more questions than the limit
	Decisions int           // read
	Questions int           // different ones

	StillAllowed, StillDenied, NewlyDenied, NewlyAllowed int // of the questions

	Denied, Allowed []Differing // newly, those used last first
	DiffersCut      bool        // there are more

	Draft      []meibo.Line // what a preset of the roster comes to, to be submitted
	Unexpected bool         // something is newly allowed, though the change should only take away
}

// Simulate asks the recorded questions of the last days again, of the ledger as it
// is and as it would be after a change, both at one instant: now, or one that is
// ahead. Nothing is changed. How long ago a person was authenticated counts as it
// did when it was asked. Who is no more than a contractor is told of its own people
// only. Where the change is not in order the error names every problem; while
// another simulation runs it is ErrBusy.
func (l *Ledger) Simulate(ctx context.Context, c meibo.Caller, w WhatIf) (Simulation, error) {
	var f meibo.DecisionFilter
	if err := l.maySimulate(ctx, c, &f); err != nil {
		return Simulation{}, wrap("simulate change", err)
	}
	if ps := w.check(l.Now()); len(ps) > 0 {
		return Simulation{}, ps
	}
	if !l.simulating.TryLock() { // each holds the people twice
		return Simulation{}, wrap("simulate change", meibo.ErrBusy)
	}
	defer l.simulating.Unlock()
	s, err := l.simulate(ctx, c, w, f)
	return s, wrap("simulate change", err)
}

func (l *Ledger) simulate(ctx context.Context, c meibo.Caller, w WhatIf, f meibo.DecisionFilter) (s Simulation, err error) {
	tightens := w.tightens()
	if w.Preset != nil {
		if w, s.Draft, err = l.preset(ctx, c, w, f); err != nil {
			return Simulation{}, err
		}
	}
	two, err := l.candidate(ctx, c, w)
	if err != nil {
		return Simulation{}, err
	}
	f.From = two.made.Add(-24 * time.Hour * time.Duration(cmp.Or(w.Days, usualDays)))
	a := asked{limit: cmp.Or(w.Limit, MaxSimulated)}
	if err := a.read(ctx, l.db, f); err != nil {
		return Simulation{}, err
	}
	s.Since, s.Cut, s.Decisions, s.Questions = cmp.Or(a.since, f.From), a.since != 0, a.decisions, len(a.tallies)
	err = two.readAt(max(w.At, two.made)).compare(ctx, a.tallies, &s)
	s.Unexpected = tightens && s.NewlyAllowed > 0
	return s, err
}

// compare asks each question of both and says in s how the answers differ.
func (two candidate) compare(ctx context.Context, tallies map[oldQuestion]tally, s *Simulation) error {
	s.At = two.made
	d := differences{}
	for q, t := range tallies {
		if err := ctx.Err(); err != nil {
			return err
		}
		was, err := two.base.decide(two.rule, q.caller(), q.at(s.At), s.At)
		if err != nil {
			return err
		}
		is, err := two.next.decide(two.other, q.caller(), q.at(s.At), s.At)
		if err != nil {
			return err
		}
		s.count(was, is, d, q, t)
	}
	s.Denied, s.Allowed, s.DiffersCut = d.lists()
	return nil
}

// count counts one question, and puts it among the differences if it is one.
func (s *Simulation) count(was, is meibo.Decision, d differences, q oldQuestion, t tally) {
	switch {
	case was.Allowed && is.Allowed:
		s.StillAllowed++
	case was.Allowed:
		s.NewlyDenied++
		d.add(false, is.Codes, q, t)
	case is.Allowed:
		s.NewlyAllowed++
		d.add(true, was.Codes, q, t)
	default:
		s.StillDenied++
	}
}

func (w WhatIf) check(now meibo.Instant) meibo.Problems {
	var ps meibo.Problems
	switch given := w.given(); {
	case given > 1:
		ps = append(ps, meibo.Problem{Field: "lines", Code: "ONE_CHANGE_ONLY"})
	case given == 0:
		ps = append(ps, meibo.Problem{Field: "lines", Code: "EMPTY_FILE"})
	case w.Preset != nil:
		ps = append(ps, w.Preset.Check(now.Day())...)
	}
	if w.Days < 0 || w.Days > maxDays {
		ps = append(ps, meibo.Problem{Field: "days", Code: "NUMBER_OUT_OF_RANGE"})
	}
	if w.Limit < 0 || w.Limit > MaxSimulated {
		ps = append(ps, meibo.Problem{Field: "limit", Code: "NUMBER_OUT_OF_RANGE"})
	}
	if w.At != 0 && w.At < now {
		ps = append(ps, meibo.Problem{Field: "at", Code: "INSTANT_PASSED"})
	}
	return ps
}

// given is how many changes are to be tried.
func (w WhatIf) given() (n int) {
	for _, is := range []bool{w.Master != nil, len(w.Lines) > 0, w.Rule != nil, w.Preset != nil} {
		if is {
			n++
		}
	}
	return n
}

// tightens reports whether the change should allow nothing that is denied as it is.
// No rule that is weaker than the one in force is ever accepted.
func (w WhatIf) tightens() bool {
	grows := func(l meibo.Line) bool { return l.Operation != meibo.Remove && l.Operation != meibo.Suspend }
	return w.Master == nil && !slices.ContainsFunc(w.Lines, grows)
}

// maySimulate narrows a filter to what the caller may be told of: those who run
// meibo and the city of everything.
func (l *Ledger) maySimulate(ctx context.Context, c meibo.Caller, f *meibo.DecisionFilter) error {
	if c.Client.OrganizationID == Operator {
		return l.may(c, meibo.AnyContract, verbSimulate)
	}
	return l.narrow(ctx, c, f, verbSimulate)
}
