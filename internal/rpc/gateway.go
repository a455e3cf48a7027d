package rpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/grpc-ecosystem/grpc-gateway/v2/utilities"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// gateway is the JSON side of the gRPC services. It asks them over an in-memory
// connection to a server with the same interceptors.
func (s *Server) gateway(ctx context.Context) (http.Handler, func(), error) {
	listener := bufconn.Listen(1 << 20)
	inner := grpc.NewServer(grpc.MaxRecvMsgSize(maxMessage), grpc.ChainUnaryInterceptor(s.measure, s.guard, s.identify))
	s.register(inner)
	go inner.Serve(listener)
	conn, err := grpc.NewClient("passthrough:gateway",
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		inner.Stop()
		return nil, nil, fmt.Errorf("connect gateway: %w", err)
	}
	stop := func() {
		conn.Close()
		inner.GracefulStop()
	}
	mux := runtime.NewServeMux(
		runtime.WithDisablePathLengthFallback(),
		runtime.WithDisableHTTPMethodOverride(),
		runtime.WithMarshalerOption(runtime.MIMEWildcard, wireJSON),
		runtime.WithErrorHandler(gatewayError),
		runtime.WithIncomingHeaderMatcher(noHeader),
		runtime.WithOutgoingHeaderMatcher(noHeader),
		runtime.SetQueryParameterParser(strictQuery{}),
	)
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		pb.RegisterAccessServiceHandler, pb.RegisterChangeServiceHandler, pb.RegisterRosterServiceHandler,
		pb.RegisterPledgeServiceHandler, pb.RegisterNoticeServiceHandler, pb.RegisterMasterServiceHandler,
		pb.RegisterDirectoryServiceHandler, pb.RegisterKeyServiceHandler, pb.RegisterLogServiceHandler,
	} {
		if err := register(ctx, mux, conn); err != nil {
			stop()
			return nil, nil, fmt.Errorf("register gateway: %w", err)
		}
	}
	return strictly(mux), stop, nil
}

// wireJSON writes fields by their names in the contract and refuses unknown ones.
var wireJSON = &runtime.JSONPb{
	MarshalOptions:   protojson.MarshalOptions{UseProtoNames: true, EmitUnpopulated: true},
	UnmarshalOptions: protojson.UnmarshalOptions{DiscardUnknown: false},
}

// noHeader: of all headers from outside only the API key goes on, and that the
// gateway passes by itself.
func noHeader(string) (string, bool) { return "", false }

// strictly refuses bodies that two parsers could read differently, before the
// gateway reads them.
func strictly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, err := strictBody(r, limitOf(r.URL.Path))
			if err != nil {
				writeMalformed(w, err)
				return
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		}
		next.ServeHTTP(w, r)
	})
}

// limitOf: files of changes and scanned papers are larger than other requests.
func limitOf(path string) int64 {
	if strings.HasPrefix(path, "/v1/changes") || strings.HasPrefix(path, "/v1/master:") ||
		strings.HasPrefix(path, "/v1/pledges/") && strings.HasSuffix(path, ":record") {
		return maxMessage
	}
	return maxBody
}

// A failure is the JSON of an error.
type failure struct {
	Code     string       `json:"code"`             // kind, such as INVALID_ARGUMENT
	Reason   string       `json:"reason,omitempty"` // code of a refusal
	Message  string       `json:"message"`          // Japanese where there is a sentence
	Problems []pb.Problem `json:"problems,omitempty"`
}

func gatewayError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error) {
	st := status.Convert(err)
	f := failure{Code: snakeCode(st.Code().String()), Message: st.Message()}
	for _, detail := range st.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			f.Reason = d.Reason
		case *errdetails.LocalizedMessage:
			f.Message = d.Message
		case *pb.Problem:
			f.Problems = append(f.Problems, pb.Problem{Row: d.Row, Field: d.Field, Code: d.Code, Message: d.Message})
		}
	}
	code := runtime.HTTPStatusFromCode(st.Code())
	if code == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="meibo"`)
	}
	writeFailure(w, code, f)
}

// snakeCode turns NotFound into NOT_FOUND, as the codes are written elsewhere.
func snakeCode(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}

func writeMalformed(w http.ResponseWriter, err error) {
	code := http.StatusBadRequest
	var m *malformed
	if errors.As(err, &m) {
		code = m.status
	}
	writeFailure(w, code, failure{Code: "INVALID_ARGUMENT", Message: err.Error()})
}

func writeFailure(w http.ResponseWriter, code int, f failure) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(f)
}

// strictQuery refuses parameters that the method does not know, or that are given
// twice.
type strictQuery struct{ usual runtime.DefaultQueryParser }

// Parse reads the query into the message.
func (q strictQuery) Parse(m proto.Message, values url.Values, filter *utilities.DoubleArray) error {
	for name, given := range values {
		if m.ProtoReflect().Descriptor().Fields().ByName(protoreflect.Name(name)) == nil {
			return fmt.Errorf("query parameter %q is unknown", name)
		}
		if len(given) != 1 {
			return fmt.Errorf("query parameter %q is given %d times", name, len(given))
		}
	}
	return q.usual.Parse(m, values, filter)
}
