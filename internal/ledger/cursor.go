package ledger

import (
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A Page asks for a part of a list.
type Page struct {
	Limit int    // 0: as many as is usual
	Token string // where the page before ended; empty: the first page
}

// MostOnPage bounds one page, usualPage is what it holds where nothing is said.
const (
	usualPage  = 100
	MostOnPage = 500
)

// within is the page with its limit settled; another is ErrInvalid.
func (p Page) within() (Page, error) {
	if p.Limit == 0 {
		p.Limit = usualPage
	}
	if p.Limit < 0 || p.Limit > MostOnPage {
		return p, meibo.Problems{{Field: "limit", Code: "UNKNOWN_VALUE"}}
	}
	return p, nil
}

// errToken says that a token is not one that this ledger gave to this caller for
// this question.
var errToken = meibo.Problems{{Field: "token", Code: "UNKNOWN_TOKEN"}}

// token seals where a page ended. It serves the caller and the question that it
// was made for, and nobody can make one for another.
func (l *Ledger) token(use string, c meibo.Caller, question, place any) string {
	text, err := json.Marshal(place)
	if err != nil {
		panic(fmt.Sprintf("write a place: %v", err)) // they are plain values
	}
	seal := l.secrets.hash("page", use, string(c.Client.ID), fmt.Sprintf("%+v", question), string(text))
	return base64.RawURLEncoding.EncodeToString([]byte(seal[:32] + string(text)))
}

// openToken reads a token into place; one of another caller or question is ErrInvalid.
func (l *Ledger) openToken(use string, c meibo.Caller, question any, token string, place any) error {
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil || len(text) < 32 || json.Unmarshal(text[32:], place) != nil {
		return errToken
	}
	want := l.secrets.hash("page", use, string(c.Client.ID), fmt.Sprintf("%+v", question), string(text[32:]))
	if subtle.ConstantTimeCompare([]byte(want[:32]), text[:32]) != 1 {
		return errToken
	}
	return nil
}
