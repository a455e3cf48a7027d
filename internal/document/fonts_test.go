package document_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// bizMincho is a font of Debian's fonts-morisawa-bizud-mincho: it has 葛 U+E0101, which
// the built-in fonts have not, and lacks 𠮷.
const bizMincho = "/usr/share/fonts/truetype/bizud-mincho/BIZUDPMincho-Regular.ttf"

func withFonts(t testing.TB, paths ...string) document.Fonts {
	t.Helper()
	fonts, err := document.ReadFonts(paths...)
	if err != nil {
		t.Fatal(err)
	}
	return fonts
}

func TestAConfiguredFontDrawsWhatTheBuiltInOneHasNot(t *testing.T) {
	r := aRoster(t, 14)
	without, _ := r.Make(document.PaperPDF)
	r.Fonts = withFonts(t, bizMincho)
	f, path := made(t, r, document.PaperPDF)
	run(t, "qpdf", "--check", path)
	said, text := aloud(t, path), bare(run(t, "pdftotext", "-raw", path, "-"))
	for _, m := range r.Content.Members {
		if !strings.Contains(text, bare(string(m.Name))) {
			t.Errorf("member %d: the text layer does not give back %q", m.Number, m.Name)
		}
	}
	if strings.Contains(said, "U+845BU+E0101") {
		t.Error("葛 U+E0101 is noted although the font has it")
	}
	list := run(t, "pdffonts", path)
	for _, want := range []string{"MEIBOA+NotoSansJP-Regular", "MEIBOB+BIZUDPMincho-Regular"} {
		if !strings.Contains(list, want) {
			t.Errorf("the paper is not drawn with %s:\n%s", want, list)
		}
	}
	if len(f.Content) > len(without.Content)+20<<10 {
		t.Errorf("%d bytes instead of %d: more of the font than the paper uses", len(f.Content), len(without.Content))
	}
	r.Content.Members, r.Content.Difference = []meibo.Member{aMember(1)}, meibo.Difference{} // nothing in it needs another font
	if _, path = made(t, r, document.PaperPDF); strings.Contains(run(t, "pdffonts", path), "BIZUDP") {
		t.Error("a font is in the paper that draws nothing")
	}
}

func TestFontsThatPaperCannotUseAreRefused(t *testing.T) {
	good, err := os.ReadFile("fonts/NotoSansJP-Regular.ttf")
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"empty.ttf": nil, "text.ttf": []byte("no font"), "short.ttf": good[:1000], "cut.ttf": good[:len(good)-4], "cff.otf": append([]byte("OTTO"), good[4:]...),
		"several.ttc": append([]byte("ttcf"), good[4:]...),
	} {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := document.ReadFonts(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := document.ReadFonts("nowhere.ttf"); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "nowhere.ttf") {
		t.Errorf("missing: %v", err)
	}
}

func BenchmarkReadFonts(b *testing.B) {
	for _, path := range []string{"fonts/NotoSansJP-Regular.ttf", "fonts/NotoSerifJP-Regular.ttf", "/usr/share/fonts/truetype/ipamj/ipamjm.ttf"} {
		b.Run(filepath.Base(path), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				peak := peakOf(func() { withFonts(b, path) })
				b.ReportMetric(float64(peak>>20), "peak-MiB")
			}
		})
	}
}
