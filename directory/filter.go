package directory

import (
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// names are what a filter speaks of.
type names struct {
	attributes []string // attribute descriptions
	classes    []string // values that objectClass is compared with
}

// filterNames lists the attributes and classes of a filter that compiles.
func filterNames(filter string) names {
	var n names
	if packet, err := ldap.CompileFilter(filter); err == nil {
		n.collect(packet)
	}
	slices.Sort(n.attributes)
	n.attributes = slices.Compact(n.attributes)
	return n
}

func (n *names) collect(p *ber.Packet) {
	switch p.Tag {
	case ldap.FilterAnd, ldap.FilterOr, ldap.FilterNot:
		for _, child := range p.Children {
			n.collect(child)
		}
	case ldap.FilterPresent:
		n.attributes = append(n.attributes, p.Data.String())
	case ldap.FilterExtensibleMatch:
		for _, child := range p.Children {
			if child.Tag == ldap.MatchingRuleAssertionType {
				n.attributes = append(n.attributes, child.Data.String())
			}
		}
	default:
		name := p.Children[0].Data.String()
		n.attributes = append(n.attributes, name)
		if p.Tag == ldap.FilterEqualityMatch && strings.EqualFold(name, "objectClass") {
			n.classes = append(n.classes, p.Children[1].Data.String())
		}
	}
}

// both is the filter of what both filters hold for.
func both(filter, other string) string { return "(&" + filter + other + ")" }

// equals is the filter of entries in which an attribute has a value, whatever the value is made of.
func equals(attribute, value string) string {
	return "(" + attribute + "=" + ldap.EscapeFilter(value) + ")"
}
