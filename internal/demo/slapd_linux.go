package demo

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// dieWithParent ends the command when the thread that starts it ends.
func dieWithParent(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// Freeze stops a process and returns when none of its threads runs any more: the
// signal alone is only asked for, and a thread may still answer.
func Freeze(p *os.Process) error {
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for late := time.Now().Add(5 * time.Second); time.Now().Before(late); time.Sleep(time.Millisecond) {
		if stopped(p.Pid) {
			return nil
		}
	}
	return fmt.Errorf("freeze process %d: it goes on", p.Pid)
}

// stopped tells whether every thread of a process is stopped.
func stopped(pid int) bool {
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, file := range threads {
		stat, err := os.ReadFile(file)
		if err != nil { // the thread has ended
			continue
		}
		after := bytes.LastIndexByte(stat, ')') // the name before it may hold anything
		if !bytes.HasPrefix(stat[after+1:], []byte(" T ")) {
			return false
		}
	}
	return len(threads) > 0
}

func thaw(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
