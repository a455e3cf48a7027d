package meibo

import "time"

// Sending a notice: how often it is tried, and what an attempt came to.
const (
	// NoticeLease is how long a sender may hold a notice. A notice that is held
	// longer may or may not have been sent.
	NoticeLease = 2 * time.Minute
	// NoticeGivenUp is how long attempts go on before a person must act.
	NoticeGivenUp = 72 * time.Hour
	firstPause    = time.Minute
	longestPause  = 4 * time.Hour
)

// Due reports whether an attempt to send the notice may begin at now.
func (n Notice) Due(now Instant) bool {
	switch n.State {
	case NoticeQueued:
		return n.NextAt <= now
	case NoticeSending:
		return n.LeaseUntil <= now
	}
	return false
}

// Take begins an attempt. Where an earlier one ended without a known outcome the
// notice is marked as possibly sent twice.
func (n Notice) Take(now Instant, way NoticeWay, messageID string) Notice {
	if n.State == NoticeSending {
		n.PossiblyTwice = true
	}
	if n.MessageID == "" {
		n.MessageID = messageID
	}
	n.Way = way
	n.State, n.Attempts, n.LeaseUntil = NoticeSending, n.Attempts+1, now.Add(NoticeLease)
	return n
}

// An Attempt is what trying to send a notice came to.
type Attempt struct {
	Taken   bool      // a system outside took it
	Written bool      // a package was written, which a person has to carry
	Unknown bool      // the connection ended before the answer
	Final   bool      // it was refused for good
	Code    string    // SMTP status, or a short word
	Each    []Receipt // of mail: what it came to at each address
}

// Settle ends an attempt: notified, tried again later with growing pauses, or
// failed, so that a person must act.
func (n Notice) Settle(a Attempt, now Instant) Notice {
	n.LastCode, n.LeaseUntil = a.Code, 0
	if a.Unknown {
		n.PossiblyTwice = true
	}
	switch {
	case len(a.Each) > 0:
		return n.settleEach(a, now)
	case a.Taken:
		n.State, n.NotifiedAt, n.NextAt = NoticeNotified, now, 0
	case a.Written:
		n.State, n.NextAt = NoticeSent, 0
	case a.Final, now.Sub(n.CreatedAt) >= NoticeGivenUp:
		n.State, n.NextAt = NoticeFailed, 0
		if !n.NotifiedAt.IsZero() { // at another address
			n.State = NoticeNotified
		}
	default:
		n.State, n.NextAt = NoticeQueued, now.Add(pause(n.Attempts))
	}
	return n
}

// pause doubles from a minute to four hours.
func pause(attempts int) time.Duration {
	p := firstPause
	for range min(attempts, 10) - 1 {
		p *= 2
	}
	return min(p, longestPause)
}

// Retry lets a notice that failed or bounced, or whose package is to be written
// anew, be tried again, and one that was taken at some addresses only at the others.
func (n Notice) Retry(now Instant) (Notice, error) {
	dead := n.mark(ReceiptDead, ReceiptLater, "")
	switch {
	case n.State == NoticeFailed, n.State == NoticeBounced, n.State == NoticeSent:
		n.NotifiedAt = 0
	case n.State == NoticeNotified && dead:
	default:
		return n, Refuse(ErrConflict, "NOTICE_NOT_FAILED")
	}
	n.State, n.NextAt = NoticeQueued, now
	return n, nil
}

// HandOver records that a person handed the notice over: it is notified.
func (n Notice) HandOver(now Instant) (Notice, error) {
	if !n.NotifiedAt.IsZero() || n.State == NoticeNotified || n.State == NoticeSuperseded {
		return n, Refuse(ErrConflict, "NOTICE_ALREADY_NOTIFIED")
	}
	n.State, n.NotifiedAt, n.LastCode, n.NextAt, n.LeaseUntil = NoticeNotified, now, "HANDED_OVER", 0, 0
	return n, nil
}

// Bounce records that what was taken came back: it is not notified any more.
func (n Notice) Bounce() (Notice, error) {
	if n.State != NoticeNotified && n.NotifiedAt.IsZero() {
		return n, Refuse(ErrConflict, "NOTICE_NOT_NOTIFIED")
	}
	n.mark(ReceiptTaken, ReceiptDead, "BOUNCED")
	n.State, n.NotifiedAt, n.LastCode, n.NextAt, n.LeaseUntil = NoticeBounced, 0, "BOUNCED", 0, 0
	return n, nil
}

// NextToSend picks from the open notices of all contracts, in the order in which
// they are owed, those whose turn it is: of each contract and receiver one, so that
// nobody hears of version 3 before version 2. One that was taken already, but not at
// all its addresses, keeps the next waiting only while it is being sent; one whose
// sender was lost goes first, for it may have arrived.
func NextToSend(open []Notice, now Instant) []Notice {
	type line struct {
		contract ContractID
		receiver OrganizationID
		second   bool // which waits for nobody who is silent
		warning  bool // nor must a roster wait until a warning has arrived
	}
	of := func(n Notice) line { return line{n.ContractID, n.OrganizationID, n.Second(), n.Warning()} }
	busy := map[line]bool{}
	var next []Notice
	for _, n := range open {
		if n.State == NoticeSending {
			busy[of(n)] = true
			if n.Due(now) {
				next = append(next, n)
			}
		}
	}
	for _, n := range open {
		if busy[of(n)] {
			continue
		}
		if n.Due(now) {
			next = append(next, n)
		}
		busy[of(n)] = n.Due(now) || n.NotifiedAt.IsZero()
	}
	return next
}
