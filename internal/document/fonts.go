package document

import (
	"embed"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// The fonts are the Noto families, under the SIL Open Font License that stands
// beside them. They are built in, so that paper looks the same everywhere and
// nothing is fetched when it is written.
//
//go:embed fonts/*.ttf
var fontFiles embed.FS

// A typeface is what paper is written in.
type typeface string

const (
	gothic typeface = "NotoSansJP"  // tables
	mincho typeface = "NotoSerifJP" // letters and pledges
)

var builtIn = map[typeface]func() (*font, error){
	gothic: sync.OnceValues(func() (*font, error) { return readBuiltIn(gothic) }),
	mincho: sync.OnceValues(func() (*font, error) { return readBuiltIn(mincho) }),
}

func readBuiltIn(face typeface) (*font, error) {
	content, err := fontFiles.ReadFile("fonts/" + string(face) + "-Regular.ttf")
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", face, err)
	}
	f, err := readTrueType(content)
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", face, err)
	}
	return f, nil
}

// Fonts draw what the built-in font has not, each what those before it have not. They
// may be used by many papers at once.
type Fonts []*font

// ReadFonts reads fonts from TrueType files, such as IPAmj明朝 for the characters of
// the family registers. A file that is missing, that is no such font, or whose licence
// forbids to put it into a paper is refused by its path.
func ReadFonts(paths ...string) (Fonts, error) {
	var list Fonts
	for _, path := range paths {
		content, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		f, err := readTrueType(content)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		if f.restricted() {
			return nil, fmt.Errorf("%s: its licence forbids to embed it", path)
		}
		list = append(list, f)
	}
	return list, nil
}

// geta (〓) stands where no glyph is, as printers have always put it.
const geta = '〓'

// A glyph is what is drawn for one character, its variation selector included. Each
// has a glyph of its own in a paper, so that the text layer says exactly what was
// written, whatever could be drawn.
type glyph struct {
	font  int // of the paper's
	code  uint16
	first rune
	width float64 // at size 1
	text  string
	note  bool // the form drawn is not the form asked for
}

// A face is a font as one paper uses it: its glyphs are numbered as they come.
type face struct {
	font   *font
	glyphs []uint16
	texts  []string // what they stand for
}

// newFace has the glyph 0 only, which stands for nothing.
func newFace(f *font) *face { return &face{font: f, glyphs: []uint16{0}, texts: []string{""}} }

// A wanted is a character with its variation selector, 0 without, to be drawn by one of
// the paper's fonts; anyFont: by the first that has it.
type wanted struct {
	sequence [2]rune
	font     int
}

const anyFont = -1

// glyphs turns text into what the paper's fonts can draw. A character and the marks
// that combine with it are drawn as one where Unicode has one for them (é), and by one
// font where one has them all.
func (p *pen) glyphs(s string) []glyph {
	list := make([]glyph, 0, len(s)/2)
	runes := []rune(s)
	for len(runes) > 0 {
		sequences, n := cluster(runes, p.buffer[:0])
		whole := runes[:n]
		p.buffer, runes = sequences, runes[n:]
		from := anyFont
		if len(sequences) > 1 {
			if g, one := p.compose(string(whole)); one {
				list = append(list, g)
				continue
			}
			from = slices.IndexFunc(p.faces, func(f *face) bool { return f.font.hasAll(sequences) })
		}
		for _, sequence := range sequences {
			w := wanted{sequence, from}
			g, known := p.chosen[w]
			if !known {
				g = p.choose(w)
				p.chosen[w] = g
			}
			list = append(list, g)
		}
	}
	return list
}

// compose is the one glyph of a character with its marks, where there is one.
func (p *pen) compose(text string) (g glyph, one bool) {
	if g, one = p.composed[text]; one {
		return g, true
	}
	runes := []rune(norm.NFC.String(text))
	if len(runes) != 1 {
		return g, false
	}
	for i, f := range p.faces {
		if id, has := f.font.draws([2]rune{runes[0]}); has {
			g = p.number(glyph{first: runes[0], text: text}, i, id)
			p.composed[text] = g
			return g, true
		}
	}
	return g, false
}

