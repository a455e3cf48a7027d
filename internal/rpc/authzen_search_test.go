package rpc_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/proto"

	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

const (
	subjectPath  = "/access/v1/search/subject"
	resourcePath = "/access/v1/search/resource"
	actionPath   = "/access/v1/search/action"
)

// searched is an answer to a search, as a client reads it.
type searched struct {
	Results []map[string]string
	Page    *struct {
		NextToken *string `json:"next_token"`
	}
}

func (h *house) search(t *testing.T, path, body string) (s searched) {
	t.Helper()
	a := h.do(t, ask{verb: "POST", path: path, client: "tax-input", body: body, header: http.Header{"X-Request-Id": {"s-1"}}})
	if a.status != http.StatusOK || a.header.Get("X-Request-ID") != "s-1" {
		t.Fatalf("%s: %d %s", path, a.status, a.body)
	}
	a.json(t, &s)
	if s.Results == nil || s.Page == nil || s.Page.NextToken == nil {
		t.Fatalf("%s: no results or no page: %s", path, a.body)
	}
	return s
}

// searchContext is the usual context.
func searchContext() string {
	return fmt.Sprintf(`"context":{"contract":"C01","purpose":%q}`, meibotest.Purpose)
}

func searches(t *testing.T, h *house) {
	person := string(h.estate(t).person)
	subject, action, resource := fmt.Sprintf(`"subject":{"type":"person","id":%q}`, person), `"action":{"name":"view"}`, `"resource":{"type":"asset","id":"A01"}`
	context := searchContext()
	for _, c := range []struct {
		name, path, body string
		want             []map[string]string
	}{
		{"who", subjectPath, `{"subject":{"type":"person"},` + action + `,` + resource + `,` + context + `}`, []map[string]string{{"type": "person", "id": person}}},
		{"who, but for an id", subjectPath, `{"subject":{"type":"person","id":"x"},` + action + `,` + resource + `,` + context + `}`, []map[string]string{{"type": "person", "id": person}}},
		{"who, unknown members aside", subjectPath, `{"x":{},"page":{"y":1},"subject":{"type":"person","z":1},` + action + `,` + resource + `,` + context + `}`, []map[string]string{{"type": "person", "id": person}}},
		{"who of another type", subjectPath, `{"subject":{"type":"user"},` + action + `,` + resource + `,` + context + `}`, nil},
		{"which service", subjectPath, `{"subject":{"type":"service"},` + action + `,` + resource + `,` + context + `}`, nil},
		{"who may fly", subjectPath, `{"subject":{"type":"person"},"action":{"name":"fly"},` + resource + `,` + context + `}`, nil},
		{"who, without a purpose", subjectPath, `{"subject":{"type":"person"},` + action + `,` + resource + `}`, nil},
		{"who, for a record", subjectPath, `{"subject":{"type":"person"},` + action + `,"resource":{"type":"record","id":"A01"},` + context + `}`, nil},
		{"which asset", resourcePath, `{` + subject + `,` + action + `,"resource":{"type":"asset"},` + context + `}`, []map[string]string{{"type": "asset", "id": "A01"}}},
		{"which asset, but for an id", resourcePath, `{` + subject + `,` + action + `,"resource":{"type":"asset","id":"A11"},` + context + `}`, []map[string]string{{"type": "asset", "id": "A01"}}},
		{"which record", resourcePath, `{` + subject + `,` + action + `,"resource":{"type":"record"},` + context + `}`, nil},
		{"which asset of a login", resourcePath, `{"subject":{"type":"login","id":"e001"},` + action + `,"resource":{"type":"asset"},` + context + `}`, []map[string]string{{"type": "asset", "id": "A01"}}},
		{"which asset of nobody", resourcePath, `{"subject":{"type":"person","id":"nobody"},` + action + `,"resource":{"type":"asset"},` + context + `}`, nil},
		{"what", actionPath, `{` + subject + `,` + resource + `,` + context + `}`, []map[string]string{{"name": "view"}}},
		{"what, but for a name", actionPath, `{"action":{"name":"fly"},` + subject + `,` + resource + `,` + context + `}`, []map[string]string{{"name": "view"}}},
		{"what, with nothing", actionPath, `{` + subject + `,"resource":{"type":"asset","id":"A99"},` + context + `}`, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := h.search(t, c.path, c.body)
			if diff := resultsDiffer(c.want, got.Results); diff != "" || *got.Page.NextToken != "" {
				t.Errorf("next %q (-want +got):\n%s", *got.Page.NextToken, diff)
			}
		})
	}
}

// resultsDiffer compares results; none is none, however it is written.
func resultsDiffer(want, got []map[string]string) string {
	if len(want)+len(got) == 0 {
		return ""
	}
	return cmp.Diff(want, got)
}

