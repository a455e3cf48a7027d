package rpc

import (
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// wireTime is an instant on the wire; "none" is left out.
func wireTime(i meibo.Instant) *timestamppb.Timestamp {
	if i.IsZero() {
		return nil
	}
	return timestamppb.New(i.Time())
}

// instantOf reports whether a moment is one that meibo can keep.
func instantOf(t time.Time) (meibo.Instant, bool) {
	i, err := meibo.ParseInstant(t.UTC().Format(time.RFC3339Nano))
	return i, err == nil
}

// day reads a day in any of the forms that people write. What is no day stays as
// it is, to be refused by whoever judges the rest.
func day(text string) meibo.Date {
	if d, err := meibo.ParseDate(text); err == nil {
		return d
	}
	return meibo.Date(text)
}

// instants reads instants that may be left out and notes those that are none.
type instants struct {
	problems meibo.Problems
}

func (is *instants) read(field, text string) meibo.Instant {
	if text == "" {
		return 0
	}
	i, err := meibo.ParseInstant(text)
	if err != nil {
		is.problems = append(is.problems, meibo.Problem{Field: field, Code: "INVALID_INSTANT"})
	}
	return i
}

func plain[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

func words[T ~string](list []string) []T {
	var out []T
	for _, v := range list {
		out = append(out, T(v))
	}
	return out
}

func each[F, T any](list []F, convert func(F) T) []T {
	out := make([]T, len(list))
	for i, v := range list {
		out[i] = convert(v)
	}
	return out
}
