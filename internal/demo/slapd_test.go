package demo_test

import (
	"context"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

const people = `dn: ou=people,dc=kakuu,dc=example
objectClass: organizationalUnit
ou: people

dn: uid=sato,ou=people,dc=kakuu,dc=example
objectClass: inetOrgPerson
uid: sato
cn: 佐藤
cn;lang-ja;phonetic: サトウ
sn: 佐藤
`

// search runs ldapsearch as the service account.
func search(t *testing.T, s *demo.Slapd, url, dn string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "ldapsearch", "-x", "-LLL", "-o", "ldif-wrap=no", "-H", url,
		"-D", s.BindDN, "-y", s.PasswordFile, "-b", dn, "-s", "base", "(objectClass=*)", "*", "+").CombinedOutput()
	return string(out), err
}

func TestASlapdOfOnesOwn(t *testing.T) {
	defer goleak.VerifyNone(t)
	if !demo.SlapdInstalled() {
		t.Fatal(demo.SlapdPackages)
	}
	s, err := demo.StartSlapd(context.Background(), demo.SlapdOptions{Data: strings.NewReader(people)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	const sato = "uid=sato,ou=people,dc=kakuu,dc=example"
	for _, url := range []string{s.URL, s.LDAPI} {
		out, err := search(t, s, url, sato)
		if err != nil || !strings.Contains(out, "entryUUID: ") {
			t.Errorf("%s: %v, %s", url, err, out)
		}
	}
	if err := s.Modify("dn: " + sato + "\nchangetype: modify\nreplace: pwdAccountLockedTime\n" +
		"pwdAccountLockedTime: 000001010000Z\n"); err != nil {
		t.Error(err)
	}
	out, err := search(t, s, s.URL, sato)
	if err != nil || !strings.Contains(out, "pwdAccountLockedTime: 000001010000Z") {
		t.Errorf("the lock is not seen: %v, %s", err, out)
	}
	if err := s.Modify("dn: uid=nobody,ou=people,dc=kakuu,dc=example\nchangetype: delete\n"); err == nil {
		t.Error("a change that the server refused is no error")
	}
}

func TestAPausedSlapdAnswersNothing(t *testing.T) {
	s := meibotest.Slapd(t, people)
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	if out, err := search(t, s, s.URL, s.Suffix); err == nil {
		t.Errorf("answered %s", out)
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	if out, err := search(t, s, s.URL, s.Suffix); err != nil {
		t.Errorf("does not answer again: %s", out)
	}
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	s.Stop()
	s.Stop()
	if out, err := search(t, s, s.URL, s.Suffix); err == nil {
		t.Errorf("answered after its end: %s", out)
	}
}

// TestAPausedSlapdIsSilentAtOnce: a thread that was running when the pause was
// asked for must not answer any more when it has returned.
func TestAPausedSlapdIsSilentAtOnce(t *testing.T) {
	s := meibotest.Slapd(t, people)
	for range 40 {
		conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "ldap://"))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Pause(); err != nil {
			t.Fatal(err)
		}
		conn.Write([]byte("\x30\x0c\x02\x01\x01\x60\x07\x02\x01\x03\x04\x00\x80\x00")) // an anonymous bind
		conn.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
		if n, _ := conn.Read(make([]byte, 64)); n > 0 {
			t.Fatal("answered although it is paused")
		}
		conn.Close()
		if err := s.Resume(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBadDataIsSaidByLine(t *testing.T) {
	_, err := demo.StartSlapd(context.Background(), demo.SlapdOptions{
		Dir: t.TempDir(), Data: strings.NewReader("dn: uid=x,dc=kakuu,dc=example\nobjectClass: nothing\n"),
	})
	if err == nil || !strings.Contains(err.Error(), "load data: slapadd") {
		t.Errorf("got %v", err)
	}
	_, err = demo.StartSlapd(context.Background(), demo.SlapdOptions{Dir: t.TempDir(), Suffix: "cn=x"})
	if err == nil || !strings.Contains(err.Error(), "suffix") {
		t.Errorf("got %v", err)
	}
}
