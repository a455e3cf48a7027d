package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type holdService struct {
	pb.UnimplementedHoldServiceServer
	ledger *ledger.Ledger
}

func (s holdService) OpenHold(ctx context.Context, r *pb.OpenHoldRequest) (*pb.OpenHoldResponse, error) {
	h := r.GetHold()
	done, err := s.ledger.OpenHold(ctx, callerOf(ctx), r.IdempotencyKey, meibo.Hold{
		Kind: meibo.HoldKind(h.GetKind()), PersonID: meibo.PersonID(h.GetPerson()), ContractID: meibo.ContractID(h.GetContract()),
		AssetID: meibo.AssetID(h.GetAsset()), Reference: h.GetReference(),
	})
	return &pb.OpenHoldResponse{Hold: string(done.Hold), At: wireTime(done.At)}, err
}

func (s holdService) LiftHold(ctx context.Context, r *pb.LiftHoldRequest) (*pb.LiftHoldResponse, error) {
	done, err := s.ledger.LiftHold(ctx, callerOf(ctx), r.IdempotencyKey, meibo.HoldID(r.Hold))
	return &pb.LiftHoldResponse{Hold: string(done.Hold), At: wireTime(done.At)}, err
}

func (s holdService) ListHolds(ctx context.Context, _ *pb.ListHoldsRequest) (*pb.ListHoldsResponse, error) {
	list, err := s.ledger.Holds(ctx, callerOf(ctx))
	return &pb.ListHoldsResponse{Holds: each(list, func(h meibo.Hold) *pb.Hold {
		return &pb.Hold{
			Id: string(h.ID), Kind: string(h.Kind), Person: string(h.PersonID), Contract: string(h.ContractID), Asset: string(h.AssetID),
			Reference: h.Reference, OpenedAt: wireTime(h.OpenedAt), OpenedBy: string(h.OpenedBy), LiftedAt: wireTime(h.LiftedAt), LiftedBy: string(h.LiftedBy),
		}
	})}, err
}

type emergencyService struct {
	pb.UnimplementedEmergencyServiceServer
	ledger *ledger.Ledger
}

func (s emergencyService) ListEmergencies(ctx context.Context, r *pb.ListEmergenciesRequest) (*pb.ListEmergenciesResponse, error) {
	list, err := s.ledger.Emergencies(ctx, callerOf(ctx), meibo.ContractID(r.Contract))
	return &pb.ListEmergenciesResponse{Emergencies: each(list, func(e meibo.Emergency) *pb.Emergency {
		return &pb.Emergency{
			Id: e.ID, Contract: string(e.ContractID), Person: string(e.PersonID), Decision: string(e.DecisionID), Since: wireTime(e.Since),
			ReviewedAt: wireTime(e.ReviewedAt), ReviewedBy: string(e.ReviewedBy),
		}
	})}, err
}

func (s emergencyService) ReviewEmergency(ctx context.Context, r *pb.ReviewEmergencyRequest) (*pb.ReviewEmergencyResponse, error) {
	done, err := s.ledger.ReviewEmergency(ctx, callerOf(ctx), r.IdempotencyKey, r.Emergency)
	return &pb.ReviewEmergencyResponse{Emergency: done.Emergency, At: wireTime(done.At)}, err
}
