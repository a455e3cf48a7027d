package rpc_test

import (
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// askings are the samples of what is asked and decided.
func (h *house) askings(e estate) map[string]sample {
	check := &pb.CheckAccessRequest{
		Person: string(e.person), Contract: "C01", Asset: "A01", Action: "view", Purpose: string(meibotest.Purpose),
		Circumstances: &pb.Circumstances{
			Zone: "lgwan", Workplace: "本社", Device: "D1", Mode: "interactive", AuthLevel: 2, AuthTime: timestamppb.New(h.Ledger.Now().Time()),
			CaseRef: "R8-1", Permit: "PM1", Recipient: "受取", Medium: "USB", Rows: 1, Reason: "理由",
		},
	}
	filter := &pb.DecisionFilter{
		Person: string(e.person), System: "P01", Contract: "C01", Asset: "A01", Action: "view", Purpose: "U", Code: "ALLOW", Allowed: "yes",
		From: "2026-10-15T00:00:00+09:00", Until: "2027-10-15T00:00:00+09:00",
	}
	return map[string]sample{
		"meibo.v1.AccessService/CheckAccess": {"tax-input", check},
		"meibo.v1.AccessService/BatchCheckAccess": {"tax-input", &pb.BatchCheckAccessRequest{
			Questions: []*pb.CheckAccessRequest{check}, Semantic: "execute_all"}},
		"meibo.v1.AccessService/SearchSubjects":  {"tax-input", &pb.SearchSubjectsRequest{Question: check, Type: "person", Limit: 10}},
		"meibo.v1.AccessService/SearchResources": {"tax-input", &pb.SearchResourcesRequest{Question: check, Type: "asset", Limit: 10}},
		"meibo.v1.AccessService/SearchActions":   {"tax-input", &pb.SearchActionsRequest{Question: check, Limit: 10}},
		"meibo.v1.DecisionService/ListDecisions": {"k1-approver", &pb.ListDecisionsRequest{
			Filter: filter, OldestFirst: true, Limit: 10, Records: true}},
		"meibo.v1.DecisionService/GetDecision":     {"k1-approver", &pb.GetDecisionRequest{Id: string(h.Check(e.person).ID)}},
		"meibo.v1.DecisionService/ReportDecisions": {"k1-approver", &pb.ReportDecisionsRequest{Filter: filter}},
		"meibo.v1.DecisionService/SimulateChange": {"k1-approver", &pb.SimulateChangeRequest{
			Lines: []*pb.Line{{Operation: "remove", Contract: "C01", Person: string(e.person), Reason: "transfer"}}, Days: 30, Limit: 100, At: "2027-01-15T00:00:00+09:00"}},
	}
}
