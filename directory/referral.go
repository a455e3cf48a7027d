package directory

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// elsewhere is an [*Incomplete] when a referral came that is not known to hold no people of ours.
func (c Config) elsewhere(doing string, referrals []string) error {
	for _, referral := range referrals {
		if !slices.ContainsFunc(c.AllowedReferrals, func(known string) bool { return sameReferral(known, referral) }) {
			return &Incomplete{Code: CodeReferral, Doing: doing, Err: fmt.Errorf("not allowed: %q", referral)}
		}
	}
	return nil
}

// sameReferral compares two LDAP URLs by host and DN.
func sameReferral(a, b string) bool {
	u, err := url.Parse(a)
	if err != nil {
		return a == b
	}
	w, err := url.Parse(b)
	if err != nil {
		return false
	}
	dn, other := strings.TrimPrefix(u.Path, "/"), strings.TrimPrefix(w.Path, "/")
	if !strings.EqualFold(u.Scheme, w.Scheme) || !strings.EqualFold(u.Host, w.Host) {
		return false
	}
	if dn == other {
		return true
	}
	x, err := ldap.ParseDN(dn)
	if err != nil {
		return false
	}
	y, err := ldap.ParseDN(other)
	return err == nil && x.EqualFold(y)
}
