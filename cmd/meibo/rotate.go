package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/meibo-dev/meibo/internal/ledger"
)

type keyRotateDataCmd struct {
	NewFile bool `help:"Replace the file keys.data, too: after this neither the old file nor a backup made under it opens anything that is written here. Servers have to be started anew with the new file."`
	configFlag
}

// next is where the new file of the data key lies until the database is sealed under
// it.
const next = ".next"

// Run seals names and documents under a new key. It opens the database itself: on
// SQLite the server has to be stopped, on PostgreSQL it may run. Killed half-way it
// leaves everything readable; run again it goes on.
func (c *keyRotateDataCmd) Run(a *app) error {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	secrets, err := cfg.secrets()
	if err != nil {
		return err
	}
	path, fresh := cfg.path(cfg.Keys.Data), []byte(nil)
	if c.NewFile {
		if os.Getenv(dataKeyEnv) != "" {
			return fmt.Errorf("--new-file replaces keys.data, but the data key comes from %s: unset it", dataKeyEnv)
		}
		fresh = ledger.NewDataKey()
		if err := errors.Join(ignoreMissing(os.Remove(path+next)), writeNew(filepath.Dir(path), map[string][]byte{filepath.Base(path) + next: ledger.DataKeyText(fresh)})); err != nil {
			return err
		}
	}
	progress := a.progress()
	err = ledger.RotateDataKey(a.ctx, ledger.Options{URL: cfg.database(), Now: wallClock, Secrets: secrets}, fresh,
		func(done, total int64) { progress("sealed anew", done, total) })
	if err != nil {
		return cfg.explain(err)
	}
	if c.NewFile {
		if err := os.Rename(path+next, path); err != nil {
			return fmt.Errorf("the database is sealed under the new data key, but the file stayed where it was: %w", err)
		}
	}
	if a.json {
		return a.print(map[string]bool{"rotated": true, "new_file": c.NewFile})
	}
	a.printf("Names and documents are sealed under a new key; the old one is destroyed.\n")
	if c.NewFile {
		a.printf("Back up %s, start servers with it, and destroy the old file together with the backups that need it.\n", path)
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

// explain says what to do where a data key does not open the database because a
// rotation was killed between its last two steps.
func (c config) explain(err error) error {
	path := c.path(c.Keys.Data)
	if _, missing := os.Stat(path + next); errors.Is(err, ledger.ErrOtherDataKey) && missing == nil {
		return fmt.Errorf("%w. A rotation may have ended just before it renamed its file: try mv %s %s", err, path+next, path)
	}
	return err
}
