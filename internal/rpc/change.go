package rpc

import (
	"cmp"
	"context"
	"errors"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type changeService struct {
	pb.UnimplementedChangeServiceServer
	ledger *ledger.Ledger
}

func (s changeService) SubmitChange(ctx context.Context, r *pb.SubmitChangeRequest) (*pb.SubmitChangeResponse, error) {
	lines, err := linesOrPackage(r.Lines, r.Package)
	if err != nil {
		return nil, err
	}
	var done ledger.Submitted
	if len(r.Package) > 0 {
		done, err = s.ledger.SubmitPackage(ctx, callerOf(ctx), r.IdempotencyKey, r.Package)
	} else {
		done, err = s.ledger.Submit(ctx, callerOf(ctx), r.IdempotencyKey, lines)
	}
	if err != nil {
		return nil, err
	}
	return &pb.SubmitChangeResponse{
		Submission: done.Submission,
		Changes: each(done.Changes, func(c ledger.SubmittedChange) *pb.Change {
			return &pb.Change{
				Id: string(c.ID), Submission: done.Submission, Contract: string(c.Contract), State: string(c.State), Version: int32(c.Version),
			}
		}),
		Warnings: problemsToWire(done.Warnings), Effects: each(done.Rows, effectToWire),
	}, nil
}

// linesOrPackage refuses a request that carries both: nobody would know which counts.
func linesOrPackage(lines []*pb.Line, pack []byte) ([]meibo.Line, error) {
	if len(lines) > 0 && len(pack) > 0 {
		return nil, meibo.Problems{{Field: "package", Code: "NOT_USED_HERE"}}
	}
	return linesFromWire(lines)
}

func (s changeService) PreviewChange(ctx context.Context, r *pb.PreviewChangeRequest) (*pb.PreviewChangeResponse, error) {
	lines, err := linesOrPackage(r.Lines, r.Package)
	var previews []ledger.Preview
	if err == nil && len(r.Package) > 0 {
		previews, err = s.ledger.PreviewPackage(ctx, callerOf(ctx), r.Package)
	} else if err == nil {
		previews, err = s.ledger.Preview(ctx, callerOf(ctx), lines)
	}
	var problems meibo.Problems
	if errors.As(err, &problems) {
		return &pb.PreviewChangeResponse{Problems: each(problems, problemToWire)}, nil
	}
	return &pb.PreviewChangeResponse{Contracts: each(previews, previewToWire)}, err
}

func (s changeService) ReadChangeFile(ctx context.Context, r *pb.ReadChangeFileRequest) (*pb.ReadChangeFileResponse, error) {
	lines, problems, err := s.ledger.ReadChanges(callerOf(ctx), r.Name, r.Content)
	return &pb.ReadChangeFileResponse{Lines: each(lines, lineToWire), Problems: each(problems, func(p ledger.FileProblem) *pb.Problem {
		wire := problemToWire(p.Problem)
		wire.Cell = p.Cell
		return wire
	})}, err
}

func (s changeService) ListChanges(ctx context.Context, r *pb.ListChangesRequest) (*pb.ListChangesResponse, error) {
	list, err := s.ledger.Changes(ctx, callerOf(ctx), meibo.ContractID(r.Contract))
	return &pb.ListChangesResponse{Changes: each(list, changeToWire)}, err
}

func (s changeService) GetChange(ctx context.Context, r *pb.GetChangeRequest) (*pb.GetChangeResponse, error) {
	v, err := s.ledger.Change(ctx, callerOf(ctx), meibo.ChangeID(r.Id))
	return &pb.GetChangeResponse{
		Change: changeToWire(v.Change), Lines: each(v.Lines, lineToWire),
		Approvals: each(v.Approvals, func(a meibo.Approval) *pb.Approval {
			return &pb.Approval{Organization: string(a.OrganizationID), Client: string(a.ClientID), At: wireTime(a.At)}
		}),
		People: each(v.People, personToWire),
	}, err
}

func (s changeService) DraftRenewal(ctx context.Context, r *pb.DraftRenewalRequest) (*pb.DraftRenewalResponse, error) {
	d, err := s.ledger.DraftRenewal(ctx, callerOf(ctx), meibo.ContractID(r.Contract))
	return &pb.DraftRenewalResponse{
		RenewalOf: string(d.Of), Lines: each(d.Lines, lineToWire), Consents: each(d.Consents, subcontractToWire), People: each(d.People, personToWire),
		LeftOut: each(d.LeftOut, func(l meibo.LeftOut) *pb.LeftOut {
			return &pb.LeftOut{
				Person: string(l.PersonID), Organization: string(l.OrganizationID), Asset: string(l.Right.Asset), Action: string(l.Right.Action),
				Purpose: string(l.Right.Purpose), Code: string(l.Code), Message: l.Sentence(),
			}
		}),
	}, err
}

func (s changeService) ApproveChange(ctx context.Context, r *pb.ApproveChangeRequest) (*pb.ApproveChangeResponse, error) {
	done, err := s.ledger.Approve(ctx, callerOf(ctx), r.IdempotencyKey, meibo.ChangeID(r.Id))
	return &pb.ApproveChangeResponse{Change: decidedToWire(done)}, err
}

func (s changeService) RejectChange(ctx context.Context, r *pb.RejectChangeRequest) (*pb.RejectChangeResponse, error) {
	done, err := s.ledger.Reject(ctx, callerOf(ctx), r.IdempotencyKey, meibo.ChangeID(r.Id), meibo.Personal(r.Reason))
	return &pb.RejectChangeResponse{Change: decidedToWire(done)}, err
}

func (s changeService) WithdrawChange(ctx context.Context, r *pb.WithdrawChangeRequest) (*pb.WithdrawChangeResponse, error) {
	done, err := s.ledger.Withdraw(ctx, callerOf(ctx), r.IdempotencyKey, meibo.ChangeID(r.Id))
	return &pb.WithdrawChangeResponse{Change: decidedToWire(done)}, err
}

// linesFromWire reads lines. A day that is none stays as it is, so that it is told
// together with all else that is wrong. Rows tell lines apart: no two may have one.
func linesFromWire(list []*pb.Line) ([]meibo.Line, error) {
	var ps meibo.Problems
	seen := make(map[int]bool, len(list))
	lines := make([]meibo.Line, len(list))
	for i, l := range list {
		lines[i] = lineFromWire(l)
		row := &lines[i].Row
		switch *row = cmp.Or(*row, i+1); {
		case *row < 1:
			ps = append(ps, meibo.Problem{Row: i + 1, Field: "row", Code: "UNKNOWN_VALUE"})
		case seen[*row]:
			ps = append(ps, meibo.Problem{Row: *row, Field: "row", Code: "DUPLICATE_ROW"})
		}
		seen[*row] = true
	}
	return lines, ps.Err()
}

func lineFromWire(l *pb.Line) meibo.Line {
	return meibo.Line{
		Row: int(l.Row), Operation: meibo.Operation(l.Operation), ContractID: meibo.ContractID(l.Contract),
		PersonID: meibo.PersonID(l.Person), Login: meibo.Personal(l.Login), Name: meibo.Personal(l.Name),
		Kana: meibo.Personal(l.Kana), Latin: meibo.Personal(l.Latin), Alias: meibo.Personal(l.Alias),
		FormerName: meibo.Personal(l.FormerName), Adult: meibo.Attested(l.Adult),
		EmployerID: meibo.OrganizationID(l.Employer), Employment: meibo.Employment(l.Employment),
		AssetID: meibo.AssetID(l.Asset), Action: meibo.Action(l.Action), Purpose: meibo.PurposeCode(l.Purpose),
		Starts: day(l.From), Ends: day(l.Until), Workplace: l.Workplace, Task: l.Task,
		Reason: meibo.Reason(l.Reason), Pledge: meibo.PledgeClaim(l.Pledge), Returned: meibo.Attested(l.Returned), Successor: meibo.PersonID(l.Successor),
	}
}

func lineToWire(l meibo.Line) *pb.Line {
	return &pb.Line{
		Row: int32(l.Row), Operation: string(l.Operation), Contract: string(l.ContractID), Person: string(l.PersonID),
		Login: string(l.Login), Name: string(l.Name), Kana: string(l.Kana), Latin: string(l.Latin), Alias: string(l.Alias),
		FormerName: string(l.FormerName), Adult: string(l.Adult), Employer: string(l.EmployerID), Employment: string(l.Employment),
		Asset: string(l.AssetID), Action: string(l.Action), Purpose: string(l.Purpose), From: string(l.Starts), Until: string(l.Ends),
		Workplace: l.Workplace, Task: l.Task, Reason: string(l.Reason), Pledge: string(l.Pledge),
		Returned: string(l.Returned), Successor: string(l.Successor),
	}
}

func personToWire(p meibo.Person) *pb.Person {
	return &pb.Person{
		Id: string(p.ID), Name: string(p.Name), Kana: string(p.Kana), Latin: string(p.Latin), Alias: string(p.Alias),
		FormerName: string(p.FormerName),
	}
}

func changeToWire(c meibo.Change) *pb.Change {
	return &pb.Change{
		Id: string(c.ID), Submission: c.SubmissionID, Contract: string(c.ContractID), Organization: string(c.OrganizationID),
		State: string(c.State), SubmittedAt: wireTime(c.SubmittedAt), DecidedAt: wireTime(c.DecidedAt), Version: int32(c.Version),
		Reason: string(c.Reason),
	}
}

func decidedToWire(c ledger.DecidedChange) *pb.Change {
	return &pb.Change{Id: string(c.ID), State: string(c.State), Version: int32(c.Version)}
}

func effectToWire(e meibo.RowEffect) *pb.LineEffect {
	return &pb.LineEffect{Row: int32(e.Row), Operation: string(e.Operation), Person: string(e.PersonID), Waits: e.Waits}
}

func previewToWire(p ledger.Preview) *pb.ContractPreview {
	return &pb.ContractPreview{
		Contract: string(p.Contract.ID), Before: each(p.Submission.Before, memberToWire), After: each(p.Submission.After, memberToWire),
		Effects: each(p.Submission.Rows, effectToWire), Warnings: each(p.Submission.Warnings, problemToWire),
	}
}
