package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type trainingService struct {
	pb.UnimplementedTrainingServiceServer
	ledger *ledger.Ledger
}

func (s trainingService) RecordTrainings(ctx context.Context, r *pb.RecordTrainingsRequest) (*pb.RecordTrainingsResponse, error) {
	done, err := s.ledger.RecordTraining(ctx, callerOf(ctx), r.IdempotencyKey, each(r.Trainings, func(t *pb.Training) meibo.Training {
		return meibo.Training{
			PersonID: meibo.PersonID(t.Person), ContractID: meibo.ContractID(t.Contract), CompletedOn: day(t.CompletedOn),
			ValidUntil: day(t.ValidUntil), Material: t.Material,
		}
	}))
	return &pb.RecordTrainingsResponse{Trainings: int32(done.Trainings)}, err
}

func (s trainingService) ListTrainings(ctx context.Context, r *pb.ListTrainingsRequest) (*pb.ListTrainingsResponse, error) {
	list, err := s.ledger.Trainings(ctx, callerOf(ctx), meibo.PersonID(r.Person))
	return &pb.ListTrainingsResponse{Trainings: each(list, func(t meibo.Training) *pb.Training {
		return &pb.Training{
			Person: string(t.PersonID), Contract: string(t.ContractID), CompletedOn: string(t.CompletedOn), ValidUntil: string(t.ValidUntil),
			Material: t.Material, RecordedAt: wireTime(t.At),
		}
	})}, err
}
