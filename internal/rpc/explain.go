package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func (s accessService) ExplainAccess(ctx context.Context, r *pb.ExplainAccessRequest) (*pb.ExplainAccessResponse, error) {
	at, err := anotherTime(r.At)
	if err != nil {
		return nil, err
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

func (s accessService) ListAccess(ctx context.Context, r *pb.ListAccessRequest) (*pb.ListAccessResponse, error) {
	at, err := anotherTime(r.At)
	if err != nil {
		return nil, err
	}
	list, more, err := s.ledger.Accesses(ctx, callerOf(ctx), meibo.AssetID(r.Asset), at)
	return &pb.ListAccessResponse{More: more, Accesses: each(list, func(a meibo.Access) *pb.Access {
		return &pb.Access{
			Person: string(a.PersonID), Contract: string(a.ContractID), Action: string(a.Action), Purpose: string(a.Purpose),
			Right: string(a.RightID), System: string(a.SystemID), Leaf: string(a.Leaf), Conditions: a.Conditions,
		}
	})}, err
}

// anotherTime reads the instant of a question about another time; none is now.
func anotherTime(t *timestamppb.Timestamp) (meibo.Instant, error) {
	if t == nil {
		return 0, nil
	}
	at, sound := instantOf(t.AsTime())
	if !sound || !t.IsValid() {
		return 0, meibo.Problems{{Field: "at", Code: "INVALID_INSTANT"}}
	}
	return at, nil
}
