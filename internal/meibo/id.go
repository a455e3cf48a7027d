package meibo

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
)

// Ids of master data are given by the operator (C01, A01); all others are
// opaque and made by the ledger. They are compared byte for byte.
type (
	OrganizationID string
	ContractID     string
	AssetID        string
	PurposeCode    string
	PersonID       string
	AssignmentID   string
	RightID        string
	ChangeID       string
	PledgeID       string
	PasskeyID      string
	TemplateID     string
	DocumentID     string
	NoticeID       string
	SubcontractID  string
	SystemID       string
	ClientID       string
	KeyID          string
	DecisionID     string
	PermitID       string
	HoldID         string
	DelegationID   string
	DisposalID     string
)

// MaxID is the greatest length of an id in bytes.
const MaxID = 128

// ValidID reports whether s is an id: 1 to MaxID bytes of [A-Za-z0-9._:@+-].
func ValidID[T ~string](s T) bool {
	if len(s) == 0 || len(s) > MaxID {
		return false
	}
	for i := range len(s) {
		if !idByte(s[i]) {
			return false
		}
	}
	return true
}

func idByte(c byte) bool {
	switch {
	case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		return true
	}
	switch c {
	case '.', '_', ':', '@', '+', '-':
		return true
	}
	return false
}

// NoID is well-formed to the rule, and nothing can be registered under it: it
// stands in a question for what meibo knows nothing of.
const NoID = "unknown~type"

// Personal is text about a person. The store passes every Personal column
// through its codec; it never appears in a log, an error, a metric or a URL.
type Personal string

// List is a list of ids or words, stored as JSON text.
type List[T ~string] []T

// Has reports whether l holds v.
func (l List[T]) Has(v T) bool {
	for _, x := range l {
		if x == v {
			return true
		}
	}
	return false
}

// Value stores JSON text; an empty list is [].
func (l List[T]) Value() (driver.Value, error) {
	if len(l) == 0 {
		return "[]", nil
	}
	text, err := json.Marshal([]T(l))
	return string(text), err
}

// Scan reads what Value stored; an empty list becomes nil.
func (l *List[T]) Scan(v any) error {
	return scanJSON(v, (*[]T)(l))
}

func scanJSON(v, into any) error {
	text, err := scanText(v)
	if err != nil {
		return fmt.Errorf("scan list: %w", err)
	}
	if text == "" || text == "[]" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}
