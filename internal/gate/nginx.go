package gate

import (
	_ "embed"
	"net/http"
)

// NginxExample is a configuration of nginx with a gate. It says where the person
// comes from, and what keeps the headers of a request from choosing him.
//
//go:embed nginx.conf
var NginxExample string

// Handler answers nginx's auth_request at /decide: 204 with the decision's id and
// the application's obligations, or 403.
func (g *Gate) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /decide", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		p, err := g.decide(r.Context(), ask{only(r, headerRule), only(r, headerPerson), only(r, headerMethod)})
		if p.decision != "" {
			w.Header().Set(headerDecision, p.decision)
		}
		if err != nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		w.Header().Set(headerObligations, p.obligations)
		w.WriteHeader(http.StatusNoContent)
	})
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	return mux
}

// only is the one value of a header; of two it would not be said which one counts.
func only(r *http.Request, name string) string {
	if values := r.Header.Values(name); len(values) == 1 {
		return values[0]
	}
	return ""
}
