package ledger

import (
	"cmp"
	"context"
	"slices"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// MostAccesses bounds an answer of Accesses.
const MostAccesses = 10000

// Accesses tells who could do what to an asset at an instant, past or ahead, by which
// right, in the order of people: for auditors and operators. Rights are tried through
// every system that is registered for them; what only circumstances stand in the way
// of, such as a permit, is told with them. more says that there are more than
// MostAccesses.
func (l *Ledger) Accesses(ctx context.Context, c meibo.Caller, asset meibo.AssetID, at meibo.Instant) (list []meibo.Access, more bool, err error) {
	if err := l.may(c, meibo.AnyContract, verbExplain); err != nil {
		return nil, false, err
	}
	if !meibo.ValidID(asset) {
		return nil, false, meibo.Problems{{Field: "asset", Code: "REQUIRED"}}
	}
	at = cmp.Or(at, l.Now())
	v, err := l.viewAt(ctx, at)
	if err != nil {
		return nil, false, wrap("list accesses", err)
	}
	for subject := range v.All("") {
		some, err := l.accessesOf(v, subject, asset, at)
		if err != nil {
			return nil, false, wrap("list accesses", err)
		}
		if list = append(list, some...); len(list) > MostAccesses {
			return list[:MostAccesses], true, nil
		}
	}
	slices.SortStableFunc(list, func(a, b meibo.Access) int {
		return cmp.Or(cmp.Compare(a.PersonID, b.PersonID), cmp.Compare(a.ContractID, b.ContractID), cmp.Compare(a.RightID, b.RightID))
	})
	return list, false, nil
}

// accessesOf tries each right of a subject to an asset.
func (l *Ledger) accessesOf(v *view, s authz.Subject, asset meibo.AssetID, at meibo.Instant) (list []meibo.Access, err error) {
	for _, work := range s.Work {
		for _, right := range work.Rights {
			if right.Asset != string(asset) {
				continue
			}
			a := meibo.Access{
				PersonID: meibo.PersonID(s.Person.ID), ContractID: meibo.ContractID(work.Contract), Action: meibo.Action(right.Action),
				Purpose: meibo.PurposeCode(right.Purpose), RightID: meibo.RightID(right.ID),
			}
			opens, err := l.try(v, &a, asset, at)
			if err != nil {
				return nil, err
			}
			if opens {
				list = append(list, a)
			}
		}
	}
	return list, nil
}

// try asks, through every system that may ask, for every purpose that the right is
// for, until one is allowed; what needs the least on top is kept.
func (l *Ledger) try(v *view, a *meibo.Access, asset meibo.AssetID, at meibo.Instant) (opens bool, err error) {
	for id, system := range v.systems {
		for _, scope := range system.Scopes {
			if scope.Contract != a.ContractID || !slices.Contains(scope.Assets, asset) {
				continue
			}
			for _, leaf := range v.leaves {
				if !leaf.Under(a.Purpose) || !leaf.UnderAny(scope.Purposes) {
					continue
				}
				q := meibo.Question{Person: a.PersonID, Contract: a.ContractID, Asset: asset, Action: a.Action, Purpose: leaf}
				d, err := l.policy.DecideIn(v.Snapshot, questionOf(meibo.Caller{Client: meibo.Client{SystemID: id}}, q, at))
				if err != nil {
					return false, err
				}
				conditions, could := onTop(d)
				if could && (!opens || len(conditions) < len(a.Conditions)) {
					opens, a.SystemID, a.Leaf, a.Conditions = true, id, leaf, conditions
				}
				if opens && len(a.Conditions) == 0 {
					return true, nil
				}
			}
		}
	}
	return opens, nil
}

// stated are the codes of what the asking system has to state or fulfil.
var stated = []authz.Code{
	authz.CodePermitRequired, authz.CodeWorkplaceNotPermitted, authz.CodeDeviceNotPermitted, authz.CodeOutOfHours, authz.CodeVolumeLimit,
	authz.CodeObligationUnsupported, authz.CodeZoneNotPermitted, authz.CodeCaseRefRequired, authz.CodeAuthLevelLow,
}

// onTop are the circumstances that a denial asks for on top; could is false where
// something else is in the way.
func onTop(d authz.Decision) (conditions []string, could bool) {
	if d.Allowed {
		return nil, true
	}
	for _, code := range d.Codes {
		if !slices.Contains(stated, code) {
			return nil, false
		}
		conditions = append(conditions, string(code))
	}
	return conditions, true
}
