package meibo

import (
	"database/sql/driver"
	"encoding/json"
)

// A System is a registered downstream system that asks for decisions. It may ask
// only within its scopes.
type System struct {
	ID          SystemID
	Name        string
	Scopes      Scopes
	Obligations List[string] // that it can fulfil
	Answers     AnswerDetail
	Zones       List[string] // network zones from which it may ask; empty: any
	OnBehalf    bool         // people act for others in it
	Nonces      bool         // each of its questions must carry a nonce, and say when it is asked
	Aliases     Packed[[]Alias]
}

// An Alias is a word of a system's own, and what it means in meibo's. Questions in
// AuthZEN's form may use it.
type Alias struct {
	Kind  AliasKind `json:"kind"`
	Word  string    `json:"word"`
	Means string    `json:"means"` // a type of subject, the id of an asset, an action
}

// AliasKind says where an alias stands.
type AliasKind string

const (
	AliasSubject  AliasKind = "subject"  // a type of subject
	AliasResource AliasKind = "resource" // a type of resource, all of which are parts of one asset
	AliasAction   AliasKind = "action"   // a name of an action
)

// Means is what a word of a system's own stands for; empty: it is none.
func (s System) Means(kind AliasKind, word string) string {
	for _, a := range s.Aliases.V {
		if a.Kind == kind && a.Word == word {
			return a.Means
		}
	}
	return ""
}

// A Scope is what a system may ask about: the assets of a contract, for purposes
// at or below the given nodes.
type Scope struct {
	Contract ContractID    `json:"contract"`
	Assets   []AssetID     `json:"assets"`
	Purposes []PurposeCode `json:"purposes"`
}

// Scopes is a list of Scope, stored as JSON text.
type Scopes []Scope

// AnswerDetail is how much of the reasons a system's answers carry.
type AnswerDetail string

const (
	AnswersNone  AnswerDetail = "none"  // allow or deny
	AnswersCodes AnswerDetail = "codes" // and the codes
	AnswersFull  AnswerDetail = "full"  // and the sentences for people
)

// Value stores JSON text.
func (s Scopes) Value() (driver.Value, error) {
	if len(s) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal([]Scope(s))
	return string(text), err
}

// Scan reads what Value stored.
func (s *Scopes) Scan(v any) error { return scanJSON(v, (*[]Scope)(s)) }
