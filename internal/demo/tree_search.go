package demo

import (
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
)

// filter tells whether an assertion holds of an entry.
type filter func(*entry) bool

func everything(*entry) bool { return true }

func nothing(*entry) bool { return false }

// The choices of a filter (RFC 4511 4.5.1).
const (
	filterAnd = iota
	filterOr
	filterNot
	filterEqual
	filterSubstrings
	filterGreater
	filterLess
	filterPresent
)

// filterOf reads a filter. What it does not know is undefined, and holds of nobody.
func filterOf(p *ber.Packet) filter {
	switch int(p.Tag) {
	case filterAnd, filterOr:
		var parts []filter
		for _, c := range p.Children {
			parts = append(parts, filterOf(c))
		}
		all := int(p.Tag) == filterAnd
		return func(e *entry) bool {
			return slices.ContainsFunc(parts, func(f filter) bool { return f(e) != all }) != all
		}
	case filterNot:
		if len(p.Children) == 1 {
			inner := filterOf(p.Children[0])
			return func(e *entry) bool { return !inner(e) }
		}
	case filterEqual:
		if len(p.Children) == 2 {
			name, value := text(p.Children[0]), text(p.Children[1])
			return func(e *entry) bool {
				return slices.ContainsFunc(e.of(name), func(v string) bool { return strings.EqualFold(v, value) })
			}
		}
	case filterPresent:
		name := text(p)
		return func(e *entry) bool { return strings.EqualFold(name, "objectClass") || len(e.of(name)) > 0 }
	}
	return nothing
}

func text(p *ber.Packet) string {
	if s, ok := p.Value.(string); ok {
		return s
	}
	return p.Data.String()
}

// of are the values of an attribute, with all its options.
func (e *entry) of(name string) []string {
	lower := strings.ToLower(name)
	values := slices.Clone(e.values[lower])
	for description, more := range e.values {
		if strings.HasPrefix(description, lower+";") {
			values = append(values, more...)
		}
	}
	return values
}

// operational are the attributes that come only when they are asked for by name.
var operational = []string{"entryuuid", "entrycsn", "pwdaccountlockedtime", "userpassword"}

// shown are the descriptions that a search returns of an entry, in order. A password
// is shown to nobody.
func (e *entry) shown(asked []string) []string {
	all := len(asked) == 0 || slices.Contains(asked, "*")
	var list []string
	for lower := range e.values {
		base, _, _ := strings.Cut(lower, ";")
		wanted := all && !slices.Contains(operational, base)
		for _, a := range asked {
			wanted = wanted || strings.EqualFold(a, lower) || strings.EqualFold(a, base)
		}
		if wanted && base != "userpassword" && len(e.values[lower]) > 0 {
			list = append(list, lower)
		}
	}
	slices.Sort(list)
	return list
}
