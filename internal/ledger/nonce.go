package ledger

import (
	"context"
	"slices"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// anyNonce stands for a nonce that was never used, where nobody asks.
const anyNonce = "any"

// once uses up the nonces of questions of a system that must never ask twice, and
// marks those that it used before. A nonce is used up though the question then has
// no answer: whoever asks again takes another. Whether the system must is as the view
// says on which is decided; questions that are decided anew are not asked again.
func (a *asking) once(ctx context.Context, v *view) error {
	if a.marked || !v.systems[a.caller.Client.SystemID].Nonces {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, recordWithin)
	defer cancel()
	nonces := make([]string, len(a.questions))
	for i, q := range a.questions {
		nonces[i] = orNone(q.Circumstances.Nonce)
	}
	fresh, err := a.ledger.db.UseNonces(ctx, a.caller.Client.SystemID, a.ledger.Now(), nonces)
	if err != nil {
		return err
	}
	a.questions = slices.Clone(a.questions)
	for i := range a.questions {
		a.questions[i].Repeated = !fresh[i]
	}
	a.marked = true
	return nil
}

// asNew is a question with what a system says that must never ask twice, so that
// what is found by it is what a check would allow.
func (v *view) asNew(c meibo.Caller, q meibo.Question, now meibo.Instant) meibo.Question {
	if v.systems[c.Client.SystemID].Nonces {
		q.Circumstances.Nonce, q.Circumstances.AskedAt = anyNonce, now
	}
	return q
}
