package client

import (
	"context"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// GRPC stands before the methods of a gRPC server. A message reaches them, and in
// a stream leaves them, only after an allow whose obligations were all taken.
type GRPC struct {
	Client *Client
	// Question says what a message asks of a method. Whoever the person is must come
	// from what the program itself has proven, never from the message. An error denies.
	Question func(ctx context.Context, method string, message any) (*pb.CheckAccessRequest, error)
	// Fulfil takes an obligation: what it returns nil for the method does. When it is
	// nil, an allow with obligations denies.
	Fulfil func(ctx context.Context, o *Obligation) error
}

// Unary is the interceptor for methods that answer once.
func (g GRPC) Unary(ctx context.Context, message any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	q, err := g.question(ctx, info.FullMethod, message)
	if err != nil {
		return nil, err
	}
	d, err := g.let(ctx, q)
	if err != nil {
		return nil, err
	}
	return next(context.WithValue(ctx, decisionKey{}, d), message)
}

// Stream is the interceptor for streams. Every message that comes in asks its own
// question; every one that goes out asks that of the last one again, so that a
// stream ends when its allow does.
func (g GRPC) Stream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	return next(server, &guarded{ServerStream: stream, guard: g, method: info.FullMethod})
}

// A guarded stream belongs to one goroutine that receives and one that sends, as
// every stream does.
type guarded struct {
	grpc.ServerStream
	guard  GRPC
	method string

	mu   sync.Mutex
	last *pb.CheckAccessRequest // nil until a message came in: then nothing goes out
}

// RecvMsg takes a message in, and asks before it hands it on.
func (s *guarded) RecvMsg(m any) error {
	if err := s.ServerStream.RecvMsg(m); err != nil {
		return err
	}
	q, err := s.guard.question(s.Context(), s.method, m)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.last = q
	s.mu.Unlock()
	_, err = s.guard.let(s.Context(), q)
	return err
}

// SendMsg asks again before it lets a message out.
func (s *guarded) SendMsg(m any) error {
	s.mu.Lock()
	q := s.last
	s.mu.Unlock()
	if _, err := s.guard.let(s.Context(), q); err != nil {
		return err
	}
	return s.ServerStream.SendMsg(m)
}

func (g GRPC) question(ctx context.Context, method string, message any) (*pb.CheckAccessRequest, error) {
	q, err := g.Question(ctx, method, message)
	if err != nil {
		return nil, status.Error(codes.PermissionDenied, "the request makes no question")
	}
	return q, nil
}

// let returns the allow, or the status that says why there is none.
func (g GRPC) let(ctx context.Context, q *pb.CheckAccessRequest) (*Decision, error) {
	d, err := g.Client.Check(ctx, q)
	if err != nil {
		return nil, status.Error(codes.Unavailable, "meibo has not decided")
	}
	var take func(*Obligation) error
	if g.Fulfil != nil {
		take = func(o *Obligation) error { return g.Fulfil(ctx, o) }
	}
	if err := d.fulfil(take); err != nil || !d.Allowed() {
		return nil, status.Error(codes.PermissionDenied, fmt.Sprintf("denied, decision %s", d.ID))
	}
	return d, nil
}
