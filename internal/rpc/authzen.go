package rpc

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	exact "github.com/go-json-experiment/json"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// evaluation answers an AuthZEN Access Evaluation request (Authorization API 1.0,
// section 5). A denial is 200 with decision false; 400 is for a request that the
// protocol does not allow. Members that it does not know are ignored.
func (s *Server) evaluation(w http.ResponseWriter, r *http.Request) {
	if id := r.Header.Values("X-Request-ID"); len(id) > 0 {
		w.Header()["X-Request-Id"] = id
	}
	caller, err := s.authenticate(r.Context(), r.Header.Get("Authorization"))
	if err != nil {
		s.authzenError(w, r, err)
		return
	}
	body, err := strictBody(r, maxBody)
	if err != nil {
		s.authzenError(w, r, err)
		return
	}
	var e evaluation
	if err := exact.Unmarshal(body, &e); err != nil {
		s.authzenError(w, r, &malformed{http.StatusBadRequest, "a member has the wrong type"})
		return
	}
	q, err := e.question()
	if err != nil {
		s.authzenError(w, r, err)
		return
	}
	d, err := s.opts.Ledger.Check(r.Context(), caller, q)
	if err != nil {
		s.authzenError(w, r, err)
		return
	}
	s.metrics.decisions.WithLabelValues(d.PrimaryCode).Inc()
	writeJSON(w, evaluated{Decision: d.Allowed, Context: evaluationContext(d)})
}

// An evaluation is a request. A member that is required is a pointer, so that
// what is missing differs from what is empty.
type evaluation struct {
	Subject  *entity `json:"subject"`
	Action   *action `json:"action"`
	Resource *entity `json:"resource"`
	Context  *struct {
		Contract *string `json:"contract"`
		Purpose  *string `json:"purpose"`
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

// The types of subject and resource that meibo knows. Others are denied.
const (
	subjectPerson = "person"
	resourceAsset = "asset"
)

// question checks that what the protocol requires is there, and turns it into
// meibo's words. A subject or resource of an unknown type becomes one that does
// not exist: that is a denial, not an error.
func (e evaluation) question() (meibo.Question, error) {
	for _, required := range []struct {
		what  string
		there bool
	}{
		{"subject.type", e.Subject != nil && e.Subject.Type != nil}, {"subject.id", e.Subject != nil && e.Subject.ID != nil},
		{"action.name", e.Action != nil && e.Action.Name != nil},
		{"resource.type", e.Resource != nil && e.Resource.Type != nil}, {"resource.id", e.Resource != nil && e.Resource.ID != nil},
	} {
		if !required.there {
			return meibo.Question{}, &malformed{http.StatusBadRequest, required.what + " is required"}
		}
	}
	q := meibo.Question{
		Person: meibo.PersonID(*e.Subject.ID), Action: meibo.Action(*e.Action.Name), Asset: meibo.AssetID(*e.Resource.ID),
	}
	if *e.Subject.Type != subjectPerson {
		q.Person = "unknown-type"
	}
	if *e.Resource.Type != resourceAsset {
		q.Asset = "unknown-type"
	}
	if c := e.Context; c != nil {
		if c.Contract != nil {
			q.Contract = meibo.ContractID(*c.Contract)
		}
		if c.Purpose != nil {
			q.Purpose = meibo.PurposeCode(*c.Purpose)
		}
	}
	return q, nil
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
func (s *Server) configuration(w http.ResponseWriter, _ *http.Request) {
	base := strings.TrimSuffix(s.opts.PublicURL, "/")
	writeJSON(w, map[string]string{
		"policy_decision_point":      base,
		"access_evaluation_endpoint": base + "/access/v1/evaluation",
	})
}

// authzenError writes an error of the protocol: one message string.
func (s *Server) authzenError(w http.ResponseWriter, r *http.Request, err error) {
	var m *malformed
	code, message := http.StatusInternalServerError, "internal error"
	switch {
	case errors.As(err, &m):
		code, message = m.status, m.what
	case errors.Is(err, errNoKey), errors.Is(err, ledger.ErrUnauthenticated):
		w.Header().Set("WWW-Authenticate", `Bearer realm="meibo"`)
		code, message = http.StatusUnauthorized, "unauthenticated"
	case errors.Is(err, meibo.ErrForbidden):
		code, message = http.StatusForbidden, "this client may not ask for decisions"
	case errors.Is(err, meibo.ErrBusy):
		w.Header().Set("Retry-After", "1")
		code, message = http.StatusServiceUnavailable, "busy"
	default:
		number := newNumber()
		s.opts.Log.Error("request failed", "request", number, "method", r.URL.Path, "error", err)
		message += ", request " + number
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	json.NewEncoder(w).Encode(message)
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}
