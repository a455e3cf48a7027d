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
	span
	asset, action, purpose string
}

// combine folds the chain of hops, from the prime contractor down, into every combination of consents along it, one for
// each hop (S2-4-1, S2-4-2). A chain with a gap, or a hop without a consent, has none.
func (m *matter) combine() error {
	m.strands = m.strands[:0]
	if m.f.Contract == nil || !unbroken(m.f) {
		return nil
	}
	whole, next := append(m.strands, strand{span{dawn, forever}, anything, anything, anything}), m.spare[:0]
	for depth := 1; depth <= len(m.f.Hops); depth++ {
		for _, c := range m.f.Hops[len(m.f.Hops)-depth].Consents {
			if !c.reaches(depth) {
				continue
			}
			one := m.strand(c)
			for _, above := range whole {
				if both := meet(above, one); both.from < both.until {
					next = append(next, both)
				}
			}
		}
		if len(next) > 1 {
			slices.SortFunc(next, compareStrands)
			next = slices.Compact(next)
		}
		whole, next = next, whole[:0]
		if len(whole) > maxStrands {
			m.strands, m.spare = whole[:0], next
			return fmt.Errorf("combine the consents under contract %s: more than %d combinations", m.q.Contract, maxStrands)
		}
	}
	m.strands, m.spare = whole, next
	return nil
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
func (c Consent) until() instant {
	return min(moment(c.Term.Until), moment(c.Revoked))
}

// strand returns the consent as a strand of its own.
func (m *matter) strand(c Consent) strand {
	return strand{
		span{moment(c.Term.From), c.until()},
		among(c.Assets, m.q.Asset), among(c.Actions, m.q.Action), m.broadest(c.Purposes),
	}
}

// meet returns what two strands have in common.
func meet(a, b strand) strand {
	return strand{
		span{max(a.from, b.from), min(a.until, b.until)},
		common(a.asset, b.asset), common(a.action, b.action), deeper(a.purpose, b.purpose),
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
