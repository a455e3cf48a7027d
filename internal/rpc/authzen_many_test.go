package rpc_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

const evaluationsPath = "/access/v1/evaluations"

// many is an answer to several evaluations, as a client reads it.
type many struct {
	Decision    *bool // of a single one only
	Evaluations []struct {
		Decision *bool
		Context  *struct {
			PrimaryCode string `json:"primary_code"`
			Revision    int64
			Error       *struct {
				Status  int
				Message string
			}
		}
	}
}

// says sums an answer up: the code of each decision, or the status of its error.
func (m many) says(t *testing.T) (codes []string) {
	t.Helper()
	for _, e := range m.Evaluations {
		switch {
		case e.Decision == nil || e.Context == nil:
			t.Errorf("an evaluation without a decision: %+v", e)
		case e.Context.Error != nil:
			codes = append(codes, fmt.Sprint(e.Context.Error.Status))
			if *e.Decision || e.Context.Error.Message == "" {
				t.Errorf("error %+v allows: %v", e.Context.Error, *e.Decision)
			}
		default:
			codes = append(codes, e.Context.PrimaryCode)
			if *e.Decision != (e.Context.PrimaryCode == "ALLOW") || e.Context.Revision != m.Evaluations[0].Context.Revision && m.Evaluations[0].Context.Error == nil {
				t.Errorf("%+v", *e.Context)
			}
		}
	}
	return codes
}

