package rpc

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc/codes"
)

// The paths of AuthZEN (Authorization API 1.0).
const (
	configurationPath = "/.well-known/authzen-configuration"
	evaluationPath    = "/access/v1/evaluation"
	evaluationsPath   = "/access/v1/evaluations"
	subjectPath       = "/access/v1/search/subject"
	resourcePath      = "/access/v1/search/resource"
	actionPath        = "/access/v1/search/action"
)

// An authzenMethod is what one path of AuthZEN answers, and to which HTTP method.
// Its error becomes one of the protocol: one message string.
type authzenMethod struct {
	verb   string
	answer func(*http.Request) (any, error)
}

// authzen answers at the paths.
func (s *Server) authzen(paths map[string]authzenMethod) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		method, known := paths[r.URL.Path]
		switch {
		case !known:
			writeMessage(w, http.StatusNotFound, "there is no such path")
			return
		case r.Method != method.verb:
			w.Header().Set("Allow", method.verb)
			writeMessage(w, http.StatusMethodNotAllowed, "the path knows no "+r.Method)
			return
		}
		began, code := time.Now(), codes.OK
		defer func() { s.metrics.observe(r.URL.Path, code, began) }()
		answer, err := s.careful(method.answer, r)
		if err != nil {
			code, _, _ = kindOf(err)
			s.explain(w, err, r.URL.Path)
			return
		}
		announce(w, http.StatusOK)
		json.NewEncoder(w).Encode(answer)
	}
}

// careful makes an error of a panic.
func (s *Server) careful(answer func(*http.Request) (any, error), r *http.Request) (v any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = s.panicked(p)
		}
	}()
	return answer(r)
}

// explain says an error to a caller.
func (s *Server) explain(w http.ResponseWriter, err error, method string) {
	var unfit *malformed
	if errors.As(err, &unfit) {
		writeMessage(w, unfit.status, unfit.what)
		return
	}
	code, message, _ := kindOf(err)
	if number := s.note(err, method); number != "" {
		message += ", request " + number
	}
	writeMessage(w, statusHTTP(code), message)
}

// writeMessage writes an error of the protocol.
func writeMessage(w http.ResponseWriter, code int, message string) {
	announce(w, code)
	json.NewEncoder(w).Encode(message)
}

// configuration is AuthZEN's metadata. Its URLs come from the configuration, never
// from the request.
func (s *Server) configuration(*http.Request) (any, error) {
	base := strings.TrimSuffix(s.opts.PublicURL, "/")
	return map[string]string{
		"policy_decision_point":       base,
		"access_evaluation_endpoint":  base + evaluationPath,
		"access_evaluations_endpoint": base + evaluationsPath,
		"search_subject_endpoint":     base + subjectPath,
		"search_resource_endpoint":    base + resourcePath,
		"search_action_endpoint":      base + actionPath,
	}, nil
}
