// Package demo is the fictitious city that `meibo demo` and the stories run on.
package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// SlapdPackages is the line that installs what StartSlapd runs.
const SlapdPackages = "apt-get update && apt-get install -y --no-install-recommends slapd ldap-utils"

// SlapdOptions say what the directory holds. The zero value is an empty
// directory in a folder of its own.
type SlapdOptions struct {
	// Dir is an empty or missing folder that takes all files of the server;
	// Stop leaves it. Empty: a temporary folder, which Stop removes.
	Dir string
	// Suffix is the DN at the top, beginning with dc, o or ou. Empty:
	// dc=kakuu,dc=example.
	Suffix string
	// Data is LDIF of entries below the suffix. The suffix itself and
	// ou=services below it are made by StartSlapd.
	Data io.Reader
	// Cert, Key and CA are PEM files. With them the server speaks StartTLS, and
	// TLS at LDAPS.
	Cert, Key, CA string
}

// A Slapd is a running OpenLDAP server of one's own on a loopback address.
//
// Below ou=services stand the service account BindDN, which reads everything
// without a limit and may change the members of groups below ou=groups, a password policy that locks an account after three bad
// binds, and two canaries, cn=canary-enabled and cn=canary-disabled. Everyone
// else may only bind.
type Slapd struct {
	URL          string // ldap://127.0.0.1:port
	LDAPS        string // ldaps://127.0.0.1:port; empty without a certificate
	LDAPI        string // ldapi:// with the socket's path; empty where Dir is too long for a socket
	Suffix       string
	BindDN       string // the service account
	PasswordFile string // its password, without a line end

	dir       string
	temporary bool
	adminFile string
	process   *os.Process
	stop      sync.Once
	exited    chan struct{} // closed when the process is gone
	log       *tail
}

// SlapdInstalled tells whether StartSlapd finds the programs it runs.
func SlapdInstalled() bool {
	for _, name := range []string{"slapd", "slapadd", "ldapmodify", "ldapwhoami"} {
		if _, err := program(name); err != nil {
			return false
		}
	}
	return true
}

// StartSlapd makes a directory, starts a server on free ports of 127.0.0.1 and
// returns when it answers. It needs Debian's slapd and ldap-utils and no rights
// beyond an ordinary user's. The server ends with Stop, with ctx, or on Linux
// with this process.
func StartSlapd(ctx context.Context, opts SlapdOptions) (*Slapd, error) {
	s, err := newSlapd(opts)
	if err != nil {
		return nil, fmt.Errorf("start slapd: %w", err)
	}
	if err := s.load(ctx, opts); err != nil {
		s.Stop()
		return nil, fmt.Errorf("start slapd: %w", err)
	}
	err = errEnded
	for try := 0; try < 5 && errors.Is(err, errEnded); try++ { // another program may take the port in between
		if err = s.addresses(); err == nil {
			err = s.run(ctx)
		}
	}
	if err != nil {
		s.Stop()
		return nil, fmt.Errorf("start slapd: %w", err)
	}
	context.AfterFunc(ctx, s.Stop)
	return s, nil
}

// errEnded says that the server ended before it answered.
var errEnded = errors.New("slapd ended")

