package meibotest

import (
	"testing"

	"golang.org/x/text/encoding/japanese"
)

// CP932 is text as a Japanese Excel saves it.
func CP932(t testing.TB, text string) []byte {
	t.Helper()
	encoded, err := japanese.ShiftJIS.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return []byte(encoded)
}
