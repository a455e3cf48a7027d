package rpc_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

const evaluationPath = "/access/v1/evaluation"

// question is the usual question as AuthZEN asks it.
func question(person meibo.PersonID) string {
	return fmt.Sprintf(`{"subject":{"type":"person","id":%q},"action":{"name":"view"},"resource":{"type":"asset","id":"A01"},`+
		`"context":{"contract":"C01","purpose":%q}}`, person, meibotest.Purpose)
}

// evaluated is an answer as a client reads it.
type evaluated struct {
	Decision *bool
	Context  *struct {
		DecisionID    string `json:"decision_id"`
		PrimaryCode   string `json:"primary_code"`
		Codes         []string
		Clauses       []string
		ReasonUser    string `json:"reason_user"`
		MaxAge        int    `json:"max_age"`
		Revision      int64
		RosterVersion int `json:"roster_version"`
	}
}

// evaluate asks and expects a decision.
func (h *house) evaluate(t *testing.T, client, body string) (e evaluated) {
	t.Helper()
	a := h.do(t, ask{verb: "POST", path: evaluationPath, client: client, body: body})
	if a.status != http.StatusOK {
		t.Fatalf("%d %s", a.status, a.body)
	}
	a.json(t, &e)
	if e.Decision == nil {
		t.Fatalf("no decision: %s", a.body)
	}
	return e
}

