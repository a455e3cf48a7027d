package ledger

import (
	"unicode/utf8"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// maxCircumstance is the greatest length in bytes of free text beside a question.
const maxCircumstance = 1024

// wellFormed leaves out ids that cannot be ids, so that nothing else is looked
// up or recorded; the rule names them as malformed. Circumstances that cannot be
// read count as not stated.
func wellFormed(q meibo.Question) meibo.Question {
	s := q.Circumstances
	return meibo.Question{
		Person: orNone(q.Person), Contract: orNone(q.Contract), Asset: orNone(q.Asset),
		Action: orNone(q.Action), Purpose: orNone(q.Purpose), Repeated: q.Repeated,
		Circumstances: meibo.Circumstances{
			Zone: orNone(s.Zone), Workplace: orNone(s.Workplace), Device: orNone(s.Device), Mode: orNone(s.Mode),
			AuthLevel: s.AuthLevel, AuthTime: s.AuthTime, OnBehalfOf: orNobody(s.OnBehalfOf), CaseRef: orShort(s.CaseRef),
			Permit: orNone(s.Permit), Recipient: orNone(s.Recipient), Medium: orNone(s.Medium), Rows: s.Rows, Reason: orShort(s.Reason),
			Nonce: orNone(s.Nonce), AskedAt: s.AskedAt,
		},
	}
}

func orNone[T ~string](id T) T {
	if !meibo.ValidID(id) && id != meibo.NoID {
		return ""
	}
	return id
}

// orNobody: whom nobody can be is still named; an id of meibo's has no tilde.
func orNobody(id meibo.PersonID) meibo.PersonID {
	if id != "" && !meibo.ValidID(id) {
		return "nobody~known"
	}
	return id
}

func orShort(text string) string {
	if len(text) > maxCircumstance || !utf8.ValidString(text) {
		return ""
	}
	return text
}

// questionOf writes a question in the words of the rule.
func questionOf(c meibo.Caller, q meibo.Question, now meibo.Instant) authz.Question {
	s := q.Circumstances
	question := authz.Question{
		System: string(c.Client.SystemID), Person: string(q.Person), Contract: string(q.Contract), Asset: string(q.Asset),
		Action: string(q.Action), Purpose: string(q.Purpose), At: now.Time(), Repeated: q.Repeated,
		Context: authz.Context{
			Zone: s.Zone, Workplace: s.Workplace, Device: s.Device, Mode: authz.Mode(s.Mode), AuthLevel: s.AuthLevel,
			AuthTime: s.AuthTime.Time(), OnBehalfOf: string(s.OnBehalfOf), CaseRef: s.CaseRef, Permit: string(s.Permit),
			Recipient: s.Recipient, Medium: s.Medium, Rows: s.Rows, Reason: s.Reason,
			Nonce: s.Nonce, Asked: s.AskedAt.Time(),
		},
	}
	if question.System == "" {
		question.System = "unregistered:" + string(c.Client.ID)
	}
	return question
}
