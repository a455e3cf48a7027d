package rpc_test

import (
	"context"
	"crypto/tls"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/rpc"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func probes(t *testing.T, h *house) {
	for path, want := range map[string]string{"/livez": "ok\n", "/readyz": "ok\n"} {
		if a := h.do(t, ask{verb: "GET", path: path}); a.status != 200 || a.body != want {
			t.Errorf("%s: %d %q", path, a.status, a.body)
		}
	}
	if got, err := health(t.Context(), h.conn); got != healthpb.HealthCheckResponse_SERVING || err != nil {
		t.Errorf("health: %s, %v", got, err)
	}
	_, err := healthpb.NewHealthClient(h.conn).Check(t.Context(), &healthpb.HealthCheckRequest{Service: "nothing"})
	if status.Code(err) != codes.NotFound {
		t.Errorf("health of nothing: %v", err)
	}
	var api struct {
		Swagger string
		Paths   map[string]map[string]any
	}
	page := h.do(t, ask{verb: "GET", path: "/openapi.json"})
	page.json(t, &api)
	routes := 0
	for _, methods := range api.Paths {
		routes += len(methods)
	}
	if api.Swagger != "2.0" || routes != len(h.methods()) {
		t.Errorf("/openapi.json is %q and knows %d of %d routes", api.Swagger, routes, len(h.methods()))
	}
	for _, path := range []string{"/", "/admin", "/debug/pprof/", "/v1", "/metrics/x"} {
		if a := h.do(t, ask{verb: "GET", path: path}); a.status != 404 && a.status != 301 && a.status != 307 {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	head := h.do(t, ask{verb: "GET", path: "/livez", header: http.Header{"X-Request-Id": {"r-9"}}}).header
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Request-ID": "r-9", "Server": ""} {
		if got := head.Get(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

func health(ctx context.Context, conn *grpc.ClientConn) (healthpb.HealthCheckResponse_ServingStatus, error) {
	answer, err := healthpb.NewHealthClient(conn).Check(ctx, &healthpb.HealthCheckRequest{})
	return answer.GetStatus(), err
}

// notReady expects that balancers send nobody here.
func (h *house) notReady(t *testing.T) {
	t.Helper()
	if a := h.do(t, ask{verb: "GET", path: "/readyz"}); a.status != 503 {
		t.Errorf("/readyz: %d %s", a.status, a.body)
	}
	if a := h.do(t, ask{verb: "GET", path: "/livez"}); a.status != 200 {
		t.Errorf("/livez: %d %s", a.status, a.body)
	}
	if got, err := health(t.Context(), h.conn); got != healthpb.HealthCheckResponse_NOT_SERVING || err != nil {
		t.Errorf("health: %s, %v", got, err)
	}
}

// goes: a server that is going answers what has come.
func goes(t *testing.T, h *house) {
	h.server.Drain()
	h.notReady(t)
	if _, err := h.call(t.Context(), "k1-submitter", "meibo.v1.RosterService/ListRosters", &pb.ListRostersRequest{Contract: "C01"}); err != nil {
		t.Errorf("what has come is not answered: %v", err)
	}
}

// withoutDatabase: nothing is allowed, and nobody is told why but the log.
func withoutDatabase(t *testing.T, h *house) {
	person := h.estate(t).person
	h.Ledger.Close()
	h.notReady(t)
	zen := h.do(t, ask{verb: "POST", path: evaluationPath, client: "tax-input", body: question(person)})
	var message string
	zen.json(t, &message)
	if number := numbered(t, h, message); zen.status != 500 || number == "" {
		t.Errorf("AuthZEN: %d %s", zen.status, zen.body)
	}
	f := h.fails(t, ask{verb: "POST", path: "/v1/access:check", client: "tax-input", body: "{}"}, 500, "INTERNAL")
	if number := numbered(t, h, f.Detail); number == "" || !strings.Contains(f.Message, number) {
		t.Errorf("JSON: %+v", f)
	}
	_, err := h.call(t.Context(), "tax-input", "meibo.v1.AccessService/CheckAccess", &pb.CheckAccessRequest{Person: string(person)})
	if status.Code(err) != codes.Internal || numbered(t, h, status.Convert(err).Message()) == "" {
		t.Errorf("gRPC: %v", err)
	}
}

// TestADatabaseThatGoesAndComesBack has PostgreSQL take no connections for a while.
func TestADatabaseThatGoesAndComesBack(t *testing.T) {
	t.Parallel()
	address := meibotest.Postgres(t)
	h := newHouse(t, address, house{})
	person := h.estate(t).person
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := strings.TrimPrefix(u.Path, "/")
	u.Path = "/postgres"
	admin, err := sql.Open("pgx", u.String())
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	take := func(connections bool) {
		t.Helper()
		if _, err := admin.ExecContext(t.Context(), fmt.Sprintf("ALTER DATABASE %s ALLOW_CONNECTIONS %t", name, connections)); err != nil {
			t.Fatal(err)
		}
		if _, err := admin.ExecContext(t.Context(), "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name); err != nil {
			t.Fatal(err)
		}
	}
	take(false)
	h.notReady(t)
	zen := h.do(t, ask{verb: "POST", path: evaluationPath, client: "tax-input", body: question(person), header: http.Header{"X-Request-Id": {"r-1"}}})
	h.message(t, zen, 503, "r-1")
	if zen.header.Get("Retry-After") == "" {
		t.Errorf("AuthZEN: %v", zen.header)
	}
	h.fails(t, ask{verb: "POST", path: "/v1/access:check", client: "tax-input", body: "{}"}, 503, "UNAVAILABLE")
	_, err = h.call(t.Context(), "tax-input", "meibo.v1.AccessService/CheckAccess", &pb.CheckAccessRequest{Person: string(person)})
	if status.Code(err) != codes.Unavailable || len(status.Convert(err).Details()) == 0 {
		t.Errorf("gRPC: %v", err)
	}
	if log := h.log.String(); !strings.Contains(log, "request was not served") || strings.Contains(log, "request failed") {
		t.Errorf("logged:\n%s", log)
	}
	take(true)
	if e := h.evaluate(t, "tax-input", question(person)); !*e.Decision {
		t.Errorf("once it is back: %v", e.Context.Codes)
	}
	if a := h.do(t, ask{verb: "GET", path: "/readyz"}); a.status != 200 {
		t.Errorf("/readyz: %d", a.status)
	}
}

func TestBothDoorsSpeakTLS(t *testing.T) {
	t.Parallel()
	own, other := meibotest.NewAuthority(t), meibotest.NewAuthority(t)
	h := newHouse(t, meibotest.SQLite(t), house{options: rpc.Options{
		TLS: &tls.Config{Certificates: []tls.Certificate{own.Server("127.0.0.1")}, MinVersion: tls.VersionTLS13},
	}})
	for _, c := range []struct {
		name string
		tls  *tls.Config
		ok   bool
	}{
		{"TLS 1.3", tlsOf(own.Roots, tls.VersionTLS13), true},
		{"TLS 1.2", tlsOf(own.Roots, tls.VersionTLS12), false},
		{"another authority", tlsOf(other.Roots, tls.VersionTLS13), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn := dial(t, h.addr, credentials.NewTLS(c.tls))
			ctx := metadata.AppendToOutgoingContext(t.Context(), "authorization", "Bearer "+h.keys["k1-submitter"])
			_, err := pb.NewRosterServiceClient(conn).ListRosters(ctx, &pb.ListRostersRequest{Contract: "C01"})
			if (err == nil) != c.ok {
				t.Errorf("gRPC: %v", err)
			}
			for _, h2 := range []bool{false, true} {
				client := &http.Client{Transport: &http.Transport{TLSClientConfig: c.tls.Clone(), ForceAttemptHTTP2: h2}}
				got, err := client.Get(h.url + "/readyz")
				if (err == nil) != c.ok {
					t.Errorf("HTTP: %v", err)
				}
				if err == nil {
					got.Body.Close()
					if got.TLS.Version != tls.VersionTLS13 || (got.ProtoMajor == 2) != h2 {
						t.Errorf("TLS %x, %s", got.TLS.Version, got.Proto)
					}
				}
				client.CloseIdleConnections()
			}
		})
	}
	plain, err := http.Get("http" + strings.TrimPrefix(h.url, "https") + "/readyz")
	if err == nil {
		plain.Body.Close()
		if plain.StatusCode != 400 {
			t.Errorf("plain HTTP: %s", plain.Status)
		}
	}
}

func TestReflectionIsOnlyWhereItIsAskedFor(t *testing.T) {
	for _, asked := range []bool{false, true} {
		s := rpc.New(rpc.Options{Registry: newRegistry(), Reflection: asked})
		_, known := s.GRPC().GetServiceInfo()["grpc.reflection.v1.ServerReflection"]
		if known != asked {
			t.Errorf("asked: %v, known: %v", asked, known)
		}
	}
}
