package meibotest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A process is a server that a test runs, with what it said last.
type process struct {
	*os.Process
	exited chan struct{}

	mu   sync.Mutex
	said []byte
}

// startProcess starts a command from a thread that waits for it: on Linux it ends
// with that thread, and so with the test.
func startProcess(cmd *exec.Cmd) (*process, error) {
	type result struct {
		*process
		error
	}
	started := make(chan result)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		p, err := startProcessHere(cmd)
		started <- result{p, err}
		if err == nil {
			<-p.exited
		}
	}()
	r := <-started
	return r.process, r.error
}

// startProcessHere starts a command from this thread, and in its network. The
// command ends with the thread.
func startProcessHere(cmd *exec.Cmd) (*process, error) {
	p := &process{exited: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p, p
	dieWithParent(cmd)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.Process = cmd.Process
	go func() {
		cmd.Wait()
		close(p.exited)
	}()
	return p, nil
}

// Write keeps the end of what the process says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.said = append(p.said, b...)
	if over := len(p.said) - 4096; over > 0 {
		p.said = append(p.said[:0], p.said[over:]...)
	}
	return len(b), nil
}

// end ends the process, at first politely.
func (p *process) end() {
	p.Signal(syscall.SIGTERM)
	p.thaw()
	select {
	case <-p.exited:
	case <-time.After(5 * time.Second):
		p.crash()
	}
}

// crash ends it at once.
func (p *process) crash() {
	p.Kill()
	<-p.exited
}

// answers waits until try succeeds, while the process runs.
func (p *process) answers(try func() error) error {
	late := time.After(30 * time.Second)
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-p.exited:
			p.mu.Lock()
			defer p.mu.Unlock()
			return fmt.Errorf("ended: %s", p.said)
		case <-late:
			return err
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// runLDAP runs one of the ldap-utils.
func runLDAP(name, url, dn, passwordFile, in string, args ...string) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, append([]string{"-x", "-H", url, "-D", dn, "-y", passwordFile}, args...)...)
	cmd.Env = []string{"LDAPNOINIT=1"}
	cmd.Stdin = strings.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return nil
}

// freeAddress is a free port of this machine.
func freeAddress() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return l.Addr().String(), l.Close()
}

// copyFile copies a file.
func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.Close()
		return err
	}
	return out.Close()
}
