package directory

import "github.com/go-ldap/ldap/v3"

// within tells whether a DN is the base or stands below it. DNs are compared as parsed and without regard to case,
// never as texts. The second result is false when one of them is no DN.
func within(base, dn string) (under, ok bool) {
	b, err := ldap.ParseDN(base)
	if err != nil || len(b.RDNs) == 0 {
		return false, false
	}
	d, err := ldap.ParseDN(dn)
	if err != nil || len(d.RDNs) == 0 {
		return false, false
	}
	return b.EqualFold(d) || b.AncestorOfFold(d), true
}
