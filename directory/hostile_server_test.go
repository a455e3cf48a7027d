package directory_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/go-ldap/ldap/v3"
	"golang.org/x/text/width"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// TestAFollowedPersonWhoCannotBeReadStopsNobodyElse: an entry that grows beyond all
// measure, or meets its double, while it is followed. The state of the one is read
// alone, the other is held; both are believed again when they are mended.
func TestAFollowedPersonWhoCannotBeReadStopsNobodyElse(t *testing.T) {
	t.Parallel()
	for _, mode := range []directory.Mode{directory.ModeContent, directory.ModePoll} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			s, source := city(t, crowd(60))
			f := followed(t, source, 60, func(f *directory.Following) {
				f.Mode, f.Pace.Sweep = mode, 300*time.Millisecond
			})
			dn := func(i int) string { return fmt.Sprintf("dn: uid=e%05d,%s\n", i, people) }
			var many strings.Builder
			for i := range 5000 {
				fmt.Fprintf(&many, "mail: %d@k1.example\n", i)
			}
			twin := strings.ReplaceAll(person(4, "twin"), "\nobjectClass", "\nchangetype: add\nobjectClass")
			modify(t, s, dn(2)+"changetype: modify\nadd: cn\ncn: "+strings.Repeat("x", 2<<20)+"\n")
			modify(t, s, dn(3)+"changetype: modify\nadd: mail\n"+many.String())
			modify(t, s, twin)
			modify(t, s, change("e00005", "pwdAccountLockedTime", "000001010000Z"))
			f.untilTold("5 restricted")
			f.until("the twins in quarantine", func() bool { return f.held["4 held:quarantine"] })
			modify(t, s, change("e00002", "pwdAccountLockedTime", "000001010000Z"))
			f.untilTold("2 restricted")
			if got := f.say() + ", " + f.sayHeld(); got != "2 restricted, 5 restricted, 4 held:quarantine" { // the state of the others can be read alone
				t.Errorf("told %s", got)
			}
			modify(t, s, dn(3)+"changetype: modify\ndelete: mail\n\ndn: uid=twin,"+people+"\nchangetype: delete\n\n"+dn(2)+"changetype: modify\nreplace: cn\ncn: x\n-\ndelete: pwdAccountLockedTime\n")
			f.untilTold("2 lifted")
			f.forget()
			modify(t, s, change("e00003", "pwdAccountLockedTime", "000001010000Z")+"\n"+change("e00004", "pwdAccountLockedTime", "000001010000Z"))
			f.untilTold("3 restricted", "4 restricted")
			if got := f.say() + f.sayHeld(); got != "3 restricted, 4 restricted" {
				t.Errorf("told %s", got)
			}
		})
	}
}

// odd is a text of what means something in filters, names and URLs.
func odd(dice *rand.Rand) string {
	signs := []rune("ab*()\\&|!=<>~,+;\"#/% '\t\r\n\x01\x7f:{}[]@?$^`-_.2aé株髙カ\u3099\u3000\ufeff\u200b𠮷")
	text := make([]rune, 1+dice.IntN(12))
	for i := range text {
		text[i] = signs[dice.IntN(len(signs))]
	}
	return string(text)
}

