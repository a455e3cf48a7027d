package demo

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"text/template"
)

var (
	//go:embed slapd_config.ldif
	slapdConfig string
	//go:embed slapd_data.ldif
	slapdData string
)

// load writes the configuration and the data offline, before the server runs.
func (s *Slapd) load(ctx context.Context, opts SlapdOptions) error {
	values, err := s.values(opts)
	if err != nil {
		return err
	}
	config, err := fill(slapdConfig, values)
	if err != nil {
		return err
	}
	data, err := fill(slapdData, values)
	if err != nil {
		return err
	}
	if err := s.slapadd(ctx, strings.NewReader(config), "-n", "0"); err != nil {
		return fmt.Errorf("load configuration: %w", err)
	}
	in := io.Reader(strings.NewReader(data))
	if opts.Data != nil {
		in = io.MultiReader(in, opts.Data)
	}
	if err := s.slapadd(ctx, in, "-q", "-n", "1"); err != nil {
		return fmt.Errorf("load data: %w", err)
	}
	if opts.Cert != "" {
		s.LDAPS = "ldaps://" // the port is chosen at the start
	}
	return nil
}

// values are what the two templates are filled with.
func (s *Slapd) values(opts SlapdOptions) (map[string]string, error) {
	first, _, _ := strings.Cut(s.Suffix, ",")
	attribute, value, _ := strings.Cut(first, "=")
	class := map[string]string{"dc": "dcObject", "o": "organization", "ou": "organizationalUnit"}[attribute]
	if class == "" || value == "" {
		return nil, errors.New("suffix does not begin with dc, o or ou")
	}
	password, err := os.ReadFile(s.PasswordFile)
	if err != nil {
		return nil, err
	}
	admin, err := os.ReadFile(s.adminFile)
	if err != nil {
		return nil, err
	}
	return map[string]string{
		"Dir": s.dir, "Suffix": s.Suffix, "BindDN": s.BindDN, "AdminDN": s.adminDN(),
		"SuffixClass": class, "SuffixAttribute": attribute, "SuffixValue": value,
		"Password": string(password), "AdminPassword": string(admin),
		"Cert": opts.Cert, "Key": opts.Key, "CA": opts.CA,
	}, nil
}

func fill(text string, values map[string]string) (string, error) {
	t, err := template.New("ldif").Option("missingkey=error").Parse(text)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, values)
	return b.String(), err
}

func (s *Slapd) slapadd(ctx context.Context, ldif io.Reader, args ...string) error {
	path, err := program("slapadd")
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, append(args, "-F", filepath.Join(s.dir, "config"))...)
	cmd.Stdin = ldif
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("slapadd: %w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

// program finds an executable; slapd's are not on the path of ordinary users.
func program(name string) (string, error) {
	for _, dir := range []string{"/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"} {
		if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
			return path, nil
		}
	}
	path, err := exec.LookPath(name)
	if err != nil {
		return "", fmt.Errorf("%s is not installed: %s", name, SlapdPackages)
	}
	return path, nil
}

// start runs the command from a thread that waits for it: Linux ends the child
// of a thread that is gone.
func (s *Slapd) start(cmd *exec.Cmd) error {
	dieWithParent(cmd)
	started, exited := make(chan error), make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			cmd.Wait()
			close(exited)
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.process, s.exited = cmd.Process, exited
	return nil
}

// A tail keeps the end of what a process said.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if over := len(t.buf) - 4096; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(p), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.buf))
}
