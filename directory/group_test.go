package directory_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
)

const groups = "ou=groups," + suffix

// group is the LDIF of a group below ou=groups.
func group(name string, members ...string) string {
	return "dn: cn=" + name + "," + groups + "\nobjectClass: groupOfNames\ncn: " + name + "\nmember: " + strings.Join(members, "\nmember: ")
}

func uid(i int) string { return fmt.Sprintf("uid=%s,%s", login(i), people) }

func inGroup(name string) string { return "cn=" + name + "," + groups }

// grouped starts a slapd with people and groups.
func grouped(t *testing.T, n int, ldif ...string) (*demo.Slapd, *directory.Source) {
	t.Helper()
	return city(t, append([]string{crowd(n), "dn: " + groups + "\nobjectClass: organizationalUnit\nou: groups"}, ldif...)...)
}

// members are the numbers of a group's people.
func members(g directory.Group) []int {
	var all []int
	for _, m := range g.Members {
		if !m.ID.IsZero() {
			all = append(all, number(m.ID))
		}
	}
	slices.Sort(all)
	return all
}

func TestAGroupIsReadToItsBottom(t *testing.T) {
	s, source := grouped(t, 9,
		group("top", uid(1), strings.ToUpper(uid(2)), inGroup("left"), inGroup("right"), "uid=nobody,"+people),
		group("left", uid(1), uid(3), inGroup("bottom")),
		group("right", inGroup("bottom"), uid(4), "cn=meibo,ou=services,"+suffix),
		group("bottom", uid(5)),
		group("ring", uid(6), inGroup("ring2")), group("ring2", uid(7), inGroup("ring")),
		"dn: cn=unique,"+groups+"\nobjectClass: groupOfUniqueNames\ncn: unique\nuniqueMember: "+uid(1)+"\nuniqueMember: "+uid(2)+"#'0101'B",
		"dn: cn=posix,"+groups+"\nobjectClass: posixGroup\ncn: posix\ngidNumber: 7\nmemberUid: e00003\nmemberUid: nobody\nmemberUid: *")
	ctx := context.Background()
	for name, want := range map[string]struct {
		people   []int
		groups   int
		dangling int
		cyclic   bool
	}{
		"top":    {[]int{1, 2, 3, 4, 5}, 4, 1, false},
		"bottom": {[]int{5}, 1, 0, false},
		"ring":   {[]int{6, 7}, 2, 0, true},
		"ring2":  {[]int{6, 7}, 2, 0, true},
		"unique": {[]int{1, 2}, 1, 0, false},
		"posix":  {[]int{3}, 1, 2, false},
	} {
		g, err := source.Group(ctx, inGroup(name))
		if err != nil || !slices.Equal(members(g), want.people) || len(g.Groups) != want.groups || len(g.Dangling) != want.dangling ||
			g.Cyclic != want.cyclic {
			t.Errorf("%s: %v, %+v", name, err, g)
		}
	}
	_, err := source.Group(ctx, inGroup("nowhere"))
	incomplete(t, err, "32")
	modify(t, s, "dn: cn=canary-disabled,ou=services,"+suffix+"\nchangetype: modify\ndelete: pwdAccountLockedTime\n")
	g, err := source.Group(ctx, inGroup("top"))
	if incomplete(t, err, directory.CodeCanary); g.Members != nil {
		t.Errorf("%d members beside an error", len(g.Members))
	}
}

func TestAGroupThatIsSentInRanges(t *testing.T) {
	f := newFake(t, nil)
	f.top = func(r *reply, base string) {
		const top = "cn=top," + groups
		switch {
		case base == top && r.asks("member;range=2-*"):
			r.entry(top, "member;range=2-*", uid(3))
		case base == top && r.asks("member"):
			r.entry(top, "member;range=0-1", uid(1)+"\x00"+uid(2))
		case strings.HasPrefix(base, "uid="):
			r.entry(base, "entryUUID", id(int(base[9]-'0')).Value, "objectClass", "inetOrgPerson")
		default:
			r.entry(base)
		}
	}
	g, err := open(t, f.config(t)).Group(context.Background(), "cn=top,"+groups)
	if err != nil || !slices.Equal(members(g), []int{1, 2, 3}) {
		t.Errorf("%v, %+v", err, g)
	}
	f.top = func(r *reply, base string) { r.entry(base, "member;range=0-x", uid(1)) }
	_, err = open(t, f.config(t)).Group(context.Background(), "cn=top,"+groups)
	incomplete(t, err, directory.CodeMalformed)
}

func TestOrphansBothWays(t *testing.T) {
	g := directory.Group{
		Members:  []directory.Member{{ID: id(1)}, {ID: id(2)}, {DN: "cn=robot"}},
		Dangling: []directory.Member{{DN: "uid=gone"}},
	}
	o := g.Orphans([]directory.ID{id(2), id(4), id(3)})
	if len(o.Strangers) != 2 || o.Strangers[0].ID != id(1) || o.Strangers[1].DN != "cn=robot" ||
		!slices.Equal(o.Missing, []directory.ID{id(3), id(4)}) || len(o.Dangling) != 1 {
		t.Errorf("got %+v", o)
	}
	if o := (directory.Group{}).Orphans(nil); o.Strangers != nil || o.Missing != nil {
		t.Errorf("of nothing: %+v", o)
	}
}

// TestAGroupMarksDepartedPeople: who is put into it has left, though nothing was
// written at the person's own entry.
func TestAGroupMarksDepartedPeople(t *testing.T) {
	t.Parallel()
	s, _ := grouped(t, 60)
	modify(t, s, "dn: cn=module{0},cn=config\nchangetype: modify\nadd: olcModuleLoad\nolcModuleLoad: memberof\n\n"+
		"dn: olcOverlay=memberof,olcDatabase={1}mdb,cn=config\nobjectClass: olcConfig\nobjectClass: olcOverlayConfig\nobjectClass: olcMemberOf\nolcOverlay: memberof\n\n"+
		group("left", uid(1)))
	c := config(s)
	c.DepartedValues = map[string][]string{"memberOf": {"CN=Left, " + groups}}
	all, _ := complete(t, open(t, c))
	if got := byLogin(t, all, login(1)).Status; got.State != directory.Disabled || got.Cause != directory.CauseDeparted {
		t.Errorf("got %+v", got)
	}
	f := followed(t, open(t, c), 60, func(f *directory.Following) { f.Pace.Sweep = 200 * time.Millisecond })
	f.untilTold("1 gone")
	modify(t, s, "dn: "+inGroup("left")+"\nchangetype: modify\nadd: member\nmember: "+uid(2)+"\n")
	f.untilTold("2 gone")
	if got := f.say(); got != "1 gone, 2 gone" {
		t.Errorf("told %s", got)
	}
}
