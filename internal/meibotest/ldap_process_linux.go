package meibotest

import (
	"os/exec"
	"syscall"
)

func dieWithParent(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}

func (p *process) freeze() error { return p.Signal(syscall.SIGSTOP) }

func (p *process) thaw() error { return p.Signal(syscall.SIGCONT) }
