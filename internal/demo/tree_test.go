package demo_test

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
)

// startTree starts the demo's own server with the city's people, and opens it.
func startTree(t *testing.T) (*demo.Tree, *directory.Source) {
	t.Helper()
	s, err := demo.StartTree(demo.LDIF())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	source, err := directory.Open(directory.Config{
		URLs: []string{s.URL}, BindDN: s.BindDN, PasswordFile: s.PasswordFile, Bases: []string{"o=K1," + s.Suffix, "o=K2," + s.Suffix}, PageSize: 7,
		Canaries: []directory.Canary{
			{DN: "cn=canary-enabled,ou=services," + s.Suffix, State: directory.Enabled},
			{DN: "cn=canary-disabled,ou=services," + s.Suffix, State: directory.Disabled},
		},
		Timeouts: directory.Timeouts{Silence: 2 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	return s, source
}

// TestTheDemosOwnServerIsReadWithAProof: the library, which believes no server
// without reason, finds nothing to object to.
func TestTheDemosOwnServerIsReadWithAProof(t *testing.T) {
	s, source := startTree(t)
	c, err := source.Probe(t.Context())
	if err != nil || c.Mode != directory.ModePoll || !c.Paging {
		t.Fatalf("%+v, %v", c, err)
	}
	people := map[string]directory.Object{}
	read := func() directory.Completeness {
		t.Helper()
		clear(people)
		proof, err := source.Snapshot(t.Context(), func(o directory.Object) error { people[o.Login] = o; return nil })
		if err != nil {
			t.Fatal(err)
		}
		return proof
	}
	if proof := read(); !proof.Complete || !proof.Proven || proof.Pages < 4 || len(people) < 20 {
		t.Errorf("%+v", proof)
	}
	one := people["e001"]
	if one.Status.State != directory.Enabled || one.Name() != demo.People[0].Name || one.Reading() != demo.People[0].Kana {
		t.Errorf("%+v", one)
	}
	if err := source.Authenticate(t.Context(), one.ID, demo.People[0].Password()); err != nil {
		t.Error(err)
	}
	if err := source.Authenticate(t.Context(), one.ID, "wrong"); !errors.Is(err, directory.ErrCredentials) {
		t.Errorf("a wrong password: %v", err)
	}
	for _, change := range []string{
		demo.People[0].Disable(), demo.People[1].Delete(),
		"dn: " + demo.People[2].DN() + "\nchangetype: modrdn\nnewrdn: uid=e003\ndeleteoldrdn: 1\nnewsuperior: ou=people,o=K2," + s.Suffix + "\n",
	} {
		if err := s.Modify(change); err != nil {
			t.Fatal(err)
		}
	}
	moved := people["e003"].ID
	read()
	if people["e001"].Status.State != directory.Disabled || people["e002"].DN != "" || people["e003"].ID != moved || !strings.Contains(people["e003"].DN, "o=K2") {
		t.Errorf("e001 %v, e002 %q, e003 %q", people["e001"].Status, people["e002"].DN, people["e003"].DN)
	}
	found, err := source.Find(t.Context(), "o=K1,"+s.Suffix, "E004")
	if err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
}

// TestTheDemosOwnServerSpeaksTheProtocol: the programs of OpenLDAP understand it, and
// nobody but its administrator changes anything.
func TestTheDemosOwnServerSpeaksTheProtocol(t *testing.T) {
	s, _ := startTree(t)
	as := func(name string, args ...string) (string, error) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, append([]string{"-x", "-H", s.URL, "-D", s.BindDN, "-y", s.PasswordFile}, args...)...)
		cmd.Env = []string{"LDAPNOINIT=1", "PATH=/usr/bin:/bin"}
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := as("ldapsearch", "-LLL", "-b", "o=K1,"+s.Suffix, "-E", "pr=5/noprompt", "(&(uid=e001)(!(mail=x))(|(cn=*)(sn=a)))", "uid", "mail")
	if err != nil || !strings.Contains(out, "uid: e001") || !strings.Contains(out, "mail: e001@data.kakuu.example") || strings.Contains(out, "userPassword") {
		t.Errorf("%v\n%s", err, out)
	}
	if out, err := as("ldapdelete", demo.People[0].DN()); err == nil {
		t.Errorf("the account that reads has deleted somebody: %s", out)
	}
	if out, err := exec.CommandContext(t.Context(), "ldapsearch", "-x", "-H", s.URL, "-b", s.Suffix).CombinedOutput(); err == nil {
		t.Errorf("nobody has read: %s", out)
	}
}
