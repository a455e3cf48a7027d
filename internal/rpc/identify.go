package rpc

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// callerKey is under which a face hands the caller to its own methods. Below the
// faces the caller is always an argument.
type callerKey struct{}

func callerOf(ctx context.Context) meibo.Caller {
	c, _ := ctx.Value(callerKey{}).(meibo.Caller)
	return c
}

// open are the methods that anybody may call.
func open(method string) bool {
	return strings.HasPrefix(method, "/grpc.health.v1.Health/") || method == "/meibo.v1.LogService/GetCheckpoint"
}

// identify tells who calls, by the API key in the authorization header.
func (s *Server) identify(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	if open(info.FullMethod) {
		return next(ctx, req)
	}
	md, _ := metadata.FromIncomingContext(ctx)
	headers := md.Get("authorization")
	if len(headers) != 1 {
		return nil, statusOf(errNoKey, "")
	}
	caller, err := s.authenticate(ctx, headers[0])
	if err != nil {
		return nil, s.fail(err, info.FullMethod)
	}
	return next(context.WithValue(ctx, callerKey{}, caller), req)
}

// authenticate reads "Bearer mb_<id>_<secret>".
func (s *Server) authenticate(ctx context.Context, header string) (meibo.Caller, error) {
	scheme, token, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return meibo.Caller{}, errNoKey
	}
	return s.opts.Ledger.Authenticate(ctx, strings.TrimSpace(token))
}

// guard turns what goes wrong in a method into a status. A panic ends that
// request and no other; it is told to the log with its stack, and to the caller
// as a number.
func (s *Server) guard(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (answer any, err error) {
	defer func() {
		if p := recover(); p != nil {
			s.metrics.panics.Inc()
			err = s.fail(fmt.Errorf("panic: %v\n%s", p, debug.Stack()), info.FullMethod)
		}
	}()
	answer, err = next(ctx, req)
	if err != nil {
		err = s.fail(err, info.FullMethod)
	}
	return answer, err
}

// fail makes an error fit to leave the house. What is nobody's fault outside gets
// a number, under which the log says more.
func (s *Server) fail(err error, method string) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	st := statusOf(err, "")
	if status.Code(st) == codes.Internal {
		number := newNumber()
		s.opts.Log.Error("request failed", "request", number, "method", method, "error", err)
		return statusOf(err, number)
	}
	return st
}

func newNumber() string {
	var b [8]byte
	rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// measure counts and times what is asked.
func (s *Server) measure(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (any, error) {
	began := time.Now()
	answer, err := next(ctx, req)
	s.metrics.requests.WithLabelValues(info.FullMethod, status.Code(err).String()).Inc()
	s.metrics.seconds.WithLabelValues(info.FullMethod).Observe(time.Since(began).Seconds())
	return answer, err
}
