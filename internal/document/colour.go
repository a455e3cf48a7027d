package document

import (
	"bytes"
	"encoding/binary"
	"math"
	"sync"
)

// sRGB is the colour space in which the greys of a paper are meant (IEC 61966-2-1),
// as an ICC profile of version 2 (ICC.1:2001-04).
var sRGB = sync.OnceValue(func() []byte {
	white := xyz(0.9642, 1, 0.8249) // D50, as all profiles have it
	curve := sRGBCurve()
	return profile([]profileTag{
		{"desc", described("sRGB")}, {"cprt", append([]byte("text\x00\x00\x00\x00CC0"), 0)}, {"wtpt", white},
		{"rXYZ", xyz(0.4361, 0.2225, 0.0139)}, {"gXYZ", xyz(0.3851, 0.7169, 0.0971)}, {"bXYZ", xyz(0.1431, 0.0606, 0.7141)},
		{"rTRC", curve}, {"gTRC", curve}, {"bTRC", curve},
	})
})

type profileTag struct {
	name  string
	value []byte
}

// profile is the file of a display's profile. Equal values stand once.
func profile(tags []profileTag) []byte {
	const head = 128
	table := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	var body []byte
	start := head + 4 + 12*len(tags)
	for i, t := range tags {
		at := start + len(body)
		if i > 0 && bytes.Equal(tags[i-1].value, t.value) {
			at -= len(t.value) + -len(t.value)&3
		} else {
			body = append(body, t.value...)
			body = append(body, make([]byte, -len(body)&3)...)
		}
		table = append(table, t.name...)
		table = binary.BigEndian.AppendUint32(table, uint32(at))
		table = binary.BigEndian.AppendUint32(table, uint32(len(t.value)))
	}
	file := make([]byte, head)
	binary.BigEndian.PutUint32(file, uint32(start+len(body)))
	copy(file[8:], "\x02\x10\x00\x00mntrRGB XYZ ")
	copy(file[24:], "\x07\xea\x00\x01\x00\x01") // made on 1 January 2026
	copy(file[36:], "acsp")
	copy(file[68:], xyz(0.9642, 1, 0.8249)[8:])
	return append(append(file, table...), body...)
}

// xyz is a colour as a value of a profile.
func xyz(x, y, z float64) []byte {
	b := []byte("XYZ \x00\x00\x00\x00")
	for _, v := range []float64{x, y, z} {
		b = binary.BigEndian.AppendUint32(b, uint32(math.Round(v*65536)))
	}
	return b
}

// described is a name as a value of a profile.
func described(name string) []byte {
	b := binary.BigEndian.AppendUint32([]byte("desc\x00\x00\x00\x00"), uint32(len(name)+1))
	b = append(b, name...)
	return append(b, make([]byte, 1+8+3+67)...) // its end; no other language, no other script
}

// sRGBCurve is how bright a value of a channel is.
func sRGBCurve() []byte {
	const n = 1024
	b := binary.BigEndian.AppendUint32([]byte("curv\x00\x00\x00\x00"), n)
	for i := range n {
		v := float64(i) / (n - 1)
		if v <= 0.04045 {
			v /= 12.92
		} else {
			v = math.Pow((v+0.055)/1.055, 2.4)
		}
		b = binary.BigEndian.AppendUint16(b, uint16(math.Round(v*65535)))
	}
	return b
}
