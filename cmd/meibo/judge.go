package main

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// causes are the causes of batches in the ledger's words.
var causes = map[directory.BatchCause]meibo.ReadingCause{
	directory.BatchRefresh: meibo.ReadingRefresh, directory.BatchStream: meibo.ReadingStream, directory.BatchSweep: meibo.ReadingSweep,
	directory.BatchLookUp: meibo.ReadingLookUp, directory.BatchExpiry: meibo.ReadingExpiry, directory.BatchProof: meibo.ReadingProof,
}

// reportOf writes a batch in the ledger's words.
func (p *people) reportOf(b directory.Batch) ledger.Report {
	token := string(b.Next)
	r := ledger.Report{Cause: causes[b.Cause], Whole: b.Full, Token: &token}
	for _, e := range b.Events {
		r.Entries = append(r.Entries, e.ID.String())
	}
	if !b.Current.IsZero() {
		r.Current = meibo.InstantOf(b.Current)
	}
	look := &looker{config: p.config}
	r.Judge = func(now ledger.Picture) ledger.Finding { return p.judge(b, now, look) }
	return r
}

// judge says what of a batch may be put in force, as of what the ledger knows.
func (p *people) judge(b directory.Batch, now ledger.Picture, look *looker) ledger.Finding {
	known, err := knownAll(now.Accounts)
	if err != nil { // the ledger keeps only what ParseID reads
		panic(err)
	}
	limits := p.limitsFor(now)
	plan := directory.Decide(known, b, limits)
	f := findingOf(plan)
	why := disbelieved(b, plan, limits, now.People)
	for _, h := range plan.Held {
		if why == directory.WhyFloor || blank(h) {
			f.Doubted = append(f.Doubted, h.ID.String())
		}
	}
	if why != "" {
		f.Incomplete, f.Seen = string(why), 0
		plan.Held = slices.DeleteFunc(plan.Held, func(h directory.Hold) bool { return why == directory.WhyFloor || blank(h) })
	}
	ours := make(map[string]bool, len(now.Accounts))
	for _, a := range now.Accounts {
		ours[a.Entry] = true
	}
	look.by(now.Organizations)
	spoken := map[string]bool{}
	for i, e := range b.Events {
		entry := e.ID.String()
		spoken[entry] = true
		if e.Kind == directory.EventSeen && ours[entry] {
			f.Sights = append(f.Sights, look.at(i, e))
		}
	}
	for _, a := range now.Held {
		if !spoken[a.Entry] { // nothing new is known of them
			plan.Held = append(plan.Held, heldOf(a))
		}
	}
	f.Holds = holdSets(plan)
	return f
}

// disbelieved is why what a batch says of people is rather a fault of the reading
// than true of any of them: it saw next to nobody, or could not read the entries of
// many. Empty: it is no such batch. What it says against accounts counts all the same.
func disbelieved(b directory.Batch, plan directory.Plan, limits directory.Limits, people int) directory.Why {
	if b.Full && limits.TooFew(b.Completeness, people) {
		return directory.WhyFloor
	}
	blanks := 0
	for _, h := range plan.Held {
		if blank(h) {
			blanks++
		}
	}
	if limits.TooMany(blanks, people) {
		return directory.WhyQuarantine
	}
	return ""
}

// blank tells whether nothing could be read of a person.
func blank(h directory.Hold) bool {
	return h.Why == directory.WhyQuarantine || h.Why == directory.WhyUnknown
}

func (p *people) limitsFor(now ledger.Picture) directory.Limits {
	limits := p.limits
	limits.People = now.People
	limits.Recent = directory.Recent{
		Gone: now.Recent.Absent, Restricted: now.Recent.Restricted, Lifted: now.Recent.Lifted, Entries: now.Recent.Entries,
	}
	return limits
}

// findingOf writes in the ledger's words what a plan applies.
func findingOf(plan directory.Plan) ledger.Finding {
	f := ledger.Finding{Seen: plan.Spent.Entries, Spent: ledger.Recent{
		Absent: plan.Spent.Gone, Restricted: plan.Spent.Restricted, Lifted: plan.Spent.Lifted,
	}}
	for _, c := range plan.Apply {
		if c.Kind == directory.Gone {
			f.Gone = append(f.Gone, c.ID.String())
		} else {
			f.Changed = append(f.Changed, accountOf(c.ID, c.To))
		}
	}
	return f
}

// holdSets are the plan's holds, each reason a set.
func holdSets(plan directory.Plan) []ledger.HoldSet {
	slices.SortFunc(plan.Held, func(a, b directory.Hold) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	var sets []ledger.HoldSet
	for _, s := range plan.HoldSets() {
		set := ledger.HoldSet{ID: s.Key(), Why: string(s.Why)}
		for _, h := range s.Holds {
			says := meibo.HeldChange{Absent: h.Absent}
			if !h.Absent {
				a := accountOf(h.ID, h.To)
				says.State, says.Cause, says.Until = a.State, a.Cause, a.Until
				says.Absent = h.To.Cause == directory.CauseDeparted
			}
			set.Members = append(set.Members, ledger.HeldPerson{Entry: h.ID.String(), Change: says})
		}
		sets = append(sets, set)
	}
	return sets
}

// heldOf is a hold as it was found, from what the ledger keeps of it.
func heldOf(a meibo.Account) directory.Hold {
	says := a.Held.V
	k, _ := knownOf(a)
	h := directory.Hold{ID: k.ID, Why: directory.Why(says.Why), From: k.State, Absent: says.Absent && says.State == ""}
	if says.State != "" {
		h.To = directory.Status{State: statusOf(says.State, says.Cause), Cause: directory.Cause(says.Cause), Until: says.Until.Time()}
	}
	return h
}

// codeOf is why the directory gives no information: short, and fit for a label.
func codeOf(err error) string {
	var why *directory.Incomplete
	switch {
	case errors.As(err, &why):
		return string(why.Code)
	case err != nil:
		return "failed"
	}
	return ""
}

func instantOf(t time.Time) meibo.Instant {
	if t.IsZero() {
		return 0
	}
	return meibo.InstantOf(t)
}
