package rpc

import (
	"context"
	"errors"
	"fmt"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/protoadapt"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// errNoKey says that a request does not carry exactly one API key.
var errNoKey = errors.New("present one API key: authorization: Bearer mb_…")

// kinds is the one table from a kind of error to a status, to what it is called,
// and to what is said to people.
var kinds = []struct {
	kind     error
	code     codes.Code
	name     string
	sentence string
}{
	{errNoKey, codes.Unauthenticated, "unauthenticated: present one valid API key", "有効なAPIキーを一つ提示してください。"},
	{ledger.ErrUnauthenticated, codes.Unauthenticated, "unauthenticated: present one valid API key", "有効なAPIキーを一つ提示してください。"},
	{meibo.ErrNotFound, codes.NotFound, "not found", "見つかりません。"},
	{meibo.ErrForbidden, codes.PermissionDenied, "forbidden", "この操作は許可されていません。"},
	{meibo.ErrConflict, codes.FailedPrecondition, "conflict", "いまの状態では行えません。"},
	{meibo.ErrInvalid, codes.InvalidArgument, "invalid request", "入力に問題があります。"},
	{meibo.ErrBusy, codes.Unavailable, "busy: try again with the same idempotency key", "混み合っています。同じ冪等キーで、もう一度お試しください。"},
	{context.Canceled, codes.Canceled, "canceled", "取り消されました。"},
	{context.DeadlineExceeded, codes.DeadlineExceeded, "deadline exceeded", "時間内に終わりませんでした。"},
	{errInternal, codes.Internal, "internal error", "内部の誤りです。番号を添えて、運用管理者に知らせてください。"},
}

// errInternal is the kind of all that is nobody's fault outside.
var errInternal = errors.New("internal error")

// kindOf finds the row of an error; what no kind fits is internal.
func kindOf(err error) (code codes.Code, name, sentence string) {
	for _, k := range kinds {
		if errors.Is(err, k.kind) || k.kind == errInternal {
			code, name, sentence = k.code, k.name, k.sentence
			break
		}
	}
	return code, name, sentence
}

// sentenceOf is what is said of a code where nothing more is known.
func sentenceOf(code codes.Code) (sentence string) {
	for _, k := range kinds {
		if sentence = k.sentence; k.code == code {
			break
		}
	}
	return sentence
}

// statusOf makes the status that leaves the house. Its message says the kind and,
// where there is one, the code; never what a database or a program said. Problems
// and a Japanese sentence are details; room is how many bytes they may take.
func statusOf(err error, number string, room int) error {
	code, message, sentence := kindOf(err)
	var refusal *meibo.Refusal
	var problems meibo.Problems
	var unfit *malformed
	details := []protoadapt.MessageV1{}
	switch {
	case code == codes.Internal:
		message += ", request " + number
		sentence += "（" + number + "）"
	case errors.As(err, &refusal):
		message += ": " + string(refusal.Code)
		sentence = refusal.Sentence()
		details = append(details, &errdetails.ErrorInfo{Reason: string(refusal.Code), Domain: "meibo"})
	case errors.As(err, &problems):
		message += ": " + problems.Error()
		for _, p := range problemsWithin(problems, room) {
			details = append(details, p)
		}
	case errors.As(err, &unfit):
		message += ": " + unfit.what
	}
	if left := len(problems) - len(details); len(problems) > 0 && left > 0 {
		sentence += fmt.Sprintf("ほかに%d件あります。", left)
	}
	details = append(details, &errdetails.LocalizedMessage{Locale: "ja", Message: sentence})
	st := status.New(code, message)
	if full, err := st.WithDetails(details...); err == nil {
		st = full
	}
	return st.Err()
}

// How many bytes of problems a status carries. Over gRPC it has to fit into the
// 8 KiB of headers that clients in other languages take, in base64; whoever wants
// all of them asks for a preview. Over JSON it is the body.
const (
	roomOfHeader = 5 << 10
	roomOfBody   = 1 << 20
)

// problemsWithin are the first problems that fit.
func problemsWithin(ps meibo.Problems, room int) []*pb.Problem {
	var list []*pb.Problem
	for _, p := range ps {
		wire := problemToWire(p)
		if room -= proto.Size(wire) + overhead; room < 0 {
			break
		}
		list = append(list, wire)
	}
	return list
}

// overhead is about what a detail takes besides its message: the name of its type.
const overhead = 50

func problemsToWire(ps meibo.Problems) []*pb.Problem { return each(ps, problemToWire) }

func problemToWire(p meibo.Problem) *pb.Problem {
	return &pb.Problem{Row: int32(p.Row), Field: p.Field, Code: string(p.Code), Message: p.Sentence()}
}
