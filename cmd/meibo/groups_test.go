package main

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestAGroupHoldsWhoIsGranted: for a system that knows nothing but groups, who is
// granted is in the group, and who is not is taken out at once. Strangers are told of.
func TestAGroupHoldsWhoIsGranted(t *testing.T) {
	t.Parallel()
	p := openLDAPPlace(t, 6)
	dn := "cn=granted,ou=groups," + kakuu
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(p.modify("dn: ou=groups," + kakuu + "\nobjectClass: organizationalUnit\nou: groups\n\ndn: " + dn +
		"\nobjectClass: groupOfNames\ncn: granted\nmember: " + p.config.BindDN + "\nmember: " + p.dn(6) + "\n"))
	p.config.Groups = []groupConfig{{
		DN: dn, System: "P01", Contract: "C01", Asset: "A01", Action: "view", Purpose: string(meibotest.Purpose), Write: true,
	}}
	f := newFollowedCity(t, p, 4)
	f.settled()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- f.keepGroups(ctx) }()
	t.Cleanup(func() { cancel(); <-ended })

	f.inGroup(dn, 1, 2, 3, 4, 6)
	f.change(p.change(1, p.lock)) // disabled: out, and in again
	began := time.Now()
	f.inGroup(dn, 2, 3, 4, 6)
	t.Logf("out of the group after %v", time.Since(began))
	f.change(p.change(1, p.unlock))
	f.inGroup(dn, 1, 2, 3, 4, 6)
	f.change(p.remove(2)) // the name must not stay for whoever gets it next
	f.Submit(f.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: f.who[3], Reason: meibo.ReasonTransfer})
	f.inGroup(dn, 1, 4, 6)

	o, err := f.orphans(t.Context())
	must(err)
	if g := o.Groups[0]; len(g.Unknown) != 1 || len(g.Strangers) != 0 || len(g.Missing) != 0 || g.Others != 0 {
		t.Errorf("orphans: %+v", g)
	}
}

// inGroup waits until a group has exactly these people.
func (f *followedCity) inGroup(dn string, want ...int) {
	f.t.Helper()
	var names []string
	for late := time.Now().Add(20 * time.Second); ; {
		g, err := f.source.Group(f.t.Context(), dn)
		names = nil
		for _, m := range append(g.Members, g.Dangling...) {
			name, _, _ := strings.Cut(m.DN, ",")
			if i := slices.IndexFunc(want, func(i int) bool { return name == f.place.rdn+"="+login(i) }); i >= 0 || !strings.HasPrefix(m.DN, "cn=meibo") {
				names = append(names, name)
			}
		}
		if err == nil && len(names) == len(want) && !slices.ContainsFunc(want, func(i int) bool { return !slices.Contains(names, f.place.rdn+"="+login(i)) }) {
			return
		}
		if time.Now().After(late) {
			f.t.Fatalf("in the group are %v, want %v, %v\n%s", names, want, err, f.log)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
