package rpc_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/rpc"
)

// A house is a small city whose doors are open on loopback.
type house struct {
	*meibotest.City
	directory *ledger.Directory
	options   rpc.Options

	server *rpc.Server
	conn   *grpc.ClientConn
	http   *http.Client
	url    string // of the HTTP door
	addr   string // of the gRPC door
	log    *journal
	keys   map[string]string // API keys by client
	owned  *estate
}

// newHouse opens a house. of holds what is to differ from what tests usually want.
func newHouse(t *testing.T, url string, of house) *house {
	t.Helper()
	h := &of
	h.City = meibotest.NewCity(t, url, h.directory, secondTenant)
	h.keys = map[string]string{}
	for _, c := range []struct {
		id     meibo.ClientID
		of     meibo.OrganizationID
		system meibo.SystemID
		roles  []meibo.Role
	}{
		{"operator-tool", ledger.Operator, "", []meibo.Role{meibo.RoleOperator}},
		{"k1-submitter", "K1", "", nil}, {"k1-approver", "K1", "", nil}, {"k2-all", "K2", "", nil}, {"city-receiver", "CITY", "", nil},
		{"city-approver", "CITY", "", []meibo.Role{meibo.RoleCityApprover}}, {"city-auditor", "CITY", "", nil}, {"tax-input", "CITY", "", nil},
		{"codes", "CITY", "P02", []meibo.Role{meibo.RoleSystem}}, {"none", "CITY", "P03", []meibo.Role{meibo.RoleSystem}},
	} {
		h.keys[string(c.id)], _ = h.Token(c.id, c.of, c.system, c.roles...)
	}
	h.options.Ledger = h.Ledger
	h.open(t)
	return h
}

// secondTenant gives K2 a contract of its own, and the city systems that are told
// less than P01.
func secondTenant(m *meibo.Master) {
	second := m.Contracts[0]
	second.ID, second.PrimeID, second.Name = "C02", "K2", "別の契約"
	m.Contracts = append(m.Contracts, second)
	for id, answers := range map[meibo.SystemID]meibo.AnswerDetail{"P02": meibo.AnswersCodes, "P03": meibo.AnswersNone} {
		s := m.Systems[0]
		s.ID, s.Answers = id, answers
		s.Aliases = meibo.Pack([]meibo.Alias{
			{Kind: meibo.AliasSubject, Word: "user", Means: "login"}, {Kind: meibo.AliasSubject, Word: "staff", Means: "person"},
			{Kind: meibo.AliasResource, Word: "record", Means: "A01"}, {Kind: meibo.AliasAction, Word: "read", Means: "view"},
		})
		m.Systems = append(m.Systems, s)
	}
}

// open opens the doors and shuts them after the test.
func (h *house) open(t *testing.T) {
	t.Helper()
	h.log = &journal{}
	o := h.options
	o.Registry, o.Log = newRegistry(), slog.New(slog.NewJSONHandler(h.log, nil))
	grpcDoor, httpDoor := listen(t), listen(t)
	h.url = "http://" + httpDoor.Addr().String()
	if o.PublicURL == "" {
		o.PublicURL = "https://meibo.city.kakuu.example/"
	}
	h.server = rpc.New(o)
	handler, stop, err := h.server.Handler(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	web := rpc.HTTPServer(handler)
	web.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	go h.server.GRPC().Serve(grpcDoor)
	if web.TLSConfig = o.TLS; o.TLS != nil {
		h.url = "https://" + httpDoor.Addr().String()
		go web.ServeTLS(httpDoor, "", "")
	} else {
		go web.Serve(httpDoor)
		h.conn = dial(t, grpcDoor.Addr().String(), insecure.NewCredentials())
	}
	h.http = &http.Client{Transport: &http.Transport{DisableCompression: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	t.Cleanup(func() {
		h.http.CloseIdleConnections()
		web.Close()
		stop()
		h.server.GRPC().Stop()
	})
	h.addr = grpcDoor.Addr().String()
}

func newRegistry() *prometheus.Registry { return prometheus.NewRegistry() }

func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func dial(t *testing.T, address string, c credentials.TransportCredentials) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(address, grpc.WithTransportCredentials(c), grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(64<<20)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// tlsOf is how a client speaks to the house over TLS.
func tlsOf(roots *x509.CertPool, most uint16) *tls.Config {
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12, MaxVersion: most}
}

// call calls a method, such as meibo.v1.KeyService/ListClients, as a client; ""
// presents no key.
func (h *house) call(ctx context.Context, client, method string, request proto.Message) (proto.Message, error) {
	if client != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+h.keys[client])
	}
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	answer := newMessage(methodOf(method).Output())
	return answer, h.conn.Invoke(ctx, "/"+method, request, answer)
}

func newMessage(d protoreflect.MessageDescriptor) proto.Message {
	kind, err := protoregistry.GlobalTypes.FindMessageByName(d.FullName())
	if err != nil {
		panic(err)
	}
	return kind.New().Interface()
}

// methodOf describes a method.
func methodOf(method string) protoreflect.MethodDescriptor {
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(strings.ReplaceAll(method, "/", ".")))
	if err != nil {
		panic(err)
	}
	return d.(protoreflect.MethodDescriptor)
}

// An ask is an HTTP request.
type ask struct {
	verb, path string
	client     string // whose key is presented; "": none
	body       string
	header     http.Header
}

// An answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// json reads the answer's body.
func (a answer) json(t *testing.T, into any) {
	t.Helper()
	if kind := a.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("Content-Type %q: %s", kind, a.body)
	}
	if err := json.Unmarshal([]byte(a.body), into); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
}

// do asks over HTTP. A body is JSON unless the header says otherwise.
func (h *house) do(t *testing.T, a ask) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), a.verb, h.url+a.path, strings.NewReader(a.body))
	if err != nil {
		t.Fatal(err)
	}
	if a.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if a.client != "" {
		r.Header.Set("Authorization", "Bearer "+h.keys[a.client])
	}
	for name, values := range a.header {
		r.Header[name] = values
	}
	got, err := h.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Body.Close()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{got.StatusCode, got.Header, string(body)}
}

// A failure is the JSON of an error, as a client reads it.
type failure struct {
	Code, Reason, Message, Detail string
	Problems                      []struct {
		Row                  int
		Field, Code, Message string
	}
}

// A journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// japanese reports whether a text is for people in Japan.
func japanese(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool { return 0x3040 <= r && r <= 0x30FF || 0x4E00 <= r && r <= 0x9FFF })
}
