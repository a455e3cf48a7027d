package directory

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// HoldSet is all that a plan holds for one reason. It is a value to be stored and shown: a person confirms or rejects
// it as a whole, and nothing else with it.
type HoldSet struct {
	Why   Why
	Holds []Hold // in the order of the ids
}

// HoldSets are the plan's holds by their reasons.
func (p Plan) HoldSets() []HoldSet {
	var all []HoldSet
	for _, h := range p.Held {
		i := slices.IndexFunc(all, func(s HoldSet) bool { return s.Why == h.Why })
		if i < 0 {
			i, all = len(all), append(all, HoldSet{Why: h.Why})
		}
		all[i].Holds = append(all[i].Holds, h)
	}
	slices.SortFunc(all, func(a, b HoldSet) int { return cmp.Compare(a.Why, b.Why) })
	return all
}

// Key is the same for the same set, in whatever run it was found, and another one as soon as a person joins or leaves
// it, or is known or seen in another state. What was said of a key holds for no other.
func (s HoldSet) Key() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q\n", s.Why)
	for _, hold := range s.Holds {
		fmt.Fprintf(h, "%q %d %d %q %d %t\n", hold.ID, hold.From, hold.To.State, hold.To.Cause, hold.To.Until.Unix(), hold.Absent)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// HoldMoved says that a set cannot be confirmed as it stands: these people are in another state than when it was found,
// or there is nothing that could be applied to them.
type HoldMoved struct {
	IDs []ID
}

func (e *HoldMoved) Error() string {
	return fmt.Sprintf("confirm a hold: %d of its people have moved", len(e.IDs))
}

// Confirm makes the changes of a set, for the caller to apply now that a person has looked at it. It is all or nothing:
// [*HoldMoved] says that one of the people is not in the state any more in which the set was found, or that there is
// nothing to apply, as of an unknown state. known are the caller's people now.
func (s HoldSet) Confirm(known []Known) ([]Change, error) {
	states := make(map[ID]State, len(known))
	for _, k := range known {
		states[k.ID] = k.State
	}
	var all []Change
	var moved []ID
	for _, h := range s.Holds {
		state, there := states[h.ID]
		change, ok := h.change()
		if !there || state != h.From || !ok {
			moved = append(moved, h.ID)
			continue
		}
		all = append(all, change)
	}
	if len(moved) > 0 {
		return nil, &HoldMoved{moved}
	}
	return all, nil
}

// change is what a hold keeps back; false: nothing that could be applied.
func (h Hold) change() (Change, bool) {
	c := Change{ID: h.ID, From: h.From, To: h.To, Proof: ProofConfirmed}
	switch {
	case h.Absent, h.To.Cause == CauseDeparted:
		c.Kind = Gone
	case h.To.State == Unknown:
		return Change{}, false
	case gravity(h.To.State) > gravity(h.From), h.To.State == h.From && h.To.State == Disabled:
		c.Kind = Restricted
	default:
		c.Kind = Lifted
	}
	return c, true
}
