package document

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"unicode"

	typesetting "github.com/go-text/typesetting/font"
	opentype "github.com/go-text/typesetting/font/opentype/tables"
)

// A table is a part of a font, whose numbers are big-endian. What lies outside of it
// reads as 0, so that no broken font misleads the program further than to a wrong
// picture.
type table []byte

func (t table) u16(at int) int {
	if at < 0 || at+2 > len(t) {
		return 0
	}
	return int(binary.BigEndian.Uint16(t[at:]))
}

func (t table) u32(at int) int { return t.u16(at)<<16 | t.u16(at+2) }

// from is the table from a place on.
func (t table) from(at int) table {
	if at < 0 || at > len(t) {
		return nil
	}
	return t[at:]
}

// A font is a TrueType font that was read, once for all papers. Glyphs are numbers of
// the font; 0 is what it draws where it has nothing.
//
// Its tables are read by a library, but each by itself: the library's whole font sets
// all outlines out in memory, 105 MiB of IPAmj明朝, and its list of tables trusts the
// lengths that a file claims.
type font struct {
	name       string // in papers, of letters, digits and hyphens
	tables     map[string]table
	head       opentype.Head
	hhea       opentype.Hhea
	metrics    opentype.Hmtx
	outlines   []uint32 // where each begins in glyf, and where the last one ends
	characters typesetting.Cmap
	sequences  typesetting.UnicodeVariations // characters with a variation selector (異体字)
}

// mostOutline is how many bytes the outline of a glyph may take. IPAmj明朝 has none above
// 4 KiB; larger ones, named often enough, would swell each paper.
const mostOutline = 1 << 16

var errFont = errors.New("not a TrueType font with the tables that paper needs")

// readTrueType reads a font. Fonts with other outlines (OpenType CFF) and collections
// are refused.
func readTrueType(content []byte) (*font, error) {
	file := table(content)
	if kind := file.u32(0); kind != 0x00010000 && kind != 0x74727565 {
		return nil, errFont
	}
	f := &font{tables: map[string]table{}}
	for i := range file.u16(4) {
		entry := file.from(12 + 16*i)
		offset, length := entry.u32(8), entry.u32(12)
		if len(entry) < 16 || offset+length > len(file) {
			return nil, errFont
		}
		f.tables[string(entry[:4])] = file[offset : offset+length]
	}
	if len(f.tables["glyf"]) == 0 {
		return nil, fmt.Errorf("%w: glyf is missing", errFont)
	}
	if err := f.readSizes(); err != nil {
		return nil, fmt.Errorf("%w: %w", errFont, err)
	}
	if err := f.readCharacters(f.tables["cmap"]); err != nil {
		return nil, fmt.Errorf("%w: read map of characters: %w", errFont, err)
	}
	f.name = f.ownName()
	return f, nil
}

// readSizes reads how large glyphs are, and where their outlines lie.
func (f *font) readSizes() (err error) {
	if f.head, _, err = opentype.ParseHead(f.tables["head"]); err != nil {
		return err
	}
	if f.hhea, _, err = opentype.ParseHhea(f.tables["hhea"]); err != nil {
		return err
	}
	if f.head.UnitsPerEm == 0 || f.hhea.NumOfLongMetrics == 0 {
		return errors.New("glyphs have no size")
	}
	if f.metrics, _, err = opentype.ParseHmtx(f.tables["hmtx"], int(f.hhea.NumOfLongMetrics), 0); err != nil {
		return err
	}
	number, _, err := opentype.ParseMaxp(f.tables["maxp"])
	if err != nil {
		return err
	}
	f.outlines, err = opentype.ParseLoca(f.tables["loca"], int(number.NumGlyphs), f.head.IndexToLocFormat == 1)
	for i := 1; i < len(f.outlines); i++ {
		if int(f.outlines[i])-int(f.outlines[i-1]) > mostOutline {
			return errors.New("an outline is too large")
		}
	}
	return err
}

// ownName is the font's PostScript name, as far as a paper can write it.
func (f *font) ownName() string {
	const postScript = 6
	names, _, _ := opentype.ParseName(f.tables["name"]) // broken: it has none
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-') {
			return r
		}
		return -1
	}, names.Name(postScript))
	if name == "" {
		return "Font"
	}
	return name
}

