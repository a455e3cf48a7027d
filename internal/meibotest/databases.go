package meibotest

import (
	"path/filepath"
	"testing"
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
	t.Run("SQLite", func(t *testing.T) { f(t, SQLite(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { f(t, EmptyPostgres(t)) })
}

// SQLite is the path of a SQLite database of the test's own that is not there
// yet.
func SQLite(t testing.TB) string {
	t.Helper()
	return filepath.Join(t.TempDir(), "meibo.db")
}
