package directory

import "github.com/go-ldap/ldap/v3"

// parseDN is nil for what is no DN, or an empty one.
func parseDN(text string) *ldap.DN {
	dn, err := ldap.ParseDN(text)
	if err != nil || len(dn.RDNs) == 0 {
		return nil
	}
	return dn
}

// covers tells whether a DN is the base or stands below it. DNs are compared as parsed and without regard to case,
// never as texts.
func covers(base, dn *ldap.DN) bool {
	return base != nil && dn != nil && (base.EqualFold(dn) || base.AncestorOfFold(dn))
}

// within is covers for texts. The second result is false when one of them is no DN.
func within(base, dn string) (under, ok bool) {
	b, d := parseDN(base), parseDN(dn)
	return covers(b, d), b != nil && d != nil
}

// Within tells whether a DN is the base or stands below it, as a directory compares names: parsed, and without regard to
// case. What is no DN is within nothing.
func Within(base, dn string) bool {
	under, _ := within(base, dn)
	return under
}

// places are the DNs of a configuration, parsed once for all entries.
type places map[string]*ldap.DN

func newPlaces(lists ...[]string) places {
	all := places{}
	for _, list := range lists {
		for _, text := range list {
			all[text] = parseDN(text)
		}
	}
	return all
}

// cover tells whether a DN is the base or stands below it.
func (p places) cover(base string, dn *ldap.DN) bool {
	b, known := p[base]
	if !known {
		b = parseDN(base)
	}
	return covers(b, dn)
}
