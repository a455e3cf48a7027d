package meibo

// A Notice (通知) tells an organization outside of something it must know. It is
// notified when a system outside meibo took it: the relay's 250 or a recorded
// hand-over, never when it was queued. Notices of a contract are sent in order
// of their numbers.
type Notice struct {
	ID             NoticeID
	ContractID     ContractID
	Number         int // order within the contract and receiver
	Kind           NoticeKind
	OrganizationID OrganizationID // the receiver
	Version        int            // roster version it speaks of; 0: none
	State          NoticeState
	Way            NoticeWay // of the last attempt
	Attempts       int
	NextAt         Instant
	LeaseUntil     Instant // while a sender holds it
	MessageID      string  // the same on every attempt
	NotifiedAt     Instant
	LastCode       string            // outcome of the last attempt: SMTP status or a short code
	PossiblyTwice  bool              // an attempt ended without a known outcome
	Receipts       Packed[[]Receipt] // by address, where it goes by mail
	Answer         Verdict           // the city's newest word on the version; empty: none yet
	AnsweredAt     Instant
	DueOn          Date    // last open day to tell the city, and once it is told, for it to answer; empty: nothing is owed
	OverdueAt      Instant // when those who must act were told that the day has passed
	CreatedAt      Instant
}

// NoticeKind is what a notice speaks of.
type NoticeKind string

const (
	NoticeRoster       NoticeKind = "roster"       // to the city: a roster version was cut
	NoticeReturned     NoticeKind = "returned"     // to the contractor: the city returned a version or a line
	NoticeAcknowledged NoticeKind = "acknowledged" // to the contractor: the city acknowledged a version
	NoticeDeparted     NoticeKind = "departed"     // to the contractor: the directory ended assignments
	NoticeDisabled     NoticeKind = "disabled"     // to the contractor: the directory has locked accounts of people who work
	NoticeOverdue      NoticeKind = "overdue"      // to both: the city has not answered a version in time
	NoticeUntold       NoticeKind = "untold"       // to both: the city could not be told of a version in time
	NoticeHeld         NoticeKind = "held"         // to both: what the directory says of people is too much to be believed
	NoticePledges      NoticeKind = "pledges"      // to contractors: people of theirs lack a pledge, or soon will
	NoticeElsewhere    NoticeKind = "elsewhere"    // to both: the directory shows people at another employer, or in another unit
)

// NoticeState is where a notice stands.
type NoticeState string

const (
	NoticeQueued     NoticeState = "queued"
	NoticeSending    NoticeState = "sending"
	NoticeSent       NoticeState = "sent" // a package was written; a person has to carry it
	NoticeNotified   NoticeState = "notified"
	NoticeFailed     NoticeState = "failed"     // refused for good or given up; a person must act
	NoticeBounced    NoticeState = "bounced"    // taken, then sent back: not notified
	NoticeSuperseded NoticeState = "superseded" // not notified, and moot: a later version was
)

// Settled reports whether no further attempt is due, and no person has to act.
func (n Notice) Settled() bool { return n.State == NoticeNotified || n.State == NoticeSuperseded }

// answered writes the city's word down. Whoever answers has been told, whatever
// became of the mail.
func (n Notice) answered(v Verdict, now Instant) Notice {
	n.Answer, n.AnsweredAt, n.DueOn = v, now, ""
	if n.NotifiedAt.IsZero() {
		n.State, n.NotifiedAt, n.LastCode, n.NextAt, n.LeaseUntil = NoticeNotified, now, "ANSWERED", 0, 0
	}
	return n
}

// Statuses folds the roster notices and the city's answers of one contract into
// the status of each version, in order of version.
func Statuses(rosters []Roster, notices []Notice, answers []Acknowledgement) []VersionStatus {
	list := make([]VersionStatus, len(rosters))
	at := map[int]*VersionStatus{}
	for i, r := range rosters {
		list[i].Version = r.Version
		at[r.Version] = &list[i]
	}
	for _, n := range notices {
		if s := at[n.Version]; s != nil && n.Kind == NoticeRoster && !n.NotifiedAt.IsZero() {
			s.NotifiedAt = n.NotifiedAt
		}
	}
	for _, a := range answers {
		s := at[a.Version]
		switch {
		case s == nil:
		case a.Verdict == Acknowledged:
			s.AcknowledgedAt = a.At
			if s.NotifiedAt.IsZero() { // the city holds it, whatever the mail did
				s.NotifiedAt = a.At
			}
		case a.PersonID == "":
			s.ReturnedAt = a.At
		}
	}
	return list
}
