package authz_test

import (
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/authz"
)

// permissions is what each role may do.
var permissions = map[string]string{
	"submitter": "change.submit change.withdraw change.read roster.read pledge.request pledge.record pledge.sign pledge.read notice.read " +
		"training.record training.read hold.read",
	"approver": "change.approve change.reject change.read roster.read pledge.verify pledge.read notice.read training.read hold.open hold.read " +
		"directory.confirm decision.read decision.simulate",
	"city_receiver": "roster.read roster.acknowledge roster.return notice.read notice.report change.read hold.open hold.read emergency.read decision.read decision.simulate " +
		"disposal.propose disposal.read",
	"city_approver": "roster.read master.consent notice.read hold.open hold.lift hold.read emergency.read emergency.review decision.read decision.simulate " +
		"disposal.propose disposal.approve disposal.read",
	"auditor": "change.read roster.read pledge.read notice.read log.read master.read directory.read key.read decision.read decision.simulate access.explain " +
		"hold.read training.read training.read_any emergency.read disposal.read",
	"operator": "master.apply master.read key.create key.revoke key.read notice.read notice.retry notice.report " +
		"access.explain decision.simulate directory.sync directory.read directory.settle log.read hold.open hold.lift hold.read training.record training.read training.read_any emergency.read",
	"system": "access.check",
}

func loadRoles(t testing.TB) *authz.Roles {
	t.Helper()
	r, err := authz.LoadRoles()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestEachRoleMayDoItsVerbsAndNoOther(t *testing.T) {
	roles := loadRoles(t)
	for role, verbs := range permissions {
		grants := []authz.Grant{{Client: "u1", Role: role, Organization: "K1", Contract: "C01"}}
		for _, verb := range roles.Verbs() {
			got, err := roles.Allows(grants, "u1", "K1", "C01", verb)
			if want := slices.Contains(strings.Fields(verbs), verb); err != nil || got != want {
				t.Errorf("%s: %s = %t, want %t (error %v)", role, verb, got, want, err)
			}
		}
	}
}

func TestVerbsListsEveryVerbOnce(t *testing.T) {
	var want []string
	for _, verbs := range permissions {
		want = append(want, strings.Fields(verbs)...)
	}
	slices.Sort(want)
	roles := loadRoles(t)
	if diff := cmp.Diff(slices.Compact(want), roles.Verbs()); diff != "" {
		t.Errorf("verbs (-want +got):\n%s", diff)
	}
	roles.Verbs()[0] = "everything.do"
	if slices.Contains(roles.Verbs(), "everything.do") {
		t.Error("the verbs can be changed from outside")
	}
}

func TestGrantsServeWithinTheirDomain(t *testing.T) {
	roles := loadRoles(t)
	for _, c := range []struct {
		name                           string
		grant                          authz.Grant
		client, organization, contract string
		want                           bool
	}{
		{"the contract of the grant is open", authz.Grant{"u1", "approver", "K1", "C01"}, "u1", "K1", "C01", true},
		{"another contract is not", authz.Grant{"u1", "approver", "K1", "C01"}, "u1", "K1", "C02", false},
		{"another organization is not", authz.Grant{"u1", "approver", "K1", "C01"}, "u1", "K2", "C01", false},
		{"another client is not", authz.Grant{"u1", "approver", "K1", "C01"}, "u2", "K1", "C01", false},
		{"a grant for all contracts serves for each", authz.Grant{"u1", "approver", "K1", "*"}, "u1", "K1", "C01", true},
		{"a grant for all contracts serves for all", authz.Grant{"u1", "approver", "K1", "*"}, "u1", "K1", "*", true},
		{"a grant for one contract does not serve for all", authz.Grant{"u1", "approver", "K1", "C01"}, "u1", "K1", "*", false},
		{"a grant for all contracts of one organization serves for no other", authz.Grant{"u1", "approver", "K1", "*"}, "u1", "K2", "C01", false},
		{"a star is no organization", authz.Grant{"u1", "approver", "*", "*"}, "u1", "K1", "C01", false},
		{"a star is no client", authz.Grant{"*", "approver", "K1", "C01"}, "u1", "K1", "C01", false},
		{"a star is no role", authz.Grant{"u1", "*", "K1", "C01"}, "u1", "K1", "C01", false},
		{"an unknown role gives nothing", authz.Grant{"u1", "mayor", "K1", "C01"}, "u1", "K1", "C01", false},
		{"the sentinel of the table is no role", authz.Grant{"u1", "!", "K1", "C01"}, "u1", "K1", "C01", false},
		{"a grant without a client gives nothing", authz.Grant{"", "approver", "K1", "C01"}, "u1", "K1", "C01", false},
		{"a grant without a contract gives nothing", authz.Grant{"u1", "approver", "K1", ""}, "u1", "K1", "C01", false},
		{"a client with the name of a role does not have it", authz.Grant{"u1", "approver", "K1", "C01"}, "approver", "K1", "C01", false},
		{"a client cannot be made a role", authz.Grant{"u1", "u2", "K1", "C01"}, "u1", "K1", "C01", false},
		{"a slash cannot move between organization and contract", authz.Grant{"u1", "approver", "K1/C01", "X"}, "u1", "K1", "C01", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := roles.Allows([]authz.Grant{c.grant}, c.client, c.organization, c.contract, "change.approve")
			if err != nil || got != c.want {
				t.Errorf("got %t and error %v, want %t", got, err, c.want)
			}
		})
	}
}

