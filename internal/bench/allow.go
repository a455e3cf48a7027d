package bench

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// allow is what the server that always allows says: as much as meibo does.
var allow = &pb.CheckAccessResponse{
	Allowed: true, DecisionId: "0199e6a0-0000-7000-8000-000000000000", PrimaryCode: "ALLOW", Codes: []string{"ALLOW"},
	Clauses: []string{"S2-6-1-a", "S2-6-3"}, Message: "許可します。", MaxAge: 30, Revision: 1000, RosterVersion: 3,
	At: timestamppb.Now(), Policy: "0000000000000000000000000000000000000000000000000000000000000000",
}

type always struct {
	pb.UnimplementedAccessServiceServer
}

// CheckAccess allows.
func (always) CheckAccess(context.Context, *pb.CheckAccessRequest) (*pb.CheckAccessResponse, error) {
	return allow, nil
}

// ServeAlways serves, until ctx ends, a server that knows nobody, asks nobody and
// allows everything, over the transports that meibo has: gRPC, the gateway over an
// in-memory connection, and a plain handler for AuthZEN.
func ServeAlways(ctx context.Context, grpcDoor, httpDoor net.Listener) error {
	server := grpc.NewServer()
	pb.RegisterAccessServiceServer(server, always{})
	memory := bufconn.Listen(1 << 20)
	inner := grpc.NewServer()
	pb.RegisterAccessServiceServer(inner, always{})
	conn, err := grpc.NewClient("passthrough:gateway", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return memory.DialContext(ctx) }))
	if err != nil {
		return err
	}
	defer conn.Close()
	gateway := runtime.NewServeMux(runtime.WithMarshalerOption(runtime.MIMEWildcard, &runtime.JSONPb{
		MarshalOptions: protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true},
	}))
	if err := pb.RegisterAccessServiceHandler(ctx, gateway, conn); err != nil {
		return err
	}
	mux := http.NewServeMux()
	mux.Handle("/v1/", gateway)
	mux.HandleFunc("POST /access/v1/evaluation", evaluate)
	web := &http.Server{Handler: mux}
	ended := make(chan error, 3)
	go func() { ended <- server.Serve(grpcDoor) }()
	go func() { ended <- inner.Serve(memory) }()
	go func() { ended <- web.Serve(httpDoor) }()
	select {
	case <-ctx.Done():
	case err = <-ended:
	}
	server.Stop()
	inner.Stop()
	return errors.Join(err, web.Close())
}

// evaluate answers AuthZEN.
func evaluate(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	var question struct {
		Subject, Resource struct{ Type, ID string }
		Action            struct{ Name string }
		Context           struct{ Contract, Purpose string }
	}
	if err != nil || json.Unmarshal(body, &question) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"decision": true, "context": map[string]any{
		"decision_id": allow.DecisionId, "primary_code": allow.PrimaryCode, "codes": allow.Codes, "clauses": allow.Clauses,
		"reason_user": allow.Message, "max_age": allow.MaxAge, "revision": allow.Revision, "roster_version": allow.RosterVersion,
	}})
}
