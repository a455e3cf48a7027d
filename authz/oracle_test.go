package authz_test

import (
	"slices"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/authz"
)

// oracle decides in plain Go, condition by condition, with nothing of what the package uses: no text, no rows, no fold.
func oracle(q authz.Question, f authz.Facts) map[string]bool {
	o := judgeOf(q, f)
	claimed := o.claimed()
	return map[string]bool{
		"caller": o.caller(), "zone": o.zone(), "once": o.once(), "directory": o.synced() || claimed, "clock": o.clock(),
		"incident": !o.held(authz.HoldIncident), "evidence": !o.held(authz.HoldLegal), "unshared": !o.held(authz.HoldShared),
		"registered": o.registered(), "running": o.running(), "entrusted": o.entrusted(), "reviewed": o.reviewed(),
		"chain": o.chain(o.inForce), "scope": o.chain(o.covers),
		"account": o.anybody(q.Person, false), "owner": o.anybody(o.human(), true), "present": !o.onLeave(o.human()) && !o.onLeave(o.acting()),
		"employer": o.employed(), "authenticated": o.authenticated(), "mode": o.mode(), "principal": o.represents(),
		"member": o.member(o.human()), "notified": o.right(o.open), "pledge": o.pledge(o.human(), true), "trained": o.trained(),
		"asset": o.asset(), "right": o.right(func(authz.Right) bool { return true }),
		"purpose": o.purpose(), "permitted": !o.prohibited(), "agreed": o.agreed(), "intended": o.intended(), "deed": o.serves(),
		"provided": o.provided(), "reference": o.reference() || claimed,
		"permit": o.permitted(), "returned": !o.owing(),
		"workplace": o.workplace() || claimed, "device": o.device(), "hours": o.open24() || claimed, "volume": o.volume(),
		"protected": o.fulfilsAll(), "emergency": o.knows() && (!o.urgent() || claimed),
	}
}

// judgeOf returns the judge of a question.
func judgeOf(q authz.Question, f authz.Facts) judge {
	o := judge{q: q, f: f, limits: f.Parameters}
	if o.limits == nil {
		o.limits = authz.DefaultParameters()
	}
	o.class = o.limits.Classes[max(0, o.importance()-1)]
	return o
}

type judge struct {
	q      authz.Question
	f      authz.Facts
	limits *authz.Parameters
	class  authz.Class
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

func (o judge) registered() bool {
	c := o.f.Contract
	return o.knownContract() && c.State == authz.ContractActive && c.Complete && o.begun(c.Term.From)
}

func (o judge) over() bool {
	return o.f.Contract != nil && (o.begun(o.f.Contract.Term.Until) || o.begun(o.f.Contract.Terminated))
}

func (o judge) running() bool {
	return o.knownContract() && !o.over() || slices.ContainsFunc(o.f.Permits, func(p authz.Permit) bool {
		return o.covered(p) && p.CloseOut && in(o.limits.CloseOut, o.q.Action)
	})
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

func (o judge) assigned() bool {
	return o.f.Assignment != nil && o.f.Assignment.Contract == o.q.Contract
}

func (o judge) right(test func(authz.Right) bool) bool {
	return o.assigned() && slices.ContainsFunc(o.f.Rights, func(r authz.Right) bool {
		holder := r.Holder
		if holder == "" {
			holder = o.f.Assignment.Person
		}
		return holder == o.q.Person && r.Asset == o.q.Asset && r.Action == o.q.Action && o.isUnder(r.Purpose) && o.within(r.Term) &&
			o.unlimited(r.Limits) && test(r)
	})
}

func (o judge) open(r authz.Right) bool {
	waived := o.f.Contract == nil || !o.f.Contract.AcknowledgementRequired
	return o.begun(r.Opened) && (waived || r.Acknowledged)
}

// pledge tells whether a person has pledged, for the assignment's employer where that matters.
func (o judge) pledge(person string, employer bool) bool {
	all := o.f.Pledges
	if o.deputy() {
		all = slices.Concat(all, o.f.Principal.Pledges)
	}
	return name(person) && (!employer || o.f.Assignment != nil) && slices.ContainsFunc(all, func(p authz.Pledge) bool {
		return p.Person == person && p.Contract == o.q.Contract && (!employer || name(p.Employer) && p.Employer == o.f.Assignment.Employer) &&
			p.State == authz.PledgeValid && o.within(p.Term) && !o.begun(p.Due) && !o.begun(anniversary(p.Term.From, o.limits.PledgeMonths))
	})
}

func (o judge) asset() bool {
	return o.knownAsset() && o.importance() > 0 && !slices.ContainsFunc(parts(o.f.Asset), func(a *authz.Asset) bool {
		return a.State != authz.AssetActive
	})
}

func (o judge) knownAsset() bool { return o.f.Asset != nil && o.f.Asset.ID == o.q.Asset }

func (o judge) purpose() bool { return o.knows() && o.f.Purpose.Leaf && o.within(o.f.Purpose.Term) }

// against tells whether a prohibited purpose includes the asked one, or the other way round.
func (o judge) against(node string) bool {
	return o.knows() && (node == "*" || o.isUnder(node) || strings.HasPrefix(node, o.q.Purpose+"."))
}

func (o judge) prohibited() bool {
	all := slices.Clone(o.f.Prohibited)
	if o.knownContract() {
		all = append(all, o.f.Contract.Prohibited...)
	}
	if o.knownAsset() {
		for _, a := range parts(o.f.Asset) {
			all = append(all, a.Prohibited...)
		}
	}
	return slices.ContainsFunc(all, o.against)
}

func (o judge) agreed() bool {
	return o.knownContract() && slices.ContainsFunc(o.f.Contract.Purposes, o.isUnder)
}
