package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type disposalService struct {
	pb.UnimplementedDisposalServiceServer
	ledger *ledger.Ledger
}

func (s disposalService) ProposeDisposal(ctx context.Context, r *pb.ProposeDisposalRequest) (*pb.ProposeDisposalResponse, error) {
	done, err := s.ledger.ProposeDisposal(ctx, callerOf(ctx), r.IdempotencyKey, meibo.ContractID(r.Contract))
	return &pb.ProposeDisposalResponse{Id: string(done.ID), Pledges: int32(done.Pledges), Papers: int32(done.Papers), People: int32(done.People)}, err
}

func (s disposalService) ListDisposals(ctx context.Context, r *pb.ListDisposalsRequest) (*pb.ListDisposalsResponse, error) {
	list, due, err := s.ledger.Disposals(ctx, callerOf(ctx), meibo.ContractID(r.Contract))
	return &pb.ListDisposalsResponse{
		KeptUntil: string(due.KeptUntil), Due: int32(len(due.Pledges)), DuePapers: int32(due.Papers), DuePeople: int32(len(due.People)),
		Disposals: each(list, func(d meibo.Disposal) *pb.Disposal {
			return &pb.Disposal{
				Id: string(d.ID), Contract: string(d.ContractID), KeptUntil: string(d.KeptUntil), State: string(d.State),
				Pledges: plain(d.Pledges), Papers: int32(d.Papers), People: plain(d.People),
				ProposedBy: string(d.ProposedBy), ProposedAt: wireTime(d.ProposedAt), DecidedBy: string(d.DecidedBy), DecidedAt: wireTime(d.DecidedAt),
			}
		}),
	}, err
}

func (s disposalService) DecideDisposal(ctx context.Context, r *pb.DecideDisposalRequest) (*pb.DecideDisposalResponse, error) {
	if r.Verdict != "approve" && r.Verdict != "reject" {
		return nil, meibo.Problems{{Field: "verdict", Code: "UNKNOWN_VALUE"}}
	}
	done, err := s.ledger.DecideDisposal(ctx, callerOf(ctx), r.IdempotencyKey, meibo.DisposalID(r.Id), r.Verdict == "approve")
	return &pb.DecideDisposalResponse{State: string(done.State), Pledges: int32(done.Pledges), Papers: int32(done.Papers), People: int32(done.People)}, err
}
