package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func (s accessService) SearchSubjects(ctx context.Context, r *pb.SearchSubjectsRequest) (*pb.SearchSubjectsResponse, error) {
	q := questionFromWire(r.Question)
	q.Person, q.Naming.Subject, q.Naming.Name = "", meibo.SubjectType(r.Type), ""
	f, err := s.find(ctx, s.ledger.SearchSubjects, r.Question, q, r.Limit, r.Token)
	return &pb.SearchSubjectsResponse{Subjects: f.Names, NextToken: f.Next, Revision: f.Revision}, err
}

func (s accessService) SearchResources(ctx context.Context, r *pb.SearchResourcesRequest) (*pb.SearchResourcesResponse, error) {
	q := questionFromWire(r.Question)
	q.Asset, q.Naming.Resource = "", meibo.ResourceType(r.Type)
	f, err := s.find(ctx, s.ledger.SearchResources, r.Question, q, r.Limit, r.Token)
	return &pb.SearchResourcesResponse{Resources: f.Names, NextToken: f.Next, Revision: f.Revision}, err
}

func (s accessService) SearchActions(ctx context.Context, r *pb.SearchActionsRequest) (*pb.SearchActionsResponse, error) {
	q := questionFromWire(r.Question)
	q.Action = ""
	f, err := s.find(ctx, s.ledger.SearchActions, r.Question, q, r.Limit, r.Token)
	return &pb.SearchActionsResponse{Actions: f.Names, NextToken: f.Next, Revision: f.Revision}, err
}

// A search is one of the ledger's three.
type search func(context.Context, meibo.Caller, meibo.Question, ledger.Page) (ledger.Found, error)

func (s accessService) find(ctx context.Context, find search, r *pb.CheckAccessRequest, q meibo.Question, limit int32, token string) (ledger.Found, error) {
	if err := s.ledger.Reach(ctx, r.GetAtLeast()); err != nil {
		return ledger.Found{}, err
	}
	return find(ctx, callerOf(ctx), q, ledger.Page{Limit: int(limit), Token: token})
}
