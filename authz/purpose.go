package authz

import (
	"slices"
	"strings"
)

// path returns the purpose and all purposes above it, itself first.
func (p *Purpose) path() []string {
	path := []string{p.Code}
	for i, c := range slices.Backward([]byte(p.Code)) {
		if c == '.' {
			path = append(path, p.Code[:i])
		}
	}
	return path
}

// under tells whether the purpose is, or lies under, one of those listed. A purpose that is not known lies under none.
func (p *Purpose) under(list ...string) bool {
	return p != nil && slices.ContainsFunc(p.path(), func(above string) bool { return slices.Contains(list, above) })
}

// broadest returns the most general purpose of the list that the purpose lies under.
func (p *Purpose) broadest(list []string) string {
	if slices.Contains(list, All) {
		return anything
	}
	if p != nil {
		for _, above := range slices.Backward(p.path()) {
			if slices.Contains(list, above) {
				return cell(above)
			}
		}
	}
	return nothing
}

// deeper returns what lies under both purposes, of which each is nothing, anything, or above the asked one.
func deeper(a, b string) string {
	switch {
	case a == nothing || b == anything || b != nothing && strings.HasPrefix(a, b+"."):
		return a
	}
	return b
}
