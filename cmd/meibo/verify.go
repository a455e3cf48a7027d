package main

import (
	"errors"
	"fmt"

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