func refusedSearches(t *testing.T, h *house) {
	person := string(h.estate(t).person)
	subject, action, resource := fmt.Sprintf(`"subject":{"type":"person","id":%q}`, person), `"action":{"name":"view"}`, `"resource":{"type":"asset","id":"A01"}`
	for _, c := range []struct{ name, path, body string }{
		{"no subject", subjectPath, `{` + action + `,` + resource + `}`},
		{"no subject type", subjectPath, `{"subject":{"id":"x"},` + action + `,` + resource + `}`},
		{"no action", subjectPath, `{"subject":{"type":"person"},` + resource + `}`},
		{"no resource id", subjectPath, `{"subject":{"type":"person"},` + action + `,"resource":{"type":"asset"}}`},
		{"no subject id", resourcePath, `{"subject":{"type":"person"},` + action + `,"resource":{"type":"asset"}}`},
		{"no resource type", resourcePath, `{` + subject + `,` + action + `,"resource":{"id":"A01"}}`},
		{"no resource", actionPath, `{` + subject + `}`},
		{"a page that is text", actionPath, `{"page":"1",` + subject + `,` + resource + `}`},
		{"a limit that is text", actionPath, `{"page":{"limit":"1"},` + subject + `,` + resource + `}`},
		{"a limit of nothing", actionPath, `{"page":{"limit":0},` + subject + `,` + resource + `}`},
		{"a limit below nothing", actionPath, `{"page":{"limit":-1},` + subject + `,` + resource + `}`},
		{"a token of nobody", actionPath, `{"page":{"token":"abc"},` + subject + `,` + resource + `}`},
		{"a list", subjectPath, `[]`},
	} {
		a := h.do(t, ask{verb: "POST", path: c.path, client: "tax-input", body: c.body, header: http.Header{"X-Request-Id": {c.name}}})
		h.message(t, a, 400, c.name)
	}
	a := h.do(t, ask{verb: "POST", path: actionPath, client: "k1-submitter", body: `{` + subject + `,` + resource + `}`, header: http.Header{"X-Request-Id": {"x"}}})
	h.message(t, a, 403, "x")
	a = h.do(t, ask{verb: "POST", path: actionPath, body: `{}`, header: http.Header{"X-Request-Id": {"x"}}})
	h.message(t, a, 401, "x")
}

// sameSearches: pages over every door find the same, and what single checks allow.
func sameSearches(t *testing.T, h *house) {
	h.Employed("search-1")
	h.Employed("search-2")
	q := &pb.CheckAccessRequest{Contract: "C01", Asset: "A01", Action: "view", Purpose: string(meibotest.Purpose)}
	var byGRPC, byJSON, byZEN []string
	request := &pb.SearchSubjectsRequest{Question: q, Limit: 2}
	for first := true; first || request.Token != ""; first = false {
		answer, err := h.call(t.Context(), "tax-input", "meibo.v1.AccessService/SearchSubjects", request)
		if err != nil {
			t.Fatal(err)
		}
		over := route(t, "meibo.v1.AccessService/SearchSubjects", request)
		over.client = "tax-input"
		var page struct{ Subjects []string }
		if err := json.Unmarshal([]byte(h.do(t, over).body), &page); err != nil {
			t.Fatal(err)
		}
		byJSON = append(byJSON, page.Subjects...)
		byGRPC = append(byGRPC, answer.(*pb.SearchSubjectsResponse).Subjects...)
		request.Token = answer.(*pb.SearchSubjectsResponse).NextToken
	}
	body := `{"subject":{"type":"person"},"action":{"name":"view"},"resource":{"type":"asset","id":"A01"},` + searchContext() + `,"page":{"limit":1}}`
	for n := 0; ; n++ {
		page := h.search(t, subjectPath, body)
		for _, r := range page.Results {
			byZEN = append(byZEN, r["id"])
		}
		if *page.Page.NextToken == "" {
			break
		}
		if len(page.Results) != 1 {
			t.Errorf("a page of %d", len(page.Results))
		}
		next := fmt.Sprintf(`"page":{"limit":1,"token":%q}`, *page.Page.NextToken)
		if n > 0 { // a token without a limit
			next = fmt.Sprintf(`"page":{"token":%q}`, *page.Page.NextToken)
		}
		body = body[:strings.Index(body, `"page"`)] + next + "}"
		elsewhere := strings.Replace(body, `"view"`, `"print"`, 1)
		a := h.do(t, ask{verb: "POST", path: subjectPath, client: "tax-input", body: elsewhere, header: http.Header{"X-Request-Id": {"p"}}})
		h.message(t, a, 400, "p")
	}
	if diff := cmp.Diff(byGRPC, byJSON) + cmp.Diff(byGRPC, byZEN); diff != "" || len(byGRPC) < 3 {
		t.Errorf("%d found; doors differ:\n%s", len(byGRPC), diff)
	}
	for _, id := range append(slices.Clone(byGRPC), "nobody") {
		single := proto.Clone(q).(*pb.CheckAccessRequest)
		single.Person = id
		answer, err := h.call(t.Context(), "tax-input", "meibo.v1.AccessService/CheckAccess", single)
		if err != nil || answer.(*pb.CheckAccessResponse).Allowed != (id != "nobody") {
			t.Errorf("%s: %v, %v", id, answer, err)
		}
	}
}
