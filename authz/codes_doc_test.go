package authz_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/authz"
)

var update = flag.Bool("update", false, "write CODES.md anew")

// TestTheDocumentOfCodesIsTheTable holds CODES.md against the table; go generate writes it.
func TestTheDocumentOfCodesIsTheTable(t *testing.T) {
	want := document(authz.Codes())
	if *update {
		if err := os.WriteFile("CODES.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("CODES.md")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("CODES.md is not what codes.csv says: go generate ./authz (-want +got):\n%s", diff)
	}
}

// document writes the table of codes as Markdown, a chapter for each group.
func document(codes []authz.CodeInfo) string {
	var b strings.Builder
	b.WriteString(`# The codes of a decision

Generated from codes.csv by ` + "`go generate ./authz`" + `; not to be edited.

A decision carries all codes that stand in its way, in the order of their numbers; the first is its primary code. A code
never changes its meaning. Class P may be shown to the person who asked; of class O that person is told no more than that
access is denied. {date}, {from}, {to} and {condition} are filled in a decision.
`)
	group := ""
	for i, c := range codes {
		if c.Group != group {
			group = c.Group
			fmt.Fprintf(&b, "\n## %s\n\n| no. | code | kind | class | message | clauses |\n|--:|---|---|---|---|---|\n", group)
		}
		fmt.Fprintf(&b, "| %d | `%s` | %s | %s | %s | %s |\n", i+1, c.Code, c.Kind, c.Disclosure, c.Message, strings.Join(c.Clauses, ", "))
	}
	return b.String()
}
