package rpc

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/encoding/protojson"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// gateway is the JSON side of the gRPC services. It asks them over an in-memory
// connection to a server with the same interceptors.
func (s *Server) gateway(ctx context.Context) (http.Handler, func(), error) {
	listener := bufconn.Listen(1 << 20)
	inner := grpc.NewServer(s.common(roomOfBody)...)
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
		runtime.WithRoutingErrorHandler(routingError),
		runtime.WithIncomingHeaderMatcher(noHeader),
		runtime.WithOutgoingHeaderMatcher(onlyToken),
		runtime.WithOutgoingTrailerMatcher(noHeader),
		runtime.WithMiddlewares(onePath),
	)
	for _, register := range []func(context.Context, *runtime.ServeMux, *grpc.ClientConn) error{
		pb.RegisterAccessServiceHandler, pb.RegisterChangeServiceHandler, pb.RegisterRosterServiceHandler,
		pb.RegisterPledgeServiceHandler, pb.RegisterNoticeServiceHandler, pb.RegisterMasterServiceHandler,
		pb.RegisterDirectoryServiceHandler, pb.RegisterKeyServiceHandler, pb.RegisterLogServiceHandler,
		pb.RegisterHoldServiceHandler, pb.RegisterTrainingServiceHandler, pb.RegisterEmergencyServiceHandler,
		pb.RegisterDecisionServiceHandler, pb.RegisterDisposalServiceHandler, pb.RegisterPasskeyServiceHandler,
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

// onlyToken: of all headers of an answer only the token of a write goes out.
func onlyToken(name string) (string, bool) { return "Meibo-Token", name == tokenHeader }

// strictly refuses what two programs could read differently, before the gateway
// reads it.
func strictly(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n := len(r.Header.Values("Authorization")); n > 1 || n == 0 && r.Method == http.MethodPost {
			writeError(w, statusOf(errNoKey, "", roomOfBody)) // nobody's body is read
			return
		}
		if m := strictQuery(r.URL); m != nil {
			writeUnfit(w, m)
			return
		}
		body := []byte(nil)
		if r.Method == http.MethodPost {
			var m *malformed
			if body, m = strictBody(r, limitOf(r.URL.Path)); m != nil {
				writeUnfit(w, m)
				return
			}
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		next.ServeHTTP(w, r)
	})
}

// onePath refuses a body that names a parameter of the path otherwise than the
// path does: it would not be said which one counts.
func onePath(next runtime.HandlerFunc) runtime.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request, path map[string]string) {
		body, err := io.ReadAll(r.Body)
		if err == nil && len(path) > 0 {
			err = samePath(body, path)
		}
		if err != nil {
			writeUnfit(w, &malformed{http.StatusBadRequest, err.Error()})
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		next(w, r, path)
	}
}

// limitOf: files of changes and scanned papers are larger than other requests.
func limitOf(path string) int64 {
	if strings.HasPrefix(path, "/v1/changes") || path == "/v1/log:verifyFile" || strings.HasPrefix(path, "/v1/master:") ||
		strings.HasPrefix(path, "/v1/pledges/") && strings.HasSuffix(path, ":record") {
		return maxMessage
	}
	return maxBody
}

func gatewayError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, _ *http.Request, err error) {
	writeError(w, err)
}

// routingError answers for paths and methods that there are not.
func routingError(_ context.Context, _ *runtime.ServeMux, _ runtime.Marshaler, w http.ResponseWriter, r *http.Request, code int) {
	f := failure{Code: "NOT_FOUND", Message: "このような宛先はありません。", Detail: "there is no such path"}
	if code == http.StatusMethodNotAllowed {
		f = failure{Code: "UNIMPLEMENTED", Message: "この宛先では使えないHTTPメソッドです。", Detail: "the path knows no " + r.Method}
		w.Header().Set("Allow", "GET, POST")
	}
	writeFailure(w, code, f)
}