// newSlapd makes the folder and the passwords.
func newSlapd(opts SlapdOptions) (*Slapd, error) {
	s := &Slapd{Suffix: opts.Suffix, dir: opts.Dir, log: new(tail)}
	if s.Suffix == "" {
		s.Suffix = "dc=kakuu,dc=example"
	}
	if s.dir == "" {
		dir, err := os.MkdirTemp("", "slapd")
		if err != nil {
			return nil, err
		}
		s.dir, s.temporary = dir, true
	}
	dir, err := filepath.Abs(s.dir)
	if err != nil {
		return nil, err
	}
	s.dir = dir
	s.BindDN = "cn=meibo,ou=services," + s.Suffix
	s.PasswordFile = filepath.Join(s.dir, "meibo.password")
	s.adminFile = filepath.Join(s.dir, "admin.password")
	for _, dir := range []string{"config", "data"} {
		if err := os.MkdirAll(filepath.Join(s.dir, dir), 0o700); err != nil {
			return nil, err
		}
	}
	for _, file := range []string{s.PasswordFile, s.adminFile} {
		if err := os.WriteFile(file, []byte(rand.Text()), 0o600); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// run starts the process and waits until it answers.
func (s *Slapd) run(ctx context.Context) error {
	path, err := program("slapd")
	if err != nil {
		return err
	}
	urls := strings.Join(strings.Fields(s.URL+" "+s.LDAPI+" "+s.LDAPS), " ")
	cmd := exec.Command(path, "-d", "0", "-F", filepath.Join(s.dir, "config"), "-h", urls)
	cmd.Stdout, cmd.Stderr = s.log, s.log
	if err := s.start(cmd); err != nil {
		return err
	}
	ready, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for {
		err := s.client(ready, "ldapwhoami", nil)
		select {
		case <-s.exited:
			return fmt.Errorf("%w: %s", errEnded, s.log)
		default:
		}
		if err == nil {
			return nil
		}
		select {
		case <-ready.Done():
			s.kill()
			return errors.Join(ready.Err(), err)
		case <-time.After(15 * time.Millisecond):
		}
	}
}

// addresses chooses the ports and the socket.
func (s *Slapd) addresses() error {
	port, err := freePort()
	if err != nil {
		return err
	}
	s.URL = "ldap://" + port
	if socket := filepath.Join(s.dir, "ldapi"); len(socket) < 100 {
		s.LDAPI = "ldapi://" + strings.ReplaceAll(socket, "/", "%2F")
	}
	if s.LDAPS == "" {
		return nil
	}
	if port, err = freePort(); err != nil {
		return err
	}
	s.LDAPS = "ldaps://" + port
	return nil
}

func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// Modify applies LDIF as the administrator of the data and of cn=config:
// changes as ldapmodify reads them, and entries to be added. It stops at the
// first that the server refuses.
func (s *Slapd) Modify(ldif string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := s.client(ctx, "ldapmodify", strings.NewReader(ldif), "-a", "-e", "!relax"); err != nil {
		return fmt.Errorf("modify directory: %w", err)
	}
	return nil
}

// client runs one of the ldap-utils as the administrator.
func (s *Slapd) client(ctx context.Context, name string, in io.Reader, args ...string) error {
	path, err := program(name)
	if err != nil {
		return err
	}
	args = append([]string{"-x", "-H", s.URL, "-D", s.adminDN(), "-y", s.adminFile}, args...)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = []string{"LDAPNOINIT=1"}
	cmd.Stdin = in
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return nil
}

func (s *Slapd) adminDN() string { return "cn=admin," + s.Suffix }

// Pause freezes the server: it accepts connections and answers nothing.
func (s *Slapd) Pause() error { return Freeze(s.process) }

// Resume lets a frozen server go on.
func (s *Slapd) Resume() error { return thaw(s.process) }

// Crash ends the server at once, as a failure of its machine does. Restart
// starts it again.
func (s *Slapd) Crash() {
	s.process.Kill()
	<-s.exited
}

// Restart ends the server and starts it again at the same addresses, with the
// data that it has written.
func (s *Slapd) Restart(ctx context.Context) error {
	s.kill()
	if err := s.run(ctx); err != nil {
		return fmt.Errorf("restart slapd: %w", err)
	}
	return nil
}

// Stop ends the server, frozen or not, and returns when its process is gone. It
// may be called more than once.
func (s *Slapd) Stop() {
	s.stop.Do(func() {
		s.kill()
		if s.temporary {
			os.RemoveAll(s.dir)
		}
	})
}

// kill ends the process, at first politely.
func (s *Slapd) kill() {
	if s.process == nil {
		return
	}
	s.process.Signal(syscall.SIGTERM)
	thaw(s.process)
	select {
	case <-s.exited:
	case <-time.After(3 * time.Second):
		s.process.Kill()
		<-s.exited
	}
}
