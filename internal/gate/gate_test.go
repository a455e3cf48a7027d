package gate_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/meibo-dev/meibo/internal/gate"
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
		r := httptest.NewRequestWithContext(t.Context(), "GET", "/decide", nil)
		r.Header = c.header
		w := httptest.NewRecorder()
		h.gate.Handler().ServeHTTP(w, r)
		if w.Code != c.want || w.Header().Get("Cache-Control") != "no-store" || w.Body.Len() > 0 {
			t.Errorf("%s: %d %s, want %d", name, w.Code, w.Body, c.want)
		}
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
