package meibotest

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// SambaPackages is the line that installs what Samba runs.
const SambaPackages = "apt-get update && apt-get install -y --no-install-recommends samba-ad-dc samba-ad-provision ldap-utils"

// Samba is an Active Directory domain controller of the test's own, in a network
// of its own, since its ports cannot be chosen.
//
// Below OU=services stand the service account BindDN, which reads as every
// account does and may write below OU=groups, and two canaries.
type Samba struct {
	URL          string // ldap://127.0.0.1:port
	Suffix       string // DC=kakuu,DC=example
	BindDN       string // the service account
	PasswordFile string // its password, without a line end
	AdminDN      string // an administrator, who sees what is deleted
	AdminFile    string // the administrator's password

	dir     string
	network *network
	process *process
}

const sambaSuffix = "DC=kakuu,DC=example"

// StartSamba starts a domain controller that holds the entries of the LDIF texts
// below the suffix, and ends it after the test. Without the programs the test
// fails and says how to install them. It needs root.
func StartSamba(t testing.TB, ldif ...string) *Samba {
	t.Helper()
	if _, err := exec.LookPath("samba-tool"); err != nil || os.Getuid() != 0 {
		t.Fatal("this test runs a real Samba domain controller as root; as root: " + SambaPackages)
	}
	s := &Samba{Suffix: sambaSuffix, dir: t.TempDir()}
	s.BindDN = "CN=meibo,OU=services," + s.Suffix
	s.AdminDN = "CN=Administrator,CN=Users," + s.Suffix
	if err := s.settle(); err != nil {
		t.Fatalf("make a samba domain: %v", err)
	}
	var err error
	if s.network, err = newNetwork(); err != nil {
		t.Fatalf("make a network: %v", err)
	}
	t.Cleanup(func() {
		if s.process != nil {
			s.process.crash()
		}
		s.network.close()
	})
	address, err := s.network.relay("127.0.0.1:389")
	if err != nil {
		t.Fatal(err)
	}
	s.URL = "ldap://" + address
	if err := s.start(); err != nil {
		t.Fatalf("start samba: %v", err)
	}
	for _, text := range append([]string{s.services()}, ldif...) {
		if err := s.Modify(text); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// settle gives the server a domain with the service account. Making one takes long:
// all servers of this machine begin with copies of the first.
func (s *Samba) settle() error {
	version, err := exec.Command("samba", "--version").Output()
	if err != nil {
		return fmt.Errorf("samba --version: %w", err)
	}
	kept := filepath.Join(os.TempDir(), fmt.Sprintf("meibo-%s-%d", strings.ReplaceAll(strings.TrimSpace(string(version)), " ", "-"), os.Getuid()))
	if _, err := os.Stat(kept); err != nil {
		made, err := os.MkdirTemp("", "meibo-samba-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(made)
		if err := provision(made); err != nil {
			return err
		}
		if err := os.Rename(made, kept); err != nil && !errors.Is(err, fs.ErrExist) { // another test was quicker
			return err
		}
	}
	if err := run("cp", "-a", kept+"/.", s.dir); err != nil {
		return err
	}
	s.PasswordFile, s.AdminFile = filepath.Join(s.dir, "meibo.password"), filepath.Join(s.dir, "admin.password")
	return s.configure(filepath.Join(s.dir, "d/etc/smb.conf"))
}

// provision makes a domain and the service account in a folder.
func provision(dir string) error {
	password, secret := "Aa1-"+rand.Text(), "Aa1-"+rand.Text()
	empty, domain := filepath.Join(dir, "empty"), filepath.Join(dir, "d")
	for file, content := range map[string]string{filepath.Join(dir, "meibo.password"): password, filepath.Join(dir, "admin.password"): secret, empty: ""} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			return err
		}
	}
	if err := run("samba-tool", "domain", "provision", "--configfile="+empty, "--targetdir="+domain, "--realm=KAKUU.EXAMPLE",
		"--domain=KAKUU", "--adminpass="+secret, "--dns-backend=NONE", "--server-role=dc", "--host-name=dc1", "--host-ip=127.0.0.1",
		"--option=interfaces=lo", "--option=bind interfaces only=yes"); err != nil {
		return err
	}
	database := filepath.Join(domain, "private/sam.ldb")
	if err := run("samba-tool", "ou", "create", "OU=services,"+sambaSuffix, "-H", database, "--configfile="+empty); err != nil {
		return err
	}
	return run("samba-tool", "user", "create", "meibo", password, "--userou=OU=services", "-H", database, "--configfile="+empty)
}

// madeIn is where a domain was made that is copied.
var madeIn = regexp.MustCompile(`= /.*/meibo-samba-[0-9]+/d`)

// configure lets the server do nothing but LDAP, within its folder, and take
// simple binds without TLS.
func (s *Samba) configure(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var lines []string
	for line := range strings.SplitSeq(string(text), "\n") {
		if strings.TrimSpace(line) == "[sysvol]" {
			break
		}
		if !strings.Contains(line, "server services") {
			lines = append(lines, madeIn.ReplaceAllLiteralString(line, "= "+s.dir+"/d"))
		}
	}
	for _, folder := range []string{"run", "ncalrpc", "log"} {
		if err := os.MkdirAll(filepath.Join(s.dir, "d", folder), 0o755); err != nil {
			return err
		}
	}
	lines = append(lines, "\tserver services = ldap", "\tldap server require strong auth = no", "\ttls enabled = no",
		"\tdisable netbios = yes", "\tpid directory = "+s.dir+"/d/run", "\tncalrpc dir = "+s.dir+"/d/ncalrpc",
		"\tlog file = "+s.dir+"/d/log/samba", "\tlog level = 0")
	return os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// services is the LDIF of the canaries and of the folder of groups.
func (s *Samba) services() string {
	account := "objectClass: user\nuserAccountControl: "
	below := ",OU=services," + s.Suffix
	return "dn: OU=groups," + s.Suffix + "\nobjectClass: organizationalUnit\n\n" +
		"dn: CN=canary-enabled" + below + "\n" + account + "544\nsAMAccountName: canary-enabled\n\n" +
		"dn: CN=canary-disabled" + below + "\n" + account + "546\nsAMAccountName: canary-disabled\n"
}

func run(name string, args ...string) error {
	if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", name, args[0], err, out)
	}
	return nil
}

// start runs the process in its network until it answers.
func (s *Samba) start() (err error) {
	cmd := exec.Command("samba", "-i", "-M", "single", "-s", filepath.Join(s.dir, "d/etc/smb.conf"))
	if err := s.network.do(func() (err error) { s.process, err = startProcessHere(cmd); return err }); err != nil {
		return err
	}
	return s.process.answers(func() error { return s.search() })
}

func (s *Samba) search() error {
	return runLDAP("ldapsearch", s.URL, s.AdminDN, s.AdminFile, "", "-b", "", "-s", "base", "1.1")
}

// Modify applies LDIF as an administrator.
func (s *Samba) Modify(ldif string) error {
	return runLDAP("ldapmodify", s.URL, s.AdminDN, s.AdminFile, ldif, "-a")
}

// Pause freezes the server: it accepts connections and answers nothing.
func (s *Samba) Pause() error { return s.process.freeze() }

// Resume lets a frozen server go on.
func (s *Samba) Resume() error { return s.process.thaw() }

// Crash ends the server at once.
func (s *Samba) Crash() { s.process.crash() }

// Restart ends the server and starts it again at the same address.
func (s *Samba) Restart() error {
	s.process.end()
	return s.start()
}

// Expunge makes the server forget, for good, what was deleted, and starts it again.
func (s *Samba) Expunge() error {
	s.process.end()
	domain := filepath.Join(s.dir, "d")
	err := run("samba-tool", "domain", "tombstones", "expunge", s.Suffix, "--current-time=2100-01-01",
		"-H", filepath.Join(domain, "private/sam.ldb"), "--configfile="+filepath.Join(domain, "etc/smb.conf"))
	return errors.Join(err, s.start())
}

// Stop ends the server.
func (s *Samba) Stop() { s.process.end() }
