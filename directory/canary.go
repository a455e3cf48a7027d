package directory

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-ldap/ldap/v3"
)

// canaries reads the canaries as people are read. One that is gone, hidden or in another state than the configured one
// means that the service account does not see the directory as it is.
func (c *session) canaries(ctx context.Context, v view) error {
	for i, canary := range v.Canaries {
		doing := fmt.Sprintf("read canary %d", i+1)
		seen := false
		q := query{base: canary.DN, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)", attributes: v.ask}
		_, err := c.search(ctx, doing, q, func(f found) error {
			o, _ := v.object(f.entry, canary.DN)
			seen = !f.emptied && o.Status.State == canary.State
			return nil
		})
		result, answered := resultCode(err)
		switch {
		case err != nil && (!answered || result != ldap.LDAPResultNoSuchObject):
			return err
		case !seen:
			return &Incomplete{Code: CodeCanary, Doing: doing, Err: errors.New("not in its state"), Canary: i + 1}
		}
	}
	return nil
}

// canariesProve tells whether the canaries, all being right, prove that presence means enabled.
func (c Config) canariesProve() bool {
	var states [len(stateNames)]bool
	for _, canary := range c.Canaries {
		states[canary.State] = true
	}
	return states[Enabled] && states[Disabled]
}
