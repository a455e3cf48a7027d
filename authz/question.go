package authz

import "time"

// Question asks whether a person may do something to an asset, under a contract, for a purpose, at a moment. The names
// are opaque identifiers, compared byte for byte.
type Question struct {
	System   string // the system that asks
	Person   string
	Contract string
	Asset    string
	Action   string
	Purpose  string // a code of the tree of purposes; empty when none was stated, which is never allowed
	At       time.Time
}

// Malformed returns the names of the fields that no decision can be based on: identifiers that are missing, longer than
// 128 bytes, or other than an ASCII letter or digit followed by letters, digits and . _ : @ + = ~ -, and a missing
// moment. A purpose may be missing, but not ill-formed. It returns nothing for a well-formed question.
func (q Question) Malformed() []string {
	var fields []string
	for _, field := range []struct {
		name, value string
		sound       bool
	}{
		{"system", q.System, wellFormed(q.System)},
		{"person", q.Person, wellFormed(q.Person)},
		{"contract", q.Contract, wellFormed(q.Contract)},
		{"asset", q.Asset, wellFormed(q.Asset)},
		{"action", q.Action, wellFormed(q.Action)},
		{"purpose", q.Purpose, q.Purpose == "" || wellFormed(q.Purpose)},
		{"at", "", !q.At.IsZero()},
	} {
		if !field.sound {
			fields = append(fields, field.name)
		}
	}
	return fields
}

// maxIdentifier is the length in bytes up to which an identifier is accepted.
const maxIdentifier = 128

// wellFormed tells whether s can be an identifier. Comma, quote, blank, slash and everything beyond ASCII stay outside:
// the comma joins fields inside Casbin, the slash joins organization and contract in [Roles], and look-alikes of other
// scripts have no business in an identifier.
func wellFormed(s string) bool {
	if s == "" || len(s) > maxIdentifier {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i > 0 && (c == '.' || c == '_' || c == ':' || c == '@' || c == '+' || c == '=' || c == '~' || c == '-'):
		default:
			return false
		}
	}
	return true
}

// forever is the moment that no question reaches: the end of every open period.
const forever = "9999-12-31T23:59:59.999999Z"

// moment writes t as UTC text of fixed width, so that the order of texts is the order of time. What is finer than a
// microsecond is cut off. The zero time means never: a period that begins then covers nothing, one that ends then is
// open. Years outside 1 to 9999 are moved to their ends, which keeps the order.
func moment(t time.Time) string {
	t = t.UTC()
	switch {
	case t.IsZero() || t.Year() > 9999:
		return forever
	case t.Year() < 1:
		return "0001-01-01T00:00:00.000000Z"
	}
	return t.Format("2006-01-02T15:04:05.000000Z")
}
