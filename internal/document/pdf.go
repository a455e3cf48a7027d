package document

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
)

// A pdfWriter writes the objects of a PDF 1.7 (ISO 32000-1) one after the other,
// and keeps of each only where it is: however many pages a paper has, there is no more
// of it in memory than its compressed bytes.
type pdfWriter struct {
	out     bytes.Buffer
	places  []place // by an object's number
	packed  bytes.Buffer
	numbers []int // of the objects in packed
	offsets []int // where they begin in it
	deflate *zlib.Writer
}

// A place is where an object is: at an offset of the file, or as the number at of an
// object stream.
type place struct{ stream, at int }

// inOneStream is how many small objects share a stream.
const inOneStream = 200

func newPDF() *pdfWriter {
	w := &pdfWriter{places: make([]place, 1), deflate: zlib.NewWriter(nil)}
	w.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	return w
}

// object is the number of a new object, which put or stream must write.
func (w *pdfWriter) object() int {
	w.places = append(w.places, place{})
	return len(w.places) - 1
}

// put writes an object that is no stream.
func (w *pdfWriter) put(n int, body string) {
	w.numbers, w.offsets = append(w.numbers, n), append(w.offsets, w.packed.Len())
	w.packed.WriteString(body)
	w.packed.WriteByte('\n')
	if len(w.numbers) == inOneStream {
		w.flush()
	}
}

func (w *pdfWriter) flush() {
	if len(w.numbers) == 0 {
		return
	}
	stream := w.object()
	var head bytes.Buffer
	for i, n := range w.numbers {
		fmt.Fprintf(&head, "%d %d ", n, w.offsets[i])
		w.places[n] = place{stream, i}
	}
	dict := fmt.Sprintf("/Type/ObjStm/N %d/First %d", len(w.numbers), head.Len())
	w.stream(stream, dict, append(head.Bytes(), w.packed.Bytes()...))
	w.packed.Reset()
	w.numbers, w.offsets = w.numbers[:0], w.offsets[:0]
}

// stream writes a stream, compressed; dict are the entries of its dictionary.
func (w *pdfWriter) stream(n int, dict string, content []byte) {
	var b bytes.Buffer
	w.deflate.Reset(&b)
	w.deflate.Write(content) // a buffer takes everything
	w.deflate.Close()
	w.plain(n, dict+"/Filter/FlateDecode", b.Bytes())
}

// plain writes a stream as it is.
func (w *pdfWriter) plain(n int, dict string, content []byte) {
	w.places[n] = place{0, w.out.Len()}
	fmt.Fprintf(&w.out, "%d 0 obj\n<<%s/Length %d>>\nstream\n", n, dict, len(content))
	w.out.Write(content)
	w.out.WriteString("\nendstream\nendobj\n")
}

// finish writes where everything is, and is the whole file. Its identifier is made of
// its content: one content has one form.
func (w *pdfWriter) finish(root, info int) []byte {
	w.flush()
	sum := sha256.Sum256(w.out.Bytes())
	n, at := w.object(), w.out.Len()
	w.places[n] = place{0, at}
	entries := make([]byte, 0, 7*len(w.places))
	for i, p := range w.places {
		switch {
		case i == 0: // the head of the list of free objects
			entries = append(entries, 0, 0, 0, 0, 0, 0xff, 0xff)
		case p.stream == 0:
			entries = append(binary.BigEndian.AppendUint32(append(entries, 1), uint32(p.at)), 0, 0)
		default:
			entries = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint32(append(entries, 2), uint32(p.stream)), uint16(p.at))
		}
	}
	id := "<" + hex.EncodeToString(sum[:16]) + ">"
	w.stream(n, fmt.Sprintf("/Type/XRef/W[1 4 2]/Size %d/Root %d 0 R/Info %d 0 R/ID[%s%s]", len(w.places), root, info, id, id), entries)
	fmt.Fprintf(&w.out, "startxref\n%d\n%%%%EOF\n", at)
	return w.out.Bytes()
}

// textString is a text of a PDF outside of its pages.
func textString(s string) string { return "<FEFF" + utf16Hex(s) + ">" }

func utf16Hex(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return strings.ToUpper(hex.EncodeToString(b))
}

// refs are references to objects.
func refs(numbers []int) string {
	var b strings.Builder
	for _, n := range numbers {
		fmt.Fprintf(&b, "%d 0 R ", n)
	}
	return b.String()
}

// number writes a length to the hundredth.
func number(f float64) string {
	return strings.TrimSuffix(strings.TrimRight(strconv.FormatFloat(f, 'f', 2, 64), "0"), ".")
}
