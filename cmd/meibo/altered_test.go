package main

import (
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// TestAlteredOrganizationsReachPeopleAtOnce: for whom the directory shows somebody to
// work goes by what is registered of organizations. When that is altered, everybody is
// read anew with all attributes, though nothing has changed in the directory.
func TestAlteredOrganizationsReachPeopleAtOnce(t *testing.T) {
	t.Parallel()
	p := openLDAPPlace(t, 2)
	f := newFollowedCity(t, p, 2)
	f.change(p.change(1, "replace: mail\nmail: one@elsewhere.example"))
	f.settled()
	f.allowed(1, time.Second)
	owning := func(domains ...string) {
		t.Helper()
		registered, err := f.Ledger.Master(t.Context(), f.Operator)
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range registered.Organizations {
			if o.ID == "K1" {
				o.MailDomains = domains
				f.Apply(meibo.Master{Organizations: []meibo.Organization{o}})
			}
		}
	}
	owning("k1.example")
	f.refused(1, 10*time.Second)
	f.wants(1, "EMPLOYER_MISMATCH")
	f.wants(2, "ALLOW")
	owning("k1.example", "elsewhere.example")
	f.allowed(1, 10*time.Second)
}
