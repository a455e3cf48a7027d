package directory

import (
	"encoding/binary"
	"errors"

	"github.com/go-ldap/ldap/v3"
)

// frame is what is known of an LDAP message before it is decoded: which operation it carries, and how many elements it
// is made of. A frame is checked as a whole, so that no length in it can lead a decoder out of it.
type frame struct {
	id       int64
	op       byte // the identifier octet of the operation
	elements int
}

// The identifier octets of the answers.
const (
	opBind         = 0x60 | ldap.ApplicationBindResponse
	opEntry        = 0x60 | ldap.ApplicationSearchResultEntry
	opDone         = 0x60 | ldap.ApplicationSearchResultDone
	opReference    = 0x60 | ldap.ApplicationSearchResultReference
	opModify       = 0x60 | ldap.ApplicationModifyResponse
	opExtended     = 0x60 | ldap.ApplicationExtendedResponse
	opIntermediate = 0x60 | ldap.ApplicationIntermediateResponse
	opControls     = 0xa0
)

// The identifier octets of the elements that answers are made of.
const (
	tagBoolean    = 0x01
	tagInteger    = 0x02
	tagOctets     = 0x04
	tagEnumerated = 0x0a
	sequence      = 0x30
	setOf         = 0x31
)

var errMalformed = errors.New("not an LDAP message")

// maxDepth is deeper than any message of LDAP nests in an answer.
const maxDepth = 16

// element is one BER element: its identifier octet and where its contents stand.
type element struct {
	tag        byte
	start, end int
}

// next reads the element at an offset. Lengths are definite, as RFC 4511 5.1 demands.
func next(data []byte, at int) (element, error) {
	if at+2 > len(data) || data[at]&0x1f == 0x1f {
		return element{}, errMalformed
	}
	length, start := int(data[at+1]), at+2
	if length >= 0x80 {
		octets := length & 0x7f
		if octets == 0 || octets > 4 || start+octets > len(data) {
			return element{}, errMalformed
		}
		var word [8]byte
		copy(word[8-octets:], data[start:start+octets])
		length, start = int(binary.BigEndian.Uint64(word[:])), start+octets
	}
	if start+length < start {
		return element{}, errMalformed
	}
	return element{data[at], start, start + length}, nil
}

// checkFrame reads a whole message.
func checkFrame(data []byte) (frame, error) {
	f, err := peekFrame(data)
	if err != nil {
		return frame{}, err
	}
	if message, _ := next(data, 0); message.end != len(data) {
		return frame{}, errMalformed
	}
	err = f.count(data, 0, len(data), 0)
	return f, err
}

// count walks through the elements of a part and demands that each ends within it.
func (f *frame) count(data []byte, at, end, depth int) error {
	for at < end {
		e, err := next(data[:end], at)
		if err != nil || e.end > end || depth > maxDepth {
			return errMalformed
		}
		f.elements++
		if constructed := e.tag&0x20 != 0; constructed {
			if err := f.count(data, e.start, e.end, depth+1); err != nil {
				return err
			}
		}
		at = e.end
	}
	return nil
}

// peekFrame reads the beginning of a message, which need not be there as a whole.
func peekFrame(data []byte) (frame, error) {
	message, err := next(data, 0)
	if err != nil || message.tag != sequence {
		return frame{}, errMalformed
	}
	id, err := next(data, message.start)
	if err != nil || id.tag != tagInteger || id.end > len(data) {
		return frame{}, errMalformed
	}
	number, ok := integer(data[id.start:id.end])
	if !ok || number < 0 || id.end >= len(data) {
		return frame{}, errMalformed
	}
	return frame{id: number, op: data[id.end]}, nil
}

// integer reads the contents of an integer that fits 32 bits, as all of LDAP do.
func integer(contents []byte) (int64, bool) {
	if len(contents) == 0 || len(contents) > 4 {
		return 0, false
	}
	value := int64(int8(contents[0]))
	for _, octet := range contents[1:] {
		value = value<<8 | int64(octet)
	}
	return value, true
}

// entryDN reads the name of the entry from the beginning of a message with one. A name that is not there as a whole is
// empty.
func entryDN(data []byte) string {
	message, err := next(data, 0)
	if err != nil {
		return ""
	}
	at := message.start
	for _, inner := range []bool{false, true} { // past the message id, into the operation
		e, err := next(data, at)
		if err != nil {
			return ""
		}
		at = e.end
		if inner {
			at = e.start
		}
	}
	name, err := next(data, at)
	if err != nil || name.end > len(data) {
		return ""
	}
	return string(data[name.start:name.end])
}
