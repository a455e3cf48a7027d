package authz

import (
	"fmt"
	"math/rand/v2"
	"reflect"
)

// shadow lets the reference decide a share of the questions, too.
type shadow struct {
	share  float64
	report func(q Question, compiled, stock Decision)
}

// Shadow returns the same rule that lets [Policy.DecideByReference] decide a share of its questions, too, from 0 for none
// to 1 for all. Where both differ, whatever they differ in, the answer is a denial with [CodeStoreUnavailable], and
// report is told both. The caller waits for report.
func (p *Policy) Shadow(share float64, report func(q Question, compiled, stock Decision)) *Policy {
	shadowed := *p
	shadowed.shadow = &shadow{share: share, report: report}
	return &shadowed
}

// drawn tells whether the reference decides this question, too.
func (s *shadow) drawn() bool { return s != nil && rand.Float64() < s.share }

// compare lets the reference decide, too, and returns the decision only when both agree.
func (p *Policy) compare(q Question, f Facts, d Decision, err error) (Decision, error) {
	stock, stockErr := p.DecideByReference(q, f)
	if reflect.DeepEqual(d, stock) && (err == nil) == (stockErr == nil) {
		return d, err
	}
	if p.shadow.report != nil {
		p.shadow.report(q, d, stock)
	}
	return p.Deny(CodeStoreUnavailable), fmt.Errorf("decide on person %s under contract %s: the engines disagree", q.Person, q.Contract)
}
