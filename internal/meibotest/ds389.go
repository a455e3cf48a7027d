package meibotest

import (
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// DS389Packages is the line that installs what DS389 runs.
const DS389Packages = "apt-get update && apt-get install -y --no-install-recommends 389-ds-base ldap-utils"

// DS389 is a 389 Directory Server of the test's own on a loopback address, with
// content synchronization, a retro changelog and update sequence numbers.
//
// Below ou=services stand the service account BindDN, which reads everything
// but passwords and may write groups below ou=groups, and two canaries as those of
// [Slapd].
type DS389 struct {
	URL          string // ldap://127.0.0.1:port
	Suffix       string // dc=kakuu,dc=example
	BindDN       string // the service account
	PasswordFile string // its password, without a line end

	dir     string
	admin   string // file of the administrator's password
	process *process
}

const directoryManager = "cn=Directory Manager"

// StartDS389 starts a server that holds the entries of the LDIF texts below the
// suffix, and ends it after the test. Without the programs the test fails and
// says how to install them. It needs root.
func StartDS389(t testing.TB, ldif ...string) *DS389 {
	t.Helper()
	if _, err := exec.LookPath("ns-slapd"); err != nil || os.Getuid() != 0 {
		t.Fatal("this test runs a real 389 Directory Server as root; as root: " + DS389Packages)
	}
	d := &DS389{Suffix: "dc=kakuu,dc=example", dir: t.TempDir()}
	d.BindDN = "cn=meibo,ou=services," + d.Suffix
	if err := d.load(strings.Join(ldif, "\n\n")); err != nil {
		t.Fatalf("load 389-ds: %v", err)
	}
	t.Cleanup(func() {
		if d.process != nil {
			d.process.crash() // it takes its time to end, and nobody needs its data any more
		}
	})
	if err := d.start(); err != nil {
		t.Fatalf("start 389-ds: %v", err)
	}
	return d
}

// load writes the configuration and the data, before the server runs.
func (d *DS389) load(data string) error {
	for _, name := range []string{"etc/schema", "db", "lock", "run", "log", "ldif", "bak", "tmp"} {
		if err := os.MkdirAll(filepath.Join(d.dir, name), 0o700); err != nil {
			return err
		}
	}
	address, err := freeAddress()
	if err != nil {
		return err
	}
	d.URL, d.PasswordFile, d.admin = "ldap://"+address, filepath.Join(d.dir, "meibo.password"), filepath.Join(d.dir, "admin.password")
	password, secret := rand.Text(), rand.Text()
	for file, content := range map[string]string{d.PasswordFile: password, d.admin: secret} {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			return err
		}
	}
	config, err := d.config(address, secret)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(d.dir, "etc/dse.ldif"), []byte(config), 0o600); err != nil {
		return err
	}
	for to, from := range map[string]string{"slapd-collations.conf": "config/slapd-collations.conf", "schema/99user.ldif": "schema/99user.ldif"} {
		if err := copyFile(filepath.Join(d.dir, "etc", to), filepath.Join("/etc/dirsrv", from)); err != nil {
			return err
		}
	}
	file := filepath.Join(d.dir, "ldif/data.ldif")
	if err := os.WriteFile(file, []byte(d.data(password)+data), 0o600); err != nil {
		return err
	}
	out, err := exec.Command("ns-slapd", "ldif2db", "-D", filepath.Join(d.dir, "etc"), "-n", "userRoot", "-i", file).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ldif2db: %w: %s", err, out)
	}
	return nil
}

var placeholder = regexp.MustCompile(`%[a-z_]+%`)

