package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type noticeService struct {
	pb.UnimplementedNoticeServiceServer
	ledger *ledger.Ledger
}

func (s noticeService) ListNotices(ctx context.Context, r *pb.ListNoticesRequest) (*pb.ListNoticesResponse, error) {
	list, err := s.ledger.Notices(ctx, callerOf(ctx), meibo.ContractID(r.Contract))
	return &pb.ListNoticesResponse{Notices: each(list, noticeToWire)}, err
}

func (s noticeService) GetNotice(ctx context.Context, r *pb.GetNoticeRequest) (*pb.GetNoticeResponse, error) {
	n, err := s.ledger.Notice(ctx, callerOf(ctx), meibo.NoticeID(r.Id))
	return &pb.GetNoticeResponse{Notice: noticeToWire(n)}, err
}

func (s noticeService) RetryNotice(ctx context.Context, r *pb.RetryNoticeRequest) (*pb.RetryNoticeResponse, error) {
	done, err := s.ledger.RetryNotice(ctx, callerOf(ctx), r.IdempotencyKey, meibo.NoticeID(r.Id))
	return &pb.RetryNoticeResponse{Id: string(done.ID), State: string(done.State)}, err
}

func (s noticeService) HandOverNotice(ctx context.Context, r *pb.HandOverNoticeRequest) (*pb.HandOverNoticeResponse, error) {
	done, err := s.ledger.HandOver(ctx, callerOf(ctx), r.IdempotencyKey, meibo.NoticeID(r.Id))
	return &pb.HandOverNoticeResponse{Id: string(done.ID), State: string(done.State)}, err
}

func (s noticeService) BounceNotice(ctx context.Context, r *pb.BounceNoticeRequest) (*pb.BounceNoticeResponse, error) {
	done, err := s.ledger.Bounced(ctx, callerOf(ctx), r.IdempotencyKey, meibo.NoticeID(r.Id))
	return &pb.BounceNoticeResponse{Id: string(done.ID), State: string(done.State)}, err
}

func (s noticeService) GetNoticePackage(ctx context.Context, r *pb.GetNoticePackageRequest) (*pb.GetNoticePackageResponse, error) {
	f, err := s.ledger.NoticePackage(ctx, callerOf(ctx), meibo.NoticeID(r.Id))
	return &pb.GetNoticePackageResponse{Name: f.Name, MediaType: f.MediaType, Content: f.Content}, err
}

func (s noticeService) ImportAnswer(ctx context.Context, r *pb.ImportAnswerRequest) (*pb.ImportAnswerResponse, error) {
	done, err := s.ledger.ImportAnswer(ctx, callerOf(ctx), r.IdempotencyKey, r.Message)
	return &pb.ImportAnswerResponse{Contract: string(done.Contract), Version: int32(done.Version), Verdict: string(done.Verdict)}, err
}

func noticeToWire(n meibo.Notice) *pb.Notice {
	return &pb.Notice{
		Id: string(n.ID), Contract: string(n.ContractID), Number: int32(n.Number), Kind: string(n.Kind),
		Organization: string(n.OrganizationID), Version: int32(n.Version), State: string(n.State), Attempts: int32(n.Attempts),
		NextAt: wireTime(n.NextAt), NotifiedAt: wireTime(n.NotifiedAt), LastCode: n.LastCode, PossiblyTwice: n.PossiblyTwice,
		CreatedAt: wireTime(n.CreatedAt), Way: string(n.Way),
		Answer: string(n.Answer), AnsweredAt: wireTime(n.AnsweredAt), DueOn: string(n.DueOn), OverdueAt: wireTime(n.OverdueAt),
		Receipts: each(n.Receipts.V, func(r meibo.Receipt) *pb.NoticeReceipt {
			return &pb.NoticeReceipt{To: r.To, State: string(r.State), Code: r.Code, PossiblyTwice: r.Twice}
		}),
	}
}
