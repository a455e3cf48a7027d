package meibotest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// A Postfix is a real relay of the test's own, in a folder of its own: STARTTLS is
// required, what it takes goes into one mailbox, and nothing leaves.
type Postfix struct {
	Addr string // host:port

	t   testing.TB
	dir string
}

// postfixMain and postfixMaster are what Postfix needs for that.
const (
	postfixMain = `compatibility_level = 3.6
queue_directory = %[1]s/queue
data_directory = %[1]s/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
meta_directory = /etc/postfix
shlib_directory = /usr/lib/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = %[1]s/log/maillog
maillog_file_prefixes = %[1]s
myhostname = relay.kakuu.example
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
virtual_mailbox_domains = city.kakuu.example data.kakuu.example
virtual_mailbox_base = %[1]s/mail
virtual_mailbox_maps = static:inbox/
virtual_uid_maps = static:%[2]s
virtual_gid_maps = static:%[2]s
default_transport = error:nothing leaves
relay_transport = error:nothing leaves
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = %[1]s/conf/cert.pem
smtpd_tls_key_file = %[1]s/conf/key.pem
smtpd_peername_lookup = no
smtpd_tls_received_header = yes
smtpd_error_sleep_time = 0
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access texthash:%[1]s/conf/access, permit_mynetworks, reject
smtpd_end_of_data_restrictions = check_sender_access texthash:%[1]s/conf/data
`
	postfixMaster = `%s inet n - n - - smtpd -o max_use=1
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
`
)

// NewPostfix makes a relay ready that Start starts. Postfix needs root: it gives its
// rights away itself. A machine without it fails the test.
func NewPostfix(t testing.TB, a *Authority) *Postfix {
	t.Helper()
	owner, err := user.Lookup("postfix")
	if err != nil || os.Getuid() != 0 {
		t.Fatal("this test runs a real Postfix, as root: apt-get install --no-install-recommends postfix")
	}
	p := &Postfix{Addr: FreeAddress(t), t: t, dir: openDir(t)}
	uid, _ := strconv.Atoi(owner.Uid)
	for _, name := range []string{"conf", "queue", "data", "mail", "log"} {
		if err := os.Mkdir(filepath.Join(p.dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"data", "mail"} {
		if err := os.Chown(filepath.Join(p.dir, name), uid, -1); err != nil {
			t.Fatal(err)
		}
	}
	a.PEM(filepath.Join(p.dir, "conf"), "cert.pem", "key.pem", "127.0.0.1")
	p.write("main.cf", fmt.Sprintf(postfixMain, p.dir, owner.Uid))
	p.write("master.cf", fmt.Sprintf(postfixMaster, p.Addr))
	p.Refuse("", 0)
	return p
}

// openDir is a folder that others may enter, too: Postfix gives its rights away.
func openDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "meibo-postfix-")
	if err == nil {
		err = os.Chmod(dir, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

func (p *Postfix) write(name, text string) {
	p.t.Helper()
	file, before := filepath.Join(p.dir, "conf", name), time.Now().Add(-time.Hour)
	err := os.WriteFile(file, []byte(text), 0o644)
	if err == nil {
		err = os.Chtimes(file, before, before) // Postfix waits until a file has cooled down
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// Start starts it, and stops it at the end of the test.
func (p *Postfix) Start() {
	p.t.Helper()
	conf := filepath.Join(p.dir, "conf")
	if out, err := exec.Command("/usr/sbin/postfix", "-c", conf, "start").CombinedOutput(); err != nil {
		log, _ := os.ReadFile(filepath.Join(p.dir, "log", "maillog"))
		p.t.Fatalf("postfix start: %v\n%s\n%s", err, out, log)
	}
	p.t.Cleanup(func() { exec.Command("/usr/sbin/postfix", "-c", conf, "stop").Run() })
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", p.Addr)
		if err == nil {
			conn.Close()
			return
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(p.dir, "log", "maillog"))
			p.t.Fatalf("postfix: %v\n%s", err, log)
		}
	}
}

// Refuse has an address be answered with a code; "*" refuses every message after its
// data, and 0 nothing.
func (p *Postfix) Refuse(address string, code int) {
	p.t.Helper()
	rcpt, data := "", ""
	switch {
	case code != 0 && address == "*":
		data = fmt.Sprintf("city.kakuu.example %d not now\n", code)
	case code != 0:
		rcpt = fmt.Sprintf("%s %d not this one\n", address, code)
	}
	p.write("access", rcpt)
	p.write("data", data)
}

// Mails are the messages in its mailbox; it waits until there are at least n.
func (p *Postfix) Mails(n int) []string {
	p.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(p.dir, "mail", "inbox", "new", "*"))
		if err != nil {
			p.t.Fatal(err)
		}
		if len(files) < n && time.Now().Before(deadline) {
			continue
		}
		var mails []string
		for _, f := range files {
			text, err := os.ReadFile(f)
			if err != nil {
				p.t.Fatal(err)
			}
			mails = append(mails, strings.ReplaceAll(string(text), "\r\n", "\n"))
		}
		return mails
	}
}