func TestIllFormedQuestionsOfRolesAreErrors(t *testing.T) {
	roles := loadRoles(t)
	grants := []authz.Grant{{"u1", "approver", "K1", "*"}, {"", "approver", "", ""}}
	for _, c := range []struct{ name, client, organization, contract, verb string }{
		{"no client", "", "K1", "C01", "change.approve"},
		{"no organization", "u1", "", "C01", "change.approve"},
		{"no contract", "u1", "K1", "", "change.approve"},
		{"no verb", "u1", "K1", "C01", ""},
		{"an unknown verb", "u1", "K1", "C01", "change.everything"},
		{"the sentinel as a verb", "u1", "K1", "C01", "!"},
		{"a star as an organization", "u1", "*", "C01", "change.approve"},
		{"a path as an organization", "u1", "K1/C01", "C01", "change.approve"},
		{"a path as a contract", "u1", "K1", "C01/C02", "change.approve"},
		{"a pattern as a contract", "u1", "K1", "C*", "change.approve"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got, err := roles.Allows(grants, c.client, c.organization, c.contract, c.verb); err == nil || got {
				t.Errorf("got %t and error %v, want an error", got, err)
			}
		})
	}
}

func TestRolesAgreeWithAPlainReading(t *testing.T) {
	roles := loadRoles(t)
	clients, organizations, contracts := []string{"u1", "u2", "approver"}, []string{"K1", "K2"}, []string{"C01", "C02", "*"}
	names := []string{"submitter", "approver", "system", "nobody", "u1"}
	rapid.Check(t, func(t *rapid.T) {
		grants := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) authz.Grant {
			return authz.Grant{
				Client: rapid.SampledFrom(clients).Draw(t, "client"), Role: rapid.SampledFrom(names).Draw(t, "role"),
				Organization: rapid.SampledFrom(organizations).Draw(t, "organization"),
				Contract:     rapid.SampledFrom(contracts).Draw(t, "contract"),
			}
		}), 0, 5).Draw(t, "grants")
		client, organization := rapid.SampledFrom(clients).Draw(t, "asker"), rapid.SampledFrom(organizations).Draw(t, "of")
		contract, verb := rapid.SampledFrom(contracts).Draw(t, "about"), rapid.SampledFrom(roles.Verbs()).Draw(t, "verb")
		want := slices.ContainsFunc(grants, func(g authz.Grant) bool {
			return g.Client == client && g.Organization == organization && (g.Contract == contract || g.Contract == "*") &&
				slices.Contains(strings.Fields(permissions[g.Role]), verb)
		})
		got, err := roles.Allows(grants, client, organization, contract, verb)
		if err != nil || got != want {
			t.Errorf("got %t and error %v, want %t", got, err, want)
		}
	})
}

func TestClientsAskForRolesAtTheSameTime(t *testing.T) {
	roles := loadRoles(t)
	var wait sync.WaitGroup
	for _, client := range []string{"u1", "u2", "u3", "u4"} {
		wait.Go(func() {
			for i := range 300 {
				granted := i%2 == 0
				grants := []authz.Grant{{client, "approver", "K1", "C01"}}
				if !granted {
					grants[0].Role = "auditor"
				}
				if got, err := roles.Allows(grants, client, "K1", "C01", "change.approve"); err != nil || got != granted {
					t.Errorf("got %t and error %v, want %t", got, err, granted)
				}
			}
		})
	}
	wait.Wait()
}

func FuzzRoles(f *testing.F) {
	for _, word := range words {
		f.Add(word, word, word, word)
	}
	roles := loadRoles(f)
	grants := []authz.Grant{{"u1", "approver", "K1", "C01"}}
	f.Fuzz(func(t *testing.T, client, organization, contract, verb string) {
		got, _ := roles.Allows(grants, client, organization, contract, verb)
		want := client == "u1" && organization == "K1" && contract == "C01" && slices.Contains(strings.Fields(permissions["approver"]), verb)
		if got != want {
			t.Errorf("got %t for %q of %q on %q/%q", got, verb, client, organization, contract)
		}
	})
}
