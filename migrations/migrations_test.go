package migrations_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/migrations"
)

var dialects = []string{migrations.SQLite, migrations.Postgres}

// steps are the files of a series as a dialect sees them.
func steps(t *testing.T, series, dialect string) []string {
	t.Helper()
	dir, err := migrations.For(series, dialect)
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(dir, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestNumbersAreDenseAndTwinsComplete(t *testing.T) {
	for _, series := range []string{migrations.Ledger, migrations.Decisions} {
		for _, dialect := range dialects {
			for i, name := range steps(t, series, dialect) {
				if want := fmt.Sprintf("%04d_", i+1); !strings.HasPrefix(name, want) {
					t.Errorf("%s for %s: step %d is %s", series, dialect, i+1, name)
				}
			}
			dir, _ := migrations.For(series, dialect)
			if newest, err := migrations.Newest(dir); err != nil || int(newest) != len(steps(t, series, dialect)) {
				t.Errorf("%s for %s: the newest is %d, %v", series, dialect, newest, err)
			}
		}
		bare := func(names []string) []string {
			for i, name := range names {
				names[i] = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, ".sql"), "."+migrations.SQLite), "."+migrations.Postgres)
			}
			return names
		}
		if diff := cmp.Diff(bare(steps(t, series, migrations.SQLite)), bare(steps(t, series, migrations.Postgres))); diff != "" {
			t.Errorf("%s (-SQLite +PostgreSQL):\n%s", series, diff)
		}
	}
}

func TestATwinIsHiddenFromTheOtherDialect(t *testing.T) {
	for _, series := range []string{migrations.Ledger, migrations.Decisions} {
		for _, dialect := range dialects {
			for _, name := range steps(t, series, dialect) {
				if twin := migrations.Twin(name); twin != "" && twin != dialect {
					t.Errorf("%s sees %s", dialect, name)
				}
				if twin := migrations.Twin(name); twin != "" && !slices.Contains(dialects, twin) {
					t.Errorf("%s is the twin of no dialect", name)
				}
			}
		}
	}
	if migrations.Twin("0001_ledger.sql") != "" || migrations.Twin("0002_append_only.sqlite.sql") != migrations.SQLite {
		t.Error("a shared step is taken for a twin, or a twin for a shared step")
	}
}

func TestALedgerIsOnlyEverAddedTo(t *testing.T) {
	down := regexp.MustCompile(`(?i)\+goose down|\bdrop (table|column)\b`)
	for _, series := range []string{migrations.Ledger, migrations.Decisions} {
		for _, dialect := range dialects {
			dir, _ := migrations.For(series, dialect)
			for _, name := range steps(t, series, dialect) {
				text, err := fs.ReadFile(dir, name)
				if err != nil {
					t.Fatal(err)
				}
				if !strings.HasPrefix(string(text), "-- +goose Up\n") || down.Match(text) {
					t.Errorf("%s does not only add", name)
				}
			}
		}
	}
}
