package rpc_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/proto"

	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/rpc"
)

// fails asks and expects a failure.
func (h *house) fails(t *testing.T, a ask, status int, code string) (f failure) {
	t.Helper()
	got := h.do(t, a)
	if got.status != status {
		t.Errorf("%s %s: %d %s, want %d", a.verb, a.path, got.status, got.body, status)
	}
	got.json(t, &f)
	if f.Code != code || !japanese(f.Message) || f.Detail == "" {
		t.Errorf("%s %s: %s, want %s and a sentence", a.verb, a.path, got.body, code)
	}
	for _, p := range f.Problems {
		if p.Field == "" || p.Code == "" || !japanese(p.Message) {
			t.Errorf("%s %s: problem %+v", a.verb, a.path, p)
		}
	}
	return f
}

func strictJSON(t *testing.T, h *house) {
	person := h.estate(t).person
	usual := fmt.Sprintf(`{"person":%q,"contract":"C01","asset":"A01","action":"view","purpose":%q}`, person, meibotest.Purpose)
	check := ask{verb: "POST", path: "/v1/access:check", client: "tax-input", body: usual}
	if a := h.do(t, check); a.status != 200 || !strings.Contains(a.body, `"allowed":true`) {
		t.Fatalf("%d %s", a.status, a.body)
	}
	for _, c := range []struct{ name, body string }{
		{"an unknown field", strings.Replace(usual, `{`, `{"admin":true,`, 1)},
		{"a field in other letters", strings.Replace(usual, `"person"`, `"Person"`, 1)},
		{"a field twice", strings.Replace(usual, `{`, `{"person":"x",`, 1)},
		{"a field twice, once in other letters", strings.Replace(usual, `{`, `{"PERSON":"x",`, 1)},
		{"a field of the wrong type", strings.Replace(usual, `"view"`, `7`, 1)},
		{"something after", usual + `{"person":"x"}`},
		{"garbage after", usual + "}"},
		{"a list", "[" + usual + "]"},
		{"no JSON", "person=x"},
		{"NUL", strings.Replace(usual, "C01", `C\u000001`, 1)},
		{"invalid UTF-8", strings.Replace(usual, "C01", "C\xFF", 1)},
		{"half a surrogate", strings.Replace(usual, "C01", `\udc00`, 1)},
		{"too deep", strings.Replace(usual, `"C01"`, strings.Repeat("[", 40)+strings.Repeat("]", 40), 1)},
		{"too many parts", `{"x":[` + strings.Repeat("{},", 50_000) + `{}]}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := check
			a.body = c.body
			f := h.fails(t, a, 400, "INVALID_ARGUMENT")
			if strings.Contains(f.Detail, string(person)) {
				t.Errorf("it repeats what was sent: %s", f.Detail)
			}
		})
	}
	large := check
	large.body = strings.Replace(usual, "C01", strings.Repeat("C", 1<<20), 1)
	h.fails(t, large, 413, "INVALID_ARGUMENT")
	larger := ask{verb: "POST", path: "/v1/changes:preview", client: "k1-submitter", body: `{"lines":[{"name":"` + strings.Repeat("x", 8<<20) + `"}]}`}
	h.fails(t, larger, 413, "INVALID_ARGUMENT")
	for _, kind := range []string{"", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/grpc"} {
		a := check
		a.header = http.Header{"Content-Type": {kind}}
		h.fails(t, a, 415, "INVALID_ARGUMENT")
	}
	form := check
	form.body, form.header = "person="+string(person), http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}
	h.fails(t, form, 415, "INVALID_ARGUMENT")
}

func oneMeaning(t *testing.T, h *house) {
	e := h.estate(t)
	get := ask{verb: "GET", path: "/v1/contracts/C01/rosters", client: "k1-submitter"}
	for _, path := range []string{
		"/v1/contracts/C01/rosters?contract=C02", "/v1/contracts/C01/rosters?x=1", "/v1/contracts/C01/rosters/1?version=2", "/v1/master?x", "/v1/clients?key=1",
		"/v1/notices?contract=C01&contract=C02", "/v1/notices?Contract=C01", "/v1/notices?contract=C01;x=1", "/v1/log/entries?limit=1&limit=2", "/v1/log/entries?from.x=1",
		"/v1/log/entries?limit=ten", "/v1/log/entries?limit=99999999999", "/v1/notices?%zz=1", "/v1/contracts/C01/rosters/two", "/v1/contracts/C01/rosters/99999999999",
	} {
		a := get
		a.path, a.client = path, "operator-tool"
		h.fails(t, a, 400, "INVALID_ARGUMENT")
	}
	for _, c := range []struct{ path, body string }{
		{"/v1/changes/" + e.waiting + ":reject", `{"idempotency_key":"k","id":"other","reason":"x"}`},
		{"/v1/changes/" + e.waiting + ":reject", `{"idempotency_key":"k","id":"","reason":"x"}`},
		{"/v1/changes/" + e.waiting + ":reject", `{"idempotency_key":"k","reason":"x","id":null}`},
		{"/v1/contracts/C01/rosters/1:acknowledge", `{"idempotency_key":"k","version":2,"hash":"x"}`},
		{"/v1/contracts/C01/rosters/1:acknowledge", `{"idempotency_key":"k","contract":["C01"],"hash":"x"}`},
		{"/v1/changes:preview?x=1", `{"lines":[]}`},
		{"/v1/changes:preview", `{"idempotency_key":"k","lines":[]}`},
		{"/v1/changes", `{"idempotency_key":"k","idempotencyKey":"l","lines":[]}`},
	} {
		h.fails(t, ask{verb: "POST", path: c.path, client: "k1-approver", body: c.body}, 400, "INVALID_ARGUMENT")
	}
	// the same thing said twice is the same thing
	same := ask{verb: "POST", path: "/v1/contracts/C01/rosters/1:acknowledge", client: "city-receiver",
		body: `{"idempotency_key":"k","version":1,"contract":"C01","hash":"x"}`}
	if f := h.fails(t, same, 409, "FAILED_PRECONDITION"); f.Reason != "ROSTER_HASH_DIFFERS" {
		t.Errorf("%+v", f)
	}
	for _, c := range []struct {
		verb, path string
		header     http.Header
		status     int
	}{
		{"GET", "/v1/access:check", nil, 405}, {"PUT", "/v1/changes", nil, 405}, {"DELETE", "/v1/contracts/C01/rosters", nil, 405},
		{"POST", "/v1/contracts/C01/rosters", nil, 405}, {"PATCH", "/v1/master", nil, 405},
		{"GET", "/v1/nothing", nil, 404}, {"GET", "/v1/", nil, 404},
		{"PUT", "/v1/contracts/C01/rosters", http.Header{"X-Http-Method-Override": {"GET"}}, 405},
		{"POST", "/v1/contracts/C01/rosters", http.Header{"X-Http-Method-Override": {"GET"}}, 405},
	} {
		body := ""
		if c.verb == "POST" {
			body = "{}"
		}
		code := map[int]string{404: "NOT_FOUND", 405: "UNIMPLEMENTED"}[c.status]
		h.fails(t, ask{verb: c.verb, path: c.path, client: "k1-submitter", body: body, header: c.header}, c.status, code)
	}
	override := get
	override.header = http.Header{"X-Http-Method-Override": {"DELETE"}}
	if a := h.do(t, override); a.status != 200 {
		t.Errorf("a GET with another method in its header: %d %s", a.status, a.body)
	}
	withBody := get
	withBody.body = `{"contract":"C02"}`
	if a := h.do(t, withBody); a.status != 200 || !strings.Contains(a.body, `"contract":"C01"`) {
		t.Errorf("a GET with a body: %d %s", a.status, a.body)
	}
}

func headersFromOutside(t *testing.T, h *house) {
	get := ask{verb: "GET", path: "/v1/contracts/C01/rosters"}
	for _, header := range []http.Header{
		{"Grpc-Metadata-Authorization": {"Bearer " + h.keys["k1-submitter"]}},
		{"Grpcgateway-Authorization": {"Bearer " + h.keys["k1-submitter"]}},
		{"X-Api-Key": {h.keys["k1-submitter"]}},
		{"Cookie": {"authorization=Bearer " + h.keys["k1-submitter"]}},
		{"Authorization": {"Bearer " + h.keys["k1-submitter"], "Bearer " + h.keys["k1-approver"]}},
		{"Authorization": {"Bearer " + h.keys["k1-submitter"], "é"}},
		{"Authorization": {"Bearer " + h.keys["k1-submitter"] + ",Bearer " + h.keys["k1-submitter"]}},
	} {
		a := get
		a.header = header
		f := h.fails(t, a, 401, "UNAUTHENTICATED")
		if f.Reason != "" || len(f.Problems) != 0 {
			t.Errorf("%v: %+v", header, f)
		}
	}
	h.fails(t, ask{verb: "POST", path: "/v1/changes", body: "{"}, 401, "UNAUTHENTICATED") // before anything is read
	both := get
	both.client, both.header = "k1-submitter", http.Header{"Grpc-Metadata-Authorization": {"Bearer x"}, "Grpc-Timeout": {"10S"}}
	if a := h.do(t, both); a.status != 200 || a.header.Get("Grpc-Metadata-Content-Type") != "" {
		t.Errorf("%d %s %v", a.status, a.body, a.header)
	}
	late := get
	late.client, late.header = "k1-submitter", http.Header{"Grpc-Timeout": {"1n"}}
	h.fails(t, late, 504, "DEADLINE_EXCEEDED")
	late.header = http.Header{"Grpc-Timeout": {"soon"}}
	h.fails(t, late, 400, "INVALID_ARGUMENT")
}

func failures(t *testing.T, h *house) {
	f := h.fails(t, ask{verb: "GET", path: "/v1/contracts/C99/rosters", client: "k1-submitter"}, 404, "NOT_FOUND")
	if f.Reason != "" || f.Problems != nil {
		t.Errorf("not found: %+v", f)
	}
	f = h.fails(t, ask{verb: "GET", path: "/v1/master", client: "k1-submitter"}, 403, "PERMISSION_DENIED")
	if f.Reason != "ROLE_MISSING" {
		t.Errorf("forbidden: %+v", f)
	}
	f = h.fails(t, ask{verb: "POST", path: "/v1/directory:sync", client: "operator-tool", body: "{}"}, 409, "FAILED_PRECONDITION")
	if f.Reason != "NO_DIRECTORY" {
		t.Errorf("conflict: %+v", f)
	}
	a := h.do(t, ask{verb: "GET", path: "/v1/clients"})
	if a.status != 401 || a.header.Get("WWW-Authenticate") != `Bearer realm="meibo"` {
		t.Errorf("%d %v", a.status, a.header)
	}
	lines := `{"idempotency_key":"k","lines":[{"operation":"add","contract":"C01","from":"2026-02-30","until":"x"},{"operation":"fly","contract":"C99"}]}`
	f = h.fails(t, ask{verb: "POST", path: "/v1/changes", client: "k1-submitter", body: lines}, 400, "INVALID_ARGUMENT")
	told := map[string]bool{}
	for _, p := range f.Problems {
		told[fmt.Sprintf("%d %s %s", p.Row, p.Field, p.Code)] = true
	}
	for _, want := range []string{"1 from INVALID_DATE", "1 until INVALID_DATE", "1 person REQUIRED", "1 asset REQUIRED", "2 contract CONTRACT_UNKNOWN"} {
		if !told[want] {
			t.Errorf("%s is not among %v", want, told)
		}
	}
}

func TestEveryQueryParameterIsOnTheList(t *testing.T) {
	h := &house{server: rpc.New(rpc.Options{Registry: newRegistry()})}
	seen := map[string]bool{}
	for _, method := range h.methods() {
		d := methodOf(method)
		rule := proto.GetExtension(d.Options(), annotations.E_Http).(*annotations.HttpRule)
		switch {
		case rule.GetPost() != "" && rule.GetBody() != "*":
			t.Errorf("%s takes its body as %q", method, rule.GetBody())
		case rule.GetGet() != "":
			for i := range d.Input().Fields().Len() {
				name := string(d.Input().Fields().Get(i).Name())
				if !strings.Contains(rule.GetGet(), "{"+name+"}") {
					seen[rule.GetGet()+" "+name] = true
				}
			}
		}
	}
	known := 0
	for path, names := range rpc.Queries {
		for _, name := range names {
			known++
			if !seen[path+" "+name] {
				t.Errorf("%s knows no %s", path, name)
			}
		}
	}
	if known != len(seen) {
		t.Errorf("the list knows %d parameters of %v", known, seen)
	}
}
