package rpc

import (
	"context"
	"net/http"
	"time"

	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
)

// ready reports whether the server can answer: it is not going, and the store
// answers.
func (s *Server) ready(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return !s.draining.Load() && s.opts.Ledger.Ping(ctx) == nil
}

// readyz is ready for balancers that ask over HTTP.
func (s *Server) readyz(w http.ResponseWriter, r *http.Request) {
	if !s.ready(r.Context()) {
		http.Error(w, "the store does not answer, or the server is going", http.StatusServiceUnavailable)
		return
	}
	w.Write([]byte("ok\n"))
}

// A healthService is ready for those that ask over gRPC.
type healthService struct {
	*health.Server
	server *Server
}

// Check answers one question.
func (h healthService) Check(ctx context.Context, r *healthpb.HealthCheckRequest) (*healthpb.HealthCheckResponse, error) {
	answer, err := h.Server.Check(ctx, r)
	if err == nil && !h.server.ready(ctx) {
		answer = &healthpb.HealthCheckResponse{Status: healthpb.HealthCheckResponse_NOT_SERVING}
	}
	return answer, err
}
