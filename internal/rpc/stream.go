package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// A known stream is one whose caller was identified.
type knownStream struct {
	grpc.ServerStream
	ctx context.Context
}

// Context is the stream's context, with the caller.
func (s knownStream) Context() context.Context { return s.ctx }

// identifyStream is identify for streams: who calls when the stream begins.
func (s *Server) identifyStream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	if open(info.FullMethod) {
		return next(server, stream)
	}
	ctx, err := s.identified(stream.Context(), s.who(info.FullMethod))
	if err != nil {
		return err
	}
	return next(server, knownStream{stream, ctx})
}

// identified adds the caller to the context of a call.
func (s *Server) identified(ctx context.Context, who teller) (context.Context, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	caller, err := s.authenticate(ctx, md.Get("authorization"), who)
	return context.WithValue(ctx, callerKey{}, caller), err
}

// guardStream is guard for streams.
func (s *Server) guardStream(room int) grpc.StreamServerInterceptor {
	return func(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = s.panicked(p)
			}
			if err != nil {
				err = s.fail(err, info.FullMethod, room)
			}
		}()
		return next(server, stream)
	}
}

// measureStream counts streams when they end, and how long they took.
func (s *Server) measureStream(server any, stream grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
	began := time.Now()
	err := next(server, stream)
	s.metrics.observe(info.FullMethod, status.Code(err), began)
	return err
}