func (h *house) evaluateMany(t *testing.T, body string) (m many) {
	t.Helper()
	a := h.do(t, ask{verb: "POST", path: evaluationsPath, client: "tax-input", body: body, header: http.Header{"X-Request-Id": {"m-1"}}})
	if a.status != http.StatusOK || a.header.Get("X-Request-ID") != "m-1" {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a.json(t, &m)
	if strings.Contains(a.body, `"decision"`) && m.Decision == nil && len(m.Evaluations) == 0 {
		t.Fatalf("no decision: %s", a.body)
	}
	return m
}

// with adds members to the usual question, which are then the defaults.
func (h *house) with(t *testing.T, members string) string {
	usual := question(h.estate(t).person)
	return usual[:len(usual)-1] + "," + members + "}"
}

func manyEvaluations(t *testing.T, h *house) {
	context := fmt.Sprintf(`{"contract":"C01","purpose":%q}`, meibotest.Purpose)
	for _, c := range []struct {
		name, body string
		codes      []string
	}{
		{"nothing differs", h.with(t, `"evaluations":[{},{}]`), []string{"ALLOW", "ALLOW"}},
		{"each key is replaced", h.with(t, `"evaluations":[{"action":{"name":"print"}},{},{"resource":{"type":"asset","id":"A11"}},{"subject":{"type":"person","id":"nobody"}}]`),
			[]string{"ACTION_NOT_GRANTED", "ALLOW", "ASSET_UNCLASSIFIED", "SUBJECT_UNKNOWN"}},
		{"a key is replaced whole", h.with(t, `"evaluations":[{"context":{"contract":"C01"}},{"context":{}},{"context":null},{"context":{"purpose":"Z.CURIOUS"}}]`),
			[]string{"PURPOSE_MISSING", "PURPOSE_MISSING", "PURPOSE_MISSING", "PURPOSE_PROHIBITED"}},
		{"there are no defaults", `{"evaluations":[` + question(h.estate(t).person) + `]}`, []string{"ALLOW"}},
		{"a default is of half a subject", strings.Replace(h.with(t, `"evaluations":[{"subject":{"type":"login","id":"e001"}}]`), `"id":"`+string(h.estate(t).person)+`"`, `"x":1`, 1), []string{"ALLOW"}},
		{"all are answered", h.with(t, `"options":{"evaluations_semantic":"execute_all"},"evaluations":[{"action":{"name":"print"}},{}]`), []string{"ACTION_NOT_GRANTED", "ALLOW"}},
		{"up to the first denial", h.with(t, `"options":{"evaluations_semantic":"deny_on_first_deny"},"evaluations":[{},{"action":{"name":"print"}},{}]`), []string{"ALLOW", "ACTION_NOT_GRANTED"}},
		{"up to the first denial: none", h.with(t, `"options":{"evaluations_semantic":"deny_on_first_deny"},"evaluations":[{},{}]`), []string{"ALLOW", "ALLOW"}},
		{"up to the first permit", h.with(t, `"options":{"evaluations_semantic":"permit_on_first_permit"},"evaluations":[{"action":{"name":"print"}},{},{}]`), []string{"ACTION_NOT_GRANTED", "ALLOW"}},
		{"up to the first permit: none", h.with(t, `"options":{"evaluations_semantic":"permit_on_first_permit"},"evaluations":[{"context":{}},{"context":`+context+`,"action":{"name":"fly"}}]`),
			[]string{"PURPOSE_MISSING", "ACTION_NOT_GRANTED"}},
		{"options that meibo does not know", h.with(t, `"options":{"other":1},"x":2,"evaluations":[{"y":3}]`), []string{"ALLOW"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.codes, h.evaluateMany(t, c.body).says(t)); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
	for _, members := range []string{`"evaluations":[]`, `"evaluations":null`, `"x":1`, `"options":{"evaluations_semantic":"deny_on_first_deny"}`} {
		if m := h.evaluateMany(t, h.with(t, members)); m.Decision == nil || !*m.Decision || m.Evaluations != nil {
			t.Errorf("%s: %+v", members, m)
		}
	}
}

func unfitEvaluations(t *testing.T, h *house) {
	for _, c := range []struct {
		name, items, semantic string
		codes                 []string
	}{
		{"a subject is missing", `{},{"subject":null},{}`, "execute_all", []string{"ALLOW", "400", "ALLOW"}},
		{"all that can be wrong", `{"subject":{"type":"person"}},{"subject":"x"},{"action":{}},{"action":{"name":7}},{"resource":{"id":"A01"}},{"context":"x"},{"context":{"rows":"1"}},[],"x",null,{}`,
			"execute_all", []string{"400", "400", "400", "400", "400", "400", "400", "400", "400", "400", "ALLOW"}},
		{"one that cannot be understood is denied", `{},{"action":null},{}`, "deny_on_first_deny", []string{"ALLOW", "400"}},
		{"a denial comes before it", `{"action":{"name":"print"}},{"action":null}`, "deny_on_first_deny", []string{"ACTION_NOT_GRANTED"}},
		{"a permit comes before it", `{"action":null},{},{"action":null}`, "permit_on_first_permit", []string{"400", "ALLOW"}},
		{"none can be understood", `{"action":null},{"action":null}`, "permit_on_first_permit", []string{"400", "400"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			body := h.with(t, fmt.Sprintf(`"options":{"evaluations_semantic":%q},"evaluations":[%s]`, c.semantic, c.items))
			if diff := cmp.Diff(c.codes, h.evaluateMany(t, body).says(t)); diff != "" {
				t.Errorf("codes (-want +got):\n%s", diff)
			}
		})
	}
}

func refusedEvaluations(t *testing.T, h *house) {
	usual := h.with(t, `"evaluations":[{}]`)
	items := func(n int) string { return strings.Repeat("{},", n-1) + "{}" }
	for name, body := range map[string]string{
		"an unknown semantic":               h.with(t, `"options":{"evaluations_semantic":"all"},"evaluations":[{}]`),
		"an unknown semantic without items": h.with(t, `"options":{"evaluations_semantic":"all"}`),
		"a semantic that is a number":       h.with(t, `"options":{"evaluations_semantic":1},"evaluations":[{}]`),
		"options that are text":             h.with(t, `"options":"execute_all","evaluations":[{}]`),
		"evaluations that are an object":    h.with(t, `"evaluations":{}`),
		"evaluations that are text":         h.with(t, `"evaluations":"x"`),
		"a default that is text":            strings.Replace(usual, `"action":{"name":"view"}`, `"action":"view"`, 1),
		"a default of a wrong type":         strings.Replace(usual, `"contract":"C01"`, `"contract":1`, 1),
		"no items and no subject":           `{"evaluations":[],"action":{"name":"view"},"resource":{"type":"asset","id":"A01"}}`,
		"nothing at all":                    `{}`,
		"a member of an item twice":         h.with(t, `"evaluations":[{"x":1,"x":2}]`),
		"too many":                          h.with(t, `"evaluations":[`+items(1001)+`]`),
	} {
		a := h.do(t, ask{verb: "POST", path: evaluationsPath, client: "tax-input", body: body, header: http.Header{"X-Request-Id": {name}}})
		h.message(t, a, 400, name)
	}
	if m := h.evaluateMany(t, h.with(t, `"evaluations":[`+items(1000)+`]`)); len(m.Evaluations) != 1000 {
		t.Errorf("%d answers to 1000", len(m.Evaluations))
	}
	a := h.do(t, ask{verb: "POST", path: evaluationsPath, client: "k1-submitter", body: h.with(t, `"evaluations":[{"action":null}]`), header: http.Header{"X-Request-Id": {"s"}}})
	h.message(t, a, 403, "s")
}

// sameBatches: many at once over every door, and one by one.
func sameBatches(t *testing.T, h *house) {
	person := string(h.estate(t).person)
	request := &pb.BatchCheckAccessRequest{}
	var items []string
	for _, action := range []string{"view", "print", "fly", ""} {
		for _, purpose := range []string{string(meibotest.Purpose), "Z.CURIOUS", ""} {
			request.Questions = append(request.Questions, &pb.CheckAccessRequest{Person: person, Contract: "C01", Asset: "A01", Action: action, Purpose: purpose})
			items = append(items, fmt.Sprintf(`{"subject":{"type":"person","id":%q},"action":{"name":%q},"resource":{"type":"asset","id":"A01"},"context":{"contract":"C01","purpose":%q}}`, person, action, purpose))
		}
	}
	for _, semantic := range []string{"", "execute_all", "deny_on_first_deny", "permit_on_first_permit"} {
		request.Semantic = semantic
		answer, err := h.call(t.Context(), "tax-input", "meibo.v1.AccessService/BatchCheckAccess", request)
		if err != nil {
			t.Fatal(err)
		}
		over := route(t, "meibo.v1.AccessService/BatchCheckAccess", request)
		over.client = "tax-input"
		var byJSON struct{ Answers []struct{ Codes []string } }
		h.do(t, over).json(t, &byJSON)
		body := `{"evaluations":[` + strings.Join(items, ",") + `]}`
		if semantic != "" {
			body = fmt.Sprintf(`{"options":{"evaluations_semantic":%q},`, semantic) + body[1:]
		}
		var byZEN struct{ Evaluations []evaluated }
		h.do(t, ask{verb: "POST", path: evaluationsPath, client: "tax-input", body: body}).json(t, &byZEN)
		var grpc, inJSON, inZEN, single [][]string
		for i, d := range answer.(*pb.BatchCheckAccessResponse).Answers {
			grpc, inJSON, inZEN = append(grpc, d.Codes), append(inJSON, byJSON.Answers[i].Codes), append(inZEN, byZEN.Evaluations[i].Context.Codes)
			one, err := h.call(t.Context(), "tax-input", "meibo.v1.AccessService/CheckAccess", request.Questions[i])
			if err != nil {
				t.Fatal(err)
			}
			single = append(single, one.(*pb.CheckAccessResponse).Codes)
		}
		if diff := cmp.Diff(grpc, inJSON) + cmp.Diff(grpc, inZEN) + cmp.Diff(grpc, single); diff != "" || len(byJSON.Answers) != len(grpc) || len(byZEN.Evaluations) != len(grpc) {
			t.Errorf("%q is answered otherwise by another door:\n%s", semantic, diff)
		}
	}
	request.Semantic = "some"
	over := route(t, "meibo.v1.AccessService/BatchCheckAccess", request)
	over.client = "tax-input"
	h.fails(t, over, 400, "INVALID_ARGUMENT")
	var none map[string]any
	empty := h.do(t, ask{verb: "POST", path: "/v1/access:batchCheck", client: "tax-input", body: "{}"})
	if err := json.Unmarshal([]byte(empty.body), &none); err != nil || empty.status != 200 {
		t.Errorf("no questions: %d %s", empty.status, empty.body)
	}
}
