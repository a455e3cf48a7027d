package document

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
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

func (t table) i16(at int) int { return int(int16(t.u16(at))) }

func (t table) u24(at int) rune { return rune(t.u16(at))<<8 | rune(t.u16(at+1)&0xff) }

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
type font struct {
	name    string // in papers, of letters, digits and hyphens
	tables  map[string]table
	glyphs  map[rune]uint16
	variant map[[2]rune]uint16 // of a character and a variation selector (異体字)
	units   int                // of the em
	widths  int                // how many glyphs have a width of their own
	long    bool               // form of the table loca
}

var errFont = errors.New("not a TrueType font with the tables that paper needs")

// readTrueType reads a font. Fonts with other outlines (OpenType CFF) and collections
// are refused.
func readTrueType(content []byte) (*font, error) {
	file := table(content)
	if kind := file.u32(0); kind != 0x00010000 && kind != 0x74727565 {
		return nil, errFont
	}
	f := &font{tables: map[string]table{}, glyphs: map[rune]uint16{}, variant: map[[2]rune]uint16{}}
	for i := range file.u16(4) {
		entry := file.from(12 + 16*i)
		offset, length := entry.u32(8), entry.u32(12)
		if len(entry) < 16 || offset+length > len(file) {
			return nil, errFont
		}
		f.tables[string(entry[:4])] = file[offset : offset+length]
	}
	for need, size := range map[string]int{"cmap": 4, "glyf": 1, "head": 54, "hhea": 36, "hmtx": 4, "loca": 4, "maxp": 6} {
		if len(f.tables[need]) < size {
			return nil, fmt.Errorf("%w: %s is missing or cut short", errFont, need)
		}
	}
	f.units, f.long, f.widths = f.tables["head"].u16(18), f.tables["head"].u16(50) == 1, f.tables["hhea"].u16(34)
	if f.units == 0 || f.widths == 0 {
		return nil, errFont
	}
	f.readCharacters(f.tables["cmap"])
	if len(f.glyphs) == 0 {
		return nil, fmt.Errorf("%w: no map of Unicode", errFont)
	}
	f.name = f.ownName()
	return f, nil
}

// ownName is the font's PostScript name, as far as a paper can write it.
func (f *font) ownName() string {
	t := f.tables["name"]
	for i := range t.u16(2) {
		record := t.from(6 + 12*i)
		text := t.from(t.u16(4) + record.u16(10))
		if length := record.u16(8); record.u16(6) == 6 && length <= len(text) {
			name := strings.Map(func(r rune) rune {
				if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-') {
					return r
				}
				return -1 // the other halves of UTF-16, too
			}, string(text[:length]))
			if name != "" {
				return name
			}
		}
	}
	return "Font"
}

// restricted reports whether the font's licence forbids to embed it (fsType of OS/2).
func (f *font) restricted() bool { return f.tables["OS/2"].u16(8)&0xf == 2 }

// readCharacters reads which glyph draws which character and which variation sequence.
func (f *font) readCharacters(cmap table) {
	var sequences table
	for i := range cmap.u16(2) {
		record := 4 + 8*i
		platform, encoding, sub := cmap.u16(record), cmap.u16(record+2), cmap.from(cmap.u32(record+4))
		switch known := platform == 0 || platform == 3 && (encoding == 1 || encoding == 10); {
		case platform == 0 && encoding == 5 && sub.u16(0) == 14:
			sequences = sub
		case known && sub.u16(0) == 4:
			f.segments(sub)
		case known && sub.u16(0) == 12:
			f.groups(sub)
		}
	}
	for i := range min(sequences.u32(6), len(sequences)/11) {
		record := sequences.from(10 + 11*i)
		selector := record.u24(0)
		if at := record.u32(3); at > 0 {
			f.sameAsAlone(sequences.from(at), selector)
		}
		if at := record.u32(7); at > 0 {
			own := sequences.from(at)
			for k := range min(own.u32(0), len(own)/5) {
				f.variant[[2]rune{own.u24(4 + 5*k), selector}] = uint16(own.u16(7 + 5*k))
			}
		}
	}
}

// sameAsAlone reads the ranges of characters that look with the selector as without.
func (f *font) sameAsAlone(ranges table, selector rune) {
	for i := range min(ranges.u32(0), len(ranges)/4) {
		first, more := ranges.u24(4+4*i), rune(ranges.u16(6+4*i)&0xff)
		for r := first; r <= first+more; r++ {
			if g, has := f.glyphs[r]; has {
				f.variant[[2]rune{r, selector}] = g
			}
		}
	}
}

// segments reads a map of the first plane (format 4), groups one of all (format 12).
func (f *font) segments(t table) {
	n := t.u16(6) / 2
	for i := range n {
		end, start, delta, offset := t.u16(14+2*i), t.u16(16+2*n+2*i), t.u16(16+4*n+2*i), t.u16(16+6*n+2*i)
		for c := start; c <= end && c < 0xffff; c++ {
			g := c
			if offset != 0 {
				if g = t.u16(16 + 6*n + 2*i + offset + 2*(c-start)); g == 0 {
					continue
				}
			}
			if g = (g + delta) & 0xffff; g != 0 {
				f.glyphs[rune(c)] = uint16(g)
			}
		}
	}
}

