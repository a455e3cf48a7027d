package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type keyService struct {
	pb.UnimplementedKeyServiceServer
	ledger *ledger.Ledger
}

func (s keyService) CreateKey(ctx context.Context, r *pb.CreateKeyRequest) (*pb.CreateKeyResponse, error) {
	made, err := s.ledger.Register(ctx, callerOf(ctx), r.IdempotencyKey, ledger.Registration{
		Client: meibo.ClientID(r.Client), Name: r.Name, Organization: meibo.OrganizationID(r.Organization),
		Person: meibo.PersonID(r.Person), System: meibo.SystemID(r.System), Days: int(r.Days),
		Roles: each(r.Roles, func(role *pb.Role) ledger.RoleIn {
			return ledger.RoleIn{Role: meibo.Role(role.Role), Contract: meibo.ContractID(role.Contract)}
		}),
	})
	return &pb.CreateKeyResponse{
		Key: string(made.Key), Client: string(made.Client), ExpiresAt: wireTime(made.Expires), Token: made.Token,
	}, err
}

func (s keyService) RevokeKey(ctx context.Context, r *pb.RevokeKeyRequest) (*pb.RevokeKeyResponse, error) {
	done, err := s.ledger.RevokeKey(ctx, callerOf(ctx), r.IdempotencyKey, meibo.KeyID(r.Key))
	return &pb.RevokeKeyResponse{Key: string(done.Key), RevokedAt: wireTime(done.At)}, err
}

func (s keyService) ListClients(ctx context.Context, _ *pb.ListClientsRequest) (*pb.ListClientsResponse, error) {
	list, err := s.ledger.Clients(ctx, callerOf(ctx))
	return &pb.ListClientsResponse{Clients: each(list, clientToWire)}, err
}

func clientToWire(e ledger.ClientEntry) *pb.Client {
	return &pb.Client{
		Id: string(e.Client.ID), Name: e.Client.Name, Organization: string(e.Client.OrganizationID),
		Person: string(e.Client.PersonID), System: string(e.Client.SystemID),
		Roles: each(e.Grants, func(g meibo.Grant) *pb.Role {
			return &pb.Role{Role: string(g.Role), Contract: string(g.ContractID)}
		}),
		Keys: each(e.Keys, func(k meibo.Key) *pb.Key {
			return &pb.Key{Id: string(k.ID), CreatedAt: wireTime(k.CreatedAt), ExpiresAt: wireTime(k.ExpiresAt), RevokedAt: wireTime(k.RevokedAt)}
		}),
	}
}