// config fills in the templates of the package. A blank line too many ends the
// server.
func (d *DS389) config(address, secret string) (string, error) {
	host, port, _ := strings.Cut(address, ":")
	values := map[string]string{
		"schema_dir": "/usr/share/dirsrv/schema", "config_dir": d.dir + "/etc", "cert_dir": d.dir + "/etc", "inst_dir": d.dir,
		"lock_dir": d.dir + "/lock", "tmp_dir": d.dir + "/tmp", "ldif_dir": d.dir + "/ldif", "bak_dir": d.dir + "/bak",
		"run_dir": d.dir + "/run", "log_dir": d.dir + "/log", "db_dir": d.dir + "/db", "db_home_dir": d.dir + "/db", "db_lib": "bdb",
		"fqdn": "localhost", "ds_port": port, "ds_user": "root", "rootdn": directoryManager, "ds_passwd": hashed(secret),
		"ldapi_enabled": "off", "ldapi": d.dir + "/ldapi", "ldapi_autobind": "off", "ds_bename": "userRoot", "ds_suffix": d.Suffix,
	}
	more := map[string]string{
		"cn=config": "nsslapd-listenhost: " + host + "\nnsslapd-sizelimit: -1\nnsslapd-accesslog-logging-enabled: off",
		"cn=config,cn=ldbm database,cn=plugins,cn=config": "nsslapd-lookthroughlimit: -1\nnsslapd-cache-autosize: 0\n" +
			"nsslapd-dbcachesize: 10000000\nnsslapd-import-cache-autosize: 0\nnsslapd-import-cachesize: 20000000\n" +
			"nsslapd-db-durable-transaction: off",
		"cn=Retro Changelog Plugin,cn=plugins,cn=config": "nsslapd-changelogmaxage: 2d",
	}
	on := []string{"cn=Retro Changelog Plugin", "cn=Content Synchronization", "cn=USN", "cn=MemberOf Plugin"}
	var entries []string
	for _, name := range []string{"template-dse.ldif", "template-suffix-db.ldif"} {
		text, err := os.ReadFile(filepath.Join("/usr/share/dirsrv/data", name))
		if err != nil {
			return "", err
		}
		for entry := range strings.SplitSeq(string(text), "\n\n") {
			if entry = uncomment(entry); entry == "" {
				continue
			}
			dn, _, _ := strings.Cut(strings.TrimPrefix(entry, "dn: "), "\n")
			for _, plugin := range on {
				if dn == plugin+",cn=plugins,cn=config" {
					entry = strings.Replace(entry, "pluginenabled: off", "pluginenabled: on", 1)
				}
			}
			entries = append(entries, strings.TrimSpace(entry+"\n"+more[dn]))
		}
	}
	return placeholder.ReplaceAllStringFunc(strings.Join(entries, "\n\n")+"\n", func(name string) string {
		if value, known := values[strings.Trim(name, "%")]; known {
			return value
		}
		return name
	}), nil
}

// uncomment takes comments and blank lines out of an entry.
func uncomment(entry string) string {
	var lines []string
	for line := range strings.SplitSeq(entry, "\n") {
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "#") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// hashed is a password as the configuration must hold it.
func hashed(password string) string {
	sum := sha1.Sum([]byte(password + "salt"))
	return "{SSHA}" + base64.StdEncoding.EncodeToString(append(sum[:], "salt"...))
}

// data is the LDIF of the top of the tree.
func (d *DS389) data(password string) string {
	acis := `aci: (targetattr != "userPassword")(version 3.0; acl "meibo reads"; allow (read, search, compare) userdn = "ldap:///` +
		d.BindDN + `";)` + "\n" + `aci: (target = "ldap:///cn=*,ou=groups,` + d.Suffix + `")(targetattr = "member || uniqueMember")` +
		`(version 3.0; acl "meibo writes groups"; allow (write) userdn = "ldap:///` + d.BindDN + `";)`
	service := ",ou=services," + d.Suffix
	return strings.Join([]string{
		"dn: " + d.Suffix + "\nobjectClass: domain\ndc: kakuu\n" + acis,
		"dn: ou=services," + d.Suffix + "\nobjectClass: organizationalUnit\nou: services",
		"dn: " + d.BindDN + "\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: meibo\nuserPassword: " + hashed(password),
		"dn: cn=canary-enabled" + service + "\nobjectClass: organizationalRole\ncn: canary-enabled",
		"dn: cn=canary-disabled" + service + "\nobjectClass: organizationalRole\ncn: canary-disabled\nnsAccountLock: true",
		"",
	}, "\n\n")
}

// start runs the process until it answers.
func (d *DS389) start() (err error) {
	cmd := exec.Command("ns-slapd", "-D", filepath.Join(d.dir, "etc"), "-i", filepath.Join(d.dir, "run/pid"), "-d", "0")
	if d.process, err = startProcess(cmd); err != nil {
		return err
	}
	return d.process.answers(func() error { return runLDAP("ldapwhoami", d.URL, directoryManager, d.admin, "") })
}

// Modify applies LDIF as the administrator of the data and of cn=config.
func (d *DS389) Modify(ldif string) error {
	return runLDAP("ldapmodify", d.URL, directoryManager, d.admin, ldif, "-a")
}

// Pause freezes the server: it accepts connections and answers nothing.
func (d *DS389) Pause() error { return d.process.freeze() }

// Resume lets a frozen server go on.
func (d *DS389) Resume() error { return d.process.thaw() }

// Crash ends the server at once.
func (d *DS389) Crash() { d.process.crash() }

// Restart ends the server and starts it again at the same address.
func (d *DS389) Restart() error {
	d.process.end()
	return d.start()
}

// Stop ends the server.
func (d *DS389) Stop() { d.process.end() }

// Trim makes the server forget the changes in its changelog.
func (d *DS389) Trim() error {
	out, err := exec.Command("ldapsearch", "-x", "-LLL", "-H", d.URL, "-D", directoryManager, "-y", d.admin, "-b", "cn=changelog",
		"(changeNumber=*)", "1.1").Output()
	if err != nil {
		return fmt.Errorf("ldapsearch: %w", err)
	}
	var all strings.Builder
	for line := range strings.SplitSeq(string(out), "\n") {
		if strings.HasPrefix(line, "dn: ") {
			fmt.Fprintf(&all, "%s\nchangetype: delete\n\n", line)
		}
	}
	return d.Modify(all.String())
}