func evaluations(t *testing.T, h *house) {
	person := h.estate(t).person
	usual := question(person)
	edit := func(from, to string) string {
		if !strings.Contains(usual, from) {
			t.Fatalf("there is no %s", from)
		}
		return strings.Replace(usual, from, to, 1)
	}
	for _, c := range []struct {
		name, body string
		codes      []string
	}{
		{"the usual question", usual, []string{"ALLOW"}},
		{"members in another order", `{"context":{"purpose":"` + string(meibotest.Purpose) + `","contract":"C01"},"resource":{"id":"A01","type":"asset"},"action":{"name":"view"},"subject":{"id":"` + string(person) + `","type":"person"}}`, []string{"ALLOW"}},
		{"unknown members everywhere", edit(`{"subject":{`, `{"x":[1,{"y":null}],"subject":{"display":"D",`), []string{"ALLOW"}},
		{"properties", edit(`"type":"person"`, `"type":"person","properties":{"department":"tax","admin":true,"deep":{"a":[1]}}`), []string{"ALLOW"}},
		{"properties that would allow", edit(`"id":"A01"`, `"id":"A11","properties":{"id":"A01","owner":"`+string(person)+`"}`), []string{"ASSET_UNCLASSIFIED", "RIGHT_MISSING"}},
		{"action properties that would allow", edit(`"name":"view"`, `"name":"update","properties":{"name":"view"}`), []string{"ACTION_NOT_GRANTED"}},
		{"circumstances", edit(`"contract"`, `"zone":"lgwan","workplace":"W1","device":"D1","mode":"interactive","auth_level":2,"auth_time":"2026-10-15T09:59:00+09:00","nonce":"n-1","asked_at":1792026000,`+
			`"case_ref":"R8-1","recipient":"X","medium":"paper","rows":1,"reason":"r","contract"`), []string{"ALLOW"}},
		{"seconds since 1970", edit(`"contract"`, `"auth_time":1792026000,"contract"`), []string{"ALLOW"}},
		{"circumstances of null", edit(`"contract"`, `"zone":null,"auth_time":null,"rows":null,"contract"`), []string{"ALLOW"}},
		{"a person who acts for nobody known", edit(`"contract"`, `"on_behalf_of":"nobody","contract"`), []string{"IMPERSONATION_NOT_ALLOWED"}},
		{"a login", edit(`"type":"person","id":"`+string(person)+`"`, `"type":"login","id":"e001"`), []string{"ALLOW"}},
		{"a login of nobody", edit(`"type":"person","id":"`+string(person)+`"`, `"type":"login","id":"髙﨑"`), []string{"SUBJECT_UNKNOWN"}},
		{"a mail address of nobody", edit(`"type":"person","id":"`+string(person)+`"`, `"type":"mail","id":"e001@k1.example"`), []string{"SUBJECT_UNKNOWN"}},
		{"a service that is none", edit(`"type":"person"`, `"type":"service"`), []string{"SUBJECT_UNKNOWN"}},
		{"a container that is none", edit(`"type":"asset"`, `"type":"asset_container"`), []string{"ASSET_UNKNOWN"}},
		{"no purpose", edit(`,"purpose":"`+string(meibotest.Purpose)+`"`, ``), []string{"PURPOSE_MISSING"}},
		{"an empty purpose", edit(string(meibotest.Purpose), ``), []string{"PURPOSE_MISSING"}},
		{"a purpose of null", edit(`"`+string(meibotest.Purpose)+`"`, `null`), []string{"PURPOSE_MISSING"}},
		{"another purpose", edit(string(meibotest.Purpose), `Z.CURIOUS`), []string{"PURPOSE_PROHIBITED"}},
		{"another person", edit(string(person), `nobody`), []string{"SUBJECT_UNKNOWN"}},
		{"a subject of another type", edit(`"type":"person"`, `"type":"user"`), []string{"SUBJECT_UNKNOWN"}},
		{"a subject of a type in other letters", edit(`"type":"person"`, `"type":"Person"`), []string{"SUBJECT_UNKNOWN"}},
		{"a resource of another type", edit(`"type":"asset"`, `"type":"record"`), []string{"ASSET_UNKNOWN"}},
		{"a resource of no type", edit(`"type":"asset"`, `"type":""`), []string{"ASSET_UNKNOWN"}},
		{"a subject in other letters", edit(string(person), strings.ToUpper(string(person))), []string{"SUBJECT_UNKNOWN"}},
		{"an empty subject", edit(string(person), ``), []string{"REQUEST_MALFORMED"}},
		{"a subject that can be nobody", edit(string(person), `a\" OR 1=1`), []string{"REQUEST_MALFORMED"}},
		{"Japanese ids", edit(`"A01"`, `"住民税"`), []string{"REQUEST_MALFORMED"}},
		{"a long id", edit(`"A01"`, `"`+strings.Repeat("A", 200_000)+`"`), []string{"REQUEST_MALFORMED"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := h.evaluate(t, "tax-input", c.body)
			if diff := cmp.Diff(c.codes, e.Context.Codes); diff != "" || *e.Decision != (c.codes[0] == "ALLOW") || e.Context.PrimaryCode != c.codes[0] {
				t.Errorf("allows: %v, codes (-want +got):\n%s", *e.Decision, diff)
			}
		})
	}
	for _, body := range []string{strings.Replace(usual, `,"context":{"contract":"C01","purpose":"`+string(meibotest.Purpose)+`"}`, ``, 1),
		edit(`{"contract":"C01","purpose":"`+string(meibotest.Purpose)+`"}`, `{}`), edit(`{"contract":"C01","purpose":"`+string(meibotest.Purpose)+`"}`, `null`)} {
		// the contract comes from the registration, the purpose cannot
		if e := h.evaluate(t, "tax-input", body); *e.Decision || !slices.Contains(e.Context.Codes, "PURPOSE_MISSING") {
			t.Errorf("without context: %v", e.Context.Codes)
		}
	}
}

func answerDetail(t *testing.T, h *house) {
	person := h.estate(t).person
	denied := strings.Replace(question(person), string(meibotest.Purpose), "Z.CURIOUS", 1)
	if e := h.evaluate(t, "tax-input", denied); *e.Decision || !japanese(e.Context.ReasonUser) || len(e.Context.Clauses) == 0 {
		t.Errorf("full: %+v", e.Context)
	}
	if e := h.evaluate(t, "codes", denied); *e.Decision || e.Context.ReasonUser != "" || e.Context.PrimaryCode != "PURPOSE_PROHIBITED" || e.Context.DecisionID == "" {
		t.Errorf("codes: %+v", e.Context)
	}
	for body, want := range map[string]string{denied: "{\"decision\":false}\n", question(person): "{\"decision\":true}\n"} {
		if a := h.do(t, ask{verb: "POST", path: evaluationPath, client: "none", body: body}); a.body != want {
			t.Errorf("none: %s", a.body)
		}
	}
	if e := h.evaluate(t, "tax-input", question(person)); e.Context.MaxAge != 30 || e.Context.RosterVersion == 0 || e.Context.Revision == 0 {
		t.Errorf("allowed: %+v", e.Context)
	}
}

