package rpc_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// rows: lines are told apart by their rows, so two with one row would be taken for
// one person.
func rows(t *testing.T, h *house) {
	line := func(row int32, login string) *pb.Line {
		return &pb.Line{Row: row, Operation: "add", Contract: "C01", Login: login, Name: "氏名" + login, Kana: "シメイ", Adult: "yes", Employer: "K1",
			Employment: "regular", Asset: "A01", Action: "view", Purpose: "U.TAX.RES.ASSESS", From: "2026-10-15", Until: "2027-03-31"}
	}
	for _, c := range []struct {
		name  string
		lines []*pb.Line
		want  string
	}{
		{"one row twice", []*pb.Line{line(7, "r1"), line(7, "r2")}, "7 row DUPLICATE_ROW"},
		{"a row that is the place of another", []*pb.Line{line(2, "r1"), line(0, "r2")}, "2 row DUPLICATE_ROW"},
		{"a row below one", []*pb.Line{line(1, "r1"), line(-1, "r2")}, "2 row UNKNOWN_VALUE"},
		{"rows of their own", []*pb.Line{line(12, "r1"), line(3, "r2")}, ""},
		{"no rows", []*pb.Line{line(0, "r1"), line(0, "r2")}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := h.call(t.Context(), "k1-submitter", "meibo.v1.ChangeService/PreviewChange", &pb.PreviewChangeRequest{Lines: c.lines})
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, p := range answer.(*pb.PreviewChangeResponse).Problems {
				got = append(got, fmt.Sprintf("%d %s %s", p.Row, p.Field, p.Code))
			}
			if strings.Join(got, ", ") != c.want {
				t.Errorf("got %v, want %q", got, c.want)
			}
		})
	}
}

// everyProblem: a day that is none does not hide what else is wrong.
func everyProblem(t *testing.T, h *house) {
	answer, err := h.call(t.Context(), "k1-submitter", "meibo.v1.ChangeService/PreviewChange", &pb.PreviewChangeRequest{Lines: []*pb.Line{
		{Operation: "add", Contract: "C01", From: "2026-02-30", Until: "R9.3.31"}, {Operation: "fly", Contract: "C99", Until: "soon"},
	}})
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]bool{}
	for _, p := range answer.(*pb.PreviewChangeResponse).Problems {
		told[fmt.Sprintf("%d %s %s", p.Row, p.Field, p.Code)] = japanese(p.Message)
	}
	for _, want := range []string{"1 from INVALID_DATE", "1 person REQUIRED", "1 asset REQUIRED", "2 contract CONTRACT_UNKNOWN"} {
		if !told[want] {
			t.Errorf("%s is not among %v", want, told)
		}
	}
	_, err = h.call(t.Context(), "operator-tool", "meibo.v1.MasterService/PlanMaster", &pb.PlanMasterRequest{Master: &pb.Master{Contracts: []*pb.Contract{
		{Id: "C09", Starts: "2026-02-30", Ends: "R9.3.31", Prime: "K9"}, {Id: "C10", TerminatedAt: "soon"},
	}}})
	if text := fmt.Sprint(err); !strings.Contains(text, "contracts[1].terminated_at: INVALID_INSTANT") {
		t.Errorf("master data: %v", err)
	}
	_, err = h.call(t.Context(), "operator-tool", "meibo.v1.MasterService/PlanMaster", &pb.PlanMasterRequest{Master: &pb.Master{Contracts: []*pb.Contract{
		{Id: "C09", Starts: "2026-02-30", Ends: "R9.3.31", Prime: "K9"},
	}}})
	for _, want := range []string{"contracts[0].starts: INVALID_DATE", "contracts[0].prime: REFERENCE_UNKNOWN", "contracts[0].name: REQUIRED"} {
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s is not in %v", want, err)
		}
	}
}

// named: whoever approves a line that names somebody by id is told whom.
func named(t *testing.T, h *house) {
	person := h.estate(t).person
	done := h.Submit(h.Submitter, meibo.Line{
		Operation: meibo.Amend, ContractID: "C01", PersonID: person, AssetID: "A01", Action: "view", Purpose: "U.TAX.RES.ASSESS",
		Ends: "2027-03-30", Reason: meibo.ReasonCorrection,
	})
	answer, err := h.call(t.Context(), "k1-approver", "meibo.v1.ChangeService/GetChange", &pb.GetChangeRequest{Id: string(done.Changes[0].ID)})
	if err != nil {
		t.Fatal(err)
	}
	people := answer.(*pb.GetChangeResponse).People
	if len(people) != 1 || people[0].Id != string(person) || people[0].Name != "氏名e001" || people[0].Kana != "シメイ" {
		t.Errorf("people: %v", people)
	}
}
