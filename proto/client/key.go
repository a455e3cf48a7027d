package client

import (
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"math"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// A key stands for one question: SHA-256 over all that it says.
type key [sha256.Size]byte

// keyOf is the key of a question. Each field of the contract goes in with its
// number, whether it is there, and its length, so that no two questions write the
// same; a field that is added to the contract later goes in by itself. A message
// with fields that this program does not know has no key.
func keyOf(m proto.Message) (k key, ok bool) {
	w := writer{sha256.New(), true}
	w.message(m.ProtoReflect())
	w.hash.Sum(k[:0])
	return k, w.known
}

type writer struct {
	hash  hash.Hash
	known bool
}

func (w *writer) number(n uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	w.hash.Write(b[:])
}

func (w *writer) bytes(b []byte) {
	w.number(uint64(len(b)))
	w.hash.Write(b)
}

func (w *writer) message(m protoreflect.Message) {
	w.known = w.known && len(m.GetUnknown()) == 0
	fields := m.Descriptor().Fields()
	w.number(uint64(fields.Len()))
	for i := range fields.Len() {
		f := fields.Get(i)
		w.number(uint64(f.Number()))
		switch v := m.Get(f); {
		case !m.Has(f):
			w.number(0)
		case f.IsMap():
			w.known = false // no question has one: an order would have to be chosen
		case f.IsList():
			w.number(1)
			w.number(uint64(v.List().Len()))
			for j := range v.List().Len() {
				w.value(f, v.List().Get(j))
			}
		default:
			w.number(1)
			w.value(f, v)
		}
	}
}

func (w *writer) value(f protoreflect.FieldDescriptor, v protoreflect.Value) {
	switch v := v.Interface().(type) {
	case protoreflect.Message:
		w.message(v)
	case string:
		w.bytes([]byte(v))
	case []byte:
		w.bytes(v)
	case bool:
		w.number(map[bool]uint64{true: 1}[v])
	case int32:
		w.number(uint64(v))
	case int64:
		w.number(uint64(v))
	case uint32:
		w.number(uint64(v))
	case uint64:
		w.number(v)
	case float32:
		w.number(uint64(math.Float32bits(v)))
	case float64:
		w.number(math.Float64bits(v))
	case protoreflect.EnumNumber:
		w.number(uint64(v))
	default:
		w.known = false
	}
}