func evaluationErrors(t *testing.T, h *house) {
	usual := question(h.estate(t).person)
	with := func(from, to string) string { return strings.Replace(usual, from, to, 1) }
	deep := strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)
	wide := `{"subject":{"type":"person"`
	for i := range 200 {
		wide += fmt.Sprintf(`,"a%d":1`, i)
	}
	for _, c := range []struct {
		name, body string
		status     int
	}{
		{"nothing", "", 415},
		{"a blank", " ", 400},
		{"no JSON", "subject", 400},
		{"half an object", usual[:len(usual)-1], 400},
		{"a list", "[" + usual + "]", 400},
		{"a string", `"x"`, 400},
		{"null", "null", 400},
		{"an empty object", "{}", 400},
		{"no subject", with(`"subject"`, `"sub"`), 400},
		{"a subject of null", `{"subject":null,"action":{"name":"view"},"resource":{"type":"asset","id":"A01"}}`, 400},
		{"a subject that is text", with(`"subject":{`, `"subject":"x","s2":{`), 400},
		{"no subject type", with(`"type":"person",`, ``), 400},
		{"no subject id", with(`"id"`, `"i"`), 400},
		{"a subject type of null", with(`"person"`, `null`), 400},
		{"a subject id that is a number", `{"subject":{"type":"person","id":7},"action":{"name":"view"},"resource":{"type":"asset","id":"A01"}}`, 400},
		{"an Individual Number for a person", `{"subject":{"type":"login","id":"123456789018"},"action":{"name":"view"},"resource":{"type":"asset","id":"A01"}}`, 400},
		{"an Individual Number for a case", `{"subject":{"type":"person","id":"E1"},"action":{"name":"view"},"resource":{"type":"asset","id":"A01"},"context":{"case_ref":"１２３４-5678-9018"}}`, 400},
		{"no action", with(`"action"`, `"act"`), 400},
		{"no action name", with(`"name"`, `"nom"`), 400},
		{"an action that is text", with(`{"name":"view"}`, `"view"`), 400},
		{"no resource", with(`"resource"`, `"res"`), 400},
		{"no resource type", with(`"type":"asset",`, ``), 400},
		{"no resource id", with(`,"id":"A01"`, ``), 400},
		{"properties that are text", with(`"type":"person"`, `"type":"person","properties":"x"`), 400},
		{"a context that is text", with(`"context":{`, `"context":"x","c2":{`), 400},
		{"a level of authentication that is text", with(`"contract"`, `"auth_level":"2","contract"`), 400},
		{"half a record", with(`"contract"`, `"rows":1.5,"contract"`), 400},
		{"more records than there are", with(`"contract"`, `"rows":99999999999,"contract"`), 400},
		{"a moment that is none", with(`"contract"`, `"auth_time":"yesterday","contract"`), 400},
		{"a moment of asking that is none", with(`"contract"`, `"asked_at":"now","contract"`), 400},
		{"a moment that is a list", with(`"contract"`, `"auth_time":[1],"contract"`), 400},
		{"a moment beyond time", with(`"contract"`, `"auth_time":99999999999999,"contract"`), 400},
		{"a device that is an object", with(`"contract"`, `"device":{"id":"D1"},"contract"`), 400},
		{"a token that is none", with(`"contract"`, `"at_least":"1.x.y","contract"`), 400},
		{"a purpose that is a list", with(`"purpose":"`, `"purpose":["a"],"p":"`), 400},
		{"a member twice", with(`"action"`, `"subject":{"type":"person","id":"x"},"action"`), 400},
		{"an inner member twice", with(`"id":"A01"`, `"id":"A01","id":"A11"`), 400},
		{"a member twice, once escaped", with(`"id":"A01"`, `"id":"A01","\u0069d":"A11"`), 400},
		{"a member twice, in other letters", with(`"id":"A01"`, `"id":"A01","ID":"A11"`), 400},
		{"a member twice, in letters that fold", with(`"action"`, `"ſubject":{},"action"`), 400},
		{"an unknown member twice", with(`"action"`, `"x":1,"x":2,"action"`), 400},
		{"something after", usual + "{}", 400},
		{"garbage after", usual + "x", 400},
		{"NUL", with("A01", `A\u000001`), 400},
		{"NUL in an unknown member", with(`"action"`, `"x\u0000":1,"action"`), 400},
		{"a bare NUL", with("A01", "A\x0001"), 400},
		{"invalid UTF-8", with("A01", "A\xFF01"), 400},
		{"half a surrogate", with("A01", `A\ud80001`), 400},
		{"too deep", with(`"action"`, `"x":`+deep+`,"action"`), 400},
		{"too wide", wide + "}}", 400},
		{"a comment", "/* */" + usual, 400},
		{"a byte order mark", "\uFEFF" + usual, 400},
		{"too large", with("A01", strings.Repeat("A", 1<<20)), 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := h.do(t, ask{verb: "POST", path: evaluationPath, client: "tax-input", body: c.body, header: http.Header{"X-Request-Id": {c.name}}})
			h.message(t, a, c.status, c.name)
		})
	}
	for kind, status := range map[string]int{
		"application/json": 200, "application/json; charset=utf-8": 200, "Application/JSON;charset=UTF-8": 200, "application/json; charset=shift_jis": 415,
		"text/plain": 415, "application/x-www-form-urlencoded": 415, "application/jsonx": 415, "": 415, "application/json, text/plain": 415, "*/*": 415,
	} {
		a := h.do(t, ask{verb: "POST", path: evaluationPath, client: "tax-input", body: usual, header: http.Header{"Content-Type": {kind}}})
		if a.status != status || a.header.Get("Content-Type") != "application/json" {
			t.Errorf("%q: %d %s, want %d", kind, a.status, a.body, status)
		}
	}
	twice := http.Header{"Content-Type": {"application/json", "text/plain"}}
	if a := h.do(t, ask{verb: "POST", path: evaluationPath, client: "tax-input", body: usual, header: twice}); a.status != 415 {
		t.Errorf("two content types: %d", a.status)
	}
}

