package ledger

import (
	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// Codes are all reasons that a decision can carry, in order of precedence. They
// speak of nobody.
func (l *Ledger) Codes() []meibo.Code {
	var list []meibo.Code
	for _, info := range authz.Codes() {
		list = append(list, codeOf(info))
	}
	return list
}

func codeOf(info authz.CodeInfo) meibo.Code {
	return meibo.Code{
		Code: string(info.Code), Kind: string(info.Kind), Group: info.Group, Clauses: info.Clauses, Message: info.Message,
		Public: info.Disclosure == authz.DisclosePerson,
	}
}

// Message is the Japanese sentence of one of the rule's codes.
func (l *Ledger) Message(code string) string {
	for _, info := range authz.Codes() {
		if string(info.Code) == code {
			return info.Message
		}
	}
	return ""
}
