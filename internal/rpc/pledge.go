package rpc

import (
	"context"

	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type pledgeService struct {
	pb.UnimplementedPledgeServiceServer
	ledger *ledger.Ledger
}

func (s pledgeService) RequestPledge(ctx context.Context, r *pb.RequestPledgeRequest) (*pb.RequestPledgeResponse, error) {
	done, err := s.ledger.RequestPledge(ctx, callerOf(ctx), r.IdempotencyKey, meibo.ContractID(r.Contract), meibo.PersonID(r.Person), int(r.TemplateVersion))
	return &pb.RequestPledgeResponse{Pledge: stateToWire(done)}, err
}

func (s pledgeService) ListPledges(ctx context.Context, r *pb.ListPledgesRequest) (*pb.ListPledgesResponse, error) {
	list, err := s.ledger.Pledges(ctx, callerOf(ctx), meibo.ContractID(r.Contract))
	return &pb.ListPledgesResponse{Pledges: each(list, pledgeToWire)}, err
}

func (s pledgeService) GetPledge(ctx context.Context, r *pb.GetPledgeRequest) (*pb.GetPledgeResponse, error) {
	p, err := s.ledger.Pledge(ctx, callerOf(ctx), meibo.PledgeID(r.Id))
	if err != nil {
		return nil, err
	}
	lines, err := s.ledger.PledgeDifferences(ctx, callerOf(ctx), p.ID)
	return &pb.GetPledgeResponse{Pledge: pledgeToWire(p), Text: string(p.Text), Differences: each(lines, func(l meibo.TextLine) *pb.TextLine {
		return &pb.TextLine{Mark: l.Mark, Text: string(l.Text)}
	})}, err
}

func (s pledgeService) PreviewPledges(ctx context.Context, r *pb.PreviewPledgesRequest) (*pb.PreviewPledgesResponse, error) {
	list, err := s.ledger.PreviewPledges(ctx, callerOf(ctx), meibo.ContractID(r.Contract))
	return &pb.PreviewPledgesResponse{People: each(list, func(o meibo.PledgeOutlook) *pb.PledgeOutlook {
		return &pb.PledgeOutlook{
			Person: string(o.PersonID), Employer: string(o.EmployerID), Pledge: string(o.PledgeID), Code: o.Code,
			Message: s.ledger.Message(o.Code), From: string(o.From), Since: wireTime(o.Since),
		}
	})}, err
}

func (s pledgeService) SignPledge(ctx context.Context, r *pb.SignPledgeRequest) (*pb.SignPledgeResponse, error) {
	if k := r.Passkey; k != nil {
		if r.Password != "" { // nobody would know which counts
			return nil, meibo.Problems{{Field: "password", Code: "NOT_USED_HERE"}}
		}
		done, err := s.ledger.SignWithPasskey(ctx, callerOf(ctx), r.IdempotencyKey, meibo.PledgeID(r.Id), r.Hash, k.Token, []byte(k.Answer))
		return &pb.SignPledgeResponse{Pledge: stateToWire(done)}, err
	}
	done, err := s.ledger.SignPledge(ctx, callerOf(ctx), r.IdempotencyKey, meibo.PledgeID(r.Id), r.Hash, r.Password)
	return &pb.SignPledgeResponse{Pledge: stateToWire(done)}, err
}

func (s pledgeService) RecordPledge(ctx context.Context, r *pb.RecordPledgeRequest) (*pb.RecordPledgeResponse, error) {
	paper := ledger.Paper{
		Way: meibo.PledgeWay(r.Way), MediaType: r.MediaType, Bytes: r.Document, SignedOn: day(r.SignedOn), Guardian: r.GuardianConsent,
	}
	done, err := s.ledger.RecordPledge(ctx, callerOf(ctx), r.IdempotencyKey, meibo.PledgeID(r.Id), paper)
	return &pb.RecordPledgeResponse{Pledge: stateToWire(done)}, err
}

func (s pledgeService) GetPledgePaper(ctx context.Context, r *pb.GetPledgePaperRequest) (*pb.GetPledgePaperResponse, error) {
	d, err := s.ledger.PledgePaper(ctx, callerOf(ctx), meibo.PledgeID(r.Id))
	paper := &pb.GetPledgePaperResponse{Name: string(d.Name), Document: d.Bytes, MediaType: d.MediaType, Hash: d.Hash, Signer: d.Signer.Subject, Issuer: d.Signer.Issuer}
	if !d.Signer.SignedAt.IsZero() {
		paper.SignedAt = timestamppb.New(d.Signer.SignedAt)
	}
	return paper, err
}

func (s pledgeService) GetPledgeForm(ctx context.Context, r *pb.GetPledgeFormRequest) (*pb.GetPledgeFormResponse, error) {
	f, err := s.ledger.PledgeForm(ctx, callerOf(ctx), r.IdempotencyKey, meibo.PledgeID(r.Id))
	return &pb.GetPledgeFormResponse{Name: f.Name, MediaType: f.MediaType, Content: f.Content}, err
}

func (s pledgeService) GetPledgeFile(ctx context.Context, r *pb.GetPledgeFileRequest) (*pb.GetPledgeFileResponse, error) {
	f, err := s.ledger.PledgeFile(ctx, callerOf(ctx), meibo.PledgeID(r.Id))
	if err != nil {
		return nil, err
	}
	proof, err := meibo.Canonical(f.Proof)
	return &pb.GetPledgeFileResponse{
		Name: f.Name, MediaType: f.MediaType, Content: f.Content, Hash: f.Sealed.Hash, Stamped: f.Sealed.Stamped, Code: f.Sealed.Code, Proof: string(proof),
	}, err
}

func (s pledgeService) VerifyPledge(ctx context.Context, r *pb.VerifyPledgeRequest) (*pb.VerifyPledgeResponse, error) {
	done, err := s.ledger.VerifyPledge(ctx, callerOf(ctx), r.IdempotencyKey, meibo.PledgeID(r.Id), meibo.RejectReason(r.RejectReason), r.Hash)
	return &pb.VerifyPledgeResponse{Pledge: stateToWire(done)}, err
}

func stateToWire(a ledger.PledgeAnswer) *pb.PledgeState {
	return &pb.PledgeState{Id: string(a.ID), State: string(a.State), Hash: a.Hash}
}

func pledgeToWire(p meibo.Pledge) *pb.Pledge {
	return &pb.Pledge{
		Id: string(p.ID), Person: string(p.PersonID), Contract: string(p.ContractID), Employer: string(p.EmployerID),
		Template: string(p.TemplateID), TemplateVersion: int32(p.TemplateVersion), State: string(p.State), Way: string(p.Way),
		Hash: p.TextHash, RequestedAt: wireTime(p.RequestedAt), SignedOn: string(p.SignedOn), ValidFrom: wireTime(p.ValidFrom),
		ClosedAt: wireTime(p.ClosedAt), Reason: string(p.Reason), GuardianConsent: p.GuardianConsent,
	}
}
