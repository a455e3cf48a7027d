package directory_test

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// staff is the LDIF of n people as a personnel office keeps them: nineteen attributes each.
func staff(n int) io.Reader {
	r, w := io.Pipe()
	go func() {
		fmt.Fprintf(w, "%s\n", units)
		for i := 1; i <= n; i++ {
			login := fmt.Sprintf("e%05d", i)
			fmt.Fprintf(w, "\n%s\n", person(i, login, value("givenName", "太郎"), value("sn;lang-ja", "山田"),
				value("sn;lang-ja;phonetic", "ヤマダ"), value("givenName;lang-ja;phonetic", "タロウ"), value("cn;lang-ja", "山田 太郎"),
				value("displayName;lang-ja", "山田　太郎"), "displayName: Yamada Taro", fmt.Sprintf("mail: %s@data.kakuu.example", login),
				"o: K1", value("ou", "総務部"), "departmentNumber: 0123", value("employeeType", "正社員"),
				"employeeNumber: "+login, value("title", "主任"), "telephoneNumber: +81 3 0000 0000", "l: Kakuu",
				value("description", "架空市の住民税システムの運用を担当する"), "preferredLanguage: ja"))
		}
		w.Close()
	}()
	return r
}

func bulk(t testing.TB, n int) *demo.Slapd {
	t.Helper()
	return meibotest.SlapdWith(t, demo.SlapdOptions{Data: staff(n)})
}

// ldapsearch is how long the command takes for the same reading.
func ldapsearch(t testing.TB, s *demo.Slapd, attributes ...string) time.Duration {
	t.Helper()
	began := time.Now()
	cmd := exec.Command("ldapsearch", append([]string{"-x", "-LLL", "-o", "ldif-wrap=no", "-E", "pr=500/noprompt", "-H", s.URL,
		"-D", s.BindDN, "-y", s.PasswordFile, "-b", people, "(objectClass=inetOrgPerson)"}, attributes...)...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return time.Since(began)
}

func TestBulk(t *testing.T) {
	if !soaking {
		return
	}
	s := bulk(t, 50_000)
	c := config(s)
	c.Attributes = []string{"*"}
	c.Attributes = strings.Fields("cn sn givenName displayName mail o ou departmentNumber employeeType employeeNumber title telephoneNumber l description preferredLanguage")
	c.Timeouts.Whole = 5 * time.Minute
	source := open(t, c)
	ask := append(strings.Fields("entryUUID uid objectClass pwdAccountLockedTime pwdStartTime pwdEndTime pwdReset shadowExpire"), c.Attributes...)
	for range 3 {
		began := time.Now()
		n := 0
		proof, err := source.Snapshot(context.Background(), func(directory.Object) error { n++; return nil })
		if err != nil || !proof.Complete || n != 50_000 {
			t.Fatal(n, err)
		}
		took := time.Since(began)
		theirs := ldapsearch(t, s, ask...)
		t.Logf("ours %s, ldapsearch %s: %.2f", took.Round(time.Millisecond), theirs.Round(time.Millisecond), float64(took)/float64(theirs))
	}
}
