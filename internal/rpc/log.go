package rpc

import (
	"cmp"
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type logService struct {
	pb.UnimplementedLogServiceServer
	ledger *ledger.Ledger
}

func (s logService) GetCheckpoint(ctx context.Context, _ *pb.GetCheckpointRequest) (*pb.GetCheckpointResponse, error) {
	h, err := s.ledger.Head(ctx)
	return &pb.GetCheckpointResponse{Revision: h.Revision, Size: h.Size, Checkpoint: h.Checkpoint}, err
}

func (s logService) GetConsistency(ctx context.Context, r *pb.GetConsistencyRequest) (*pb.GetConsistencyResponse, error) {
	c, err := s.ledger.Consistency(ctx, r.From)
	return &pb.GetConsistencyResponse{Checkpoint: c.Checkpoint, Way: c.Way}, err
}

func (s logService) VerifyFile(_ context.Context, r *pb.VerifyFileRequest) (*pb.VerifyFileResponse, error) {
	v := s.ledger.VerifyFile(r.Content, r.Proof)
	answer := &pb.VerifyFileResponse{
		State: string(v.State), Code: v.Code, Hash: v.Hash, Signer: v.Signer, SignedAt: wireMoment(v.SignedAt), StampedAt: wireMoment(v.StampedAt),
		Authority: v.Authority,
	}
	if v.Proven != nil {
		answer.Proven, answer.Entry = true, v.Proven.Entry.Seq
	}
	if o := v.Origin; o != nil {
		answer.Origin = &pb.Origin{Table: o.Table, Key: o.Key, Hash: o.Hash, Entry: o.Entry, At: wireTime(v.Written.Entry.At), Written: v.Written.Shown}
	}
	if c := v.Consent; c != nil {
		answer.Consent = &pb.Consent{
			Pledge: string(c.Challenge.PledgeID), Person: string(c.Challenge.PersonID), Hash: c.Evidence.Hash, At: wireTime(c.Evidence.VerifiedAt),
			Origin: c.Evidence.Origin, Passkey: string(c.Evidence.Passkey), PasskeySince: wireTime(c.Evidence.RegisteredAt),
		}
	}
	return answer, nil
}

// wireMoment is nothing where there is no moment.
func wireMoment(t time.Time) *timestamppb.Timestamp {
	if t.IsZero() {
		return nil
	}
	return timestamppb.New(t)
}

// The bounds of one part of the log.
const (
	usualEntries = 100
	mostEntries  = 500
)

func (s logService) ListEntries(ctx context.Context, r *pb.ListEntriesRequest) (*pb.ListEntriesResponse, error) {
	n := cmp.Or(r.Limit, usualEntries)
	var ps meibo.Problems
	if r.From < 0 {
		ps = append(ps, meibo.Problem{Field: "from", Code: "UNKNOWN_VALUE"})
	}
	if n < 0 || n > mostEntries {
		ps = append(ps, meibo.Problem{Field: "limit", Code: "UNKNOWN_VALUE"})
	}
	if err := ps.Err(); err != nil {
		return nil, err
	}
	records, err := s.ledger.Entries(ctx, callerOf(ctx), r.From, int(n))
	return &pb.ListEntriesResponse{Entries: records}, err
}

func (s logService) GetRequest(ctx context.Context, r *pb.GetRequestRequest) (*pb.GetRequestResponse, error) {
	found, err := s.ledger.Request(ctx, callerOf(ctx), r.IdempotencyKey)
	return &pb.GetRequestResponse{Act: string(found.Act), Answer: found.Answer, At: wireTime(found.At)}, err
}
