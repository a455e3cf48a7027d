package document

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// variants are the variation sequences (異体字) that a font draws.
type variants struct {
	drawn map[[2]rune]rune // character and selector → the rune under which withVariants put the glyph
	text  map[rune]string  // the way back
	same  map[[2]rune]bool // sequences whose form is that of the character alone
}

// firstVariant is where withVariants puts glyphs: a private plane, whose
// characters no input may hold.
const firstVariant = 0x100000

var errFont = errors.New("not a font with the tables that paper needs")

// withVariants gives every glyph that a TrueType font has for a variation sequence
// a rune of its own, since gopdf finds glyphs by one rune only. The font's drawings
// stay as they are. It is one of ours: what is missing is a fault of the program.
func withVariants(ttf []byte) ([]byte, variants, error) {
	entry := tableEntry(ttf, "cmap")
	offset, length := u32(ttf[entry+8:]), u32(ttf[entry+12:])
	cmap := slices.Clone(ttf[offset : offset+length])
	record12, at12 := subtable(cmap, 3, 10)
	_, at14 := subtable(cmap, 0, 5)
	if u16(cmap[at12:]) != 12 || u16(cmap[at14:]) != 14 {
		return nil, variants{}, errFont
	}
	v := variants{drawn: map[[2]rune]rune{}, text: map[rune]string{}, same: map[[2]rune]bool{}}
	groups := slices.Clone(cmap[at12+16 : at12+u32(cmap[at12+4:])])
	for i := range u32(cmap[at14+6:]) {
		record := cmap[at14+10+11*i:]
		selector := u24(record)
		if at := u32(record[3:]); at > 0 {
			v.defaults(cmap[at14+at:], selector)
		}
		if at := u32(record[7:]); at > 0 {
			groups = v.others(cmap[at14+at:], selector, groups)
		}
	}
	for len(cmap)%4 != 0 {
		cmap = append(cmap, 0)
	}
	binary.BigEndian.PutUint32(cmap[record12+4:], uint32(len(cmap)))
	cmap = append(cmap, cmap[at12:at12+16]...)
	head := cmap[len(cmap)-16:]
	binary.BigEndian.PutUint32(head[4:], uint32(16+len(groups)))
	binary.BigEndian.PutUint32(head[12:], uint32(len(groups)/12))
	cmap = append(cmap, groups...)

	patched := slices.Clone(ttf)
	for len(patched)%4 != 0 {
		patched = append(patched, 0)
	}
	binary.BigEndian.PutUint32(patched[entry+8:], uint32(len(patched)))
	binary.BigEndian.PutUint32(patched[entry+12:], uint32(len(cmap)))
	return append(patched, cmap...), v, nil
}

// defaults reads the ranges of characters that look with the selector as without.
func (v *variants) defaults(table []byte, selector rune) {
	for i := range u32(table) {
		first, more := u24(table[4+4*i:]), rune(table[7+4*i])
		for r := first; r <= first+more; r++ {
			v.same[[2]rune{r, selector}] = true
		}
	}
}

// others reads the characters that the selector gives another glyph, and adds a
// group of the character map for each.
func (v *variants) others(table []byte, selector rune, groups []byte) []byte {
	for i := range u32(table) {
		sequence := [2]rune{u24(table[4+5*i:]), selector}
		own := rune(firstVariant + len(v.drawn))
		v.drawn[sequence], v.text[own] = own, string(sequence[:])
		groups = binary.BigEndian.AppendUint32(groups, uint32(own))
		groups = binary.BigEndian.AppendUint32(groups, uint32(own))
		groups = binary.BigEndian.AppendUint32(groups, uint32(u16(table[7+5*i:])))
	}
	return groups
}

// tableEntry is the place of a table's entry in the font's directory.
func tableEntry(ttf []byte, tag string) int {
	for i := range int(u16(ttf[4:])) {
		if at := 12 + 16*i; string(ttf[at:at+4]) == tag {
			return at
		}
	}
	panic(fmt.Sprintf("no table %s", tag))
}

// subtable is the place of a record of the character map, and of what it names.
func subtable(cmap []byte, platform, encoding int) (record, at int) {
	for i := range u16(cmap[2:]) {
		record = 4 + 8*i
		if u16(cmap[record:]) == platform && u16(cmap[record+2:]) == encoding {
			return record, u32(cmap[record+4:])
		}
	}
	panic("no such character map")
}

func u16(b []byte) int  { return int(binary.BigEndian.Uint16(b)) }
func u32(b []byte) int  { return int(binary.BigEndian.Uint32(b)) }
func u24(b []byte) rune { return rune(b[0])<<16 | rune(b[1])<<8 | rune(b[2]) }
