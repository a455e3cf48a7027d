package rpc

import (
	"encoding/json"
	"net/http"
	"strings"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A failure is the JSON of an error.
type failure struct {
	Code     string    `json:"code"`             // kind, such as INVALID_ARGUMENT
	Reason   string    `json:"reason,omitempty"` // code of a refusal
	Message  string    `json:"message"`          // for people, in Japanese
	Detail   string    `json:"detail"`           // for programmers
	Problems []problem `json:"problems,omitempty"`
}

// A problem is the JSON of a problem of a row.
type problem struct {
	Row     int32  `json:"row"` // 0: the request itself
	Field   string `json:"field"`
	Code    string `json:"code"`
	Message string `json:"message"` // for people, in Japanese
}

// writeError writes an error that is a status.
func writeError(w http.ResponseWriter, err error) {
	st := status.Convert(err)
	f := failure{Code: snakeCode(st.Code().String()), Message: sentenceOf(st.Code()), Detail: st.Message()}
	for _, detail := range st.Details() {
		switch d := detail.(type) {
		case *errdetails.ErrorInfo:
			f.Reason = d.Reason
		case *errdetails.LocalizedMessage:
			f.Message = d.Message
		case *pb.Problem:
			f.Problems = append(f.Problems, problem{d.Row, d.Field, d.Code, d.Message})
		}
	}
	writeFailure(w, statusHTTP(st.Code()), f)
}

// writeUnfit writes why a request is refused before anybody reads it.
func writeUnfit(w http.ResponseWriter, m *malformed) {
	writeFailure(w, m.status, failure{Code: "INVALID_ARGUMENT", Message: sentenceOf(codes.InvalidArgument), Detail: m.what})
}

func writeFailure(w http.ResponseWriter, code int, f failure) {
	announce(w, code)
	json.NewEncoder(w).Encode(f)
}

// announce writes the head of an answer in JSON.
func announce(w http.ResponseWriter, code int) {
	switch code {
	case http.StatusUnauthorized:
		w.Header().Set("WWW-Authenticate", `Bearer realm="meibo"`)
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "1")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
}

// statusHTTP is the HTTP status of a code.
func statusHTTP(c codes.Code) int {
	if c == codes.FailedPrecondition {
		return http.StatusConflict
	}
	return runtime.HTTPStatusFromCode(c)
}

// snakeCode turns NotFound into NOT_FOUND, as the codes are written elsewhere.
func snakeCode(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && 'A' <= r && r <= 'Z' {
			b.WriteByte('_')
		}
		b.WriteRune(r)
	}
	return strings.ToUpper(b.String())
}
