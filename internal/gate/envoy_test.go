package gate_test

import (
	"net"
	"testing"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/goccy/go-yaml"

	"github.com/meibo-dev/meibo/internal/gate"
)

// envoy asks a gate as Envoy does.
func envoy(t *testing.T, g *gate.Gate) authv3.AuthorizationClient {
	t.Helper()
	door, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := grpc.NewServer()
	g.Register(s)
	go s.Serve(door)
	t.Cleanup(s.Stop)
	conn, err := grpc.NewClient(door.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return authv3.NewAuthorizationClient(conn)
}

// request is what Envoy sends for a GET under the rule of records by the peer with
// an identity.
func request(principal string) *authv3.CheckRequest {
	return &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source:            &authv3.AttributeContext_Peer{Principal: principal},
		ContextExtensions: map[string]string{"meibo-rule": "records"},
		Request: &authv3.AttributeContext_Request{Http: &authv3.AttributeContext_HttpRequest{
			Method: "GET", Path: "/records/7", Headers: map[string]string{"x-meibo-person": "e001"},
		}},
	}}
}

func TestEnvoyLetsInWhomMeiboAllows(t *testing.T) {
	h := newHouse(t, func(o *gate.Options) { o.Principal = "urn:meibo:person:" })
	person := string(h.person)
	asking := envoy(t, h.gate)
	check := func(r *authv3.CheckRequest) *authv3.CheckResponse {
		t.Helper()
		answer, err := asking.Check(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	answer := check(request("urn:meibo:person:" + person))
	if answer.Status.Code != int32(codes.OK) {
		t.Fatalf("allowed: %v", answer)
	}
	told := map[string]string{}
	for _, o := range answer.GetOkResponse().Headers {
		if o.AppendAction != corev3.HeaderValueOption_OVERWRITE_IF_EXISTS_OR_ADD {
			t.Errorf("%s is added to what the request brought", o.Header.Key)
		}
		told[o.Header.Key] = o.Header.Value
	}
	if told["X-Meibo-Person"] != person || told["X-Meibo-Decision"] == "" || told["X-Meibo-Obligations"] != "[]" {
		t.Errorf("the application is told %v", told)
	}
	for name, edit := range map[string]func(*authv3.AttributeContext){
		"somebody else":             func(a *authv3.AttributeContext) { a.Source.Principal = "urn:meibo:person:somebody" },
		"an identity of other kind": func(a *authv3.AttributeContext) { a.Source.Principal = "CN=" + person },
		"nobody":                    func(a *authv3.AttributeContext) { a.Source = nil },
		"an empty person":           func(a *authv3.AttributeContext) { a.Source.Principal = "urn:meibo:person:" },
		"no rule":                   func(a *authv3.AttributeContext) { a.ContextExtensions = nil },
		"another method":            func(a *authv3.AttributeContext) { a.Request.Http.Method = "POST" },
		"no request":                func(a *authv3.AttributeContext) { a.Request = nil },
	} {
		r := request("urn:meibo:person:" + person)
		r.Attributes.Request.Http.Headers["x-meibo-person"] = person // counts for nothing
		edit(r.Attributes)
		refused(t, name, check(r))
	}
	refused(t, "nothing at all", check(&authv3.CheckRequest{}))
	h.remove()
	refused(t, "after the removal", check(request("urn:meibo:person:"+person)))
	h.Ledger.Close()
	refused(t, "meibo without its database", check(request("urn:meibo:person:"+person)))
}

func refused(t *testing.T, name string, answer *authv3.CheckResponse) {
	t.Helper()
	if answer.GetStatus().GetCode() != int32(codes.PermissionDenied) || answer.GetDeniedResponse().GetStatus().GetCode() != 403 || answer.GetOkResponse() != nil {
		t.Errorf("%s: %v", name, answer)
	}
}

func TestEnvoysTokensNameThePerson(t *testing.T) {
	h := newHouse(t, func(o *gate.Options) { o.Claim = []string{"envoy.filters.http.jwt_authn", "payload", "sub"} })
	asking := envoy(t, h.gate)
	with := func(filter string, payload map[string]any) *authv3.CheckRequest {
		claims, err := structpb.NewStruct(map[string]any{"payload": payload})
		if err != nil {
			t.Fatal(err)
		}
		r := request("urn:meibo:person:" + string(h.person))
		r.Attributes.MetadataContext = &corev3.Metadata{FilterMetadata: map[string]*structpb.Struct{filter: claims}}
		return r
	}
	answer, err := asking.Check(t.Context(), with("envoy.filters.http.jwt_authn", map[string]any{"sub": string(h.person)}))
	if err != nil || answer.Status.Code != int32(codes.OK) {
		t.Errorf("the person: %v, %v", answer, err)
	}
	for name, r := range map[string]*authv3.CheckRequest{
		"somebody":       with("envoy.filters.http.jwt_authn", map[string]any{"sub": "somebody"}),
		"a number":       with("envoy.filters.http.jwt_authn", map[string]any{"sub": 7}),
		"nobody":         with("envoy.filters.http.jwt_authn", nil),
		"another filter": with("envoy.filters.http.lua", map[string]any{"sub": string(h.person)}),
		"no token":       request("urn:meibo:person:" + string(h.person)),
	} {
		answer, err := asking.Check(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		refused(t, name, answer)
	}
}

func TestEnvoysConfigurationCanBeRead(t *testing.T) {
	var v map[string]any
	if err := yaml.Unmarshal([]byte(gate.EnvoyExample), &v); err != nil || v["static_resources"] == nil {
		t.Errorf("%v, %v", v, err)
	}
}
