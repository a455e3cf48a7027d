package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type directoryService struct {
	pb.UnimplementedDirectoryServiceServer
	ledger *ledger.Ledger
	sync   func(context.Context) (meibo.Reading, error)
}

func (s directoryService) SyncDirectory(ctx context.Context, _ *pb.SyncDirectoryRequest) (*pb.SyncDirectoryResponse, error) {
	if err := s.ledger.MaySync(callerOf(ctx)); err != nil {
		return nil, err
	}
	if s.sync == nil {
		return nil, meibo.Refuse(meibo.ErrConflict, "NO_DIRECTORY")
	}
	r, err := s.sync(ctx)
	return &pb.SyncDirectoryResponse{Reading: readingToWire(r)}, err
}

func (s directoryService) GetDirectoryStatus(ctx context.Context, _ *pb.GetDirectoryStatusRequest) (*pb.GetDirectoryStatusResponse, error) {
	r, err := s.ledger.DirectoryStatus(ctx, callerOf(ctx))
	return &pb.GetDirectoryStatusResponse{Configured: s.sync != nil, Reading: readingToWire(r)}, err
}

func readingToWire(r meibo.Reading) *pb.Reading {
	return &pb.Reading{
		At: wireTime(r.At), Outcome: string(r.Outcome), Code: r.Code, Seen: int32(r.Seen), Disabled: int32(r.Disabled),
		Gone: int32(r.Gone), Held: int32(r.Held),
	}
}
