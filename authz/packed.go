package authz

import (
	"slices"
	"time"
	"unique"
)

// A snapshot keeps what most rows have in common in little room: words once for all rows that use them, and moments as
// microseconds. What a packed row cannot say exactly it keeps whole. So nothing is lost, whatever fields rows may have.

// word is a text of which many rows share one copy.
type word = unique.Handle[string]

// term is a period of which many rows share one copy.
type term = unique.Handle[span]

func packTerm(t Term) term { return unique.Make(span{moment(t.From), moment(t.Until)}) }

func unpackTerm(t term) Term {
	s := t.Value()
	return Term{unpackMoment(s.from), unpackMoment(s.until)}
}

// unpackMoment returns the instant as a time; what never comes is the zero time.
func unpackMoment(i instant) time.Time {
	if i == forever {
		return time.Time{}
	}
	return i.time()
}

// plain returns the time as it comes out of a packed row, if it can: in UTC, to the microsecond.
func plain(t time.Time) time.Time { return t.UTC().Truncate(time.Microsecond).Round(0) }

func (t Term) plain() Term { return Term{plain(t.From), plain(t.Until)} }

// packedPerson is a person.
type packedPerson struct {
	account Account
	until   instant
	service bool
	whole   *Person // nil: the other fields say all
}

func packPerson(p Person) packedPerson {
	packed := packedPerson{account: unique.Make(p.Account).Value(), until: moment(p.Until), service: p.Service}
	p.Until = plain(p.Until)
	if again := packed.unpack(p.ID); p.Leaves != nil || !again.same(&p) {
		packed.whole = &p
	}
	return packed
}

// same tells whether both persons are the same in every field but the list of leaves.
func (p *Person) same(other *Person) bool {
	return p.ID == other.ID && p.Account == other.Account && p.Begins == other.Begins && p.Until == other.Until &&
		p.Ambiguous == other.Ambiguous && p.Transferred == other.Transferred && p.Doubted == other.Doubted && p.Held == other.Held &&
		p.Organizations == other.Organizations && p.Service == other.Service && p.Owner == other.Owner
}

func (p *packedPerson) unpack(id string) Person {
	if p.whole != nil {
		return *p.whole
	}
	return Person{ID: id, Account: p.account, Until: unpackMoment(p.until), Service: p.service}
}

// packedWork is the work under one contract.
type packedWork struct {
	contract, employer word
	term               term
	ended, suspended   instant
	drafted, assigned  bool
	rights             []packedRight
	whole              *Assignment // nil: the other fields say all
}

func packWork(person string, w *Work) packedWork {
	packed := packedWork{contract: unique.Make(w.Contract), drafted: w.Drafted}
	if a := w.Assignment; a != nil {
		one := *a
		one.Term, one.Ended, one.Suspended = a.Term.plain(), plain(a.Ended), plain(a.Suspended)
		packed.assigned, packed.employer, packed.term = true, unique.Make(a.Employer), packTerm(a.Term)
		packed.ended, packed.suspended = moment(a.Ended), moment(a.Suspended)
		if packed.assignment(person) != one {
			packed.whole = &one
		}
	}
	if len(w.Rights) > 0 {
		packed.rights = make([]packedRight, len(w.Rights))
		for i := range w.Rights {
			packed.rights[i] = packRight(&w.Rights[i])
		}
	}
	return packed
}

func (w *packedWork) unpack(id string) Work {
	work := Work{Contract: w.contract.Value(), Drafted: w.drafted}
	if w.assigned {
		a := w.assignment(id)
		work.Assignment = &a
	}
	for i := range w.rights {
		work.Rights = append(work.Rights, w.rights[i].unpack())
	}
	return work
}

// assignment returns the assignment of the person.
func (w *packedWork) assignment(person string) Assignment {
	if w.whole != nil {
		return *w.whole
	}
	return Assignment{
		Person: person, Contract: w.contract.Value(), Employer: w.employer.Value(), Term: unpackTerm(w.term),
		Ended: unpackMoment(w.ended), Suspended: unpackMoment(w.suspended),
	}
}

// packedRight is a right.
type packedRight struct {
	id                     string
	asset, action, purpose word
	term                   term
	opened, lastUse        instant
	waiting                uint8 // place in waits
	acknowledged           bool
	whole                  *Right // nil: the other fields say all
}

// waits are what a packed right can say that it waits for.
var waits = []Wait{"", WaitApproval, WaitNotification, WaitAcknowledgement, WaitCorrection}

func packRight(r *Right) packedRight {
	packed := packedRight{
		id: r.ID, asset: unique.Make(r.Asset), action: unique.Make(r.Action), purpose: unique.Make(r.Purpose), term: packTerm(r.Term),
		opened: moment(r.Opened), lastUse: moment(r.LastUse), acknowledged: r.Acknowledged,
		waiting: uint8(max(0, slices.Index(waits, r.Waiting))),
	}
	one := *r
	one.Term, one.Opened, one.LastUse = r.Term.plain(), plain(r.Opened), plain(r.LastUse)
	if packed.unpack() != one {
		packed.whole = &one
	}
	return packed
}

// use notes a use that is later than the last one that is known.
func (r *packedRight) use(at instant) {
	if r.lastUse != forever && at <= r.lastUse {
		return
	}
	r.lastUse = at
	if r.whole != nil {
		one := *r.whole
		one.LastUse = unpackMoment(at)
		r.whole = &one
	}
}

func (r *packedRight) unpack() Right {
	if r.whole != nil {
		return *r.whole
	}
	return Right{
		ID: r.id, Asset: r.asset.Value(), Action: r.action.Value(), Purpose: r.purpose.Value(), Term: unpackTerm(r.term),
		Opened: unpackMoment(r.opened), LastUse: unpackMoment(r.lastUse), Waiting: waits[r.waiting], Acknowledged: r.acknowledged,
	}
}

// packedPledge is a pledge.
type packedPledge struct {
	contract, employer word
	state              uint8 // place in pledgeStates
	from, until, due   instant
	whole              *Pledge // nil: the other fields say all
}

// pledgeStates are the states that a packed pledge can say.
var pledgeStates = []PledgeState{"", PledgeRequested, PledgePending, PledgeRejected, PledgeUnproven, PledgeUnassented, PledgeValid}

func packPledge(person string, p Pledge) packedPledge {
	packed := packedPledge{
		contract: unique.Make(p.Contract), employer: unique.Make(p.Employer), state: uint8(max(0, slices.Index(pledgeStates, p.State))),
		from: moment(p.Term.From), until: moment(p.Term.Until), due: moment(p.Due),
	}
	p.Term, p.Due = p.Term.plain(), plain(p.Due)
	if packed.unpack(person) != p {
		packed.whole = &p
	}
	return packed
}

func (p *packedPledge) unpack(person string) Pledge {
	if p.whole != nil {
		return *p.whole
	}
	return Pledge{
		Person: person, Contract: p.contract.Value(), Employer: p.employer.Value(), State: pledgeStates[p.state],
		Term: Term{unpackMoment(p.from), unpackMoment(p.until)}, Due: unpackMoment(p.due),
	}
}
