package document

import (
	"embed"
	"fmt"
	"strings"
	"sync"
	"unicode"

	"github.com/signintech/gopdf"
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

// subset is the typeface's name in a paper, where only some of its glyphs are.
func (t typeface) subset() string { return "MEIBOA+" + string(t) }

// A font is a typeface that was read, once for all papers.
type font struct {
	holder   gopdf.FontContainer
	variants variants
	probe    gopdf.SubsetFontObj // asked for glyphs only
}

var fonts = map[typeface]func() (*font, error){
	gothic: sync.OnceValues(func() (*font, error) { return readFont(gothic) }),
	mincho: sync.OnceValues(func() (*font, error) { return readFont(mincho) }),
}

func readFont(face typeface) (*font, error) {
	content, err := fontFiles.ReadFile("fonts/" + string(face) + "-Regular.ttf")
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", face, err)
	}
	f := new(font)
	if content, f.variants, err = withVariants(content); err != nil {
		return nil, fmt.Errorf("read font %s: %w", face, err)
	}
	if err = f.probe.SetTTFData(content); err == nil {
		err = f.holder.AddTTFFontData(face.subset(), content)
	}
	if err != nil {
		return nil, fmt.Errorf("read font %s: %w", face, err)
	}
	return f, nil
}

// has reports whether the font draws r.
func (f *font) has(r rune) bool {
	glyph, err := f.probe.CharCodeToGlyphIndex(r)
	return err == nil && glyph != 0
}

// geta (〓) stands where no glyph is, as printers have always put it.
const geta = '〓'

// A glyph is what is drawn for one character, or for a character and its
// variation selector.
type glyph struct {
	draw rune // as the font knows it
	text string
	note bool // the form drawn is not the form asked for
}

// glyphs turns text into what the font can draw. Nothing is dropped: where the
// font lacks a character a geta is drawn, where it lacks a variant the base
// character, and both are noted.
func (f *font) glyphs(s string) []glyph {
	runes := []rune(s)
	list := make([]glyph, 0, len(runes))
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		if i+1 < len(runes) && unicode.Is(unicode.Variation_Selector, runes[i+1]) {
			i++
			list = append(list, f.variant(r, runes[i]))
			continue
		}
		g := glyph{draw: r, text: string(r)}
		if unicode.Is(unicode.Co, r) || !f.has(r) {
			g.draw, g.note = geta, true
		}
		list = append(list, g)
	}
	return list
}

// saying is the text for which glyphs stand; said is what a reader gets back from
// the glyphs alone.
func saying(line []glyph) string {
	var b strings.Builder
	for _, g := range line {
		b.WriteString(g.text)
	}
	return b.String()
}

func (f *font) said(line []glyph) string {
	var b strings.Builder
	for _, g := range line {
		if text, variant := f.variants.text[g.draw]; variant {
			b.WriteString(text)
		} else {
			b.WriteRune(g.draw)
		}
	}
	return b.String()
}

func (f *font) variant(base, selector rune) glyph {
	g := glyph{draw: base, text: string([]rune{base, selector})}
	sequence := [2]rune{base, selector}
	switch drawn, known := f.variants.drawn[sequence]; {
	case known:
		g.draw = drawn
	case f.variants.same[sequence] && f.has(base):
	case f.has(base):
		g.note = true
	default:
		g.draw, g.note = geta, true
	}
	return g
}
