// Package migrations is the schema, step by step.
//
// A step that both databases can share is one file; where they cannot, two twins
// stand side by side under one number, NNNN_name.sqlite.sql and
// NNNN_name.postgres.sql. There is no way back: a ledger is only ever added to.
package migrations

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

//go:embed ledger/*.sql decisions/*.sql
var files embed.FS

// Dialects with twins.
const (
	SQLite   = "sqlite"
	Postgres = "postgres"
)

// Series are the two sets of steps: the ledger's, and the decisions', which on
// SQLite live in a file of their own.
const (
	Ledger    = "ledger"
	Decisions = "decisions"
)

// For is one series as one dialect sees it: the shared steps and that dialect's
// twins.
func For(series, dialect string) (fs.FS, error) {
	dir, err := fs.Sub(files, series)
	return steps{dir, dialect}, err
}

// steps hides the twins of the other dialects.
type steps struct {
	fs.FS
	dialect string
}

func (s steps) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(s.FS, name)
	return slices.DeleteFunc(entries, func(e fs.DirEntry) bool {
		twin := Twin(e.Name())
		return twin != "" && twin != s.dialect
	}), err
}

// Twin is the dialect of a file that only one database runs; empty for a shared
// step.
func Twin(name string) string {
	base := strings.TrimSuffix(name, ".sql")
	if i := strings.LastIndexByte(base, '.'); i >= 0 {
		return base[i+1:]
	}
	return ""
}

// Newest is the number of the last step.
func Newest(steps fs.FS) (int64, error) {
	names, err := fs.Glob(steps, "*.sql")
	if err != nil || len(names) == 0 {
		return 0, fmt.Errorf("list steps: %w", err)
	}
	return strconv.ParseInt(names[len(names)-1][:4], 10, 64)
}
