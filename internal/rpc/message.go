package rpc

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
	protocodec "google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// fit refuses messages that are not in order: the sender's fault, which gRPC
// itself would call an internal error and tell before anybody knows who calls.
func fit(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if m, ok := req.(proto.Message); ok {
		if bytes.Equal(m.ProtoReflect().GetUnknown(), unreadable) {
			return nil, &malformed{what: fmt.Sprintf("the message cannot be read, is no valid UTF-8, or has more than %d parts", maxParts)}
		}
		if err := strictText(m); err != nil {
			return nil, err
		}
	}
	return next(ctx, req)
}

// strictText refuses text with NUL, which a database cannot keep, and text with an
// Individual Number, which meibo must not (番号法 20条), in any field. Of many such
// fields it names the first.
func strictText(m proto.Message) error {
	var ps meibo.Problems
	walkText(m.ProtoReflect(), "", func(path, text string) bool {
		switch {
		case strings.ContainsRune(text, 0):
			ps = append(ps, meibo.Problem{Field: path, Code: "CONTROL_CHARACTER"})
		case strings.HasPrefix(path, "lines["): // judged row by row, with all else that is wrong
		case private(path[strings.LastIndexByte(path, '.')+1:], text):
			ps = append(ps, meibo.Problem{Field: path, Code: "MY_NUMBER_REFUSED"})
		}
		return len(ps) < maxNames
	})
	return ps.Err()
}

// made are the fields whose text programs make and nobody keeps, or a person types
// and nobody keeps: any digits may stand in it.
var made = map[string]bool{"at_least": true, "next_token": true, "token": true, "proof": true, "hash": true, "password": true}

// private reports whether a field's text holds an Individual Number.
func private(field, text string) bool { return meibo.HoldsMyNumber(text) && !made[field] }

// walkText visits every text of a message with the path of its field, such as
// lines[2].name, for as long as visit says so.
func walkText(m protoreflect.Message, at string, visit func(path, text string) bool) (on bool) {
	on = true
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		path := at + string(f.Name())
		if !f.IsList() {
			on = walkField(f, v, path, visit)
			return on
		}
		for i := 0; on && i < v.List().Len(); i++ {
			on = walkField(f, v.List().Get(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
		return on
	})
	return on
}

func walkField(f protoreflect.FieldDescriptor, v protoreflect.Value, path string, visit func(path, text string) bool) bool {
	switch f.Kind() {
	case protoreflect.StringKind:
		return visit(path, v.String())
	case protoreflect.MessageKind:
		return walkText(v.Message(), path+".", visit)
	}
	return true
}

// unreadable is what an unreadable message becomes: a field that no message has.
var unreadable = protowire.AppendVarint(protowire.AppendTag(nil, protowire.MaxValidNumber, protowire.VarintType), 1)

// A codec is gRPC's own, but for leaving what cannot be read, or has too many
// parts, to be refused by fit.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(protocodec.Name)} }

// Unmarshal reads a message, or makes it unreadable.
func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	m, ok := v.(proto.Message)
	if !ok {
		return c.CodecV2.Unmarshal(data, v)
	}
	whole := data.MaterializeToBuffer(mem.DefaultBufferPool())
	defer whole.Free()
	b := whole.ReadOnlyData()
	if countParts(m.ProtoReflect().Descriptor(), b) > maxParts || proto.Unmarshal(b, m) != nil {
		proto.Reset(m)
		m.ProtoReflect().SetUnknown(unreadable)
	}
	return nil
}

// countParts counts the messages and the elements of lists within an encoded
// message, down to where it cannot be read.
func countParts(d protoreflect.MessageDescriptor, b []byte) int {
	parts := 0
	for len(b) > 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			break
		}
		value := protowire.ConsumeFieldValue(number, kind, b[n:])
		if value < 0 {
			break
		}
		f := d.Fields().ByNumber(number)
		if f != nil && (f.IsList() || f.Kind() == protoreflect.MessageKind) {
			parts++
		}
		if f != nil && f.Kind() == protoreflect.MessageKind && kind == protowire.BytesType {
			inner, _ := protowire.ConsumeBytes(b[n:])
			parts += countParts(f.Message(), inner)
		}
		b = b[n+value:]
	}
	return parts
}
