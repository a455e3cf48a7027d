//go:build !linux

package meibotest

import (
	"errors"
	"os/exec"
)

func dieWithParent(*exec.Cmd) {}

func (p *process) freeze() error { return errors.ErrUnsupported }

func (p *process) thaw() error { return errors.ErrUnsupported }
