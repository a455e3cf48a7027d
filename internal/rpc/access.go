package rpc

import (
	"cmp"
	"context"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

type accessService struct {
	pb.UnimplementedAccessServiceServer
	ledger  *ledger.Ledger
	metrics *metrics
	house   *Server
}

func (s accessService) CheckAccess(ctx context.Context, r *pb.CheckAccessRequest) (*pb.CheckAccessResponse, error) {
	if err := s.ledger.Reach(ctx, r.AtLeast); err != nil {
		return nil, err
	}
	d, err := s.ledger.Check(ctx, callerOf(ctx), questionFromWire(r))
	if err != nil {
		return nil, err
	}
	s.metrics.count(d)
	return decisionToWire(d), nil
}

func (s accessService) BatchCheckAccess(ctx context.Context, r *pb.BatchCheckAccessRequest) (*pb.BatchCheckAccessResponse, error) {
	stop, known := semantics[cmp.Or(r.Semantic, executeAll)]
	if !known {
		return nil, meibo.Problems{{Field: "semantic", Code: "UNKNOWN_VALUE"}}
	}
	for _, q := range r.Questions {
		if err := s.ledger.Reach(ctx, q.AtLeast); err != nil {
			return nil, err
		}
	}
	ds, err := s.ledger.CheckAll(ctx, callerOf(ctx), each(r.Questions, questionFromWire), stop)
	if err != nil {
		return nil, err
	}
	s.metrics.count(ds...)
	answer := &pb.BatchCheckAccessResponse{Answers: each(ds, decisionToWire)}
	if len(ds) > 0 {
		answer.Revision = ds[0].Revision
	}
	return answer, nil
}

// executeAll is the semantic of a batch where none is stated.
const executeAll = "execute_all"

// semantics say after which decision a batch ends (AuthZEN, section 5.2).
var semantics = map[string]func(meibo.Decision) bool{
	executeAll:               func(meibo.Decision) bool { return false },
	"deny_on_first_deny":     func(d meibo.Decision) bool { return !d.Allowed },
	"permit_on_first_permit": func(d meibo.Decision) bool { return d.Allowed },
}

func (s accessService) ListCodes(context.Context, *pb.ListCodesRequest) (*pb.ListCodesResponse, error) {
	return &pb.ListCodesResponse{Codes: each(s.ledger.Codes(), codeToWire), Policy: s.ledger.Policy()}, nil
}

func codeToWire(c meibo.Code) *pb.Code {
	return &pb.Code{Code: c.Code, Kind: c.Kind, Group: c.Group, Clauses: c.Clauses, Message: c.Message, Public: c.Public}
}

// coarse is said to the person who asked where the reason is none of his.
const coarse = "利用できません。担当者に確認してください。"

// sentenceFor is what may be shown to the person who asked.
func sentenceFor(d meibo.Decision) string {
	if d.Public {
		return d.Message
	}
	return coarse
}

// decisionToWire says as much of the reasons as the system's registration lets it.
// What the system has to do it is always told.
func decisionToWire(d meibo.Decision) *pb.CheckAccessResponse {
	answer := &pb.CheckAccessResponse{
		Allowed: d.Allowed, DecisionId: string(d.ID), MaxAge: int32(d.MaxAge), Revision: d.Revision, At: wireTime(d.At),
		Policy: d.Policy, Declared: d.Declared, Obligations: each(d.Obligations, obligationToWire),
	}
	if d.Answers == meibo.AnswersNone {
		return answer
	}
	answer.PrimaryCode, answer.Codes, answer.Advice, answer.Clauses = d.PrimaryCode, d.Codes, d.Advice, d.Clauses
	answer.Message, answer.RosterVersion = sentenceFor(d), int32(d.RosterVersion)
	return answer
}

// questionFromWire reads a question. One that names its person in no way or in
// two, and one with a moment that is none, names nobody: that is a denial.
func questionFromWire(r *pb.CheckAccessRequest) meibo.Question {
	q := meibo.Question{
		Person: meibo.PersonID(r.GetPerson()), Contract: meibo.ContractID(r.GetContract()), Asset: meibo.AssetID(r.GetAsset()),
		Action: meibo.Action(r.GetAction()), Purpose: meibo.PurposeCode(r.GetPurpose()),
	}
	switch {
	case r.GetLogin() != "":
		q.Naming = meibo.Naming{Subject: meibo.SubjectLogin, Name: meibo.Personal(r.Login)}
	case r.GetMail() != "":
		q.Naming = meibo.Naming{Subject: meibo.SubjectMail, Name: meibo.Personal(r.Mail)}
	}
	c := r.GetCircumstances()
	q.Circumstances = meibo.Circumstances{
		Zone: c.GetZone(), Workplace: c.GetWorkplace(), Device: c.GetDevice(), Mode: c.GetMode(), AuthLevel: int(c.GetAuthLevel()),
		OnBehalfOf: meibo.PersonID(c.GetOnBehalfOf()), CaseRef: c.GetCaseRef(), Permit: meibo.PermitID(c.GetPermit()),
		Recipient: c.GetRecipient(), Medium: c.GetMedium(), Rows: int(c.GetRows()), Reason: c.GetReason(),
		Nonce: c.GetNonce(),
	}
	sound := true
	if at := c.GetAuthTime(); at != nil {
		q.Circumstances.AuthTime, sound = instantOf(at.AsTime())
		sound = sound && at.IsValid()
	}
	if at := c.GetAskedAt(); at != nil { // of a moment that is none nothing was stated
		q.Circumstances.AskedAt, _ = instantOf(at.AsTime())
	}
	if names := has(q.Person) + has(r.GetLogin()) + has(r.GetMail()); names != 1 || !sound {
		q.Person, q.Naming = "", meibo.Naming{}
	}
	return q
}

func has[T ~string](s T) int {
	if s == "" {
		return 0
	}
	return 1
}
