package authz

import (
	"cmp"
	"fmt"
	"slices"
)

// maxStrands bounds the combinations of consents along one chain. A register with more is not read any further: the
// answer is an error, and so a denial.
const maxStrands = 256

// strand is what one consent for each hop of a chain have in common: a period, and of the question's words those that
// all of them cover. Each word is the question's own, anything, or nothing; for the purpose it is the most specific of
// the purposes above the asked one that the consents name.
type strand struct {
	from, until            string
	asset, action, purpose string
}

// chain writes a row for every combination of consents along the chain, one consent for each hop (S2-4-1, S2-4-2). One
// hop without a consent leaves no row at all.
func (s *sheet) chain(q Question, f Facts) error {
	if f.Contract == nil {
		return nil
	}
	whole, err := strands(q, f)
	if err != nil {
		return fmt.Errorf("combine the consents under contract %s: %w", q.Contract, err)
	}
	for _, t := range whole {
		s.add(sectionChains, cell(f.Contract.ID), cell(f.Hops[0].Organization),
			t.asset, t.action, t.purpose, t.from, t.until)
	}
	return nil
}

// strands folds the chain of hops, from the prime contractor down. A chain with a gap has none.
func strands(q Question, f Facts) ([]strand, error) {
	if !unbroken(f) {
		return nil, nil
	}
	whole := []strand{{from: "", until: forever, asset: anything, action: anything, purpose: anything}}
	for depth := 1; depth <= len(f.Hops); depth++ {
		var next []strand
		for _, c := range f.Hops[len(f.Hops)-depth].Consents {
			if !c.reaches(depth) {
				continue
			}
			one := c.strand(q, f.Purpose)
			for _, above := range whole {
				if both := meet(above, one); both.from < both.until {
					next = append(next, both)
				}
			}
		}
		slices.SortFunc(next, compareStrands)
		whole = slices.Compact(next)
		if len(whole) > maxStrands {
			return nil, fmt.Errorf("more than %d combinations", maxStrands)
		}
	}
	return whole, nil
}

// unbroken tells whether the hops lead from the employer up to the prime contractor, each under the next.
func unbroken(f Facts) bool {
	for i, hop := range f.Hops {
		above := f.Contract.Prime
		if i+1 < len(f.Hops) {
			above = f.Hops[i+1].Organization
		}
		if hop.Under != above || cell(above) == nothing {
			return false
		}
	}
	return len(f.Hops) > 0
}

// reaches tells whether the consent is in order for a hop so far below the prime contractor, whatever the moment: deep
// enough, with the conditions handed down (S2-4-3), and reported as started.
func (c Consent) reaches(depth int) bool {
	return depth <= c.Depth && c.FlowDown && c.Started
}

// until returns when the consent ends, by its term or because it is revoked.
func (c Consent) until() string {
	return min(moment(c.Term.Until), moment(c.Revoked))
}

// strand returns the consent as a strand of its own.
func (c Consent) strand(q Question, purpose *Purpose) strand {
	return strand{
		from: moment(c.Term.From), until: c.until(),
		asset: among(c.Assets, q.Asset), action: among(c.Actions, q.Action), purpose: purpose.broadest(c.Purposes),
	}
}

// meet returns what two strands have in common.
func meet(a, b strand) strand {
	return strand{
		from: max(a.from, b.from), until: min(a.until, b.until),
		asset: common(a.asset, b.asset), action: common(a.action, b.action), purpose: deeper(a.purpose, b.purpose),
	}
}

func compareStrands(a, b strand) int {
	return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.until, b.until), cmp.Compare(a.asset, b.asset),
		cmp.Compare(a.action, b.action), cmp.Compare(a.purpose, b.purpose))
}

// among returns what a list says of the question's word.
func among(list []string, word string) string {
	switch {
	case slices.Contains(list, All):
		return anything
	case slices.Contains(list, word):
		return word
	}
	return nothing
}

// common returns what two lists have in common, as far as the question's word goes.
func common(a, b string) string {
	switch {
	case a == anything || a == b:
		return b
	case b == anything:
		return a
	}
	return nothing
}
