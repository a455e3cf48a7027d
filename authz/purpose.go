package authz

import "strings"

// path returns the purpose and all purposes above it, itself first.
func path(code string) []string {
	all := []string{code}
	for i := len(code) - 1; i >= 0; i-- {
		if code[i] == '.' {
			all = append(all, code[:i])
		}
	}
	return all
}

// under tells whether the stated purpose is known and is, or lies under, the other; every known one is under anything.
func (m *matter) under(above string) bool {
	return m.knows && (above == anything || lies(m.q.Purpose, above))
}

// above tells whether the stated purpose is known and is, or lies above, the other.
func (m *matter) above(below string) bool {
	return m.knows && lies(below, m.q.Purpose)
}

// lies tells whether one purpose is, or lies under, another.
func lies(below, above string) bool {
	return strings.HasPrefix(below, above) && (len(below) == len(above) || below[len(above)] == '.')
}

// underAny tells whether the stated purpose is known and is, or lies under, one of those listed.
func (m *matter) underAny(list []string) bool {
	for _, above := range list {
		if m.under(above) {
			return true
		}
	}
	return false
}

// broadest returns the most general purpose of the list that the stated one lies under.
func (m *matter) broadest(list []string) string {
	found := nothing
	for _, above := range list {
		switch {
		case above == anything:
			return anything
		case m.under(above) && (found == nothing || len(above) < len(found)):
			found = above
		}
	}
	return found
}

// deeper returns what lies under both purposes, of which each is nothing, anything, or above the asked one.
func deeper(a, b string) string {
	switch {
	case a == nothing || b == anything || b != nothing && lies(a, b):
		return a
	}
	return b
}

// excepted tells whether a list of prohibited purposes has the stated one, one above it or one below it.
func (m *matter) excepted(list []string) bool {
	for _, prohibited := range list {
		if m.under(prohibited) || m.above(prohibited) {
			return true
		}
	}
	return false
}
