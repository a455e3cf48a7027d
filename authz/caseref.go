package authz

import (
	"unicode"
	"unicode/utf8"
)

// fits tells whether a case reference has the form, in which 9 stands for a digit, A for a capital letter, and every
// other character for itself.
func fits(reference, form string) bool {
	if len(reference) != len(form) {
		return false
	}
	for i := range len(form) {
		c := reference[i]
		switch form[i] {
		case '9':
			if c < '0' || '9' < c {
				return false
			}
		case 'A':
			if c < 'A' || 'Z' < c {
				return false
			}
		default:
			if c != form[i] {
				return false
			}
		}
	}
	return true
}

// isText tells whether s says something to a human: up to maxText bytes of printable UTF-8 that are not all blank.
func isText(s string) bool {
	if len(s) > maxText || !utf8.ValidString(s) {
		return false
	}
	says := false
	for _, c := range s {
		if !unicode.IsPrint(c) && c != '\u3000' {
			return false
		}
		says = says || !unicode.IsSpace(c)
	}
	return says
}
