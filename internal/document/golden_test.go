package document_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/document"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestPapersAreAsTheyWere holds the papers of one small roster against what they
// were when somebody last looked at them.
func TestPapersAreAsTheyWere(t *testing.T) {
	r := aRoster(t, 7)
	for paper, name := range map[document.Paper]string{document.PaperPDF: "roster.txt", document.PaperChange: "change.txt"} {
		_, path := made(t, r, paper)
		golden(t, name, run(t, "pdftotext", "-raw", path, "-"))
	}
	f, _ := made(t, r, document.PaperXLSX)
	var b strings.Builder
	for _, s := range []struct {
		name string
		head int
	}{{"従事者名簿", 9}, {"変更点", 2}, {"凡例", 1}} {
		fmt.Fprintf(&b, "# %s\n", s.name)
		for i, row := range sheet(t, f.Content, s.name, s.head) {
			fmt.Fprintf(&b, "%d %v\n", i+1, row)
		}
	}
	golden(t, "workbook.txt", b.String())
	golden(t, "roster.json", string(r.Head.Document))
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not as it was (-want +got); look at it, then -update:\n%s", name, diff)
	}
}
