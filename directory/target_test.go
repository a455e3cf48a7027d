package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// target opens a group that is written.
func target(t *testing.T, source *directory.Source, c directory.TargetConfig) *directory.Target {
	t.Helper()
	target, err := source.Target(c)
	if err != nil {
		t.Fatal(err)
	}
	return target
}

// holds demands that the group has exactly these people.
func holds(t *testing.T, m *maker, target *directory.Target, want ...int) {
	t.Helper()
	got, err := target.Read(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var numbers []int
	for id := range got.Members {
		numbers = append(numbers, m.number[id])
	}
	slices.Sort(numbers)
	if !slices.Equal(numbers, want) || len(got.Others) > 0 {
		t.Errorf("holds %v and %q, want %v", numbers, got.Others, want)
	}
}

func (m *maker) of(numbers ...int) []directory.ID {
	var all []directory.ID
	for _, i := range numbers {
		all = append(all, m.ids[i])
	}
	return all
}

func TestTargetOnOpenLDAP(t *testing.T) {
	t.Parallel()
	m := onOpenLDAP(t, 450)
	m.modify("dn: "+groups+"\nobjectClass: organizationalUnit\nou: groups", group("granted", m.config.BindDN))
	m.writes(t, directory.TargetConfig{Group: inGroup("granted")})
}

func TestTargetOn389(t *testing.T) {
	t.Parallel()
	m := on389(t, 30)
	m.modify("dn: "+groups+"\nobjectClass: organizationalUnit\nou: groups", group("granted", m.config.BindDN))
	m.writes(t, directory.TargetConfig{Group: inGroup("granted")})
}

func TestTargetOnSamba(t *testing.T) {
	t.Parallel()
	m := onSamba(t, 30)
	m.modify("dn: CN=granted,OU=groups,DC=kakuu,DC=example\nobjectClass: group\nsAMAccountName: granted")
	dn, file := m.admin()
	m.writes(t, directory.TargetConfig{Group: "CN=granted,OU=groups,DC=kakuu,DC=example", BindDN: dn, PasswordFile: file})
}

// writes does with a group what a service does that grants and revokes.
func (m *maker) writes(t *testing.T, c directory.TargetConfig) {
	ctx := context.Background()
	source := m.source()
	m.know(source)
	g := target(t, source, c)
	apply := func(remove, add []directory.ID) directory.Applied {
		t.Helper()
		done, err := g.Apply(ctx, remove, add)
		if err != nil {
			t.Fatalf("%v, after %+v", err, done)
		}
		return done
	}
	if done := apply(nil, m.of(1, 2, 3, 4, 5)); done.Additions != 5 || done.Requests != 1 {
		t.Errorf("added %+v", done)
	}
	holds(t, m, g, 1, 2, 3, 4, 5)
	if done := apply(m.of(1, 9), m.of(2, 6)); done.Removals != 1 || done.Additions != 1 { // 9 is not in it, 2 is already
		t.Errorf("did %+v", done)
	}
	holds(t, m, g, 2, 3, 4, 5, 6)
	m.modify(m.rename(3), m.remove(4))
	if done := apply(m.of(3, 4), nil); len(done.Removed) != 2 {
		t.Errorf("did %+v", done)
	}
	holds(t, m, g, 2, 5, 6)

	// a stranger comes in, and a member is taken out by another hand
	m.modify("dn: " + c.Group + "\nchangetype: modify\nadd: member\nmember: " + m.dn(7) + "\n-\ndelete: member\nmember: " + m.dn(2) + "\n")
	drift, err := g.Check(ctx, m.of(2, 5, 6))
	if err != nil || !slices.Equal(drift.Missing, m.of(2)) || len(drift.Foreign) != 1 || !strings.EqualFold(drift.Foreign[0], m.dn(7)) || drift.Own {
		t.Errorf("%v, %+v", err, drift)
	}
	if _, _, err := g.Enforce(ctx, m.of(2, 5, 6)); err != nil {
		t.Error(err)
	}
	holds(t, m, g, 2, 5, 6, 7)
	c.RemoveForeign = true
	g = target(t, source, c)
	if _, done, err := g.Enforce(ctx, m.of(2, 5, 6)); err != nil || len(done.Foreign) != 1 {
		t.Errorf("%v, %+v", err, done)
	}
	holds(t, m, g, 2, 5, 6)
	if nested, err := g.ReadNested(ctx); err != nil || len(nested.Members) != 3 {
		t.Errorf("%v, %+v", err, nested)
	}
	if drift, err := g.Check(ctx, m.of(2, 5, 6)); err != nil || !drift.Empty() || drift.By != "" && !drift.Own {
		t.Errorf("%v, %+v", err, drift)
	}
	if done := apply(m.of(2, 5, 6), nil); done.Removals != 3 { // and the group is not broken by it
		t.Errorf("did %+v", done)
	}
	holds(t, m, g)
	gone := m.ids[4]
	if done := apply(nil, []directory.ID{gone}); !slices.Equal(done.Unresolved, []directory.ID{gone}) {
		t.Errorf("added somebody who is not there: %+v", done)
	}
}

func TestManyMembersAreWrittenInBatches(t *testing.T) {
	t.Parallel()
	m := onOpenLDAP(t, 450)
	m.modify("dn: "+groups+"\nobjectClass: organizationalUnit\nou: groups", group("granted", m.config.BindDN))
	source := m.source()
	m.know(source)
	g := target(t, source, directory.TargetConfig{Group: inGroup("granted")})
	ctx := context.Background()
	done, err := g.Apply(ctx, nil, m.of(numbers(1, 450)...))
	if err != nil || done.Requests != 3 || done.Additions != 450 {
		t.Errorf("%v, %d requests, %d added", err, done.Requests, done.Additions)
	}
	// one of a batch is taken out by another hand at the wrong moment
	p := meibotest.NewProxy(t, m.config.URLs[0])
	m.config.URLs = []string{p.URL}
	g = target(t, m.source(), directory.TargetConfig{Group: inGroup("granted")})
	read := 0
	p.Spoil(func(a *meibotest.Answer) {
		if a.Base != inGroup("granted") || a.Op != ldap.ApplicationSearchResultDone {
			return
		}
		if read++; read == 2 { // the members are read, and not yet removed
			m.modify("dn: " + inGroup("granted") + "\nchangetype: modify\ndelete: member\nmember: " + m.dn(250) + "\n")
		}
	})
	done, err = g.Apply(ctx, m.of(numbers(1, 449)...), nil)
	if err != nil || done.Removals != 449 || done.Requests < 200 {
		t.Errorf("%v, %d requests, %d removed", err, done.Requests, done.Removals)
	}
	holds(t, m, g, 450)
}

func TestAGroupThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	m := onOpenLDAP(t, 5)
	m.modify("dn: "+groups+"\nobjectClass: organizationalUnit\nou: groups", group("granted", m.config.BindDN),
		strings.ReplaceAll(group("elsewhere", m.config.BindDN), groups, "ou=services,"+suffix))
	source := m.source()
	m.know(source)
	ctx := context.Background()
	for dn, want := range map[string]bool{"cn=elsewhere,ou=services," + suffix: true, inGroup("nowhere"): false} {
		_, err := target(t, source, directory.TargetConfig{Group: dn}).Apply(ctx, nil, m.of(1))
		var faults *directory.Misconfigured
		if err == nil || errors.As(err, &faults) != want {
			t.Errorf("%s: %v", dn, err)
		}
	}
	// without a sentinel the last member cannot leave, and that is said
	g := target(t, source, directory.TargetConfig{Group: inGroup("granted"), Sentinel: uid(5)})
	if _, err := g.Apply(ctx, nil, m.of(1)); err != nil {
		t.Error(err)
	}
	if _, _, err := g.Enforce(ctx, nil); err != nil {
		t.Error(err)
	}
	holds(t, m, target(t, source, directory.TargetConfig{Group: inGroup("granted")}), 1)
	_, err := source.Target(directory.TargetConfig{Group: "x", Sentinel: "y", Attribute: "cn", Batch: 5000, BindDN: "cn=x"})
	var faults *directory.Misconfigured
	if !errors.As(err, &faults) || len(faults.Problems) != 5 {
		t.Errorf("got %v", err)
	}
	m.config.BindDN, m.config.PasswordFile = "", ""
	if _, err := m.source().Target(directory.TargetConfig{Group: inGroup("granted")}); !errors.As(err, &faults) {
		t.Errorf("anonymous: %v", err)
	}
}

