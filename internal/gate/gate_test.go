package gate_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/meibo-dev/meibo/internal/gate"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

func TestHandlerTakesOneOfEach(t *testing.T) {
	h := newHouse(t, nil)
	person := string(h.person)
	for name, c := range map[string]struct {
		header http.Header
		want   int
	}{
		"all three":          {http.Header{"X-Meibo-Rule": {"records"}, "X-Meibo-Person": {person}, "X-Meibo-Method": {"GET"}}, 204},
		"two people":         {http.Header{"X-Meibo-Rule": {"records"}, "X-Meibo-Person": {person, person}, "X-Meibo-Method": {"GET"}}, 403},
		"nobody":             {http.Header{"X-Meibo-Rule": {"records"}, "X-Meibo-Method": {"GET"}}, 403},
		"an empty person":    {http.Header{"X-Meibo-Rule": {"records"}, "X-Meibo-Person": {""}, "X-Meibo-Method": {"GET"}}, 403},
		"no rule":            {http.Header{"X-Meibo-Person": {person}, "X-Meibo-Method": {"GET"}}, 403},
		"an unknown rule":    {http.Header{"X-Meibo-Rule": {"open"}, "X-Meibo-Person": {person}, "X-Meibo-Method": {"GET"}}, 403},
		"no method":          {http.Header{"X-Meibo-Rule": {"records"}, "X-Meibo-Person": {person}}, 403},
		"an unknown method":  {http.Header{"X-Meibo-Rule": {"records"}, "X-Meibo-Person": {person}, "X-Meibo-Method": {"get"}}, 403},
		"a forbidden method": {http.Header{"X-Meibo-Rule": {"records"}, "X-Meibo-Person": {person}, "X-Meibo-Method": {"POST"}}, 403},
	} {
		w := h.decide(t, c.header)
		if w.Code != c.want || w.Header().Get("Cache-Control") != "no-store" || w.Body.Len() > 0 {
			t.Errorf("%s: %d %s, want %d", name, w.Code, w.Body, c.want)
		}
	}
}

func (h *house) decide(t *testing.T, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/decide", nil)
	r.Header = header
	w := httptest.NewRecorder()
	h.gate.Handler().ServeHTTP(w, r)
	return w
}

func TestObligationsReachTheApplicationOrNothingDoes(t *testing.T) {
	for want, fulfils := range map[int][]string{204: {"watermark", "mask"}, 403: {"watermark"}} {
		h := newHouse(t, func(o *gate.Options) {
			rule := records
			rule.Fulfils = fulfils
			o.Rules = map[string]gate.Rule{"records": rule}
		}, meibotest.Masking)
		w := h.decide(t, http.Header{"X-Meibo-Rule": {"records"}, "X-Meibo-Person": {string(h.person)}, "X-Meibo-Method": {"GET"}})
		if told := w.Header().Get("X-Meibo-Obligations"); w.Code != want || want == 204 && told != `[{"name":"mask","fields":["name"]}]` || want == 403 && told != "" {
			t.Errorf("%v: %d %q, want %d", fulfils, w.Code, told, want)
		}
	}
}

func TestPeopleAreKnownByTheirLogins(t *testing.T) {
	h := newHouse(t, func(o *gate.Options) { o.Subject = "login" })
	for who, want := range map[string]int{"e001": 204, string(h.person): 403, "e002": 403} {
		w := h.decide(t, http.Header{"X-Meibo-Rule": {"records"}, "X-Meibo-Person": {who}, "X-Meibo-Method": {"GET"}})
		if w.Code != want {
			t.Errorf("%s: %d, want %d", who, w.Code, want)
		}
	}
	if _, err := gate.New(gate.Options{Subject: "name", Rules: map[string]gate.Rule{"records": records}}); err == nil {
		t.Error("people are known by their names")
	}
}

func TestRulesThatLeaveSomethingOpenAreRefused(t *testing.T) {
	for name, rules := range map[string]map[string]gate.Rule{
		"none":        nil,
		"no purpose":  {"r": {Contract: "C01", Asset: "A01", Actions: map[string]string{"GET": "view"}}},
		"no action":   {"r": {Contract: "C01", Asset: "A01", Purpose: "U"}},
		"lower case":  {"r": {Contract: "C01", Asset: "A01", Purpose: "U", Actions: map[string]string{"get": "view"}}},
		"empty word":  {"r": {Contract: "C01", Asset: "A01", Purpose: "U", Actions: map[string]string{"GET": ""}}},
		"no contract": {"r": {Asset: "A01", Purpose: "U", Actions: map[string]string{"GET": "view"}}},
	} {
		if _, err := gate.New(gate.Options{Rules: rules}); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
