package directory

import (
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// Subtrees are DNs, parsed once, of which it is asked for many names which of them a name is or stands below. Names
// that stand below the same entry are looked for once. It is for one goroutine.
type Subtrees struct {
	tops  []*ldap.DN
	above map[string]parent // by the text of what stands above a name
}

// parent is what stands above names.
type parent struct {
	dn   *ldap.DN
	over []int // the deepest that it is or stands below
}

// NewSubtrees parses the DNs. What is no DN is above nothing.
func NewSubtrees(tops []string) *Subtrees {
	s := &Subtrees{above: map[string]parent{}}
	for _, text := range tops {
		s.tops = append(s.tops, parseDN(text))
	}
	return s
}

// Deepest are those, by their places in the list, that the name is or stands below, and below which no other of them
// lies: several may be the same. What is no DN stands below none.
func (s *Subtrees) Deepest(name string) []int {
	own, rest, found := strings.Cut(name, ",")
	if !found || strings.Contains(own, `\`) { // the comma may belong to a value
		return s.over(parseDN(name))
	}
	above, known := s.above[rest]
	if !known {
		above.dn = parseDN(rest)
		if above.over = s.over(above.dn); len(s.above) < maxCommon {
			s.above[strings.Clone(rest)] = above
		}
	}
	first := parseDN(own)
	if first == nil || above.dn == nil {
		return nil
	}
	whole := &ldap.DN{RDNs: append(first.RDNs, above.dn.RDNs...)}
	var itself []int
	for i, top := range s.tops {
		if top != nil && len(top.RDNs) == len(whole.RDNs) && top.EqualFold(whole) {
			itself = append(itself, i)
		}
	}
	if len(itself) > 0 {
		return itself
	}
	return above.over
}

// over are the deepest that a DN is or stands below.
func (s *Subtrees) over(dn *ldap.DN) (found []int) {
	deepest := 0
	for i, top := range s.tops {
		if !covers(top, dn) || len(top.RDNs) < deepest {
			continue
		}
		if len(top.RDNs) > deepest {
			deepest, found = len(top.RDNs), nil
		}
		found = append(found, i)
	}
	return found
}
