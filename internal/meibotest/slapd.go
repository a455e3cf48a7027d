// Package meibotest gives tests a real ledger, real servers and short words.
package meibotest

import (
	"context"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/demo"
)

// Slapd starts an OpenLDAP server for the test, holding the entries of the
// LDIF texts, and ends it after the test. Without the programs the test fails
// and says how to install them.
func Slapd(t testing.TB, ldif ...string) *demo.Slapd {
	t.Helper()
	return SlapdWith(t, demo.SlapdOptions{Data: strings.NewReader(strings.Join(ldif, "\n\n"))})
}

// SlapdWith is Slapd with options of one's own. Dir is the test's.
func SlapdWith(t testing.TB, opts demo.SlapdOptions) *demo.Slapd {
	t.Helper()
	if !demo.SlapdInstalled() {
		t.Fatal("this test runs a real directory; as root: " + demo.SlapdPackages)
	}
	opts.Dir = t.TempDir()
	s, err := demo.StartSlapd(context.Background(), opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}
