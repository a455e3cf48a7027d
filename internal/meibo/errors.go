package meibo

import "errors"

// The kinds of error. Each face has one table from kind to status; anything
// that is none of these is internal and shown as a request number only.
var (
	ErrInvalid   = errors.New("invalid")
	ErrNotFound  = errors.New("not found")
	ErrConflict  = errors.New("conflict")
	ErrForbidden = errors.New("forbidden")
	ErrBusy      = errors.New("busy")
)

// A Refusal is an error with a code that programs can read and a Japanese
// sentence for people. It unwraps to its kind.
type Refusal struct {
	Kind error
	Code ProblemCode
}

func (r *Refusal) Error() string { return r.Kind.Error() + ": " + string(r.Code) }

func (r *Refusal) Unwrap() error { return r.Kind }

// Sentence is the Japanese sentence of the refusal.
func (r *Refusal) Sentence() string { return sentences[r.Code] }

// Refuse makes a Refusal.
func Refuse(kind error, code ProblemCode) error { return &Refusal{kind, code} }
