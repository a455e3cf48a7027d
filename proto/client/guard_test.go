package client_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/proto/client"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

func TestGuardLetsInWhomMeiboAllows(t *testing.T) {
	h := newHouse(t)
	person := h.Employed("e001")
	var asked *pb.CheckAccessRequest
	var failing error
	guard := client.HTTP{Client: h.client(t, 10), Question: func(*http.Request) (*pb.CheckAccessRequest, error) { return asked, failing }}
	served := guard.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.WriteString(w, "the record, by decision "+client.FromContext(r.Context()).ID)
	}))
	get := func() (int, string) {
		w := httptest.NewRecorder()
		served.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
		return w.Code, w.Body.String()
	}
	asked = question(person)
	if code, body := get(); code != 200 || !strings.Contains(body, "the record") {
		t.Errorf("allowed: %d %s", code, body)
	}
	asked = question("nobody")
	if code, body := get(); code != 403 || strings.Contains(body, "record") || !strings.Contains(body, "利用できません") {
		t.Errorf("denied: %d %s", code, body)
	}
	asked, failing = nil, errors.New("who is this?")
	if code, body := get(); code != 503 || body != "" {
		t.Errorf("no question: %d %q", code, body)
	}
	asked, failing = nil, nil
	if code, _ := get(); code != 503 {
		t.Errorf("nil question: %d", code)
	}
	asked = question(person)
	guard.Client = newClient(t, client.Options{Server: "127.0.0.1:1", Key: h.key})
	served = guard.Guard(http.NotFoundHandler())
	if code, _ := get(); code != 503 {
		t.Errorf("meibo is away: %d", code)
	}
}

// TestObligationsAreHandedToTheProgram: masked work is work only for a program that
// says that it masks, each time.
func TestObligationsAreHandedToTheProgram(t *testing.T) {
	h := newHouse(t, meibotest.Masking)
	person := h.Employed("e001")
	c := h.client(t, 10)
	for _, cached := range []bool{false, true} {
		d := check(t, c, question(person))
		if owed := d.Obligations(); d.Cached != cached || d.Allowed() || len(owed) != 1 || owed[0].Name != "mask" || !slices.Equal(owed[0].Fields, []string{"name"}) {
			t.Fatalf("%+v owes %+v", d, owed)
		}
		d.Obligations()[0].Acknowledge()
		if !d.Allowed() {
			t.Errorf("denied though it masks: %+v", d)
		}
	}
	guard := client.HTTP{Client: c, Question: func(*http.Request) (*pb.CheckAccessRequest, error) { return question(person), nil }}
	for code, fulfil := range map[int]func(*http.Request, *client.Obligation) error{
		403: nil, 200: func(_ *http.Request, o *client.Obligation) error { return nil },
	} {
		guard.Fulfil = fulfil
		w := httptest.NewRecorder()
		guard.Guard(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {})).ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", "/", nil))
		if w.Code != code {
			t.Errorf("got %d, want %d", w.Code, code)
		}
	}
	for want, fulfil := range map[codes.Code]func(context.Context, *client.Obligation) error{
		codes.PermissionDenied: nil, codes.OK: func(context.Context, *client.Obligation) error { return nil },
	} {
		doctor, s := clinic(t, client.GRPC{Client: c, Question: byMessage, Fulfil: fulfil})
		s.SetServingStatus(string(person), healthpb.HealthCheckResponse_SERVING)
		if _, err := doctor.Check(t.Context(), &healthpb.HealthCheckRequest{Service: string(person)}); status.Code(err) != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

// A clinic is a gRPC service that is guarded: that of health, which has a method
// that answers once and one that streams.
func clinic(t *testing.T, g client.GRPC) (healthpb.HealthClient, *health.Server) {
	t.Helper()
	s := health.NewServer()
	address := serve(t, func(g *grpc.Server) { healthpb.RegisterHealthServer(g, s) }, grpc.UnaryInterceptor(g.Unary), grpc.StreamInterceptor(g.Stream))
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return healthpb.NewHealthClient(conn), s
}

// byMessage asks about the person whom a message names: a test may.
func byMessage(_ context.Context, _ string, m any) (*pb.CheckAccessRequest, error) {
	person := m.(*healthpb.HealthCheckRequest).Service
	if person == "" {
		return nil, errors.New("nobody")
	}
	return question(meibo.PersonID(person)), nil
}

func TestGuardedMethods(t *testing.T) {
	h := newHouse(t)
	person := h.Employed("e001")
	doctor, s := clinic(t, client.GRPC{Client: h.client(t, 10), Question: byMessage})
	s.SetServingStatus(string(person), healthpb.HealthCheckResponse_SERVING)
	for who, want := range map[meibo.PersonID]codes.Code{person: codes.OK, "somebody": codes.PermissionDenied, "": codes.PermissionDenied} {
		if _, err := doctor.Check(t.Context(), &healthpb.HealthCheckRequest{Service: string(who)}); status.Code(err) != want {
			t.Errorf("once, %q: %v, want %s", who, err, want)
		}
		stream, err := doctor.Watch(t.Context(), &healthpb.HealthCheckRequest{Service: string(who)})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stream.Recv(); status.Code(err) != want {
			t.Errorf("stream, %q: %v, want %s", who, err, want)
		}
	}
	away, _ := clinic(t, client.GRPC{Client: newClient(t, client.Options{Server: "127.0.0.1:1", Key: h.key}), Question: byMessage})
	if _, err := away.Check(t.Context(), &healthpb.HealthCheckRequest{Service: string(person)}); status.Code(err) != codes.Unavailable {
		t.Errorf("meibo is away: %v", err)
	}
}

// TestAStreamEndsWithItsAllow: what goes out asks again.
func TestAStreamEndsWithItsAllow(t *testing.T) {
	h := newHouse(t)
	person := h.Employed("e001")
	doctor, s := clinic(t, client.GRPC{Client: h.client(t, 0), Question: byMessage})
	s.SetServingStatus(string(person), healthpb.HealthCheckResponse_SERVING)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	stream, err := doctor.Watch(ctx, &healthpb.HealthCheckRequest{Service: string(person)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	h.Submit(h.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: "transfer"})
	s.SetServingStatus(string(person), healthpb.HealthCheckResponse_NOT_SERVING)
	if m, err := stream.Recv(); err == nil { // the method gives the end a status of its own
		t.Errorf("after the removal: %v", m)
	}
}
