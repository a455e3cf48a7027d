package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A Transport is a way to ask.
type Transport string

// The transports.
const (
	GRPC    Transport = "gRPC"
	JSON    Transport = "JSON"
	AuthZEN Transport = "AuthZEN"
)

// Transports are all of them.
var Transports = []Transport{GRPC, JSON, AuthZEN}

// Doors are where a server listens, host:port, without encryption.
type Doors struct {
	GRPC string `json:"grpc"`
	HTTP string `json:"http"`
}

// Connect opens one connection.
func (t Transport) Connect(d Doors) (Asker, error) {
	switch t {
	case GRPC:
		conn, err := grpc.NewClient(d.GRPC, grpc.WithTransportCredentials(insecure.NewCredentials()))
		return grpcAsker{conn, pb.NewAccessServiceClient(conn)}, err
	case JSON:
		return newHTTP("http://"+d.HTTP+"/v1/access:check", jsonBody, "allowed"), nil
	case AuthZEN:
		return newHTTP("http://"+d.HTTP+"/access/v1/evaluation", zenBody, "decision"), nil
	}
	return nil, fmt.Errorf("no transport %s", t)
}

type grpcAsker struct {
	*grpc.ClientConn
	access pb.AccessServiceClient
}

// Ask asks over gRPC.
func (a grpcAsker) Ask(ctx context.Context, q Question) error {
	answer, err := a.access.CheckAccess(metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+q.Key), &pb.CheckAccessRequest{
		Person: q.Person, Contract: q.Contract, Asset: q.Asset, Action: q.Action, Purpose: q.Purpose,
	})
	if err == nil && !answer.Allowed {
		err = ErrNotAllowed
	}
	return err
}

// An httpAsker asks over one connection of HTTP/1.1.
type httpAsker struct {
	client  *http.Client
	url     string
	body    func(Question) any
	verdict string // the member of the answer that says whether
}

func newHTTP(url string, body func(Question) any, verdict string) httpAsker {
	return httpAsker{&http.Client{Transport: &http.Transport{MaxConnsPerHost: 1, DisableCompression: true}}, url, body, verdict}
}

func jsonBody(q Question) any {
	return map[string]string{"person": q.Person, "contract": q.Contract, "asset": q.Asset, "action": q.Action, "purpose": q.Purpose}
}

func zenBody(q Question) any {
	return map[string]any{
		"subject": map[string]string{"type": "person", "id": q.Person}, "action": map[string]string{"name": q.Action},
		"resource": map[string]string{"type": "asset", "id": q.Asset}, "context": map[string]string{"contract": q.Contract, "purpose": q.Purpose},
	}
}

// Ask asks over HTTP.
func (a httpAsker) Ask(ctx context.Context, q Question) error {
	body, err := json.Marshal(a.body(q))
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, a.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", "Bearer "+q.Key)
	answer, err := a.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	var said map[string]any
	if err := json.Unmarshal(text, &said); err != nil {
		return err
	}
	if said[a.verdict] != true {
		return ErrNotAllowed
	}
	return nil
}

// Close closes the connection.
func (a httpAsker) Close() error {
	a.client.CloseIdleConnections()
	return nil
}
