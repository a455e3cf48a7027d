package meibo

// Second reports whether the notice goes to the city's second address: the contract's
// own receivers are those who are silent, or who are not reached.
func (n Notice) Second() bool { return n.Kind == NoticeOverdue || n.Kind == NoticeUntold }

// Dated is the notice with the day on which something is owed, given what it was
// before: the city's answer once it is told, telling it again once that has come back.
func (n Notice) Dated(before Notice, c Calendar, now Instant) Notice {
	switch {
	case n.Kind != NoticeRoster || n.Answer != "":
	case n.State == NoticeSuperseded:
		n.DueOn = ""
	case before.NotifiedAt.IsZero() && !n.NotifiedAt.IsZero():
		n.DueOn, n.OverdueAt = c.AnswerBy(now.Day()), 0
	case !before.NotifiedAt.IsZero() && n.NotifiedAt.IsZero():
		n.DueOn, n.OverdueAt = c.From(now.Day()), 0
	}
	return n
}

// Late reports whether its day has passed and nobody was told of that.
func (n Notice) Late(now Instant) bool {
	return n.DueOn != "" && n.OverdueAt.IsZero() && n.DueOn.End() <= now
}

// Overdue reports whether something is owed whose day has passed.
func (n Notice) Overdue() bool { return n.DueOn != "" && !n.OverdueAt.IsZero() }

// Escalate tells those who must act of every notice whose day has passed: the city's
// second address and the contractor. Silence never becomes an acknowledgement: what
// waits for the city goes on waiting. It reports how many there were.
func (b *Book) Escalate(s Scene) int {
	late := 0
	for _, n := range b.Notices.All() {
		if !n.Late(s.Now) {
			continue
		}
		late++
		kind := NoticeUntold
		if !n.NotifiedAt.IsZero() {
			kind = NoticeOverdue
		}
		if kind == NoticeOverdue && b.Contract.Over(s.Now) { // nothing waits for the answer any more
			n.DueOn = ""
			b.Notices.Put(n)
			continue
		}
		n.OverdueAt = s.Now
		b.Notices.Put(n)
		if len(b.City.NoticeTo) > 0 {
			b.notify(s, kind, b.City.ID, b.City.NoticeTo, n.Version)
		}
		b.tellContractor(s, kind, n.Version)
	}
	return late
}

// settleEarlier ends what is owed for the versions before one that was acknowledged:
// it holds the whole.
func (b *Book) settleEarlier(version int) {
	for _, n := range b.Notices.All() {
		if n.Kind == NoticeRoster && n.Version < version && n.DueOn != "" && !n.NotifiedAt.IsZero() {
			n.DueOn = ""
			b.Notices.Put(n)
		}
	}
}
