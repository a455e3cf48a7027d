package main

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/meibo-dev/meibo/internal/ledger"
)

// secrets reads the files of keys. One that others than its owner can read is
// refused.
func (c config) secrets() (ledger.Secrets, error) {
	var s ledger.Secrets
	for _, file := range []struct {
		path   string
		secret bool
		put    func([]byte)
	}{
		{c.Keys.Log, true, func(b []byte) { s.Log = string(b) }},
		{c.Keys.LogPublic, false, func(b []byte) { s.LogPublic = string(b) }},
		{c.Keys.Pepper, true, func(b []byte) { s.Pepper = b }},
	} {
		content, err := readKey(c.path(file.path), file.secret)
		if err != nil {
			return s, err
		}
		file.put(content)
	}
	var err error
	if s.Data, err = c.dataKey(); err != nil {
		return s, err
	}
	return s, s.Check()
}

// dataKeyEnv replaces the file of the data key.
const dataKeyEnv = "MEIBO_DATA_KEY"

// dataKey reads the key that opens names and documents in the database.
func (c config) dataKey() ([]byte, error) {
	path := c.path(c.Keys.Data)
	text, err := c.secretOf(dataKeyEnv, c.Keys.Data)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("keys.data: %s is not there: put back the file that belongs to this database, or set %s; without it names and documents cannot be read", path, dataKeyEnv)
	}
	if err != nil {
		return nil, err
	}
	key, err := ledger.ReadDataKey([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("keys.data (%s): %w", path, err)
	}
	return key, nil
}

func readKey(path string, secret bool) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read key: %w", err)
	}
	if secret && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("read key: others can read %s: run chmod 600 %s", path, path)
	}
	return os.ReadFile(path)
}

// secretOf reads a password from the environment or, where that has none, from a
// file.
func (c config) secretOf(env, file string) (string, error) {
	if v := os.Getenv(env); v != "" || file == "" {
		return v, nil
	}
	content, err := readKey(c.path(file), true)
	return strings.TrimRight(string(content), "\r\n"), err
}