// cluster is what belongs together at the beginning of a text, and how many runes it
// takes: a character with its variation selector, and the marks after it. They come in
// sequences.
func cluster(runes []rune, sequences [][2]rune) ([][2]rune, int) {
	const firstMark = 0x300
	n := 0
	for n == 0 || n < len(runes) && runes[n] >= firstMark && unicode.Is(unicode.M, runes[n]) {
		sequence := [2]rune{runes[n]}
		if n++; n < len(runes) && runes[n] >= firstMark && unicode.Is(unicode.Variation_Selector, runes[n]) {
			sequence[1] = runes[n]
			n++
		}
		sequences = append(sequences, sequence)
	}
	return sequences, n
}

// saying is the text for which glyphs stand.
func saying(line []glyph) string {
	var b strings.Builder
	for _, g := range line {
		b.WriteString(g.text)
	}
	return b.String()
}

// choose finds the font that draws what is wanted. Nothing is dropped: where no font
// has the variant, the character alone is drawn by the first that has it, where none
// has the character, a geta; both are noted.
func (p *pen) choose(w wanted) glyph {
	g := glyph{first: w.sequence[0], text: string(w.sequence[:1])}
	if w.sequence[1] != 0 {
		g.text = string(w.sequence[:])
	}
	for _, sequence := range [][2]rune{w.sequence, {w.sequence[0]}} {
		for i, f := range p.faces {
			if id, has := f.font.draws(sequence); has && (w.font == anyFont || w.font == i) {
				g.note = sequence != w.sequence
				return p.number(g, i, id)
			}
		}
	}
	g.note = true
	id, _ := p.faces[0].font.draws([2]rune{geta})
	return p.number(g, 0, id)
}

func (f *font) hasAll(sequences [][2]rune) bool {
	return !slices.ContainsFunc(sequences, func(s [2]rune) bool {
		_, has := f.draws(s)
		return !has
	})
}

// mostGlyphs is how many glyphs a face has, so that their numbers and those of their
// parts fit into two bytes.
const mostGlyphs = 1 << 15

// number gives the glyph a number in the paper's font. A font that is full is taken
// once more.
func (p *pen) number(g glyph, of int, id uint16) glyph {
	f := p.faces[of]
	if len(f.glyphs) == mostGlyphs {
		of = slices.IndexFunc(p.faces, func(more *face) bool { return more.font == f.font && len(more.glyphs) < mostGlyphs })
		if of < 0 {
			of, p.faces = len(p.faces), append(p.faces, newFace(f.font))
		}
		f = p.faces[of]
	}
	g.font, g.code, g.width = of, uint16(len(f.glyphs)), f.font.width(id)
	f.glyphs, f.texts = append(f.glyphs, id), append(f.texts, g.text)
	return g
}

// write writes the font with the glyphs that the paper uses, as its nth.
func (f *face) write(w *pdfWriter, n int) int {
	font, inner, descriptor, file, text := w.object(), w.object(), w.object(), w.object(), w.object()
	name, em := fmt.Sprintf("MEIBO%c+%s", 'A'+n, f.font.name), func(units int16) int { return int(units) * 1000 / int(f.font.head.UnitsPerEm) }
	program := f.font.subset(f.glyphs)
	w.stream(file, fmt.Sprintf("/Length1 %d", len(program)), program)
	w.stream(text, "", f.toUnicode())
	var widths strings.Builder
	for _, g := range f.glyphs {
		widths.WriteString(number(1000*f.font.width(g)) + " ")
	}
	w.put(font, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", name, inner, text))
	w.put(inner, fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>"+
		"/FontDescriptor %d 0 R/CIDToGIDMap/Identity/W[0[%s]]>>", name, descriptor, widths.String()))
	head, hhea := f.font.head, f.font.hhea
	w.put(descriptor, fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R>>",
		name, em(head.XMin), em(head.YMin), em(head.XMax), em(head.YMax), em(hhea.Ascender), em(hhea.Descender), em(hhea.Ascender), file))
	return font
}

// toUnicode is the map from glyphs to text: in blocks of at most a hundred, in UTF-16,
// variation sequences in full.
func (f *face) toUnicode() []byte {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n")
	for from := 1; from < len(f.texts); from += 100 {
		block := f.texts[from:min(from+100, len(f.texts))]
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for i, text := range block {
			fmt.Fprintf(&b, "<%04X> <%s>\n", from+i, utf16Hex(text))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap CMapName currentdict /CMap defineresource pop end end\n")
	return []byte(b.String())
}
