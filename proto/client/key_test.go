package client_test

import (
	"encoding/binary"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"pgregory.net/rapid"

	"github.com/meibo-dev/meibo/proto/client"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func TestEveryFieldOfAQuestionCounts(t *testing.T) {
	empty, _ := client.KeyOf(&pb.CheckAccessRequest{})
	seen := map[any]string{empty: "the empty question"}
	for path, q := range variants((&pb.CheckAccessRequest{}).ProtoReflect(), "") {
		k, known := client.KeyOf(q.Interface())
		if other, taken := seen[k]; taken || !known {
			t.Errorf("%s: known %t, the key is that of %s", path, known, other)
		}
		seen[k] = path
	}
	if len(seen) < 6 {
		t.Errorf("only %d questions were tried", len(seen))
	}
}

// variants sets each field of a message, and of those in it, alone.
func variants(m protoreflect.Message, under string) map[string]protoreflect.Message {
	all := map[string]protoreflect.Message{}
	fields := m.Descriptor().Fields()
	for i := range fields.Len() {
		f := fields.Get(i)
		path := under + "." + string(f.Name())
		with := func(v protoreflect.Value, path string) {
			n := m.New()
			if f.IsList() {
				n.Mutable(f).List().Append(v)
			} else {
				n.Set(f, v)
			}
			all[path] = n
		}
		if f.Kind() != protoreflect.MessageKind {
			with(sampleOf(f), path)
			continue
		}
		inner := (m.NewField(f))
		if f.IsList() {
			inner = inner.List().NewElement()
		}
		with(inner, path)
		for deeper, n := range variants(inner.Message(), path) {
			with(protoreflect.ValueOfMessage(n), deeper)
		}
	}
	return all
}

func sampleOf(f protoreflect.FieldDescriptor) protoreflect.Value {
	switch f.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString("x")
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(true)
	case protoreflect.Int32Kind:
		return protoreflect.ValueOfInt32(7)
	case protoreflect.Int64Kind:
		return protoreflect.ValueOfInt64(7)
	}
	panic("no sample of a " + f.Kind().String())
}

func TestAFieldThatIsNotKnownHasNoKey(t *testing.T) {
	q := &pb.CheckAccessRequest{Person: "p"}
	q.ProtoReflect().SetUnknown([]byte{0xfa, 0x7f, 1, 'x'})
	if _, known := client.KeyOf(q); known {
		t.Error("a question that says more than is read has a key")
	}
}

// questions draws questions whose parts run into each other.
func questions(t *rapid.T, label string) *pb.CheckAccessRequest {
	part := rapid.SampledFrom([]string{"", "a", "aa", "$$", "a$$", "$$a", "\x00", "a\x00", "\x01a", "名", "e001", "a\x00\x00\x00\x00\x00\x00\x00\x01"})
	return &pb.CheckAccessRequest{
		Person: part.Draw(t, label), Contract: part.Draw(t, label), Asset: part.Draw(t, label), Action: part.Draw(t, label), Purpose: part.Draw(t, label),
	}
}

func TestKeysAreEqualOnlyOfEqualQuestions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := questions(t, "a"), questions(t, "b")
		same(t, a, b)
		same(t, a, proto.CloneOf(a))
	})
}

func FuzzKeysAreEqualOnlyOfEqualQuestions(f *testing.F) {
	f.Add([]byte("a$$b"), []byte("a"), uint16(1))
	f.Add([]byte("\x0a\x01p\x12\x01c"), []byte("\x0a\x02pc"), uint16(9))
	f.Fuzz(func(t *testing.T, a, b []byte, cut uint16) {
		p, q := &pb.CheckAccessRequest{}, &pb.CheckAccessRequest{}
		if proto.Unmarshal(a, p) != nil || proto.Unmarshal(b, q) != nil {
			p, q = splitInto(a, int(cut)), splitInto(b, int(cut))
		}
		same(t, p, q)
	})
}

// splitInto makes a question of bytes, cut where a number says.
func splitInto(b []byte, cut int) *pb.CheckAccessRequest {
	if len(b) == 0 {
		return &pb.CheckAccessRequest{}
	}
	at := cut % (len(b) + 1)
	return &pb.CheckAccessRequest{Person: string(b[:at]), Contract: string(b[at:]), Asset: string(binary.BigEndian.AppendUint16(nil, uint16(cut)))}
}

func same(t interface{ Errorf(string, ...any) }, a, b *pb.CheckAccessRequest) {
	ka, knownA := client.KeyOf(a)
	kb, knownB := client.KeyOf(b)
	if knownA && knownB && (ka == kb) != proto.Equal(a, b) {
		t.Errorf("keys equal: %t, of\n%v\n%v", ka == kb, a, b)
	}
}
