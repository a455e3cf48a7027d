package directory

// Decide says what of a batch may be applied now. It is a pure function, and keeps the three kinds of signal apart as
// [Compare] does:
//
//   - What an entry says, and that the server told of an entry which a look-up did not find, restricts at once, up to
//     the breaker. Only an entry that was read again by its id, or in a complete reading, lifts, and only while canaries
//     prove that enabled means enabled.
//   - Absence ends a person only if it was confirmed and no more are absent than the limits allow.
//   - Without an event nothing changes.
//
// known are all the people of the caller, read in the transaction in which the plan is applied; the limits are shares of
// them. For a batch in which nobody is absent, those of its events are enough, with the number of all in the limits.
func Decide(known []Known, b Batch, limits Limits) Plan {
	c := newComparison(known, b.Completeness, limits)
	c.confirmed = map[ID]Confirmation{}
	events := make(map[ID]Event, len(b.Events))
	for _, e := range b.Events {
		events[e.ID] = e
	}
	var absent []Known
	for _, k := range sorted(known) {
		e, told := events[k.ID]
		switch {
		case !told:
		case e.Kind == EventUnfit:
			c.unfit(k, e.Flaw, e.Status)
		case e.Kind == EventSeen:
			c.entry(k, e.Status, e.Proof, e.Proof == ProofReread || b.Completeness.Complete)
		case e.Kind == EventLeft:
			c.left(k)
		case e.Kind == EventAbsent && b.Completeness.Complete:
			absent = append(absent, k)
			if e.Confirmed {
				c.confirmed[k.ID] = Confirmation{Missing: true}
			}
		}
	}
	c.absent(known, absent)
	return c.end(b.Full && b.Completeness.Complete)
}

// left ends a person whom the server told of and a look-up did not find, as far as the breaker lets it.
func (c *comparison) left(k Known) {
	if k.State != Disabled && !c.spend() {
		c.plan.Held = append(c.plan.Held, Hold{ID: k.ID, Why: WhyBreaker, From: k.State, Absent: true})
		return
	}
	c.apply(k, Status{}, Gone, ProofLeft)
}
