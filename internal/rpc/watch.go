package rpc

import (
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/meibo-dev/meibo/internal/ledger"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// WatchRevisions ends when the caller's key does, and when the server goes.
func (s accessService) WatchRevisions(_ *pb.WatchRevisionsRequest, stream grpc.ServerStreamingServer[pb.WatchRevisionsResponse]) error {
	return s.ledger.Watch(stream.Context(), callerOf(stream.Context()), func(t ledger.Tide) error {
		if s.house.draining.Load() {
			return status.Error(codes.Unavailable, "the server is going")
		}
		if _, err := s.house.identified(stream.Context(), s.ledger.Authenticate); err != nil {
			return err
		}
		return stream.Send(tideToWire(t))
	})
}

func tideToWire(t ledger.Tide) *pb.WatchRevisionsResponse {
	w := &pb.WatchRevisionsResponse{Epoch: t.Epoch, Revision: t.Revision, Everybody: t.Everybody}
	for _, x := range t.Touched {
		w.Touched = append(w.Touched, &pb.Touched{Contract: string(x.Contract), Person: string(x.Person)})
	}
	return w
}