// restricted reports whether the font's licence forbids to embed it (fsType of OS/2,
// which the library does not tell).
func (f *font) restricted() bool { return f.tables["OS/2"].u16(8)&0xf == 2 }

// readCharacters reads which glyph draws which character and which variation sequence.
// Of each kind of map of Unicode the first is read: they all lie in the file, but
// nothing keeps it from naming one of them 65535 times.
func (f *font) readCharacters(cmap table) error {
	var maps opentype.Cmap
	seen := map[[2]int]bool{}
	for i := range cmap.u16(2) {
		record := cmap.from(4 + 8*i)
		kind, content := [2]int{record.u16(0), record.u16(2)}, cmap.from(record.u32(4))
		if seen[kind] {
			continue
		}
		var read opentype.CmapSubtable
		var err error
		switch known := kind[0] == 0 && kind[1] <= 6 || kind == [2]int{3, 1} || kind == [2]int{3, 10}; {
		case kind == [2]int{0, 5} && content.u16(0) == 14:
			read, err = sequences(content)
		case known && content.u16(0) == 4:
			read, err = segments(content)
		case known && content.u16(0) == 12:
			read, _, err = opentype.ParseCmapSubtable12(content)
		default:
			continue
		}
		if err != nil {
			return err
		}
		seen[kind] = true
		maps.Records = append(maps.Records, opentype.EncodingRecord{
			PlatformID: opentype.PlatformID(kind[0]), EncodingID: opentype.EncodingID(kind[1]), Subtable: read,
		})
	}
	var err error
	f.characters, f.sequences, err = typesetting.ProcessCmap(maps, opentype.FPNone)
	return err
}

// segments reads a map of the first plane (format 4). The library sets each segment out
// in memory, and stumbles over one that turns back or begins before its glyphs.
func segments(t table) (opentype.CmapSubtable4, error) {
	m, _, err := opentype.ParseCmapSubtable4(t)
	if err != nil {
		return m, err
	}
	all, n := 0, len(m.EndCode)
	for i := range n {
		length, glyphs := int(m.EndCode[i])-int(m.StartCode[i])+1, int(m.IdRangeOffsets[i])
		all += length
		if length < 1 || length > 0xffff || all > 0x10000 || glyphs > 0 && glyphs/2+i < n {
			return m, errors.New("a segment is broken")
		}
	}
	return m, nil
}

// sequences reads the map of variation sequences (format 14), of a million at most:
// selectors may share a list.
func sequences(t table) (m opentype.CmapSubtable14, err error) {
	all := 0
	for i := range t.u32(6) {
		selector, _, err := opentype.ParseVariationSelector(t.from(10+11*i), t)
		if err != nil {
			return m, err
		}
		if all += len(selector.DefaultUVS.Ranges) + len(selector.NonDefaultUVS.Ranges); all > 1<<20 {
			return m, errors.New("too many variation sequences")
		}
		m.VarSelectors = append(m.VarSelectors, selector)
	}
	return m, nil
}

// draws is the font's glyph for a character with its variation selector, 0 without.
// Private characters look in every font otherwise: none counts.
func (f *font) draws(sequence [2]rune) (id uint16, has bool) {
	character, selector := sequence[0], sequence[1]
	g, has := f.characters.Lookup(character)
	if selector != 0 {
		own, how := f.sequences.GetGlyphVariant(character, selector)
		if how == typesetting.VariantFound {
			g = own
		}
		has = how == typesetting.VariantFound || how == typesetting.VariantUseDefault && has
	} else if unicode.Is(unicode.Co, character) {
		return 0, false
	}
	return uint16(g), has && g > 0 && int(g) < len(f.outlines)-1
}

// advance is a glyph's width in units of the font, width at size 1.
func (f *font) advance(g uint16) uint16 {
	return uint16(f.metrics.Advance(min(g, f.hhea.NumOfLongMetrics-1)))
}

func (f *font) width(g uint16) float64 {
	return float64(f.advance(g)) / float64(f.head.UnitsPerEm)
}

// outline is a glyph's drawing; empty: it draws nothing.
func (f *font) outline(g uint16) table {
	if int(g) >= len(f.outlines)-1 {
		return nil
	}
	from, to := int(f.outlines[g]), int(f.outlines[g+1])
	if glyf := f.tables["glyf"]; from < to && to <= len(glyf) {
		return glyf[from:to]
	}
	return nil
}
