package meibo_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestListsAreStoredAsJSON(t *testing.T) {
	for _, c := range []struct {
		name string
		list meibo.List[meibo.AssetID]
		want string
	}{
		{"a list is stored in order", meibo.List[meibo.AssetID]{"A02", "A01"}, `["A02","A01"]`},
		{"an empty list is stored as one", meibo.List[meibo.AssetID]{}, `[]`},
		{"no list is stored as an empty one", nil, `[]`},
	} {
		t.Run(c.name, func(t *testing.T) {
			v, err := c.list.Value()
			if v != c.want || err != nil {
				t.Errorf("stored as %v, %v, want %s", v, err, c.want)
			}
			var back meibo.List[meibo.AssetID]
			if err := back.Scan([]byte(c.want)); err != nil || !slices.Equal(back, c.list) || (back == nil) != (len(c.list) == 0) {
				t.Errorf("came back as %v, %v", back, err)
			}
		})
	}
	var l meibo.List[string]
	for _, v := range []any{"{", 5} {
		if err := l.Scan(v); err == nil {
			t.Errorf("%v was read as a list", v)
		}
	}
}

func TestValidID(t *testing.T) {
	for _, c := range []struct {
		name, id string
		want     bool
	}{
		{"letters, digits and a few marks are an id", "C01-a.b_c:d@e+f", true},
		{"an id has up to 128 bytes", strings.Repeat("x", 128), true},
		{"no id has more", strings.Repeat("x", 129), false},
		{"nothing is no id", "", false},
		{"a blank is in no id", "C 01", false},
		{"a slash is in no id, so that keys can be joined with it", "C/01", false},
		{"a Japanese letter is in no id", "契約1", false},
		{"a control character is in no id", "C\x0001", false},
		{"a dollar is in no id", "a$$b", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := meibo.ValidID(c.id); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}
