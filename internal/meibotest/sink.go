package meibotest

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/demo"
)

// Sink starts a mail server for the test and ends it after the test.
func Sink(t testing.TB, o demo.SinkOptions) *demo.Sink {
	t.Helper()
	s, err := demo.StartSink(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Stop() })
	return s
}
