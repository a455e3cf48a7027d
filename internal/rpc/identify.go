package rpc

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
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
	ctx, err := s.identified(ctx, s.who(info.FullMethod))
	if err != nil {
		return nil, err
	}
	return next(ctx, req)
}

// A teller tells who presents an API key.
type teller func(ctx context.Context, token string) (meibo.Caller, error)

// who tells the caller of a method. Checks look for themselves whether that still
// holds.
func (s *Server) who(method string) teller {
	switch method {
	case pb.AccessService_CheckAccess_FullMethodName, pb.AccessService_BatchCheckAccess_FullMethodName:
		return s.opts.Ledger.Identify
	case pb.HoldService_OpenHold_FullMethodName:
		return s.opts.Ledger.IdentifyToHold
	}
	return s.opts.Ledger.Authenticate
}

// authenticate reads "Bearer mb_<id>_<secret>". Of two headers it would not be
// said which one counts.
func (s *Server) authenticate(ctx context.Context, headers []string, who teller) (meibo.Caller, error) {
	if len(headers) != 1 {
		return meibo.Caller{}, errNoKey
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return meibo.Caller{}, errNoKey
	}
	return who(ctx, strings.TrimSpace(token))
}

// guard turns what goes wrong in a method into a status, whose details have room.
// A panic ends that request and no other; it is told to the log with its stack,
// and to the caller as a number.
func (s *Server) guard(room int) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, next grpc.UnaryHandler) (answer any, err error) {
		defer func() {
			if p := recover(); p != nil {
				answer, err = nil, s.panicked(p)
			}
			if err != nil {
				answer, err = nil, s.fail(err, info.FullMethod, room)
			}
		}()
		return next(ctx, req)
	}
}

// panicked makes an error of a panic.
func (s *Server) panicked(p any) error {
	s.metrics.panics.Inc()
	return fmt.Errorf("panic: %v\n%s", p, debug.Stack())
}

// fail makes an error fit to leave the house.
func (s *Server) fail(err error, method string, room int) error {
	if _, ok := status.FromError(err); ok {
		return err
	}
	return statusOf(err, s.note(err, method), room)
}

// note tells the log what is nobody's fault outside, and returns the number under
// which it does.
func (s *Server) note(err error, method string) string {
	var refusal *meibo.Refusal
	switch code, _, _ := kindOf(err); {
	case code == codes.Internal:
		number := newNumber()
		s.opts.Log.Error("request failed", "request", number, "method", method, "error", err)
		return number
	case code == codes.Unavailable && !errors.As(err, &refusal):
		s.opts.Log.Warn("request was not served", "method", method, "error", err)
	}
	return ""
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
	s.metrics.observe(info.FullMethod, status.Code(err), began)
	return answer, err
}
