package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func (s accessService) ExplainAccess(ctx context.Context, r *pb.ExplainAccessRequest) (*pb.ExplainAccessResponse, error) {
	var at meibo.Instant
	if r.At != nil {
		var sound bool
		if at, sound = instantOf(r.At.AsTime()); !sound || !r.At.IsValid() {
			return nil, meibo.Problems{{Field: "at", Code: "INVALID_INSTANT"}}
		}
	}
	e, err := s.ledger.Explain(ctx, callerOf(ctx), meibo.SystemID(r.System), questionFromWire(r.GetQuestion()), at)
	if err != nil {
		return nil, err
	}
	e.Decision.Answers, e.Decision.Public = meibo.AnswersFull, true
	return &pb.ExplainAccessResponse{Decision: decisionToWire(e.Decision), Conditions: each(e.Conditions, conditionToWire)}, nil
}

func conditionToWire(c meibo.Condition) *pb.Condition {
	return &pb.Condition{
		Part: c.Part, Name: c.Name, Held: c.Held, Codes: c.Codes, Clauses: c.Clauses,
		Rows: each(c.Rows, func(r meibo.FactRow) *pb.FactRow {
			return &pb.FactRow{Matcher: r.Matcher, Columns: r.Columns, Values: r.Values, Unmet: r.Unmet}
		}),
	}
}