// message expects an error of the protocol: one string, and the request's id.
func (h *house) message(t *testing.T, a answer, status int, id string) {
	t.Helper()
	var text string
	if err := json.Unmarshal([]byte(a.body), &text); err != nil || text == "" || a.status != status || a.header.Get("Content-Type") != "application/json" {
		t.Errorf("got %d %q, want %d and one string", a.status, a.body, status)
	}
	if got := a.header.Values("X-Request-ID"); len(got) != 1 || got[0] != id {
		t.Errorf("X-Request-ID is %q, want %q", got, id)
	}
	if a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("Cache-Control is %q", a.header.Get("Cache-Control"))
	}
}

func evaluationCallers(t *testing.T, h *house) {
	usual := question(h.estate(t).person)
	for _, c := range []struct {
		name   string
		header http.Header
		status int
	}{
		{"no key", nil, 401},
		{"another scheme", http.Header{"Authorization": {"Basic " + h.keys["tax-input"]}}, 401},
		{"no scheme", http.Header{"Authorization": {h.keys["tax-input"]}}, 401},
		{"an unknown key", http.Header{"Authorization": {"Bearer mb_0000000000000000_" + strings.Repeat("A", 43)}}, 401},
		{"two keys", http.Header{"Authorization": {"Bearer " + h.keys["tax-input"], "Bearer " + h.keys["codes"]}}, 401},
		{"the same key twice", http.Header{"Authorization": {"Bearer " + h.keys["tax-input"], "Bearer " + h.keys["tax-input"]}}, 401},
		{"a client that is no system", http.Header{"Authorization": {"Bearer " + h.keys["k1-submitter"]}}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			header := http.Header{"X-Request-Id": {"r-1"}}
			for name, values := range c.header {
				header[name] = values
			}
			a := h.do(t, ask{verb: "POST", path: evaluationPath, body: usual, header: header})
			h.message(t, a, c.status, "r-1")
			if challenge := a.header.Get("WWW-Authenticate"); (challenge == `Bearer realm="meibo"`) != (c.status == 401) {
				t.Errorf("WWW-Authenticate: %q", challenge)
			}
			if strings.Contains(a.body, "ubject") {
				t.Errorf("it speaks of the subject: %s", a.body)
			}
		})
	}
	// who does not say who he is learns nothing about what he sent
	a := h.do(t, ask{verb: "POST", path: evaluationPath, body: "{", header: http.Header{"X-Request-Id": {"r-2"}}})
	h.message(t, a, 401, "r-2")
}

