package directory

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"
)

// What the pure checks of the tests look at.
var (
	Equals          = equals
	DefinitionNames = definitionNames
	Description     = description
	CauseOf         = cause
)

// Filter is the filter of an id.
func (id ID) Filter() string { return id.filter() }

// IDOf reads an attribute's value.
func IDOf(kind IDKind, value string) ID { return newID(kind, value) }

// CheckFrame tells whether the wire lets a message through, and how many elements it counts.
func CheckFrame(data []byte) (int, error) {
	f, err := checkFrame(data)
	return f.elements, err
}

// EntryDN is the name that the wire keeps of an entry that is too large.
func EntryDN(data []byte) string { return entryDN(data) }

// DepartedBy tells of entries whether one of the values marks departed people.
func DepartedBy(values map[string][]string) func(attr map[string][]string) bool {
	marks, r := departedMarks(values), newRoom()
	return func(attr map[string][]string) bool { return departed(attr, marks, r) }
}

// Forge replaces all marks of a token, as a database that has rotted cannot.
func Forge(t Token, change func(mark []byte) []byte) Token {
	text, _, _ := strings.Cut(string(t), ".")
	body, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	var held tokenBody
	if err := json.Unmarshal(body, &held); err != nil {
		panic(err)
	}
	for name, mark := range held.Marks {
		held.Marks[name] = change(mark)
	}
	return held.binding.token(held.Marks)
}

// Waits are the times between the first n attempts to connect.
func Waits(p Pace, n int) []time.Duration {
	b := newBackoff(p)
	all := make([]time.Duration, n)
	for i := range all {
		all[i] = b.next(nil)
	}
	return all
}
