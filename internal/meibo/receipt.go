package meibo

// A Receipt is what became of a notice at one address. One bad address does not
// lose the others' notice, and is not lost itself: it is a dead letter that a person
// sees.
type Receipt struct {
	To    string       `json:"to"`
	State ReceiptState `json:"state"`
	Code  string       `json:"code"`            // outcome of the last attempt
	Twice bool         `json:"twice,omitempty"` // an attempt ended without a known outcome: it may have come twice
}

// ReceiptState is where a notice stands at one address.
type ReceiptState string

const (
	ReceiptTaken ReceiptState = "taken"
	ReceiptLater ReceiptState = "later" // is tried again
	ReceiptDead  ReceiptState = "dead"  // refused for good, given up, or came back
)

// Addressees are those of the addresses at which the notice is still to be tried.
func (n Notice) Addressees(all []string) []string {
	var open []string
	for _, to := range all {
		if r, tried := n.receipt(to); !tried || r.State == ReceiptLater {
			open = append(open, to)
		}
	}
	return open
}

func (n Notice) receipt(to string) (Receipt, bool) {
	for _, r := range n.Receipts.V {
		if r.To == to {
			return r, true
		}
	}
	return Receipt{}, false
}

// settleEach folds the attempts at each address into what became of the notice: it
// is notified at its first address, and ends when nothing is left to be tried.
func (n Notice) settleEach(a Attempt, now Instant) Notice {
	var receipts []Receipt
	for _, old := range n.Receipts.V {
		if _, again := (Notice{Receipts: Pack(a.Each)}).receipt(old.To); !again {
			receipts = append(receipts, old)
		}
	}
	for _, r := range a.Each {
		old, _ := n.receipt(r.To)
		r.Twice = r.Twice || old.Twice
		receipts = append(receipts, r)
	}
	taken, later := false, false
	for i := range receipts {
		r := &receipts[i]
		if r.State == ReceiptLater && now.Sub(n.CreatedAt) >= NoticeGivenUp {
			r.State = ReceiptDead
		}
		taken, later = taken || r.State == ReceiptTaken, later || r.State == ReceiptLater
	}
	n.Receipts = Pack(receipts)
	if taken && n.NotifiedAt.IsZero() {
		n.NotifiedAt = now
	}
	n.NextAt = 0
	switch {
	case later:
		n.State, n.NextAt = NoticeQueued, now.Add(pause(n.Attempts))
	case taken:
		n.State = NoticeNotified
	default:
		n.State = NoticeFailed
	}
	return n
}

// mark puts the receipts that are in one state into another.
func (n *Notice) mark(from, to ReceiptState, code string) (marked bool) {
	receipts := append([]Receipt(nil), n.Receipts.V...)
	for i := range receipts {
		if r := &receipts[i]; r.State == from {
			r.State, marked = to, true
			if code != "" {
				r.Code = code
			}
		}
	}
	n.Receipts = Pack(receipts)
	return marked
}

// Supersede ends those of a contract's notices that a roster notice has made moot:
// the city has been told of a later version, which contains the whole. Nothing of
// them is sent any more, but for one that is on its way just now: it is looked at when
// it comes back (Moot). It returns those that it changed.
func Supersede(all []Notice, by Notice) []Notice {
	var changed []Notice
	if by.Kind != NoticeRoster || by.NotifiedAt.IsZero() {
		return nil
	}
	for _, n := range all {
		if n.Kind != NoticeRoster || n.OrganizationID != by.OrganizationID || n.ContractID != by.ContractID || n.Version >= by.Version {
			continue
		}
		switch {
		case n.State == NoticeFailed, n.State == NoticeBounced, n.State == NoticeSent, n.State == NoticeQueued && n.NotifiedAt.IsZero():
			n.State, n.NextAt = NoticeSuperseded, 0
		case n.State == NoticeQueued && !n.NotifiedAt.IsZero():
			n.mark(ReceiptLater, ReceiptDead, "SUPERSEDED")
			n.State, n.NextAt = NoticeNotified, 0
		default:
			continue
		}
		changed = append(changed, n)
	}
	return changed
}

// Moot is a notice that has come back from an attempt, as it stands among all of its
// contract: superseded where the city was told of a later version meanwhile.
func (n Notice) Moot(all []Notice) Notice {
	for _, later := range all {
		for _, changed := range Supersede([]Notice{n}, later) {
			n = changed
		}
	}
	return n
}
