package meibo

import "strings"

// A Purpose (利用目的) is a node of the purpose tree. Its code is a dot path of
// at most five tokens (U.TAX.RES.ASSESS.INPUT) that is never used again for
// something else; only leaves may be declared in a question.
type Purpose struct {
	Code   PurposeCode
	Label  string
	Law    string // reference in the law as text, a trace only
	Starts Date   // first day on which it may be declared; empty: always
	Ends   Date   // last day, inclusive; empty: no end

	Actions   List[Action] // that serve it; empty: any
	CaseRef   bool         // a case reference must be stated
	CaseForms List[string] // of which it must be: 9 is a digit, A a capital letter; empty: any text
}

// AlwaysProhibited is the root of the purposes that no contract, asset or right
// can allow (domain Z: private curiosity, own records, sales …).
const AlwaysProhibited PurposeCode = "Z"

// Under reports whether p is node or one of its descendants.
func (p PurposeCode) Under(node PurposeCode) bool {
	return p == node || strings.HasPrefix(string(p), string(node)+".")
}

// UnderAny reports whether p lies under one of nodes.
func (p PurposeCode) UnderAny(nodes []PurposeCode) bool {
	for _, n := range nodes {
		if p.Under(n) {
			return true
		}
	}
	return false
}

// Parent is the node above p; empty for a root.
func (p PurposeCode) Parent() PurposeCode {
	i := strings.LastIndexByte(string(p), '.')
	if i < 0 {
		return ""
	}
	return p[:i]
}

// Ancestors are p and the nodes above it, p first.
func (p PurposeCode) Ancestors() []PurposeCode {
	var up []PurposeCode
	for ; p != ""; p = p.Parent() {
		up = append(up, p)
	}
	return up
}

// ValidPurposeCode reports whether s is a dot path of one to five tokens of
// A-Z, 0-9 and _.
func ValidPurposeCode(s PurposeCode) bool {
	tokens := strings.Split(string(s), ".")
	if len(tokens) > 5 || len(s) > MaxID {
		return false
	}
	for _, t := range tokens {
		if t == "" || strings.Trim(t, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") != "" {
			return false
		}
	}
	return true
}
