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

// TestAGroupThatDiffersFallsBehind: also a group that is only compared, from when it
// begins to differ until it is found as it should be.
func TestAGroupThatDiffersFallsBehind(t *testing.T) {
	t.Parallel()
	p := openLDAPPlace(t, 2)
	dn := "cn=compared,ou=groups," + kakuu
	if err := p.modify("dn: ou=groups," + kakuu + "\nobjectClass: organizationalUnit\nou: groups\n\ndn: " + dn +
		"\nobjectClass: groupOfNames\ncn: compared\nmember: " + p.config.BindDN + "\nmember: " + p.dn(1) + "\n"); err != nil {
		t.Fatal(err)
	}
	p.config.Groups = []groupConfig{{DN: dn, System: "P01", Contract: "C01", Asset: "A01", Action: "view", Purpose: string(meibotest.Purpose)}}
	f := newFollowedCity(t, p, 2)
	f.settled()
	g := f.groups[0]
	wants := func(missing, strangers float64) {
		t.Helper()
		f.keepGroup(t.Context(), g)
		f.measureGroup(g)
		if a, b := f.metric("writeback_drift", dn, "missing"), f.metric("writeback_drift", dn, "stranger"); a != missing || b != strangers {
			t.Errorf("%v missing, %v strangers; want %v, %v", a, b, missing, strangers)
		}
		if lag := f.metric("writeback_lag_seconds", dn); (lag > 0) != (missing+strangers > 0) {
			t.Errorf("it lags by %v", lag)
		}
	}
	wants(1, 0)
	o, err := f.orphans(t.Context())
	if err != nil || o.Groups[0].Others != 0 || f.metric("writeback_drift", dn, "foreign") != 0 {
		t.Errorf("the member that is always there: %+v, %v", o.Groups, err)
	}
	since := g.behind.Load()
	f.Submit(f.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: f.who[1], Reason: meibo.ReasonTransfer})
	wants(1, 1)
	if g.behind.Load() != since {
		t.Error("that it differs otherwise begins anew")
	}
	f.change("dn: " + dn + "\nchangetype: modify\nreplace: member\nmember: " + p.dn(2) + "\n")
	g.at = g.at.Add(-driftEvery)
	wants(0, 0)
}

// TestWhoIsNotFoundIsNoNews: somebody who cannot be put in is tried again and again, and
// that is not logged each time as if the group had been written.
func TestWhoIsNotFoundIsNoNews(t *testing.T) {
	t.Parallel()
	p := openLDAPPlace(t, 2)
	dn := "cn=written,ou=groups," + kakuu
	if err := p.modify("dn: ou=groups," + kakuu + "\nobjectClass: organizationalUnit\nou: groups\n\ndn: " + dn +
		"\nobjectClass: groupOfNames\ncn: written\nmember: " + p.config.BindDN + "\n"); err != nil {
		t.Fatal(err)
	}
	p.config.Groups = []groupConfig{{DN: dn, System: "P01", Contract: "C01", Asset: "A01", Action: "view", Purpose: string(meibotest.Purpose), Write: true}}
	f := newFollowedCity(t, p, 2)
	f.settled()
	f.stop()
	if err := p.hide(login(2)); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		f.keepGroup(t.Context(), f.groups[0])
	}
	f.inGroup(dn, 1)
	if n := strings.Count(f.log.String(), "a group was written"); n != 1 || f.metric("writeback_drift", dn, "missing") != 1 {
		t.Errorf("logged %d times, %v missing\n%s", n, f.metric("writeback_drift", dn, "missing"), f.log)
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
