package rpc_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// watch begins a stream as a client; "" presents no key.
func (h *house) watch(t *testing.T, client string) grpc.ServerStreamingClient[pb.WatchRevisionsResponse] {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	if client != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+h.keys[client])
	}
	stream, err := pb.NewAccessServiceClient(h.conn).WatchRevisions(ctx, &pb.WatchRevisionsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	return stream
}

// TestWatchRevisions: a stream knows its caller from its first to its last word.
func TestWatchRevisions(t *testing.T) {
	t.Parallel()
	h := newHouse(t, meibotest.SQLite(t), house{})
	for client, want := range map[string]codes.Code{"": codes.Unauthenticated, "unknown": codes.Unauthenticated, "k1-submitter": codes.PermissionDenied, "operator-tool": codes.PermissionDenied} {
		if m, err := h.watch(t, client).Recv(); status.Code(err) != want {
			t.Errorf("%q: %v, %v, want %s", client, m, err, want)
		}
	}
	stream := h.watch(t, "codes")
	first, err := stream.Recv()
	if err != nil || !first.Everybody || first.Epoch == "" || first.Revision == 0 {
		t.Fatalf("first: %v, %v", first, err)
	}
	again, err := stream.Recv() // though nothing has changed
	if err != nil || again.Everybody || len(again.Touched) > 0 || again.Revision != first.Revision {
		t.Errorf("again: %v, %v", again, err)
	}
	if _, err := h.Ledger.RevokeKey(t.Context(), h.Operator, h.Key(), meibo.KeyID(strings.Split(h.keys["codes"], "_")[1])); err != nil {
		t.Fatal(err)
	}
	if m, err := stream.Recv(); status.Code(err) != codes.Unauthenticated {
		t.Errorf("after the key: %v, %v", m, err)
	}
	going := h.watch(t, "none")
	if _, err := going.Recv(); err != nil {
		t.Fatal(err)
	}
	h.server.Drain()
	if m, err := going.Recv(); status.Code(err) != codes.Unavailable {
		t.Errorf("while the server goes: %v, %v", m, err)
	}
}
