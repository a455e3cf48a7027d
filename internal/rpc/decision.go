package rpc

import (
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type decisionService struct {
	pb.UnimplementedDecisionServiceServer
	ledger *ledger.Ledger
}

func (s decisionService) ListDecisions(ctx context.Context, r *pb.ListDecisionsRequest) (*pb.ListDecisionsResponse, error) {
	f, err := filterFromWire(r.Filter)
	if err != nil {
		return nil, err
	}
	page, err := s.ledger.Decisions(ctx, callerOf(ctx), f, r.OldestFirst, ledger.Page{Limit: int(r.Limit), Token: r.Token})
	if err != nil {
		return nil, err
	}
	answer := &pb.ListDecisionsResponse{Decisions: each(page.Decisions, recordedToWire), NextToken: page.Next}
	for _, d := range answer.Decisions {
		if !r.Records {
			d.Record = ""
		}
	}
	return answer, nil
}

func (s decisionService) GetDecision(ctx context.Context, r *pb.GetDecisionRequest) (*pb.GetDecisionResponse, error) {
	d, reasons, err := s.ledger.Decision(ctx, callerOf(ctx), meibo.DecisionID(r.Id))
	if err != nil {
		return nil, err
	}
	return &pb.GetDecisionResponse{Decision: recordedToWire(d), Reasons: each(reasons, codeToWire)}, nil
}

func (s decisionService) ReportDecisions(ctx context.Context, r *pb.ReportDecisionsRequest) (*pb.ReportDecisionsResponse, error) {
	f, err := filterFromWire(r.Filter)
	if err != nil {
		return nil, err
	}
	report, err := s.ledger.DecisionReport(ctx, callerOf(ctx), f)
	if err != nil {
		return nil, err
	}
	return &pb.ReportDecisionsResponse{
		Counts: each(report.Counts, countToWire), CountsCut: report.Cut, LookBack: each(report.LookBack, lookBackToWire),
	}, nil
}

func filterFromWire(f *pb.DecisionFilter) (meibo.DecisionFilter, error) {
	var is instants
	filter := meibo.DecisionFilter{
		Person: meibo.PersonID(f.GetPerson()), System: meibo.SystemID(f.GetSystem()), Contract: meibo.ContractID(f.GetContract()),
		Asset: meibo.AssetID(f.GetAsset()), Action: meibo.Action(f.GetAction()), Purpose: meibo.PurposeCode(f.GetPurpose()),
		Code: f.GetCode(), Allowed: meibo.Answer(f.GetAllowed()),
		From: is.read("from", f.GetFrom()), Until: is.read("until", f.GetUntil()),
	}
	return filter, is.problems.Err()
}

func recordedToWire(d meibo.Recorded) *pb.RecordedDecision {
	q := d.Question
	return &pb.RecordedDecision{
		Id: string(d.ID), At: wireTime(d.At), Person: string(q.Person), Contract: string(q.Contract), Asset: string(q.Asset),
		Action: string(q.Action), Purpose: string(q.Purpose), Circumstances: circumstancesToWire(q.Circumstances),
		Client: string(d.ClientID), System: string(d.SystemID), Allowed: d.Allowed, PrimaryCode: d.PrimaryCode, Codes: d.Codes,
		Advice: d.Advice, Obligations: each(d.Obligations, obligationToWire), Clauses: d.Clauses, MaxAge: int32(d.MaxAge),
		Revision: d.Revision, Epoch: d.Epoch, RosterVersion: int32(d.RosterVersion), Right: string(d.RightID), Permit: string(d.PermitID),
		Policy: d.Policy, Declared: d.Declared, Retries: string(d.Retries), Record: d.Record, Writer: d.Writer,
		Batch: int32(d.Batch), Line: int32(d.Line),
	}
}

func circumstancesToWire(c meibo.Circumstances) *pb.Circumstances {
	if c == (meibo.Circumstances{}) {
		return nil
	}
	return &pb.Circumstances{
		Zone: c.Zone, Workplace: c.Workplace, Device: c.Device, Mode: c.Mode, AuthLevel: int32(c.AuthLevel), AuthTime: wireTime(c.AuthTime),
		OnBehalfOf: string(c.OnBehalfOf), CaseRef: c.CaseRef, Permit: string(c.Permit), Recipient: c.Recipient, Medium: c.Medium,
		Rows: int32(c.Rows), Reason: c.Reason, Nonce: c.Nonce, AskedAt: wireTime(c.AskedAt),
	}
}

func countToWire(c meibo.DecisionCount) *pb.DecisionCount {
	return &pb.DecisionCount{
		System: string(c.SystemID), Contract: string(c.ContractID), Asset: string(c.AssetID), Action: string(c.Action),
		Purpose: string(c.Purpose), Allowed: c.Allowed, PrimaryCode: c.PrimaryCode, Decisions: int64(c.Decisions),
		People: int64(c.People), First: wireTime(c.First), Last: wireTime(c.Last),
	}
}

func lookBackToWire(b ledger.LookBack) *pb.LookBack {
	return &pb.LookBack{
		Change: string(b.ChangeID), Row: int32(b.Row), Contract: string(b.ContractID), Person: string(b.PersonID), Asset: string(b.AssetID),
		Action: string(b.Action), Purpose: string(b.Purpose), Effective: wireTime(b.Effective), Recorded: wireTime(b.Recorded),
		Allowed: each(b.Allowed, recordedToWire), AllowedCut: b.Cut,
	}
}
