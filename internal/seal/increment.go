package seal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
)

// An increment is what is written behind the end of a PDF: objects, new ones or those
// that take the place of others, and where they are (ISO 32000-1, 7.5.6). pdfcpu reads
// the PDF, but cannot write what certifies: it leaves a signature's Reference out.
type increment struct {
	out        bytes.Buffer
	size       int // the number of the next object
	root, info int
	id         []byte // the first half of the file's identifier
	before     int    // where the PDF says where its objects are
	written    []int
	places     map[int]int
}

var ending = regexp.MustCompile(`startxref\s+([0-9]{1,10})\s+%%EOF\s*$`)

func newIncrement(pdf []byte, ctx *model.Context) (*increment, error) {
	m := ending.FindSubmatch(pdf[max(0, len(pdf)-64):])
	if m == nil || ctx.Size == nil || ctx.Root == nil || ctx.Info == nil {
		return nil, errors.New("not a PDF that meibo writes")
	}
	i := &increment{size: *ctx.Size, root: ctx.Root.ObjectNumber.Value(), info: ctx.Info.ObjectNumber.Value(), places: map[int]int{}}
	i.before, _ = strconv.Atoi(string(m[1]))
	if len(ctx.ID) > 0 {
		i.id, _ = hex.DecodeString(string(bytes.Trim([]byte(ctx.ID[0].PDFString()), "<>")))
	}
	i.out.Write(pdf)
	return i, nil
}

// object is the number of a new object, which put must write.
func (i *increment) object() int {
	i.size++
	return i.size - 1
}

// put writes an object, and says where its body begins.
func (i *increment) put(n int, body string) int {
	i.written, i.places[n] = append(i.written, n), i.out.Len()
	fmt.Fprintf(&i.out, "%d 0 obj\n", n)
	at := i.out.Len()
	i.out.WriteString(body + "\nendobj\n")
	return at
}

// close writes where the objects are, and is the whole file.
func (i *increment) close() []byte {
	sum := sha256.Sum256(i.out.Bytes())
	at, n := i.out.Len(), i.object()
	i.written, i.places[n] = append(i.written, n), at
	var index, entries []byte
	for _, n := range i.written {
		index = fmt.Appendf(index, "%d 1 ", n)
		entries = binary.BigEndian.AppendUint32(append(entries, 1), uint32(i.places[n]))
	}
	fmt.Fprintf(&i.out, "%d 0 obj\n<</Type/XRef/W[1 4 0]/Index[%s]/Size %d/Root %d 0 R/Info %d 0 R/ID[<%x><%x>]/Prev %d/Length %d>>\nstream\n%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n",
		n, bytes.TrimSpace(index), i.size, i.root, i.info, i.id, sum[:16], i.before, len(entries), entries, at)
	return i.out.Bytes()
}
