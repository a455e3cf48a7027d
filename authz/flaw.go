package authz

import "fmt"

// Flaw says why a rule is refused, and which line has to be mended.
type Flaw struct {
	File FlawFile
	Line int // in the file, from 1; 0: no line alone is to blame
	Kind FlawKind
	err  error
}

// FlawFile is one of the two files of a rule.
type FlawFile string

const (
	InModel     FlawFile = "model"
	InChecklist FlawFile = "checklist"
)

// FlawKind is what a refused line does wrong.
type FlawKind string

const (
	Unreadable     FlawKind = "unreadable"      // Casbin, or who reads it, would take it for something else
	BeyondLanguage FlawKind = "beyond_language" // it says what no rule may say
	Disagreeing    FlawKind = "disagreeing"     // model and checklist do not fit together
	Weaker         FlawKind = "weaker"          // it would allow what must be denied, or deny what must be possible
)

// Error says where the flaw is and what is wrong.
func (f *Flaw) Error() string {
	if f.Line == 0 {
		return f.err.Error()
	}
	return fmt.Sprintf("line %d: %v", f.Line, f.err)
}

// Unwrap returns what is wrong.
func (f *Flaw) Unwrap() error { return f.err }

// flaw says that a line is wrong; format may wrap an error.
func flaw(file FlawFile, line int, kind FlawKind, format string, args ...any) error {
	return &Flaw{file, line, kind, fmt.Errorf(format, args...)}
}