func ExampleTarget() {
	var source *directory.Source // from Open
	if source == nil {
		return
	}
	granted, err := source.Target(directory.TargetConfig{Group: "cn=meibo-c01,ou=groups,dc=kakuu,dc=example"})
	if err != nil {
		fmt.Println(err)
		return
	}
	revoked, given := []directory.ID{}, []directory.ID{}
	if _, err := granted.Apply(context.Background(), revoked, given); err != nil {
		fmt.Println(err)
	}
}

// TestAMemberIsTakenOutHoweverTheGroupSpellsHim: the group may have been filled by another hand, which spells the same
// name in another way.
func TestAMemberIsTakenOutHoweverTheGroupSpellsHim(t *testing.T) {
	t.Parallel()
	spellings := map[int][2]string{1: {"ｓａｔｏ", "SATO"}, 2: {"ÄRGER", "ärger"}, 3: {"ﾊﾝｶｸ", "ハンカク"}, 4: {"plain", "PLAIN"}}
	var ldif, names []string
	for i, s := range spellings {
		ldif = append(ldif, personBelow(people, i, s[0]))
		names = append(names, "uid="+s[1]+","+people)
	}
	s, source := grouped(t, 0, ldif...)
	modify(t, s, group("granted", append(names, s.BindDN)...))
	g := target(t, source, directory.TargetConfig{Group: inGroup("granted")})
	ctx := context.Background()
	m, err := g.Read(ctx)
	if err != nil || len(m.Members) != 4 {
		t.Fatalf("%v, %+v", err, m)
	}
	for i := 1; i <= 4; i++ {
		if _, err := g.Apply(ctx, []directory.ID{id(i)}, nil); err != nil {
			t.Error(err)
		}
		if m, err = g.Read(ctx); err != nil || m.Members[id(i)] != "" {
			t.Errorf("%d is in the group still, as %q, %v", i, m.Members[id(i)], err)
		}
		if _, err := g.Apply(ctx, nil, []directory.ID{id(i)}); err != nil {
			t.Errorf("put in again: %v", err)
		}
	}
}
