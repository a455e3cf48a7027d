package rpc

import (
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

// dates reads dates that may be left out and notes what is wrong with them.
type dates struct {
	problems meibo.Problems
}

func (d *dates) date(row int, field, text string) meibo.Date {
	if text == "" {
		return ""
	}
	date, err := meibo.ParseDate(text)
	if err != nil {
		d.problems = append(d.problems, meibo.Problem{Row: row, Field: field, Code: "INVALID_DATE"})
	}
	return date
}

func (d *dates) instant(field, text string) meibo.Instant {
	if text == "" {
		return 0
	}
	i, err := meibo.ParseInstant(text)
	if err != nil {
		d.problems = append(d.problems, meibo.Problem{Field: field, Code: "INVALID_INSTANT"})
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
