package ledger

import (
	"errors"
	"strings"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// A Rule is a rule to be tried: the two files of authz. An empty one stands for the
// one that is in force.
type Rule struct{ Model, Checklist string }

// otherRule is the rule that a change would put in force; without one it stays the
// same. It is read and proved as when the program starts. A refused rule is Problems
// that name the file and the line. Who may read master data may try a rule.
func (l *Ledger) otherRule(c meibo.Caller, r *Rule) (*authz.Policy, error) {
	if r == nil {
		return l.policy, nil
	}
	if err := l.may(c, meibo.AnyContract, verbReadMaster); err != nil {
		return nil, err
	}
	model, checklist := authz.Files()
	if r.Model != "" {
		model = []byte(r.Model)
	}
	if r.Checklist != "" {
		checklist = []byte(r.Checklist)
	}
	policy, err := authz.Parse(model, checklist)
	var flaw *authz.Flaw
	if errors.As(err, &flaw) {
		return nil, meibo.Problems{{Row: flaw.Line, Field: "rule." + string(flaw.File), Code: meibo.ProblemCode("RULE_" + strings.ToUpper(string(flaw.Kind)))}}
	}
	return policy, wrap("read rule", err)
}
