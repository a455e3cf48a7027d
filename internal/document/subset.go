package document

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"strings"
)

// parts are the places in a drawing where other glyphs are named of which it is put
// together.
func parts(outline table) []int {
	const words, scale, more, scaleXY, matrix = 0x1, 0x8, 0x20, 0x40, 0x80
	if int16(outline.u16(0)) >= 0 {
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
		hmtx = binary.BigEndian.AppendUint16(hmtx, f.advance(g))
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
