package rpc

import (
	"context"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// Handler is the HTTP side: the services as JSON, AuthZEN, and what operators'
// tools ask for. stop ends its connection to the services.
func (s *Server) Handler(ctx context.Context) (h http.Handler, stop func(), err error) {
	gateway, stop, err := s.gateway(ctx)
	if err != nil {
		return nil, nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/", gateway)
	mux.Handle("/access/", s.authzen(map[string]authzenMethod{
		evaluationPath:  {http.MethodPost, s.evaluation},
		evaluationsPath: {http.MethodPost, s.evaluations},
		subjectPath:     {http.MethodPost, s.searchSubject},
		resourcePath:    {http.MethodPost, s.searchResource},
		actionPath:      {http.MethodPost, s.searchAction},
	}))
	mux.Handle(configurationPath, s.authzen(map[string]authzenMethod{
		configurationPath: {http.MethodGet, s.configuration},
	}))
	mux.HandleFunc("GET /openapi.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Write(pb.OpenAPI)
	})
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("ok\n")) })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.opts.Registry, promhttp.HandlerOpts{}))
	return s.sealed(mux), stop, nil
}

// sealed sets the headers that every answer carries, and keeps a panic to its
// request.
func (s *Server) sealed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		if ids := r.Header.Values("X-Request-Id"); len(ids) > 0 {
			w.Header()["X-Request-Id"] = ids
		}
		defer func() {
			switch p := recover(); {
			case p == nil:
			case p == http.ErrAbortHandler: // an answer was broken off on purpose
				panic(p)
			default:
				writeError(w, s.fail(s.panicked(p), r.URL.Path, roomOfBody))
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// HTTPServer is a server for the handler, with limits on slow and large callers.
func HTTPServer(h http.Handler) *http.Server {
	return &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 60 * time.Second,
		IdleTimeout: 60 * time.Second, MaxHeaderBytes: 32 << 10, HTTP2: &http.HTTP2Config{MaxConcurrentStreams: maxStreams},
	}
}
