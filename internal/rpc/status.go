package rpc

import (
	"context"
	"errors"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/protoadapt"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// errNoKey says that a request carries no API key.
var errNoKey = errors.New("present an API key: authorization: Bearer mb_…")

// kinds is the one table from a kind of error to a status.
var kinds = []struct {
	kind error
	code codes.Code
}{
	{errNoKey, codes.Unauthenticated},
	{ledger.ErrUnauthenticated, codes.Unauthenticated},
	{meibo.ErrNotFound, codes.NotFound},
	{meibo.ErrForbidden, codes.PermissionDenied},
	{meibo.ErrConflict, codes.FailedPrecondition},
	{meibo.ErrInvalid, codes.InvalidArgument},
	{meibo.ErrBusy, codes.Unavailable},
	{context.Canceled, codes.Canceled},
	{context.DeadlineExceeded, codes.DeadlineExceeded},
}

// codeOf finds the status of an error; what no kind fits is internal.
func codeOf(err error) codes.Code {
	for _, k := range kinds {
		if errors.Is(err, k.kind) {
			return k.code
		}
	}
	return codes.Internal
}

// statusOf makes the status that leaves the house. Its message says the kind and,
// where there is one, the code; never what a database or a program said. Problems
// and the Japanese sentence of a refusal are details.
func statusOf(err error, number string) error {
	code := codeOf(err)
	message := map[codes.Code]string{
		codes.Unauthenticated:    "unauthenticated: present a valid API key",
		codes.NotFound:           "not found",
		codes.PermissionDenied:   "forbidden",
		codes.FailedPrecondition: "conflict",
		codes.InvalidArgument:    "invalid request",
		codes.Unavailable:        "busy: try again with the same idempotency key",
		codes.Canceled:           "canceled",
		codes.DeadlineExceeded:   "deadline exceeded",
		codes.Internal:           "internal error, request " + number,
	}[code]
	var details []protoadapt.MessageV1
	var refusal *meibo.Refusal
	var problems meibo.Problems
	switch {
	case code == codes.Internal:
	case errors.As(err, &refusal):
		message += ": " + string(refusal.Code)
		details = append(details,
			&errdetails.ErrorInfo{Reason: string(refusal.Code), Domain: "meibo"},
			&errdetails.LocalizedMessage{Locale: "ja", Message: refusal.Sentence()})
	case errors.As(err, &problems):
		message += ": " + problems.Error()
		for _, p := range problemsToWire(problems) {
			details = append(details, p)
		}
	}
	st := status.New(code, message)
	if full, err := st.WithDetails(details...); err == nil {
		st = full
	}
	return st.Err()
}

// maxProblems bounds how many problems one answer carries; the first are enough
// to begin with, and a status has to fit into a header.
const maxProblems = 200

func problemsToWire(ps meibo.Problems) []*pb.Problem {
	var list []*pb.Problem
	for _, p := range ps {
		if len(list) == maxProblems {
			break
		}
		list = append(list, problemToWire(p))
	}
	return list
}

func problemToWire(p meibo.Problem) *pb.Problem {
	return &pb.Problem{Row: int32(p.Row), Field: p.Field, Code: string(p.Code), Message: p.Sentence()}
}