// FuzzAPersonOfAnyName: a person whose every field is made of whatever there is can be
// found by it, looked up, read in a group and logged in, and the value finds nobody
// else. The server decides which values there can be.
func FuzzAPersonOfAnyName(f *testing.F) {
	for _, v := range []string{
		"*", "s*", "a)(b=*", `\2a`, `\`, "(株)北陸", " x ", "#x", "# ", "a,b+c=d;e", `"<>\`, "髙", "*)(|(uid=*", "uid=x,ou=y", "%00", "sato)(&)", "\u3000",
		"sato\x00", `sato\00`, "x\r\ncn: y", "ＳＡＴＯ", "/", "?", "カ\u3099",
	} {
		f.Add(v)
	}
	dice := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		f.Add(odd(dice))
	}
	s := meibotest.Slapd(f, units, person(1, "sato"), person(2, "suzuki"), "dn: "+groups+"\nobjectClass: organizationalUnit\nou: groups")
	if err := s.Modify("dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nadd: olcAccess\nolcAccess: {0}to * by dn.exact=\"" + s.BindDN +
		"\" write by * break\n"); err != nil {
		f.Fatal(err)
	}
	conn, source := writer(f, s), open(f, config(s))
	f.Fuzz(func(t *testing.T, v string) {
		v = strings.ToValidUTF8(v, "?")
		if len(v) > 200 {
			return
		}
		dn := "uid=" + ldap.EscapeDN(v) + "," + people
		add := ldap.NewAddRequest(dn, nil)
		for name, value := range map[string]string{
			"objectClass": "inetOrgPerson", "uid": v, "cn": v, "sn": v, "displayName": v, "ou": v, "title": v, "userPassword": "right",
		} {
			add.Attribute(name, []string{value})
		}
		if err := conn.Add(add); err != nil {
			nobodyElse(t, source, v)
			return
		}
		defer conn.Del(ldap.NewDelRequest(dn, nil))
		found, err := source.Find(t.Context(), people, v)
		if err != nil || len(found) != 1 {
			t.Fatalf("%q: found %d, %v", v, len(found), err)
		}
		o := found[0]
		for _, name := range []string{"cn", "sn", "displayname", "ou"} {
			if len(o.Attr[name]) != 1 || o.Attr[name][0] != v {
				t.Errorf("%q: %s is %q", v, name, o.Attr[name])
			}
		}
		login := v
		if len(o.Attr["uid"]) > 1 { // the server has cut the value's end off to make a name of it
			login = ""
		}
		if o.Login != login || !directory.Within(people, o.DN) || directory.Within(groups, o.DN) {
			t.Errorf("%q: %q at %q", v, o.Login, o.DN)
		}
		if again, missing, err := source.Lookup(t.Context(), []directory.ID{o.ID}); err != nil || len(missing) > 0 || len(again) != 1 || again[0].DN != o.DN {
			t.Errorf("%q: looked up %v, %v, %v", v, again, missing, err)
		}
		if err := source.Authenticate(t.Context(), o.ID, "right"); err != nil {
			t.Errorf("%q: %v", v, err)
		}
		inAGroup(t, conn, source, v, o)
	})
}

// inAGroup puts the person into a group of the same name.
func inAGroup(t *testing.T, conn *ldap.Conn, source *directory.Source, v string, o directory.Object) {
	t.Helper()
	group := "cn=" + ldap.EscapeDN(v) + "," + groups
	add := ldap.NewAddRequest(group, nil)
	add.Attribute("objectClass", []string{"groupOfNames"})
	add.Attribute("cn", []string{v})
	add.Attribute("member", []string{o.DN})
	if err := conn.Add(add); err != nil {
		t.Fatalf("%q: %v", v, err)
	}
	defer conn.Del(ldap.NewDelRequest(group, nil))
	g, err := source.Group(t.Context(), group)
	if err != nil || len(g.Members) != 1 || g.Members[0].ID != o.ID || len(g.Dangling) > 0 {
		t.Errorf("%q: in the group are %+v, %v", v, g, err)
	}
}

// nobodyElse demands that a value which nobody can have finds nobody, unless it is another way to write a name.
func nobodyElse(t *testing.T, source *directory.Source, v string) {
	t.Helper()
	letters := func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}
	found, err := source.Find(t.Context(), people, v)
	if err != nil {
		t.Errorf("%q: %v", v, err)
	}
	for _, o := range found {
		if strings.Map(letters, strings.ToLower(width.Narrow.String(v))) != o.Login {
			t.Errorf("%q found %s", v, o.Login)
		}
	}
}

// writer is a connection of somebody who may write.
func writer(f *testing.F, s *demo.Slapd) *ldap.Conn {
	password, err := os.ReadFile(s.PasswordFile)
	if err != nil {
		f.Fatal(err)
	}
	conn, err := ldap.DialURL(s.URL)
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { conn.Close() })
	if err := conn.Bind(s.BindDN, string(password)); err != nil {
		f.Fatal(err)
	}
	return conn
}
