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
	Context  Context // of the circumstances
	Repeated bool    // the system has used the nonce before
}

// Malformed returns the names of the fields that no decision can be based on: identifiers that are missing, longer than
// 128 bytes, or other than an ASCII letter or digit followed by letters, digits and . _ : @ + = ~ -, and a missing
// moment. A purpose may be missing, but not ill-formed. It returns nothing for a well-formed question. Of the context
// nothing is malformed: what cannot be read counts as not stated.
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

// malformed tells whether the question has a malformed field.
func (q *Question) malformed() bool {
	return !wellFormed(q.System) || !wellFormed(q.Person) || !wellFormed(q.Contract) || !wellFormed(q.Asset) || !wellFormed(q.Action) ||
		q.Purpose != "" && !wellFormed(q.Purpose) || q.At.IsZero()
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
