package directory_test

import (
	"testing"

	"github.com/meibo-dev/meibo/directory"
)

// TestTheSocketProvesWhoReads: over ldapi:// the kernel says as whom this program
// runs, and no password is needed.
func TestTheSocketProvesWhoReads(t *testing.T) {
	s, _ := city(t, crowd(3))
	if s.LDAPI == "" {
		t.Fatal("the socket's path is too long")
	}
	c := config(s)
	c.URLs, c.BindDN, c.PasswordFile, c.External = []string{s.LDAPI}, "", "", true
	_, proof, err := snapshot(open(t, c)) // who is known may not read yet
	if err == nil || proof.Complete {
		t.Errorf("read without a right: %+v", proof)
	}
	modify(t, s, "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nadd: olcAccess\n"+
		"olcAccess: {2}to * by dn.regex=\"^gidNumber=[0-9]+\\+uidNumber=[0-9]+,cn=peercred,cn=external,cn=auth$\" read by * break\n")
	if all, _ := complete(t, open(t, c)); len(all) != 3 {
		t.Errorf("%d people", len(all))
	}
	c.URLs = []string{s.URL}
	if _, err := directory.Open(c); err == nil {
		t.Error("nothing proves who speaks over the network")
	}
	c.URLs, c.BindDN, c.PasswordFile = []string{s.LDAPI}, s.BindDN, s.PasswordFile
	if _, err := directory.Open(c); err == nil {
		t.Error("two ways to bind at once")
	}
}
