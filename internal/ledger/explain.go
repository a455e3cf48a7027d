package ledger

import (
	"cmp"
	"context"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// Explain tells what a system would be answered at an instant, past or ahead, each
// condition with the rows that meet it or come nearest: for those who run and audit
// meibo. It is decided by stock Casbin alone, not by the compiled rule. A past
// instant is answered from what was recorded by then, one ahead from what is
// recorded now; zero stands for now.
func (l *Ledger) Explain(ctx context.Context, c meibo.Caller, system meibo.SystemID, q meibo.Question, at meibo.Instant) (meibo.Explanation, error) {
	if err := l.may(c, meibo.AnyContract, verbExplain); err != nil {
		return meibo.Explanation{}, err
	}
	at = cmp.Or(at, l.Now())
	v, err := l.viewAt(ctx, at)
	if err != nil {
		return meibo.Explanation{}, wrap("explain access", err)
	}
	asker := meibo.Caller{Client: meibo.Client{ID: c.Client.ID, SystemID: system}}
	q, declared := v.declare(asker, q)
	asked := wellFormed(q)
	q.Circumstances = asked.Circumstances
	question := questionOf(asker, q, at)
	answer, err := l.policy.Explain(question, v.Facts(question))
	if err != nil {
		return meibo.Explanation{}, wrap("explain access", err)
	}
	d := decisionOf(answer, asker, asked, at)
	d.ID, d.Revision, d.Epoch, d.Declared, d.RosterVersion = "", v.Rev(), v.Epoch(), declared, v.newest(asked.Contract)
	return meibo.Explanation{Decision: d, Conditions: conditionsOf(answer.Conditions)}, nil
}

func conditionsOf(list []authz.Condition) []meibo.Condition {
	out := make([]meibo.Condition, len(list))
	for i, c := range list {
		out[i] = meibo.Condition{Part: c.Part, Name: c.Outcome, Held: c.Held, Codes: texts(c.Codes), Clauses: c.Clauses}
		for _, r := range c.Rows {
			out[i].Rows = append(out[i].Rows, meibo.FactRow{Matcher: r.Matcher, Columns: r.Columns, Values: r.Values, Unmet: r.Unmet})
		}
	}
	return out
}
