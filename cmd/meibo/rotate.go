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
		if fresh, err = nextDataKey(path + next); err != nil {
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

// nextDataKey is the data key of a rotation. One that lies there already is taken: a
// rotation that was killed may have sealed the database under it, and nothing else
// would open it. Only what is no whole key is replaced; nothing was sealed under that.
func nextDataKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if key, err := ledger.ReadDataKey(text); err == nil {
			return key, nil
		}
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	key := ledger.NewDataKey()
	if err := writeNew(filepath.Dir(path), map[string][]byte{filepath.Base(path): ledger.DataKeyText(key)}); err != nil {
		return nil, err
	}
	return key, syncFolder(filepath.Dir(path))
}

// syncFolder makes durable which files are in a folder.
func syncFolder(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// explain says what to do where a data key does not open the database because a
// rotation was killed between its last two steps.
func (c config) explain(err error) error {
	path := c.path(c.Keys.Data)
	if _, missing := os.Stat(path + next); errors.Is(err, ledger.ErrOtherDataKey) && missing == nil {
		return fmt.Errorf("%w. A rotation may have ended just before it renamed its file. Try this, which loses neither: mv -n %s %s && mv -n %s %s",
			err, path, path+".old", path+next, path)
	}
	return err
}