func evaluationPaths(t *testing.T, h *house) {
	id := http.Header{"X-Request-Id": {"r 3 / é"}}
	for _, c := range []struct {
		verb, path string
		status     int
	}{
		{"GET", evaluationPath, 405}, {"PUT", evaluationPath, 405}, {"DELETE", evaluationPath, 405}, {"PATCH", evaluationPath, 405}, {"OPTIONS", evaluationPath, 405},
		{"POST", "/access/v1/evaluation/", 404}, {"GET", evaluationsPath, 405}, {"PUT", evaluationsPath, 405}, {"POST", "/access/v1/evaluations/x", 404}, {"GET", subjectPath, 405}, {"PUT", resourcePath, 405}, {"GET", actionPath, 405}, {"POST", "/access/v1/search", 404}, {"GET", "/access/", 404},
		{"POST", "/.well-known/authzen-configuration", 405}, {"PUT", "/.well-known/authzen-configuration", 405},
	} {
		a := h.do(t, ask{verb: c.verb, path: c.path, client: "tax-input", header: id})
		h.message(t, a, c.status, "r 3 / é")
		if allow := a.header.Get("Allow"); (allow != "") != (c.status == 405) {
			t.Errorf("%s %s: Allow %q", c.verb, c.path, allow)
		}
	}
	ok := h.do(t, ask{verb: "POST", path: evaluationPath, client: "tax-input", body: question(h.estate(t).person), header: id})
	if ok.header.Get("X-Request-ID") != "r 3 / é" {
		t.Errorf("X-Request-ID is %q", ok.header.Get("X-Request-ID"))
	}
	if none := h.do(t, ask{verb: "POST", path: evaluationPath, client: "tax-input", body: "{}"}); none.header["X-Request-Id"] != nil {
		t.Errorf("an id that nobody sent: %q", none.header["X-Request-Id"])
	}
}

func metadataPage(t *testing.T, h *house) {
	for _, host := range []string{"", "evil.example"} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", h.url+"/.well-known/authzen-configuration", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Host = host
		r.Header.Set("X-Forwarded-Host", "evil.example")
		got, err := h.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer got.Body.Close()
		var m map[string]any
		if err := json.NewDecoder(got.Body).Decode(&m); err != nil || got.Header.Get("Content-Type") != "application/json" {
			t.Fatal(err)
		}
		want := map[string]any{
			"policy_decision_point":       "https://meibo.city.kakuu.example",
			"access_evaluation_endpoint":  "https://meibo.city.kakuu.example/access/v1/evaluation",
			"access_evaluations_endpoint": "https://meibo.city.kakuu.example/access/v1/evaluations",
			"search_subject_endpoint":     "https://meibo.city.kakuu.example/access/v1/search/subject",
			"search_resource_endpoint":    "https://meibo.city.kakuu.example/access/v1/search/resource",
			"search_action_endpoint":      "https://meibo.city.kakuu.example/access/v1/search/action",
		}
		if diff := cmp.Diff(want, m); diff != "" {
			t.Errorf("metadata (-want +got):\n%s", diff)
		}
	}
}
