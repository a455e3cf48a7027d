package meibotest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/meibo-dev/meibo/internal/store"
)

// Each runs a test on SQLite and on PostgreSQL, as two subtests, each with a
// database of its own without rows. A missing server fails the test.
func Each(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { f(t, Postgres(t)) })
}

// EachEmpty is Each with databases that do not even have the schema.
func EachEmpty(t *testing.T, f func(t *testing.T, url string)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) { f(t, EmptySQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { f(t, EmptyPostgres(t)) })
}

// SQLite is the path of a SQLite database of the test's own that has the schema and
// no rows.
func SQLite(t testing.TB) string {
	t.Helper()
	files, err := migrated()
	url := EmptySQLite(t)
	for name, content := range files {
		err = errors.Join(err, os.WriteFile(filepath.Join(filepath.Dir(url), name), content, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	return url
}

// EmptySQLite is the path of a SQLite database of the test's own that is not there yet.
func EmptySQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "meibo.db")
}

// migrated are the files by name that the tests' SQLite databases are copied from: the
// steps are taken once, not once for each test.
var migrated = sync.OnceValues(func() (files map[string][]byte, err error) {
	dir, err := os.MkdirTemp("", "meibo-schema-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	db, err := store.Open(context.Background(), store.Options{URL: filepath.Join(dir, "meibo.db")})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	paths, err := filepath.Glob(filepath.Join(dir, "*.db"))
	files = map[string][]byte{}
	for _, path := range paths {
		content, errRead := os.ReadFile(path)
		files[filepath.Base(path)], err = content, errors.Join(err, errRead)
	}
	return files, err
})
