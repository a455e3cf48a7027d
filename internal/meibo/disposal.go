package meibo

import "fmt"

// A Disposal (廃棄) is a proposal to destroy what a contract's pledges and rosters say,
// and who the people were who have to do with nothing that is kept, once all that need
// not be kept any more. A second person of the city's decides on it. What stays says
// that there was a pledge, a version, a person, by their ids, and nothing of what they
// said (S2-1-2).
type Disposal struct {
	ID         DisposalID
	ContractID ContractID
	KeptUntil  Date // last day of keeping, as it was when this was proposed
	Pledges    List[PledgeID]
	Papers     int // roster versions, changes, and what came with them; 0: none of these
	People     List[PersonID]
	State      DisposalState
	ProposedBy ClientID
	ProposerID PersonID // the person behind that client, if known
	ProposedAt Instant
	DecidedBy  ClientID
	DecidedAt  Instant
}

// DisposalState is where a disposal stands.
type DisposalState string

const (
	DisposalProposed DisposalState = "proposed"
	DisposalApproved DisposalState = "approved" // and carried out, in the same transaction
	DisposalRejected DisposalState = "rejected"
)

// UsualPledgeYears is for how many years after the fiscal year in which a contract
// ends its pledges are kept where the city has settled nothing.
const UsualPledgeYears = 10

// PledgesKept is the last day for which the pledges of a contract that ends on a day
// are kept: years after the end of that day's fiscal year, which is 31 March.
func (p CityParameters) PledgesKept(ends Date) Date {
	years := p.PledgeYears
	if years == 0 {
		years = UsualPledgeYears
	}
	year := ends.year() + years
	if ends[5:7] > "03" {
		year++
	}
	return Date(fmt.Sprintf("%04d-03-31", min(year, 9999))) // later days have no form
}

// LastDay is the last day of the contract, or that of its termination.
func (c Contract) LastDay() Date { return (c.End() - 1).Day() }

// Disposable reports whether a pledge may be destroyed: it is kept as long as that of
// any contract for which it speaks, and as evidence for as long as a legal hold is on
// its person, its contract or everything of theirs.
func (p Pledge) Disposable(contracts []Contract, holds []Hold, city CityParameters, today Date) bool {
	if p.State == PledgeDisposed {
		return false
	}
	for _, c := range contracts {
		speaks := c.ID == p.ContractID || p.Covers == CoversRenewals && c.RenewalOf == p.ContractID
		if speaks && city.PledgesKept(c.LastDay()) >= today {
			return false
		}
	}
	for _, h := range holds {
		of := (h.PersonID == "" || h.PersonID == p.PersonID) && (h.ContractID == "" || h.ContractID == p.ContractID)
		if h.Kind == HoldLegal && h.LiftedAt.IsZero() && of {
			return false
		}
	}
	return true
}

// Disposed is what stays of a pledge whose content is destroyed.
func (p Pledge) Disposed(now Instant) Pledge {
	p.State, p.Text, p.TextHash, p.Evidence, p.ClosedAt = PledgeDisposed, "", "", "", now
	return p
}

// Disposed is what stays of a document: without its key nothing opens its bytes,
// wherever they still lie. Its hash and size go, too: names could be tried against them.
func (d Document) Disposed() Document {
	d.Hash, d.Size, d.Key, d.Bytes = "", 0, nil, nil
	return d
}

// Disposed is what stays of a sealed paper: who sealed it, and when.
func (p SealedPaper) Disposed() SealedPaper {
	p.Hash = ""
	return p
}

// Gone reports whether the document was destroyed.
func (d Document) Gone() bool { return len(d.Key) == 0 && len(d.Bytes) == 0 }

// Decide approves or rejects a disposal. Whoever proposed it does not decide on it.
func (d Disposal) Decide(s Scene, approve bool) (Disposal, error) {
	me := s.Caller.Client
	switch {
	case d.State != DisposalProposed:
		return d, Refuse(ErrConflict, "DISPOSAL_NOT_OPEN")
	case approve && (me.ID == d.ProposedBy || me.PersonID != "" && me.PersonID == d.ProposerID):
		return d, Refuse(ErrForbidden, "SOD_CONFLICT")
	}
	d.State, d.DecidedBy, d.DecidedAt = DisposalRejected, me.ID, s.Now
	if approve {
		d.State = DisposalApproved
	}
	return d, nil
}
