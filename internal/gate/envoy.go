package gate

import (
	"context"
	_ "embed"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/types/known/structpb"
)

// EnvoyExample is a configuration of Envoy with a gate. It is not run here.
//
//go:embed envoy.yaml
var EnvoyExample string

// contextRule is the context extension in which a route of Envoy names its rule.
const contextRule = "meibo-rule"

type envoy struct {
	authv3.UnimplementedAuthorizationServer
	gate *Gate
}

// Register puts Envoy's ext_authz v3 on a gRPC server.
func (g *Gate) Register(s grpc.ServiceRegistrar) {
	authv3.RegisterAuthorizationServer(s, envoy{gate: g})
}

// Check answers whether a request may pass. It reads the route's rule, the HTTP
// method, and who the person is by what Envoy has proven; of the request's headers
// it reads none.
func (e envoy) Check(ctx context.Context, r *authv3.CheckRequest) (*authv3.CheckResponse, error) {
	a := r.GetAttributes()
	p, err := e.gate.decide(ctx, ask{a.GetContextExtensions()[contextRule], e.gate.proven(a), a.GetRequest().GetHttp().GetMethod()})
	if err != nil {
		return refusal(p), nil
	}
	return &authv3.CheckResponse{
		Status: &rpcstatus.Status{Code: int32(codes.OK)},
		HttpResponse: &authv3.CheckResponse_OkResponse{OkResponse: &authv3.OkHttpResponse{Headers: []*corev3.HeaderValueOption{
			header(headerPerson, e.gate.proven(a)), header(headerDecision, p.decision), header(headerObligations, p.obligations),
		}}},
	}, nil
}

func refusal(p pass) *authv3.CheckResponse {
	denied := &authv3.DeniedHttpResponse{
		Status: &typev3.HttpStatus{Code: typev3.StatusCode_Forbidden}, Headers: []*corev3.HeaderValueOption{header("Cache-Control", "no-store")},
	}
	if p.decision != "" {
		denied.Headers = append(denied.Headers, header(headerDecision, p.decision))
	}
	return &authv3.CheckResponse{
		Status: &rpcstatus.Status{Code: int32(codes.PermissionDenied)}, HttpResponse: &authv3.CheckResponse_DeniedResponse{DeniedResponse: denied},
	}
}

// header replaces what the request has of that name.
func header(name, value string) *corev3.HeaderValueOption {
	return &corev3.HeaderValueOption{
		Header:       &corev3.HeaderValue{Key: name, Value: value},
		AppendAction: corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD,
	}
}

// proven is the id of the person whom Envoy has authenticated; empty where it has
// nobody.
func (g *Gate) proven(a *authv3.AttributeContext) string {
	if prefix := g.opts.Principal; prefix != "" {
		id, ours := strings.CutPrefix(a.GetSource().GetPrincipal(), prefix)
		if !ours {
			return ""
		}
		return id
	}
	if len(g.opts.Claim) < 2 {
		return ""
	}
	at := structpb.NewStructValue(a.GetMetadataContext().GetFilterMetadata()[g.opts.Claim[0]])
	for _, name := range g.opts.Claim[1:] {
		at = at.GetStructValue().GetFields()[name]
	}
	return at.GetStringValue()
}
