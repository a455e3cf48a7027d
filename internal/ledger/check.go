package ledger

import (
	"context"
	"errors"
	"time"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/store"
)

const (
	// maxRounds bounds how often a check is repeated because the ledger moved on.
	maxRounds = 8
	// recordWithin is how long a check waits for its record.
	recordWithin = 2 * time.Second
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
	if err := l.mayAnywhere(c, verbCheckAccess); err != nil {
		return meibo.Decision{}, wrap("check access", err)
	}
	q, declared, err := l.declare(ctx, c, q)
	if err != nil {
		return l.unanswered(c, q, authz.CodeStoreUnavailable), nil
	}
	var earlier meibo.DecisionID
	for range maxRounds {
		d, err := l.decide(ctx, c, q)
		if err != nil {
			return l.unanswered(c, q, authz.CodeStoreUnavailable), nil
		}
		d.Declared, d.Retries = declared, earlier
		mark := *l.mark.seen.Load()
		revision, epoch, err := l.keep(ctx, d)
		if err != nil {
			return l.unanswered(c, q, authz.CodeAuditUnavailable), nil
		}
		if err := l.release(mark, epoch, revision); err != nil {
			return l.unanswered(c, q, authz.CodeStoreUnavailable), nil
		}
		if revision == d.Revision && epoch == d.Epoch {
			return d, nil
		}
		earlier = d.ID
	}
	return l.unanswered(c, q, authz.CodeStoreUnavailable), nil
}

// declare fills in contract and purpose for a system that is registered for
// exactly one, and reports whether it did.
func (l *Ledger) declare(ctx context.Context, c meibo.Caller, q meibo.Question) (meibo.Question, bool, error) {
	if c.Client.SystemID == "" || (q.Contract != "" && q.Purpose != "") {
		return q, false, nil
	}
	var system meibo.System
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		system, err = store.One[meibo.System](r, c.Client.SystemID)
		return err
	})
	if errors.Is(err, meibo.ErrNotFound) {
		return q, false, nil
	}
	if err != nil || len(system.Scopes) != 1 {
		return q, false, err
	}
	scope, declared := system.Scopes[0], false
	if q.Contract == "" {
		q.Contract, declared = scope.Contract, true
	}
	if q.Purpose == "" && len(scope.Purposes) == 1 {
		q.Purpose, declared = scope.Purposes[0], true
	}
	return q, declared, nil
}

// decide reads the person's own rows in one snapshot and decides on them.
func (l *Ledger) decide(ctx context.Context, c meibo.Caller, q meibo.Question) (meibo.Decision, error) {
	var standing meibo.Standing
	var now meibo.Instant
	asked := wellFormed(q)
	q.Circumstances = asked.Circumstances
	err := l.db.View(ctx, func(r *store.Reader) (err error) {
		now = r.Now
		standing, err = r.Standing(asked, c.Client.SystemID)
		return err
	})
	if err != nil {
		return meibo.Decision{}, err
	}
	answer, err := l.policy.Decide(questionOf(c, q, now), factsOf(standing, asked, now, l.directory != nil))
	if err != nil {
		return meibo.Decision{}, err
	}
	return decisionOf(answer, c, asked, standing, now), nil
}

// keep makes a decision durable.
func (l *Ledger) keep(ctx context.Context, d meibo.Decision) (int64, string, error) {
	ctx, cancel := context.WithTimeout(ctx, recordWithin)
	defer cancel()
	return l.db.RecordDecision(ctx, d)
}

// unanswered is a denial for a reason that lies in meibo itself. It is not
// recorded: what could not be read or kept cannot be.
func (l *Ledger) unanswered(c meibo.Caller, q meibo.Question, code authz.Code) meibo.Decision {
	return decisionOf(l.policy.Deny(code), c, wellFormed(q), meibo.Standing{}, l.Now())
}

// decisionOf writes an answer of authz as the ledger's word.
func decisionOf(a authz.Decision, c meibo.Caller, q meibo.Question, s meibo.Standing, now meibo.Instant) meibo.Decision {
	info, _ := authz.Info(a.Primary)
	d := meibo.Decision{
		ID: meibo.DecisionID(newID()), At: now, Question: q, ClientID: c.Client.ID, SystemID: c.Client.SystemID,
		Allowed: a.Allowed, PrimaryCode: string(a.Primary), Codes: texts(a.Codes), Advice: texts(a.Advice), Clauses: a.Clauses,
		Message: a.Message, Public: info.Disclosure == authz.DisclosePerson, MaxAge: int(a.MaxAge / time.Second),
		Revision: s.Revision, Epoch: s.Epoch, RightID: meibo.RightID(a.Right), Policy: a.Sum,
	}
	if s.System != nil {
		d.Answers = s.System.Answers
	}
	if n := len(s.Versions); n > 0 {
		d.RosterVersion = s.Versions[n-1].Version
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
