package meibo

import (
	"fmt"
	"strings"
)

// ProblemCode names what is wrong with a field, for programs.
type ProblemCode string

// A Problem is one thing wrong with one field of one row. Row 0 is the request
// itself. A warning does not stop a submission.
type Problem struct {
	Row     int
	Field   string
	Code    ProblemCode
	Warning bool
}

// Sentence is the Japanese sentence for people: what is wrong and what to do.
func (p Problem) Sentence() string { return sentences[p.Code] }

// Problems is a list of problems; it is an error of kind ErrInvalid.
type Problems []Problem

func (ps Problems) Error() string {
	parts := make([]string, 0, len(ps))
	for _, p := range ps {
		where := p.Field
		if p.Row > 0 {
			where = fmt.Sprintf("row %d %s", p.Row, p.Field)
		}
		parts = append(parts, where+": "+string(p.Code))
		if len(parts) == 5 && len(ps) > 5 {
			parts = append(parts, fmt.Sprintf("and %d more", len(ps)-5))
			break
		}
	}
	return strings.Join(parts, "; ")
}

// Unwrap says that problems are invalid input.
func (ps Problems) Unwrap() error { return ErrInvalid }

// Fatal are the problems that are no warnings.
func (ps Problems) Fatal() Problems {
	var fatal Problems
	for _, p := range ps {
		if !p.Warning {
			fatal = append(fatal, p)
		}
	}
	return fatal
}

// Warnings are the others.
func (ps Problems) Warnings() Problems {
	var soft Problems
	for _, p := range ps {
		if p.Warning {
			soft = append(soft, p)
		}
	}
	return soft
}

// Err is nil when no problem stops the submission.
func (ps Problems) Err() error {
	if fatal := ps.Fatal(); len(fatal) > 0 {
		return fatal
	}
	return nil
}

// add notes a problem of a line.
func (ps *Problems) add(row int, field string, code ProblemCode) {
	*ps = append(*ps, Problem{Row: row, Field: field, Code: code})
}

func (ps *Problems) warn(row int, field string, code ProblemCode) {
	*ps = append(*ps, Problem{Row: row, Field: field, Code: code, Warning: true})
}

// Sentences lists every code with its sentence, for the catalogue.
func Sentences() map[ProblemCode]string {
	all := make(map[ProblemCode]string, len(sentences))
	for c, s := range sentences {
		all[c] = s
	}
	return all
}
