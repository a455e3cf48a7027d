package document

import (
	"embed"
	"fmt"
	"strings"
	"sync"
	"unicode"
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

var fonts = map[typeface]func() (*font, error){
	gothic: sync.OnceValues(func() (*font, error) { return builtIn(gothic) }),
	mincho: sync.OnceValues(func() (*font, error) { return builtIn(mincho) }),
}

func builtIn(face typeface) (*font, error) {
	content, err := fontFiles.ReadFile("fonts/" + string(face) + "-Regular.ttf")
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", face, err)
	}
	f, err := readTrueType(content)
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", face, err)
	}
	f.name = string(face)
	return f, nil
}

// geta (〓) stands where no glyph is, as printers have always put it.
const geta = '〓'

// A glyph is what is drawn for one cluster: a character, or a character and its
// variation selector. Each cluster has a glyph of its own in a paper, so that the text
// layer says exactly what was written, whatever could be drawn.
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

// glyphs turns text into what the paper's fonts can draw.
func (p *pen) glyphs(s string) []glyph {
	list := make([]glyph, 0, len(s)/2)
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		cluster := [2]rune{runes[i]}
		if i+1 < len(runes) && unicode.Is(unicode.Variation_Selector, runes[i+1]) {
			i++
			cluster[1] = runes[i]
		}
		g, known := p.clusters[cluster]
		if !known {
			g = p.choose(cluster)
			p.clusters[cluster] = g
		}
		list = append(list, g)
	}
	return list
}

// saying is the text for which glyphs stand.
func saying(line []glyph) string {
	var b strings.Builder
	for _, g := range line {
		b.WriteString(g.text)
	}
	return b.String()
}

// choose finds the first font that draws a cluster. Nothing is dropped: where no font
// has the variant, the character alone is drawn by the first that has it, where none
// has the character, a geta; both are noted.
func (p *pen) choose(cluster [2]rune) glyph {
	g := glyph{first: cluster[0], text: string(cluster[:1])}
	if cluster[1] != 0 {
		g.text = string(cluster[:])
		for i, f := range p.faces {
			if id, has := f.font.variant[cluster]; has {
				return p.number(g, i, id)
			}
		}
		g.note = true
	}
	for i, f := range p.faces {
		if id, has := f.font.glyphs[cluster[0]]; has && !unicode.Is(unicode.Co, cluster[0]) {
			return p.number(g, i, id)
		}
	}
	g.note = true
	return p.number(g, 0, p.faces[0].font.glyphs[geta])
}

// number gives the glyph a number in the paper's font.
func (p *pen) number(g glyph, of int, id uint16) glyph {
	f := p.faces[of]
	g.font, g.code, g.width = of, uint16(len(f.glyphs)), f.font.width(id)
	f.glyphs, f.texts = append(f.glyphs, id), append(f.texts, g.text)
	return g
}

// write writes the font with the glyphs that the paper uses.
func (f *face) write(w *pdfWriter) int {
	font, inner, descriptor, file, text := w.object(), w.object(), w.object(), w.object(), w.object()
	name, em := "MEIBOA+"+f.font.name, func(n int) int { return n * 1000 / f.font.units }
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
	head, hhea := f.font.tables["head"], f.font.tables["hhea"]
	w.put(descriptor, fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 4/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R>>",
		name, em(head.i16(36)), em(head.i16(38)), em(head.i16(40)), em(head.i16(42)), em(hhea.i16(4)), em(hhea.i16(6)), em(hhea.i16(4)), file))
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