func (f *font) groups(t table) {
	for i := range min(t.u32(12), len(t)/12) {
		first, last, g := t.u32(16+12*i), t.u32(20+12*i), t.u32(24+12*i)
		for c := first; c <= last && c-first < 0x10000 && g+c-first < 0x10000; c++ {
			f.glyphs[rune(c)] = uint16(g + c - first)
		}
	}
}

// width is a glyph's width at size 1.
func (f *font) width(g uint16) float64 {
	return float64(f.tables["hmtx"].u16(4*min(int(g), f.widths-1))) / float64(f.units)
}

// outline is a glyph's drawing; empty: it draws nothing.
func (f *font) outline(g uint16) table {
	loca := f.tables["loca"]
	from, to := 2*loca.u16(2*int(g)), 2*loca.u16(2*int(g)+2)
	if f.long {
		from, to = loca.u32(4*int(g)), loca.u32(4*int(g)+4)
	}
	if glyf := f.tables["glyf"]; from < to && to <= len(glyf) {
		return glyf[from:to]
	}
	return nil
}

// parts are the places in a drawing where other glyphs are named of which it is put
// together.
func parts(outline table) []int {
	const words, scale, more, scaleXY, matrix = 0x1, 0x8, 0x20, 0x40, 0x80
	if outline.i16(0) >= 0 {
		return nil
	}
	var places []int
	for at := 10; at+4 <= len(outline); {
		flags := outline.u16(at)
		places = append(places, at+2)
		at += 6
		if flags&words != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&scaleXY != 0:
			at += 4
		case flags&matrix != 0:
			at += 8
		}
		if flags&more == 0 {
			break
		}
	}
	return places
}

// subset is the font with only some of its glyphs, which get the numbers of their
// places in the list.
func (f *font) subset(glyphs []uint16) []byte {
	glyphs = slices.Clone(glyphs)
	number := map[uint16]int{}
	for i, g := range glyphs {
		number[g] = i
	}
	var glyf, loca, hmtx []byte
	for i := 0; i < len(glyphs); i++ {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		g := glyphs[i]
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(f.tables["hmtx"].u16(4*min(int(g), f.widths-1))))
		outline := slices.Clone(f.outline(g))
		hmtx = binary.BigEndian.AppendUint16(hmtx, uint16(outline.u16(2))) // its left edge
		for _, at := range parts(outline) {
			part := uint16(outline.u16(at))
			if _, known := number[part]; !known {
				number[part] = len(glyphs)
				glyphs = append(glyphs, part)
			}
			binary.BigEndian.PutUint16(outline[at:], uint16(number[part]))
		}
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	set := map[string][]byte{"glyf": glyf, "loca": loca, "hmtx": hmtx}
	for _, kept := range []string{"head", "hhea", "maxp", "cvt ", "fpgm", "prep"} {
		if t := f.tables[kept]; len(t) > 0 {
			set[kept] = slices.Clone(t)
		}
	}
	binary.BigEndian.PutUint16(set["head"][50:], 1)
	binary.BigEndian.PutUint16(set["hhea"][34:], uint16(len(glyphs)))
	binary.BigEndian.PutUint16(set["maxp"][4:], uint16(len(glyphs)))
	return together(set)
}

// together is the file of a font's tables.
func together(set map[string][]byte) []byte {
	tags := slices.Sorted(maps.Keys(set))
	power := 0
	for 2<<power <= len(tags) {
		power++
	}
	head := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, n := range []int{len(tags), 16 << power, power, 16*len(tags) - 16<<power} {
		head = binary.BigEndian.AppendUint16(head, uint16(n))
	}
	binary.BigEndian.PutUint32(set["head"][8:], 0)
	var body bytes.Buffer
	start, headAt, sum := 12+16*len(tags), 0, uint32(0)
	for _, tag := range tags {
		if tag == "head" {
			headAt = start + body.Len()
		}
		own := checksum(set[tag])
		sum += own
		head = append(head, tag...)
		for _, n := range []uint32{own, uint32(start + body.Len()), uint32(len(set[tag]))} {
			head = binary.BigEndian.AppendUint32(head, n)
		}
		body.Write(set[tag])
		body.WriteString(strings.Repeat("\x00", -len(set[tag])&3))
	}
	file := append(head, body.Bytes()...)
	binary.BigEndian.PutUint32(file[headAt+8:], 0xB1B0AFBA-sum-checksum(head))
	return file
}

func checksum(t table) (sum uint32) {
	for at := 0; at < len(t); at += 4 {
		var word [4]byte
		copy(word[:], t[at:])
		sum += binary.BigEndian.Uint32(word[:])
	}
	return sum
}
