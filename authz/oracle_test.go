package authz_test

import (
	"slices"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/authz"
)

// oracle decides in plain Go, condition by condition, with nothing of what the package uses: no text, no rows, no fold.
func oracle(q authz.Question, f authz.Facts) map[string]bool {
	o := judge{q, f}
	return map[string]bool{
		"caller": o.caller(), "contract": o.contract(), "entrusted": o.entrusted(), "chain": o.chain(o.inForce),
		"scope": o.chain(o.covers), "account": o.account(), "member": o.member(), "notified": o.right(o.open),
		"pledge": o.pledge(), "asset": o.asset(), "right": o.right(func(authz.Right) bool { return true }),
		"purpose": o.purpose(), "permitted": !o.prohibited(), "agreed": o.agreed(),
	}
}

type judge struct {
	q authz.Question
	f authz.Facts
}

// begun tells whether the moment has come. What is finer than a microsecond is cut off.
func (o judge) begun(t time.Time) bool {
	return !t.IsZero() && !o.q.At.Truncate(time.Microsecond).Before(t.Truncate(time.Microsecond))
}

func (o judge) within(t authz.Term) bool { return o.begun(t.From) && !o.begun(t.Until) }

// name tells whether s can name something at all.
func name(s string) bool { return s != "" && s != "-" && s != "*" && s != "!" }

func (o judge) knows() bool {
	return o.f.Purpose != nil && o.q.Purpose != "" && o.f.Purpose.Code == o.q.Purpose
}

// isUnder tells whether the asked purpose is known and lies under the node.
func (o judge) isUnder(node string) bool {
	return o.knows() && (o.q.Purpose == node || strings.HasPrefix(o.q.Purpose, node+"."))
}

func (o judge) caller() bool {
	return o.f.System != nil && o.f.System.ID == o.q.System &&
		slices.ContainsFunc(o.f.System.Scopes, func(s authz.Scope) bool {
			return s.Contract == o.q.Contract && s.Asset == o.q.Asset && o.isUnder(s.Purpose)
		})
}

func (o judge) knownContract() bool { return o.f.Contract != nil && o.f.Contract.ID == o.q.Contract }

func (o judge) contract() bool {
	c := o.f.Contract
	return o.knownContract() && c.State == authz.ContractActive && c.Complete && o.within(c.Term) && !o.begun(c.Terminated)
}

func (o judge) entrusted() bool {
	return o.knownContract() && slices.Contains(o.f.Contract.Assets, o.q.Asset)
}

// chain tells whether the person works for the prime contractor, or every hop has a consent that passes the test.
func (o judge) chain(test func(c authz.Consent, depth int) bool) bool {
	if !o.knownContract() || o.f.Assignment == nil || !name(o.f.Assignment.Employer) {
		return false
	}
	at := o.f.Assignment.Employer
	if at == o.f.Contract.Prime {
		return true
	}
	for i, hop := range o.f.Hops {
		depth := len(o.f.Hops) - i
		if hop.Organization != at || !name(at) || !slices.ContainsFunc(hop.Consents, func(c authz.Consent) bool {
			return test(c, depth)
		}) {
			return false
		}
		at = hop.Under
	}
	return len(o.f.Hops) > 0 && name(at) && at == o.f.Contract.Prime
}

func (o judge) inForce(c authz.Consent, depth int) bool {
	return o.within(c.Term) && !o.begun(c.Revoked) && depth <= c.Depth && c.FlowDown && c.Started
}

func (o judge) covers(c authz.Consent, depth int) bool {
	has := func(list []string, word string) bool {
		return slices.Contains(list, authz.All) || slices.Contains(list, word)
	}
	return o.inForce(c, depth) && has(c.Assets, o.q.Asset) && has(c.Actions, o.q.Action) &&
		(o.knows() && slices.Contains(c.Purposes, authz.All) || slices.ContainsFunc(c.Purposes, o.isUnder))
}

func (o judge) account() bool {
	p := o.f.Person
	return p != nil && p.ID == o.q.Person && p.Account == authz.AccountEnabled && !o.begun(p.Until)
}

func (o judge) assigned() bool {
	a := o.f.Assignment
	return a != nil && a.Person == o.q.Person && a.Contract == o.q.Contract
}

func (o judge) member() bool {
	a := o.f.Assignment
	return o.assigned() && o.within(a.Term) && !o.begun(a.Ended) && !o.begun(a.Suspended)
}

func (o judge) right(test func(authz.Right) bool) bool {
	return o.assigned() && slices.ContainsFunc(o.f.Rights, func(r authz.Right) bool {
		return r.Asset == o.q.Asset && r.Action == o.q.Action && o.isUnder(r.Purpose) && o.within(r.Term) && test(r)
	})
}

func (o judge) open(r authz.Right) bool {
	waived := o.f.Contract == nil || !o.f.Contract.AcknowledgementRequired
	return o.begun(r.Opened) && (waived || r.Acknowledged)
}

func (o judge) pledge() bool {
	return o.f.Assignment != nil && slices.ContainsFunc(o.f.Pledges, func(p authz.Pledge) bool {
		return p.Person == o.q.Person && p.Contract == o.q.Contract && name(p.Employer) &&
			p.Employer == o.f.Assignment.Employer && p.State == authz.PledgeValid && o.within(p.Term) && !o.begun(p.Due)
	})
}

func (o judge) asset() bool {
	a := o.f.Asset
	return a != nil && a.ID == o.q.Asset && a.Importance >= 1 && a.Importance <= 4 && a.State == authz.AssetActive
}

func (o judge) purpose() bool { return o.knows() && o.f.Purpose.Leaf && o.within(o.f.Purpose.Term) }

func (o judge) prohibited() bool {
	covers := func(node string) bool { return o.isUnder(node) || o.knows() && node == "*" }
	return slices.ContainsFunc(o.f.Prohibited, covers) ||
		o.knownContract() && slices.ContainsFunc(o.f.Contract.Prohibited, covers)
}

func (o judge) agreed() bool {
	return o.knownContract() && slices.ContainsFunc(o.f.Contract.Purposes, o.isUnder)
}
