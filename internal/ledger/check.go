package ledger

import (
	"context"
	"time"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

const (
	// maxRounds bounds how often a check is repeated because the ledger moved on.
	maxRounds = 8
	// recordWithin is how long a check waits for its record.
	recordWithin = 2 * time.Second
	// MaxQuestions bounds what is asked at once.
	MaxQuestions = 1000
)

// Check decides a question and makes the decision durable before it is given
// (S2-6-3). It is given only if the ledger's revision is still the one at which
// it was decided; else the question is decided anew (validated release). So a
// revocation that was acknowledged before the question came is always seen.
//
// A denial is a Decision. Errors are of who asks: ErrForbidden for a client that
// may not ask at all. When the store cannot be read or the record not be kept,
// the Decision says so and denies.
func (l *Ledger) Check(ctx context.Context, c meibo.Caller, q meibo.Question) (meibo.Decision, error) {
	list, err := l.CheckAll(ctx, c, []meibo.Question{q}, nil)
	if err != nil {
		return meibo.Decision{}, err
	}
	return list[0], nil
}

// CheckAll decides questions as Check does, all at one revision and one instant.
// It ends with the first decision at which stop is true; of the questions after
// that nothing is decided or recorded. A nil stop goes through all. More than
// MaxQuestions are ErrInvalid.
func (l *Ledger) CheckAll(ctx context.Context, c meibo.Caller, qs []meibo.Question, stop func(meibo.Decision) bool) ([]meibo.Decision, error) {
	if err := l.mayCheck(c); err != nil {
		return nil, wrap("check access", err)
	}
	if len(qs) == 0 {
		return nil, nil
	}
	if len(qs) > MaxQuestions {
		return nil, meibo.Problems{{Field: "questions", Code: "TOO_MANY_QUESTIONS"}}
	}
	a := asking{ledger: l, caller: c, questions: qs, stop: stop}
	defer a.done()
	if err := a.identify(ctx); err != nil {
		return a.unanswered(authz.CodeStoreUnavailable), nil
	}
	for range maxRounds {
		given, code, err := a.round(ctx)
		switch {
		case err != nil:
			return nil, wrap("check access", err)
		case code != "":
			return a.unanswered(code), nil
		case given:
			l.use(a.decisions)
			return a.decisions, nil
		}
	}
	return a.unanswered(authz.CodeStoreUnavailable), nil
}

// An asking is some questions on their way to their answers.
type asking struct {
	ledger    *Ledger
	caller    meibo.Caller
	questions []meibo.Question
	stop      func(meibo.Decision) bool
	nameless  map[int]authz.Code // why it cannot be said of whom a question is

	decisions []meibo.Decision
	counting  bool // no other use of a permit is counted meanwhile
	stale     bool // the ledger has moved on
	marked    bool // nonces are used up, and those that were before are marked
}

func (a *asking) done() {
	if a.counting {
		a.ledger.counting.Unlock()
	}
}

// round decides once, and reports whether the answers may be given. A code says
// why there are none; an error says that the caller may not ask any more.
func (a *asking) round(ctx context.Context) (given bool, code authz.Code, err error) {
	l := a.ledger
	v, now := l.view.Load(), l.Now()
	if a.stale || now >= v.turns {
		if v, err = l.catchUp(ctx); err != nil {
			return false, authz.CodeStoreUnavailable, nil
		}
	}
	if a.caller, err = l.again(ctx, a.caller, v); err != nil {
		return false, authz.CodeStoreUnavailable, onlyRefusal(err)
	}
	if err := a.once(ctx, v); err != nil {
		return false, authz.CodeAuditUnavailable, nil
	}
	if err := a.decide(v, now); err != nil {
		return false, authz.CodeStoreUnavailable, nil
	}
	if v.uses(a.decisions) && !a.counting { // one after the other, each on what the one before left
		l.counting.Lock()
		a.counting, a.stale, a.decisions = true, true, nil
		return false, "", nil
	}
	a.stale = true
	given, code = a.give(ctx, v)
	return given, code, nil
}

// decide answers the questions on a view.
func (a *asking) decide(v *view, now meibo.Instant) error {
	earlier, on := a.decisions, a.ledger.dated(v)
	a.decisions = make([]meibo.Decision, 0, len(a.questions))
	for i, q := range a.questions {
		d, err := on.decide(a.ledger.policy, a.caller, q, now)
		if err != nil {
			return err
		}
		d = a.ledger.about(d, a.nameless[i])
		if i < len(earlier) {
			d.Retries = earlier[i].ID
		}
		if v.counted[d.PermitID] { // the next is decided on what this one leaves
			on.Snapshot = on.With(authz.Spend(string(d.PermitID), d.Question.Circumstances.Rows))
		}
		a.decisions = append(a.decisions, d)
		if a.stop != nil && a.stop(d) {
			break
		}
	}
	return nil
}

// give makes the decisions durable, counts what they use up, and reports whether
// they may be given.
func (a *asking) give(ctx context.Context, v *view) (given bool, code authz.Code) {
	l := a.ledger
	mark := *l.mark.seen.Load()
	for _, result := range l.keep(ctx, a.decisions) {
		switch {
		case result.err != nil:
			return false, authz.CodeAuditUnavailable
		case l.release(mark, result.epoch, result.revision) != nil:
			return false, authz.CodeStoreUnavailable
		case result.revision != v.Rev() || result.epoch != v.Epoch():
			return false, ""
		}
	}
	if !v.uses(a.decisions) {
		return true, ""
	}
	return l.count(ctx, v, a.decisions)
}

// unanswered are denials for a reason that lies in meibo itself. They are not
// recorded: what could not be read or kept cannot be.
func (a *asking) unanswered(code authz.Code) []meibo.Decision {
	var list []meibo.Decision
	for _, q := range a.questions {
		d := decisionOf(a.ledger.policy.Deny(code), a.caller, wellFormed(q), a.ledger.Now())
		list = append(list, d)
		if a.stop != nil && a.stop(d) {
			break
		}
	}
	return list
}

// dated is a view as of now: with what grows old by itself, and with the holds that
// only this replica has yet.
func (l *Ledger) dated(v *view) view {
	on := *v
	if v.directory {
		on.Snapshot = on.With(authz.SetDirectory(&authz.Directory{Read: l.DirectoryProven().Time()}))
	}
	on.Snapshot = l.journal.over(on.Snapshot)
	return on
}

// decide answers one question by a rule.
func (v *view) decide(by *authz.Policy, c meibo.Caller, q meibo.Question, now meibo.Instant) (meibo.Decision, error) {
	q, declared := v.declare(c, q)
	asked := wellFormed(q)
	q.Circumstances = asked.Circumstances
	answer, err := by.DecideIn(v.Snapshot, questionOf(c, q, now))
	if err != nil {
		return meibo.Decision{}, err
	}
	d := decisionOf(answer, c, asked, now)
	d.Revision, d.Epoch, d.Declared = v.Rev(), v.Epoch(), declared
	d.Answers = v.systems[c.Client.SystemID].Answers
	d.RosterVersion = v.newest(asked.Contract)
	return d, nil
}

// declare fills in contract and purpose for a system that is registered for
// exactly one, and reports whether it did.
func (v *view) declare(c meibo.Caller, q meibo.Question) (meibo.Question, bool) {
	if c.Client.SystemID == "" || (q.Contract != "" && q.Purpose != "") {
		return q, false
	}
	system := v.systems[c.Client.SystemID]
	if len(system.Scopes) != 1 {
		return q, false
	}
	scope, declared := system.Scopes[0], false
	if q.Contract == "" {
		q.Contract, declared = scope.Contract, true
	}
	if q.Purpose == "" && len(scope.Purposes) == 1 {
		q.Purpose, declared = scope.Purposes[0], true
	}
	return q, declared
}

// kept is what became of the record of one decision.
type kept struct {
	revision int64
	epoch    string
	err      error
}

// keep makes decisions durable.
func (l *Ledger) keep(ctx context.Context, list []meibo.Decision) []kept {
	ctx, cancel := context.WithTimeout(ctx, recordWithin)
	defer cancel()
	results := make([]kept, len(list))
	if l.unrecorded {
		for i, d := range list {
			results[i] = kept{d.Revision, d.Epoch, nil}
		}
		return results
	}
	if len(list) == 1 {
		k := &results[0]
		k.revision, k.epoch, k.err = l.db.RecordDecision(ctx, list[0])
		return results
	}
	done := make(chan struct{})
	for i := range list { // the store writes those that wait together
		go func() {
			k := &results[i]
			k.revision, k.epoch, k.err = l.db.RecordDecision(ctx, list[i])
			done <- struct{}{}
		}()
	}
	for range list {
		<-done
	}
	return results
}

// decisionOf writes an answer of authz as the ledger's word.
func decisionOf(a authz.Decision, c meibo.Caller, q meibo.Question, now meibo.Instant) meibo.Decision {
	info, _ := authz.Info(a.Primary)
	d := meibo.Decision{
		ID: meibo.DecisionID(newID()), At: now, Question: q, ClientID: c.Client.ID, SystemID: c.Client.SystemID,
		Allowed: a.Allowed, PrimaryCode: string(a.Primary), Codes: texts(a.Codes), Advice: texts(a.Advice), Clauses: a.Clauses,
		Message: a.Message, Public: info.Disclosure == authz.DisclosePerson, MaxAge: int(a.MaxAge / time.Second),
		RightID: meibo.RightID(a.Right), PermitID: meibo.PermitID(a.Permit), Policy: a.Sum,
	}
	for _, o := range a.Obligations {
		d.Obligations = append(d.Obligations, meibo.Obligation{Name: string(o.Name), Number: o.Number, Fields: o.Fields})
	}
	return d
}

func texts(codes []authz.Code) []string {
	var list []string
	for _, c := range codes {
		list = append(list, string(c))
	}
	return list
}
