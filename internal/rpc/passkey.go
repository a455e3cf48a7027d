package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type passkeyService struct {
	pb.UnimplementedPasskeyServiceServer
	ledger *ledger.Ledger
}

func (s passkeyService) BeginPasskey(ctx context.Context, r *pb.BeginPasskeyRequest) (*pb.BeginPasskeyResponse, error) {
	a, err := s.ledger.BeginPasskey(ctx, callerOf(ctx), meibo.PledgeID(r.Pledge))
	return &pb.BeginPasskeyResponse{Options: a.Options, Token: a.Token, ExpiresAt: wireTime(a.ExpiresAt)}, err
}

func (s passkeyService) RegisterPasskey(ctx context.Context, r *pb.RegisterPasskeyRequest) (*pb.RegisterPasskeyResponse, error) {
	done, err := s.ledger.RegisterPasskey(ctx, callerOf(ctx), r.IdempotencyKey, meibo.PledgeID(r.Pledge), r.Token, []byte(r.Answer), r.Password)
	return &pb.RegisterPasskeyResponse{Id: string(done.ID)}, err
}

func (s passkeyService) BeginSigning(ctx context.Context, r *pb.BeginSigningRequest) (*pb.BeginSigningResponse, error) {
	a, err := s.ledger.BeginSigning(ctx, callerOf(ctx), meibo.PledgeID(r.Pledge), r.Hash)
	return &pb.BeginSigningResponse{Options: a.Options, Token: a.Token, ExpiresAt: wireTime(a.ExpiresAt)}, err
}

func (s passkeyService) ListPasskeys(ctx context.Context, r *pb.ListPasskeysRequest) (*pb.ListPasskeysResponse, error) {
	keys, ended, err := s.ledger.Passkeys(ctx, callerOf(ctx), meibo.PersonID(r.Person))
	return &pb.ListPasskeysResponse{Passkeys: each(keys, func(k meibo.Passkey) *pb.Passkey {
		state := "serves"
		switch {
		case !k.RevokedAt.IsZero():
			state = "revoked"
		case ended:
			state = "ended"
		}
		return &pb.Passkey{
			Id: string(k.ID), State: state, Authenticator: k.Authenticator, CreatedAt: wireTime(k.CreatedAt), UsedAt: wireTime(k.UsedAt),
			RevokedAt: wireTime(k.RevokedAt),
		}
	})}, err
}

func (s passkeyService) RevokePasskey(ctx context.Context, r *pb.RevokePasskeyRequest) (*pb.RevokePasskeyResponse, error) {
	_, err := s.ledger.RevokePasskey(ctx, callerOf(ctx), r.IdempotencyKey, meibo.PasskeyID(r.Id))
	return &pb.RevokePasskeyResponse{}, err
}
