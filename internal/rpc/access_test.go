package rpc_test

import (
	"encoding/json"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// toldLess: a system whose registration says that its answers carry no reasons
// does not get them by another door.
func toldLess(t *testing.T, h *house) {
	check := func(client, purpose string) *pb.CheckAccessResponse {
		t.Helper()
		answer, err := h.call(t.Context(), client, "meibo.v1.AccessService/CheckAccess", &pb.CheckAccessRequest{
			Person: string(h.estate(t).person), Contract: "C01", Asset: "A01", Action: "view", Purpose: purpose,
		})
		if err != nil {
			t.Fatal(err)
		}
		return answer.(*pb.CheckAccessResponse)
	}
	for client, want := range map[string][]string{"tax-input": {"PURPOSE_PROHIBITED"}, "codes": {"PURPOSE_PROHIBITED"}, "none": nil} {
		d := check(client, "Z.CURIOUS")
		if diff := cmp.Diff(want, d.Codes); diff != "" || d.Allowed || d.DecisionId == "" || d.Policy == "" {
			t.Errorf("%s: %v (-want +got):\n%s", client, d, diff)
		}
		if told := d.PrimaryCode+d.Message != ""; told != (want != nil) {
			t.Errorf("%s is told %q, %q", client, d.PrimaryCode, d.Message)
		}
		if d := check(client, string(meibotest.Purpose)); !d.Allowed || d.MaxAge != 30 {
			t.Errorf("%s: %v", client, d)
		}
	}
}

// sameAnswers: whichever door it is, and however many ask at once.
func sameAnswers(t *testing.T, h *house) {
	person := string(h.estate(t).person)
	usual := &pb.CheckAccessRequest{Person: person, Contract: "C01", Asset: "A01", Action: "view", Purpose: string(meibotest.Purpose)}
	var questions []*pb.CheckAccessRequest
	for _, edit := range []func(*pb.CheckAccessRequest){
		func(*pb.CheckAccessRequest) {},
		func(q *pb.CheckAccessRequest) { q.Person = "nobody" },
		func(q *pb.CheckAccessRequest) { q.Person = "" },
		func(q *pb.CheckAccessRequest) { q.Contract = "C02" },
		func(q *pb.CheckAccessRequest) { q.Contract = "" },
		func(q *pb.CheckAccessRequest) { q.Asset = "A11" },
		func(q *pb.CheckAccessRequest) { q.Action = "print" },
		func(q *pb.CheckAccessRequest) { q.Action = "fly" },
		func(q *pb.CheckAccessRequest) { q.Purpose = "" },
		func(q *pb.CheckAccessRequest) { q.Purpose = "U.TAX.RES.ASSESS" },
		func(q *pb.CheckAccessRequest) { q.Purpose = "Z.CURIOUS" },
		func(q *pb.CheckAccessRequest) { q.Person, q.Login = "", "e001" },
		func(q *pb.CheckAccessRequest) { q.Person, q.Mail = "", "e001@k1.example" },
		func(q *pb.CheckAccessRequest) { q.Circumstances = &pb.Circumstances{OnBehalfOf: "nobody"} },
		func(q *pb.CheckAccessRequest) {
			q.Circumstances = &pb.Circumstances{Zone: "z", Mode: "batch", AuthLevel: 3, AuthTime: timestamppb.New(meibotest.AsOf.Time()), CaseRef: "R8-1", Rows: 5}
		},
		func(q *pb.CheckAccessRequest) { q.Asset, q.Person = strings.Repeat("A", 200), "住民" },
	} {
		q := proto.Clone(usual).(*pb.CheckAccessRequest)
		edit(q)
		questions = append(questions, q)
	}
	var all sync.WaitGroup
	for range 2 {
		for _, q := range questions {
			all.Go(func() { h.sameAnswer(t, q) })
		}
	}
	all.Wait()
}

func (h *house) sameAnswer(t *testing.T, q *pb.CheckAccessRequest) {
	answer, err := h.call(t.Context(), "tax-input", "meibo.v1.AccessService/CheckAccess", q)
	if err != nil {
		t.Error(err)
		return
	}
	d := answer.(*pb.CheckAccessResponse)
	over := route(t, "meibo.v1.AccessService/CheckAccess", q)
	over.client = "tax-input"
	var byJSON struct {
		Allowed bool
		Codes   []string
		Message string
	}
	if err := json.Unmarshal([]byte(h.do(t, over).body), &byJSON); err != nil {
		t.Error(err)
	}
	body := inZEN(t, q)
	var byZEN evaluated
	if err := json.Unmarshal([]byte(h.do(t, ask{verb: "POST", path: evaluationPath, client: "tax-input", body: body}).body), &byZEN); err != nil || byZEN.Decision == nil {
		t.Errorf("AuthZEN: %v", err)
		return
	}
	if diff := cmp.Diff(d.Codes, byJSON.Codes) + cmp.Diff(d.Codes, byZEN.Context.Codes); diff != "" || d.Allowed != byJSON.Allowed || d.Allowed != *byZEN.Decision {
		t.Errorf("%v is answered otherwise by another door:\n%s", q, diff)
	}
	if d.Message != byJSON.Message || d.Message != byZEN.Context.ReasonUser {
		t.Errorf("%v: %q, %q and %q", q, d.Message, byJSON.Message, byZEN.Context.ReasonUser)
	}
}

// inZEN is a question in AuthZEN's words.
func inZEN(t *testing.T, q *pb.CheckAccessRequest) string {
	subject := map[string]string{"type": "person", "id": q.Person}
	switch {
	case q.Login != "":
		subject = map[string]string{"type": "login", "id": q.Login}
	case q.Mail != "":
		subject = map[string]string{"type": "mail", "id": q.Mail}
	}
	context := map[string]any{}
	if c := q.Circumstances; c != nil { // the words are the same
		text, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(c)
		if err != nil {
			t.Error(err)
		}
		if err := json.Unmarshal(text, &context); err != nil {
			t.Error(err)
		}
	}
	context["contract"], context["purpose"] = q.Contract, q.Purpose
	body, err := json.Marshal(map[string]any{
		"subject": subject, "action": map[string]string{"name": q.Action}, "resource": map[string]string{"type": "asset", "id": q.Asset}, "context": context,
	})
	if err != nil {
		t.Error(err)
	}
	return string(body)
}
