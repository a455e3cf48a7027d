package meibotest

import (
	"os/exec"
	"syscall"

	"github.com/meibo-dev/meibo/internal/demo"
)

func dieWithParent(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
}

func (p *process) freeze() error { return demo.Freeze(p.Process) }

func (p *process) thaw() error { return p.Signal(syscall.SIGCONT) }
