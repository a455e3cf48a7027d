package document_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// page is a picture of something written by hand.
func page(w, h int) image.Image {
	p := image.NewGray(image.Rect(0, 0, w, h))
	for i := range p.Pix {
		p.Pix[i] = 255
	}
	for x := w / 4; x < w/2; x++ {
		p.SetGray(x, h/2, color.Gray{})
	}
	return p
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// writtenPDF writes a PDF of one page by hand; catalog goes into its catalogue.
func writtenPDF(catalog string, more ...string) []byte {
	objects := append([]string{
		"<< /Type /Catalog /Pages 2 0 R " + catalog + " >>", "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
	}, more...)
	var b strings.Builder
	b.WriteString("%PDF-1.7\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, start)
	return []byte(b.String())
}

// byQPDF has qpdf make another file of a PDF.
func byQPDF(t *testing.T, pdf []byte, args ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		args[i] = strings.ReplaceAll(a, "IN", in)
	}
	if said, err := exec.Command("qpdf", append(args, out)...).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v\n%s", err, said)
	}
	made, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return made
}

func TestAScanIsWhatItIsSaidToBe(t *testing.T) {
	photo := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, page(620, 877), nil) })
	picture := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, page(620, 877)) })
	plain := writtenPDF("")
	script := "<< /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>"
	vast := bytes.Clone(picture)
	copy(vast[16:24], "\x00\x00\xff\xff\x00\x00\xff\xff")
	for name, c := range map[string]struct {
		mediaType string
		content   []byte
		want      meibo.ProblemCode
	}{
		"photograph":          {"image/jpeg", photo, ""},
		"picture":             {"image/png", picture, ""},
		"pdf":                 {"application/pdf", plain, ""},
		"pdf packed":          {"application/pdf", byQPDF(t, plain, "--object-streams=generate", "IN"), ""},
		"twenty pages":        {"application/pdf", byQPDF(t, plain, "--empty", "--pages", "IN", strings.TrimSuffix(strings.Repeat("1,", 20), ","), "--"), ""},
		"twenty-one pages":    {"application/pdf", byQPDF(t, plain, "--empty", "--pages", "IN", strings.TrimSuffix(strings.Repeat("1,", 21), ","), "--"), "SCAN_TOO_LARGE"},
		"other type":          {"text/html", []byte("<html>"), "UNKNOWN_VALUE"},
		"page as picture":     {"image/png", []byte("<html>"), "MEDIA_TYPE_DIFFERS"},
		"photo as pdf":        {"application/pdf", photo, "MEDIA_TYPE_DIFFERS"},
		"something first":     {"application/pdf", append([]byte("GIF89a"), plain...), "MEDIA_TYPE_DIFFERS"},
		"photo cut short":     {"image/jpeg", photo[:len(photo)/2], "SCAN_UNREADABLE"},
		"picture cut short":   {"image/png", picture[:len(picture)/2], "SCAN_UNREADABLE"},
		"pdf cut short":       {"application/pdf", plain[:60], "SCAN_UNREADABLE"},
		"heading only":        {"application/pdf", []byte("%PDF-1.7\n"), "SCAN_UNREADABLE"},
		"vast picture":        {"image/png", vast, "SCAN_UNREADABLE"},
		"locked":              {"application/pdf", byQPDF(t, plain, "--encrypt", "secret", "owner", "256", "--", "IN"), "SCAN_LOCKED"},
		"locked for changes":  {"application/pdf", byQPDF(t, plain, "--encrypt", "", "owner", "256", "--", "IN"), "SCAN_LOCKED"},
		"script":              {"application/pdf", writtenPDF("/OpenAction " + script), "SCAN_ACTIVE"},
		"script apart":        {"application/pdf", writtenPDF("/OpenAction 4 0 R", script), "SCAN_ACTIVE"},
		"script packed":       {"application/pdf", byQPDF(t, writtenPDF("/OpenAction 4 0 R", script), "--object-streams=generate", "IN"), "SCAN_ACTIVE"},
		"script by hex":       {"application/pdf", writtenPDF("/OpenAction << /S /Java#53cript /J#53 (1) >>"), "SCAN_ACTIVE"},
		"program":             {"application/pdf", writtenPDF("/OpenAction << /S /Launch /F (calc.exe) >>"), "SCAN_ACTIVE"},
		"fetched":             {"application/pdf", writtenPDF("/OpenAction << /S /URI /URI (https://city.example/) >>"), "SCAN_ACTIVE"},
		"form of XML":         {"application/pdf", writtenPDF("/AcroForm << /Fields [] /XFA (x) >>"), "SCAN_ACTIVE"},
		"file inside":         {"application/pdf", byQPDF(t, plain, "--add-attachment", "IN", "--", "IN"), "SCAN_ACTIVE"},
		"nested without end":  {"application/pdf", writtenPDF("/X " + strings.Repeat("[", 90) + strings.Repeat("]", 90)), "SCAN_ACTIVE"},
		"pages go in a ring":  {"application/pdf", bytes.Replace(plain, []byte("/Kids [3 0 R]"), []byte("/Kids [2 0 R]"), 1), "SCAN_UNREADABLE"},
		"reference to itself": {"application/pdf", writtenPDF("", "4 0 R"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (document.Scan{MediaType: c.mediaType, Content: c.content}).Inspect(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAPictureOfTooManyPointsIsNotDecoded(t *testing.T) {
	big := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, image.NewGray(image.Rect(0, 0, 8000, 5001))) })
	if got := (document.Scan{MediaType: "image/png", Content: big}).Inspect(); got != "SCAN_TOO_LARGE" {
		t.Errorf("got %q", got)
	}
}

// What meibo itself gives out to be signed comes back as a scan.
func TestOurOwnPaperIsTaken(t *testing.T) {
	pdf, err := aPledge("髙﨑 真理子").PDF()
	if err != nil {
		t.Fatal(err)
	}
	if got := (document.Scan{MediaType: "application/pdf", Content: pdf}).Inspect(); got != "" {
		t.Errorf("got %q", got)
	}
}

func FuzzInspectScan(f *testing.F) {
	f.Add(writtenPDF("/OpenAction 4 0 R", "<< /S /URI >>"))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return png.Encode(b, page(8, 8)) }))
	f.Add(encoded(f, func(b *bytes.Buffer) error { return jpeg.Encode(b, page(8, 8), nil) }))
	f.Fuzz(func(t *testing.T, content []byte) {
		for kind := range document.ScanTypes {
			document.Scan{MediaType: kind, Content: content}.Inspect()
		}
	})
}

func TestWhatAnInspectorSaysIsOneOfItsWords(t *testing.T) {
	for said, want := range map[string]meibo.ProblemCode{"ok\n": "", "FORM_DIFFERS\n": "FORM_DIFFERS", "SCAN_ACTIVE\n": "SCAN_ACTIVE"} {
		if code, err := document.ScanVerdict(said); err != nil || code != want {
			t.Errorf("%q: got %q, %v", said, code, err)
		}
	}
	for _, said := range []string{"", "ok", "\n", "OK\n", "panic: SCAN_ACTIVE\n", "SCAN_ACTIVE\nok\n", "ok\n\n"} {
		if code, err := document.ScanVerdict(said); err == nil {
			t.Errorf("%q: got %q", said, code)
		}
	}
}
