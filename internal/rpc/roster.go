package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type rosterService struct {
	pb.UnimplementedRosterServiceServer
	ledger *ledger.Ledger
}

func (s rosterService) ListRosters(ctx context.Context, r *pb.ListRostersRequest) (*pb.ListRostersResponse, error) {
	list, err := s.ledger.Rosters(ctx, callerOf(ctx), meibo.ContractID(r.Contract))
	return &pb.ListRostersResponse{Rosters: each(list, rosterToWire)}, err
}

func (s rosterService) GetRoster(ctx context.Context, r *pb.GetRosterRequest) (*pb.GetRosterResponse, error) {
	v, err := s.ledger.Roster(ctx, callerOf(ctx), meibo.ContractID(r.Contract), int(r.Version))
	if err != nil {
		return nil, err
	}
	return &pb.GetRosterResponse{
		Roster: rosterToWire(v.RosterEntry), ContractName: v.Content.Contract.Name, Members: each(v.Content.Members, memberToWire),
		Difference: &pb.Difference{
			Added: plain(v.Content.Difference.Added), Removed: plain(v.Content.Difference.Removed), Changed: plain(v.Content.Difference.Changed),
		},
		Document: string(v.Roster.Document),
	}, nil
}

func (s rosterService) GetRosterFile(ctx context.Context, r *pb.GetRosterFileRequest) (*pb.GetRosterFileResponse, error) {
	file, err := s.ledger.RosterPaper(ctx, callerOf(ctx), meibo.ContractID(r.Contract), int(r.Version), r.Format)
	if err != nil {
		return nil, err
	}
	answer := &pb.GetRosterFileResponse{
		Name: file.Name, MediaType: file.MediaType, Content: file.Content, Hash: file.Sealed.Hash, Stamped: file.Sealed.Stamped, Code: file.Sealed.Code,
	}
	if file.Sealed.Hash == "" {
		return answer, nil
	}
	proof, err := meibo.Canonical(file.Proof)
	answer.Proof = string(proof)
	return answer, err
}

func (s rosterService) AcknowledgeRoster(ctx context.Context, r *pb.AcknowledgeRosterRequest) (*pb.AcknowledgeRosterResponse, error) {
	done, err := s.ledger.Acknowledge(ctx, callerOf(ctx), r.IdempotencyKey, meibo.ContractID(r.Contract), int(r.Version), r.Hash)
	return &pb.AcknowledgeRosterResponse{Contract: string(done.Contract), Version: int32(done.Version)}, err
}

func (s rosterService) ReturnRoster(ctx context.Context, r *pb.ReturnRosterRequest) (*pb.ReturnRosterResponse, error) {
	done, err := s.ledger.Return(ctx, callerOf(ctx), r.IdempotencyKey, meibo.ContractID(r.Contract), int(r.Version), r.Hash,
		meibo.PersonID(r.Person), meibo.Personal(r.Reason))
	return &pb.ReturnRosterResponse{Contract: string(done.Contract), Version: int32(done.Version)}, err
}

func rosterToWire(e ledger.RosterEntry) *pb.Roster {
	r := e.Roster
	return &pb.Roster{
		Contract: string(r.ContractID), Version: int32(r.Version), CutAt: wireTime(r.CutAt), Hash: r.Hash, PreviousHash: r.PreviousHash,
		Checkpoint: r.Checkpoint, Members: int32(r.Members), Added: int32(r.Added), Removed: int32(r.Removed), Changed: int32(r.Changed),
		Faults: int32(r.Faults), NotifiedAt: wireTime(e.Status.NotifiedAt), AcknowledgedAt: wireTime(e.Status.AcknowledgedAt),
		ReturnedAt: wireTime(e.Status.ReturnedAt),
	}
}

func memberToWire(m meibo.Member) *pb.Member {
	return &pb.Member{
		Number: int32(m.Number), Person: string(m.PersonID), Name: string(m.Name), Kana: string(m.Kana), Latin: string(m.Latin),
		Alias: string(m.Alias), FormerName: string(m.FormerName), RenamedOn: string(m.RenamedOn), Employer: string(m.Employer), EmployerName: m.EmployerName,
		Employment: string(m.Employment), Task: m.Task, Workplace: m.Workplace, Starts: string(m.Starts), Ends: string(m.Ends),
		Suspended: m.Suspended, Pledge: string(m.Pledge), PledgedOn: string(m.PledgedOn), ChainFault: m.ChainFault,
		Chain: each(m.Chain, func(h meibo.ChainHop) *pb.ChainHop {
			return &pb.ChainHop{Organization: string(h.Organization), Consent: h.Consent}
		}),
		Rights: each(m.Rights, func(r meibo.MemberRight) *pb.Right {
			return &pb.Right{
				Asset: string(r.Asset), Action: string(r.Action), Purpose: string(r.Purpose), From: string(r.From), Until: string(r.Until),
			}
		}),
	}
}
