package main

import (
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/term"

	"github.com/meibo-dev/meibo/internal/ledger"
)

type verifyCmd struct {
	File          string `arg:"" optional:"" help:"A sealed PDF, a package, or a checkpoint of the log; the ledger itself when left out." type:"existingfile"`
	Proof         string `help:"Proof that the log answers for the file; FILE.proof where it is there." type:"existingfile"`
	Root          string `help:"Certificate of the root of seals: the city's copy. The configuration's when left out." type:"existingfile"`
	TimestampRoot string `help:"Certificate of the root of the timestamp authority." type:"existingfile"`
	LogKey        string `help:"Public key of the log: the city's copy." type:"existingfile"`
	configFlag
}

// Run tells what became of a file, offline; or re-checks the ledger, beside a
// running server or without; for that it needs the data key. It reads only.
func (c *verifyCmd) Run(a *app) error {
	if c.File != "" {
		return c.verifyFile(a)
	}
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	public, err := readKey(cfg.path(cfg.Keys.LogPublic), false)
	if err != nil {
		return err
	}
	data, err := cfg.dataKey()
	if err != nil {
		return err
	}
	found, err := ledger.Verify(a.ctx, cfg.database(), string(public), data, wallClock, a.progress())
	var bad *ledger.Tampered
	if errors.As(err, &bad) {
		if a.json {
			return errors.Join(a.print(map[string]any{"intact": false, "table": bad.Table, "key": bad.Key, "what": bad.What}), err)
		}
		return fmt.Errorf("NOT INTACT: %w", err)
	}
	if err != nil {
		return cfg.explain(err)
	}
	if a.json {
		return a.print(map[string]any{
			"intact": true, "entries": found.Entries, "rows": found.Rows, "decisions": found.Decisions, "destroyed": found.Destroyed, "forgotten": found.Forgotten, "unsealed": found.Unsealed,
			"root": found.Root, "checkpoint": found.Head,
		})
	}
	a.printf("Intact: %d entries, %d rows, %d decisions (%d destroyed when their time was over, %d since the last seal).\nRoot %s\n", found.Entries, found.Rows, found.Decisions, found.Destroyed, found.Unsealed, found.Root)
	return nil
}

// waiting says on a terminal for how long something has been awaited, until the
// function that it returns is called. A roster of 10,000 lines takes its time.
func (a *app) waiting(what string) (stop func()) {
	f, ok := a.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func() {}
	}
	done, ended, since := make(chan struct{}), make(chan struct{}), time.Now()
	go func() {
		defer close(ended)
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-done:
				fmt.Fprint(f, "\r\x1b[K")
				return
			case <-tick.C:
				fmt.Fprintf(f, "\r\x1b[K%s … %d s", what, int(time.Since(since).Seconds()))
			}
		}
	}()
	return func() {
		close(done)
		<-ended
	}
}

// progress shows on a terminal how far a stage has come.
func (a *app) progress() func(stage string, done, total int64) {
	f, ok := a.stderr.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(string, int64, int64) {}
	}
	return func(stage string, done, total int64) {
		fmt.Fprintf(f, "\r\x1b[K%s %d/%d", stage, done, total)
		if done >= total {
			fmt.Fprint(f, "\r\x1b[K")
		}
	}
}
