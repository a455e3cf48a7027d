package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type accessService struct {
	pb.UnimplementedAccessServiceServer
	ledger  *ledger.Ledger
	metrics *metrics
	house   *Server
}

func (s accessService) CheckAccess(ctx context.Context, r *pb.CheckAccessRequest) (*pb.CheckAccessResponse, error) {
	d, err := s.ledger.Check(ctx, callerOf(ctx), meibo.Question{
		Person: meibo.PersonID(r.Person), Contract: meibo.ContractID(r.Contract), Asset: meibo.AssetID(r.Asset),
		Action: meibo.Action(r.Action), Purpose: meibo.PurposeCode(r.Purpose),
	})
	if err != nil {
		return nil, err
	}
	s.metrics.decisions.WithLabelValues(d.PrimaryCode).Inc()
	return decisionToWire(d), nil
}

func (s accessService) ListCodes(context.Context, *pb.ListCodesRequest) (*pb.ListCodesResponse, error) {
	return &pb.ListCodesResponse{Codes: each(s.ledger.Codes(), codeToWire), Policy: s.ledger.Policy()}, nil
}

func codeToWire(c meibo.Code) *pb.Code {
	return &pb.Code{Code: c.Code, Kind: c.Kind, Group: c.Group, Clauses: c.Clauses, Message: c.Message, Public: c.Public}
}

// coarse is said to the person who asked where the reason is none of his.
const coarse = "利用できません。担当者に確認してください。"

// sentenceFor is what may be shown to the person who asked.
func sentenceFor(d meibo.Decision) string {
	if d.Public {
		return d.Message
	}
	return coarse
}

// decisionToWire says as much of the reasons as the system's registration lets it.
func decisionToWire(d meibo.Decision) *pb.CheckAccessResponse {
	if d.Answers == meibo.AnswersNone {
		return &pb.CheckAccessResponse{
			Allowed: d.Allowed, DecisionId: string(d.ID), MaxAge: int32(d.MaxAge), Revision: d.Revision, At: wireTime(d.At),
			Policy: d.Policy, Declared: d.Declared,
		}
	}
	return &pb.CheckAccessResponse{
		Allowed: d.Allowed, DecisionId: string(d.ID), PrimaryCode: d.PrimaryCode, Codes: d.Codes, Advice: d.Advice,
		Clauses: d.Clauses, Message: sentenceFor(d), MaxAge: int32(d.MaxAge), Revision: d.Revision,
		RosterVersion: int32(d.RosterVersion), At: wireTime(d.At), Policy: d.Policy, Declared: d.Declared,
	}
}
