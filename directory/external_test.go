package directory_test

import (
	"crypto/x509"
	"strings"
	"testing"
	"time"

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

// TestACertificateProvesWhoReads: with TLS the server takes the subject of the
// certificate for the service account, and no password is needed.
func TestACertificateProvesWhoReads(t *testing.T) {
	a := newAuthority(t)
	s := a.slapd("127.0.0.1")
	verify := func(how string) {
		modify(t, s, "dn: cn=config\nchangetype: modify\nreplace: olcTLSVerifyClient\nolcTLSVerifyClient: "+how+"\n")
		if err := s.Restart(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	modify(t, s, "dn: cn=config\nchangetype: modify\nadd: olcAuthzRegexp\nolcAuthzRegexp: \"^cn=meibo$\" \""+s.BindDN+"\"\n")
	c := config(s)
	c.StartTLS, c.CAFile, c.BindDN, c.PasswordFile, c.External = true, a.file, "", "", true
	ways := []string{s.URL, s.LDAPS}

	c.Certificate, c.Key = a.client("meibo")
	for _, url := range ways { // the server asks nobody for a certificate
		c.URLs = []string{url}
		_, _, err := snapshot(open(t, c))
		refused(t, err, "the server asks for none")
	}
	verify("demand")
	for _, url := range ways {
		c.URLs = []string{url}
		if all, _ := complete(t, open(t, c)); len(all) != 3 {
			t.Errorf("%s: %d people", url, len(all))
		}
	}
	if can, err := open(t, c).Probe(t.Context()); err != nil || can.Account != s.BindDN {
		t.Errorf("known as %q, %v", can.Account, err)
	}
	f := followed(t, open(t, c), 3)
	modify(t, s, change("e00002", "pwdAccountLockedTime", "000001010000Z"))
	f.untilTold("2 restricted")
	f.stop()

	for name, want := range map[string]string{"whom the server does not know": "canary", "expired": "its time was over", "of another authority": "certificate: the server hung up", "missing": "no such file"} {
		bad := c
		switch name {
		case "whom the server does not know":
			bad.Certificate, bad.Key = a.client("stranger")
		case "expired":
			bad.Certificate, bad.Key = a.client("late", func(c *x509.Certificate) {
				c.NotBefore, c.NotAfter = time.Now().Add(-2*time.Hour), time.Now().Add(-time.Hour)
			})
		case "of another authority":
			bad.Certificate, bad.Key = newAuthority(t).client("meibo")
		case "missing":
			bad.Key = "/nowhere/key.pem"
		}
		for _, url := range ways {
			bad.URLs = []string{url}
			_, proof, err := snapshot(open(t, bad))
			if proof.Complete || err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s, %s: got %v, want %s", name, url, err, want)
			}
		}
	}
}

// refused demands an error that says why.
func refused(t *testing.T, err error, why string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("got %v, want %s", err, why)
	}
}

func TestOneWayToProveWhoReads(t *testing.T) {
	for name, one := range map[string]struct {
		change func(*directory.Config)
		want   string
	}{
		"a certificate without its key": {func(c *directory.Config) { c.Certificate = "c.pem" }, "Certificate: stands with Key"},
		"a certificate and nobody to show it": {func(c *directory.Config) {
			c.URLs, c.Certificate, c.Key = []string{"ldap://127.0.0.1"}, "c.pem", "k.pem"
		}, "Certificate: no URL with TLS"},
		"external over TLS without certificate": {func(c *directory.Config) { c.External = true }, "External: ldaps://ldap.example: nothing proves"},
		"external in clear": {func(c *directory.Config) {
			c.URLs, c.External, c.Certificate, c.Key = []string{"ldaps://ldap.example", "ldap://127.0.0.1"}, true, "c.pem", "k.pem"
		}, "External: ldap://127.0.0.1: nothing proves"},
		"external and a password": {func(c *directory.Config) {
			c.External, c.Certificate, c.Key, c.BindDN, c.PasswordFile = true, "c.pem", "k.pem", "cn=x", "p"
		}, "External: stands without BindDN"},
		"a certificate for TLS and a password": {func(c *directory.Config) {
			c.Certificate, c.Key, c.BindDN, c.PasswordFile = "c.pem", "k.pem", "cn=x", "p"
		}, ""},
		"a socket and TLS": {func(c *directory.Config) {
			c.URLs, c.External, c.Certificate, c.Key = []string{"ldapi://%2Frun%2Fldapi", "ldaps://ldap.example"}, true, "c.pem", "k.pem"
		}, ""},
	} {
		c := directory.Config{URLs: []string{"ldaps://ldap.example"}, Bases: []string{people}}
		one.change(&c)
		_, err := directory.Open(c)
		if one.want == "" && err != nil || one.want != "" && (err == nil || !strings.Contains(err.Error(), one.want)) {
			t.Errorf("%s: got %v, want %q", name, err, one.want)
		}
	}
}

// TestAGroupIsWrittenUnderAName: whoever reads by a certificate writes by a password,
// since the name under which it reads is known to the server alone.
func TestAGroupIsWrittenUnderAName(t *testing.T) {
	s, _ := grouped(t, 2)
	modify(t, s, group("granted", s.BindDN))
	modify(t, s, "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\nadd: olcAccess\n"+
		"olcAccess: {2}to * by dn.regex=\"^gidNumber=[0-9]+\\+uidNumber=[0-9]+,cn=peercred,cn=external,cn=auth$\" read by * break\n")
	c := config(s)
	c.URLs, c.BindDN, c.PasswordFile, c.External = []string{s.LDAPI}, "", "", true
	source := open(t, c)
	if _, err := source.Target(directory.TargetConfig{Group: inGroup("granted")}); err == nil {
		t.Error("a group is written by nobody")
	}
	g := target(t, source, directory.TargetConfig{Group: inGroup("granted"), BindDN: s.BindDN, PasswordFile: s.PasswordFile})
	if done, err := g.Apply(t.Context(), nil, []directory.ID{id(1)}); err != nil || done.Additions != 1 {
		t.Errorf("%+v, %v", done, err)
	}
}
