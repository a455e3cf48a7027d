package main

import (
	"bytes"
	"compress/zlib"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// swollen is a PDF whose objects inflate to n bytes.
func swollen(t *testing.T, n int) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, err := fmt.Fprint(z, "3 0 ")
	blanks := bytes.Repeat([]byte(" "), 1<<20)
	for range n >> 20 {
		if _, err := z.Write(blanks); err != nil {
			t.Fatal(err)
		}
	}
	_, last := fmt.Fprint(z, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>")
	if err := errors.Join(err, last, z.Close()); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n")
	pages := b.Len()
	b.WriteString("2 0 obj\n<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj\n")
	stream := b.Len()
	fmt.Fprintf(&b, "4 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n", packed.Len(), packed.String())
	table := b.Len()
	entry := func(kind, at, index int) string {
		return string([]byte{byte(kind), byte(at >> 24), byte(at >> 16), byte(at >> 8), byte(at), byte(index)})
	}
	rows := entry(0, 0, 0) + entry(1, 9, 0) + entry(1, pages, 0) + entry(2, 4, 0) + entry(1, stream, 0) + entry(1, table, 0)
	fmt.Fprintf(&b, "5 0 obj\n<< /Type /XRef /Size 6 /W [1 4 1] /Root 1 0 R /Length %d >>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n",
		len(rows), rows, table)
	return []byte(b.String())
}

// A scan that would take all memory ends the process that looks at it, and nothing
// else.
func TestAHostileScanTakesOnlyItsInspectorDown(t *testing.T) {
	var wide bytes.Buffer
	if err := png.Encode(&wide, image.NewGray(image.Rect(0, 0, 6000, 6600))); err != nil {
		t.Fatal(err)
	}
	narrow := newScanner()
	narrow.memory = 128 << 20
	for name, c := range map[string]struct {
		mediaType string
		content   []byte
		by        scanner
		want      meibo.ProblemCode
	}{
		"signed page":            {"image/png", demo.ScannedPaper(), newScanner(), ""},
		"39 megapixels":          {"image/png", wide.Bytes(), newScanner(), ""},
		"inflates to 64 MB":      {"application/pdf", swollen(t, 64<<20), newScanner(), ""},
		"inflates to 64 MB, too": {"application/pdf", swollen(t, 64<<20), narrow, "SCAN_UNREADABLE"},
	} {
		t.Run(name, func(t *testing.T) {
			if len(c.content) > meibo.MaxDocument {
				t.Fatalf("%d bytes never reach the inspector", len(c.content))
			}
			if got, err := c.by.inspect(t.Context(), document.Scan{MediaType: c.mediaType, Content: c.content}); err != nil || got != c.want {
				t.Errorf("got %q, %v, want %q", got, err, c.want)
			}
		})
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if code, err := narrow.inspect(over, document.Scan{MediaType: "image/png", Content: demo.ScannedPaper()}); err == nil {
		t.Errorf("nobody waits any more: got %q without an error", code)
	}
}
