package rpc_test

import (
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// A place is a field of a message, or an element of one.
type place struct {
	path string
	in   protoreflect.Message
	desc protoreflect.FieldDescriptor
}

// nth finds the nth field of a message and of the messages in it.
func nth(m protoreflect.Message, n int) (*place, bool) {
	var all []*place
	var walk func(m protoreflect.Message, at string)
	walk = func(m protoreflect.Message, at string) {
		for i := range m.Descriptor().Fields().Len() {
			f := m.Descriptor().Fields().Get(i)
			all = append(all, &place{at + string(f.Name()), m, f})
			if f.Kind() != protoreflect.MessageKind || !m.Has(f) {
				continue
			}
			if f.IsList() {
				walk(m.Get(f).List().Get(m.Get(f).List().Len()-1).Message(), at+string(f.Name())+"[].")
			} else {
				walk(m.Get(f).Message(), at+string(f.Name())+".")
			}
		}
	}
	walk(m, "")
	if n >= len(all) {
		return nil, false
	}
	return all[n], true
}

// isDay reports whether the field is one of days or moments.
func (f *place) isDay() bool {
	name := string(f.desc.Name())
	return strings.HasSuffix(name, "_on") || strings.HasSuffix(name, "_at") ||
		slices.Contains([]string{"from", "until", "starts", "ends", "valid_from", "grace_until", "catalog_accepted"}, name)
}

func (f *place) setText(text string) bool {
	if f.desc.Kind() != protoreflect.StringKind {
		return false
	}
	if f.desc.IsList() {
		f.in.Mutable(f.desc).List().Append(protoreflect.ValueOfString(text))
	} else {
		f.in.Set(f.desc, protoreflect.ValueOfString(text))
	}
	return true
}

func (f *place) setNumber(n int64) bool {
	switch f.desc.Kind() {
	case protoreflect.Int32Kind:
		f.in.Set(f.desc, protoreflect.ValueOfInt32(int32(n)))
	case protoreflect.Int64Kind:
		f.in.Set(f.desc, protoreflect.ValueOfInt64(n))
	default:
		return false
	}
	return true
}

func (f *place) repeat(n int) bool {
	if !f.desc.IsList() {
		return false
	}
	list := f.in.Mutable(f.desc).List()
	for list.Len() < n {
		switch {
		case list.Len() > 0:
			list.Append(list.Get(0))
		case f.desc.Kind() == protoreflect.MessageKind:
			list.AppendMutable()
		default:
			list.Append(protoreflect.ValueOfString("x"))
		}
	}
	return true
}
