package document_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/meibo-dev/meibo/internal/document"
)

// words are the numbers of a font's table, of 16 bits each.
func words(list ...int) []byte {
	var b []byte
	for _, n := range list {
		b = binary.BigEndian.AppendUint16(b, uint16(n))
	}
	return b
}

// long is a number of 32 bits as two of 16.
func long(n int) []int { return []int{n >> 16, n & 0xffff} }

// aMap is the map of a font that has one record for each kind, a platform and an
// encoding; each names the content at an offset behind the records.
func aMap(content []byte, offset int, kinds ...[2]int) []byte {
	head := []int{0, len(kinds)}
	for _, k := range kinds {
		head = append(append(head, k[0], k[1]), long(4+8*len(kinds)+offset)...)
	}
	return append(words(head...), content...)
}

// aFont is a TrueType font of two glyphs with a map of characters.
func aFont(cmap []byte, glyf ...byte) []byte {
	head, hhea, maxp := make([]int, 27), make([]int, 18), make([]int, 16)
	head[9], head[25], hhea[17], maxp[0], maxp[2] = 1000, 1, 1, 1, 2
	tables := []struct {
		tag     string
		content []byte
	}{
		{"cmap", cmap}, {"glyf", append(words(0, 0, 0, 100, 100, 0), glyf...)}, {"head", words(head...)}, {"hhea", words(hhea...)},
		{"hmtx", words(500, 0)}, {"loca", words(append(append(long(0), long(0)...), long(12+len(glyf))...)...)}, {"maxp", words(maxp...)},
	}
	file, body := words(1, 0, len(tables), 0, 0, 0), []byte(nil)
	for _, t := range tables {
		file = append(append(file, t.tag...), words(slices.Concat([]int{0, 0}, long(12+16*len(tables)+len(body)), long(len(t.content)))...)...)
		body = append(body, t.content...)
	}
	return append(file, body...)
}

// segments are a map of the first plane (format 4): of each its end, start and the way
// to its glyphs.
func segments(list [][3]int, glyphs int) []byte {
	n := len(list)
	b := words(4, 0, 0, 2*n, 0, 0, 0)
	for k := range 4 {
		for _, s := range list {
			b = append(b, words([]int{s[0], s[1], 0, s[2]}[k])...)
		}
		if k == 0 {
			b = append(b, 0, 0)
		}
	}
	for range glyphs {
		b = append(b, 0, 1)
	}
	return b
}

// aSmallFont draws U+10A0 as its glyph 1.
func aSmallFont() []byte {
	return aFont(aMap(segments([][3]int{{0x10a0, 0x10a0, 4}, {0xffff, 0xffff, 0}}, 2), 0, [2]int{3, 1}))
}

// useFont reads a font and, where it is one, writes a paper with it.
func useFont(t *testing.T, content []byte) error {
	t.Helper()
	path := filepath.Join(t.TempDir(), "font.ttf")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	fonts, err := document.ReadFonts(path)
	if err != nil {
		return err
	}
	d := aPledge("葛\U000E0101西\u10a0\U00010000\U00010001\U00010002\U00010003")
	d.Fonts = fonts
	if _, err := d.PDF(); err != nil {
		t.Fatal(err)
	}
	return nil
}

// hostileFonts are small, and make much of themselves or mislead who reads them.
func hostileFonts() map[string][]byte {
	unicode := [2]int{3, 10}
	same := func(glyph int) []byte { // for four characters
		b := words(slices.Concat([]int{12, 0}, long(0), long(0), long(4))...)
		for c := 0x10000; c < 0x10004; c++ {
			b = append(b, words(slices.Concat(long(c), long(c), long(glyph))...)...)
		}
		return b
	}
	overlapping, many := make([][3]int, 30000), slices.Repeat([][2]int{unicode}, 60000)
	for i := range overlapping {
		overlapping[i] = [3]int{0xfffe, 0, 60000}
	}
	groups := words(slices.Concat([]int{12, 0}, long(0), long(0), long(40000))...)
	for i := range 40000 {
		groups = append(groups, words(slices.Concat(long(i<<16), long(i<<16+0xffff), long(1))...)...)
	}
	shared := words(slices.Concat([]int{14}, long(0), long(20000))...)
	for range 20000 {
		shared = append(append(shared, 0x0e, 0x01, 0x01), words(slices.Concat(long(0), long(10+11*20000))...)...)
	}
	shared = append(append(shared, words(long(100000)...)...), make([]byte, 500000)...)
	return map[string][]byte{
		"segments that overlap":          aFont(aMap(segments(overlapping, 70000), 0, [2]int{3, 1})),
		"a segment of everything":        aFont(aMap(segments([][3]int{{0xffff, 0, 2}}, 70000), 0, [2]int{3, 1})),
		"a segment before its glyphs":    aFont(aMap(segments([][3]int{{0xfffe, 0, 2}, {0xffff, 0xffff, 0}}, 70000), 0, [2]int{3, 1})),
		"a segment that turns back":      aFont(aMap(segments([][3]int{{3, 5, 0}}, 70000), 0, [2]int{3, 1})),
		"segments cut short":             aFont(aMap(segments(overlapping, 0)[:70000], 0, [2]int{3, 1})),
		"groups beyond all characters":   aFont(aMap(groups, 0, unicode)),
		"one map named often":            aFont(aMap(groups, 0, many...)),
		"selectors that share a list":    aFont(aMap(append(shared, same(1)...), 0, [2]int{0, 5})),
		"a glyph as large as the font":   aFont(aMap(same(1), 0, unicode), make([]byte, 20<<20)...),
		"a glyph beyond those there are": aFont(aMap(same(9), 0, unicode)),
	}
}

func TestAHostileFontTakesLittleMemory(t *testing.T) {
	if err := useFont(t, aSmallFont()); err != nil {
		t.Fatal(err) // the others differ from it in what their names say
	}
	fonts := hostileFonts()
	broken, err := os.ReadFile(bizMincho)
	if err != nil {
		t.Fatal(err)
	}
	broken[700] = 0xff
	fonts["a broken byte"] = broken
	for name, content := range fonts {
		t.Run(name, func(t *testing.T) {
			var err error
			if peak := peakOf(func() { err = useFont(t, content) }) - len(content); peak > 20<<20 {
				t.Errorf("a font of %d KiB takes %d MiB", len(content)>>10, peak>>20)
			}
			t.Logf("refused: %v", err)
		})
	}
}

// FuzzNoFontPanics: a broken font is refused, or draws something wrong.
func FuzzNoFontPanics(f *testing.F) {
	good, err := os.ReadFile("fonts/NotoSansJP-Regular.ttf")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good[:4096], 700, byte(0xff)) // large ones are mutated too slowly to find anything
	f.Add(aSmallFont(), 139, byte(0xff))
	f.Fuzz(func(t *testing.T, font []byte, at int, value byte) {
		if at >= 0 && at < len(font) {
			font[at] = value
		}
		_ = useFont(t, font)
	})
}
