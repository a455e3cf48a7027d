package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// A scan is inspected in a process of its own: whatever a hostile file does to it,
// the server goes on.
const (
	scanWithin  = 10 * time.Second
	scanMemory  = 768 << 20 // bytes; a page of 40 million pixels takes 320 MiB
	scansAtOnce = 2
)

type scanCmd struct {
	MediaType string `arg:""`
	Memory    uint64 `arg:""` // bytes
	Form      int    `arg:""` // size of the form, which comes first, in bytes; -1: none
}

// Run reads a scan from the standard input and says what is wrong with it.
func (c *scanCmd) Run(a *app) error {
	if err := limitMemory(c.Memory); err != nil {
		return err
	}
	content, err := io.ReadAll(io.LimitReader(a.stdin, 2*meibo.MaxDocument))
	if err != nil {
		return err
	}
	s := document.Scan{MediaType: c.MediaType, Content: content}
	if c.Form >= 0 && c.Form <= len(content) {
		s.Form, s.Content = content[:c.Form], content[c.Form:]
	}
	code := s.Inspect()
	if code == "" {
		code = "ok"
	}
	a.printf("%s\n", code)
	return nil
}

// program is this program's own path; the tests' is built without their race detector.
var program = os.Executable

// scanner inspects scans, a few at a time, each in a process of its own.
type scanner struct {
	slots  chan struct{}
	memory uint64 // bytes, of each process
}

func newScanner() scanner { return scanner{make(chan struct{}, scansAtOnce), scanMemory} }

// inspect says what is wrong with a scan. One that takes too much time or memory is
// unreadable; an error says that nothing was found out.
func (s scanner) inspect(ctx context.Context, scan document.Scan) (meibo.ProblemCode, error) {
	select {
	case s.slots <- struct{}{}:
		defer func() { <-s.slots }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	self, err := program()
	if err != nil {
		return "", fmt.Errorf("inspect scan: %w", err)
	}
	within, cancel := context.WithTimeout(ctx, scanWithin)
	defer cancel()
	form := -1
	if scan.Form != nil {
		form = len(scan.Form)
	}
	child := exec.CommandContext(within, self, "inspect-scan", "--", scan.MediaType, strconv.FormatUint(s.memory, 10), strconv.Itoa(form))
	child.Args[0], child.Env, child.Dir = "meibo", []string{"GOMAXPROCS=1"}, os.TempDir()
	child.Stdin = io.MultiReader(bytes.NewReader(scan.Form), bytes.NewReader(scan.Content))
	said, err := child.Output()
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &ended):
		return "SCAN_UNREADABLE", nil
	case err != nil:
		return "", fmt.Errorf("inspect scan: %w", err)
	}
	return document.ScanVerdict(string(said))
}
