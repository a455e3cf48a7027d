package rpc

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/meibo-dev/meibo/internal/ledger"
)

// tokenHeader is the header in which the answer to a write says how far the ledger
// has come with it; at_least of a question takes it.
const tokenHeader = "meibo-token"

// receipt tells the token of a write beside its answer.
func receipt(ctx context.Context, req any, _ *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	under, r := ledger.WithReceipt(ctx)
	answer, err := next(under, req)
	if err == nil && r.Token != "" {
		grpc.SetHeader(ctx, metadata.Pairs(tokenHeader, r.Token))
	}
	return answer, err
}
