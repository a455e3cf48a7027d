package rpc

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	exact "github.com/go-json-experiment/json"
	"google.golang.org/grpc/codes"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// configurationPath is where AuthZEN's metadata are found.
const configurationPath = "/.well-known/authzen-configuration"

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

// evaluation answers an AuthZEN Access Evaluation request (Authorization API 1.0,
// section 5). A denial is 200 with decision false; 400 is for a request that the
// protocol does not allow. Members that it does not know are ignored.
func (s *Server) evaluation(r *http.Request) (any, error) {
	caller, err := s.authenticate(r.Context(), r.Header.Values("Authorization"))
	if err != nil {
		return nil, err
	}
	body, unfit := strictBody(r, maxBody)
	if unfit != nil {
		return nil, unfit
	}
	var e evaluation
	if err := exact.Unmarshal(body, &e); err != nil {
		return nil, &malformed{http.StatusBadRequest, "a member has the wrong type"}
	}
	if missing := e.missing(); missing != "" {
		return nil, &malformed{http.StatusBadRequest, missing + " is required"}
	}
	d, err := s.opts.Ledger.Check(r.Context(), caller, e.question())
	if err != nil {
		return nil, err
	}
	s.metrics.decisions.WithLabelValues(d.PrimaryCode).Inc()
	return evaluated{Decision: d.Allowed, Context: evaluationContext(d)}, nil
}

// An evaluation is a request. A member that is required is a pointer, so that
// what is missing differs from what is empty.
type evaluation struct {
	Subject  *entity `json:"subject"`
	Action   *action `json:"action"`
	Resource *entity `json:"resource"`
	Context  struct {
		Contract string `json:"contract"`
		Purpose  string `json:"purpose"`
	} `json:"context"`
}

type entity struct {
	Type *string `json:"type"`
	ID   *string `json:"id"`
	// Properties never grant: nothing that a caller says of itself opens anything.
	Properties map[string]any `json:"properties"`
}

type action struct {
	Name       *string        `json:"name"`
	Properties map[string]any `json:"properties"`
}

// missing names the first member that the protocol requires and the request lacks.
func (e evaluation) missing() string {
	switch {
	case e.Subject == nil || e.Subject.Type == nil:
		return "subject.type"
	case e.Subject.ID == nil:
		return "subject.id"
	case e.Action == nil || e.Action.Name == nil:
		return "action.name"
	case e.Resource == nil || e.Resource.Type == nil:
		return "resource.type"
	case e.Resource.ID == nil:
		return "resource.id"
	}
	return ""
}

// The types of subject and resource that meibo knows. Of any other type there is
// nothing: that is a denial, not an error.
const (
	subjectPerson = "person"
	resourceAsset = "asset"
)

// question turns a request into meibo's words.
func (e evaluation) question() meibo.Question {
	q := meibo.Question{
		Person: meibo.PersonID(*e.Subject.ID), Action: meibo.Action(*e.Action.Name), Asset: meibo.AssetID(*e.Resource.ID),
		Contract: meibo.ContractID(e.Context.Contract), Purpose: meibo.PurposeCode(e.Context.Purpose),
	}
	if *e.Subject.Type != subjectPerson {
		q.Person = meibo.NoID
	}
	if *e.Resource.Type != resourceAsset {
		q.Asset = meibo.NoID
	}
	return q
}

// evaluated is an answer.
type evaluated struct {
	Decision bool              `json:"decision"`
	Context  *evaluatedContext `json:"context,omitempty"`
}

type evaluatedContext struct {
	DecisionID    string   `json:"decision_id"`
	PrimaryCode   string   `json:"primary_code"`
	Codes         []string `json:"codes"`
	Clauses       []string `json:"clauses,omitempty"`
	ReasonUser    string   `json:"reason_user,omitempty"`
	Advice        []string `json:"advice,omitempty"`
	MaxAge        int      `json:"max_age"`
	Revision      int64    `json:"revision"`
	RosterVersion int      `json:"roster_version,omitempty"`
}

// evaluationContext says as much of the reasons as the system's registration lets
// it: some clients compare answers to the letter, and reasons tell about people.
func evaluationContext(d meibo.Decision) *evaluatedContext {
	c := &evaluatedContext{
		DecisionID: string(d.ID), PrimaryCode: d.PrimaryCode, Codes: d.Codes, Clauses: d.Clauses, Advice: d.Advice,
		MaxAge: d.MaxAge, Revision: d.Revision, RosterVersion: d.RosterVersion,
	}
	switch d.Answers {
	case meibo.AnswersNone:
		return nil
	case meibo.AnswersFull:
		c.ReasonUser = sentenceFor(d)
	}
	return c
}

// configuration is AuthZEN's metadata. Its URLs come from the configuration, never
// from the request.
func (s *Server) configuration(*http.Request) (any, error) {
	base := strings.TrimSuffix(s.opts.PublicURL, "/")
	return map[string]string{
		"policy_decision_point":      base,
		"access_evaluation_endpoint": base + "/access/v1/evaluation",
	}, nil
}
