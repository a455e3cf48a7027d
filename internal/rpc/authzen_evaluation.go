package rpc

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// evaluation answers an Access Evaluation request (Authorization API 1.0, section
// 5). A denial is 200 with decision false; 400 is for a request that the protocol
// does not allow. Members that it does not know are ignored.
func (s *Server) evaluation(r *http.Request) (any, error) {
	var p parts
	caller, err := s.readZEN(r, s.opts.Ledger.Identify, &p)
	if err != nil {
		return nil, err
	}
	return s.evaluate(r, caller, p)
}

// readZEN tells who calls, and reads the body.
func (s *Server) readZEN(r *http.Request, who teller, into any) (meibo.Caller, error) {
	caller, err := s.authenticate(r.Context(), r.Header.Values("Authorization"), who)
	if err != nil {
		return caller, err
	}
	body, unfit := strictBody(r, maxBody)
	if unfit != nil {
		return caller, unfit
	}
	if err := json.Unmarshal(body, into); err != nil {
		return caller, badRequest("a member has the wrong type")
	}
	return caller, nil
}

func badRequest(format string, args ...any) *malformed {
	return &malformed{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func (s *Server) evaluate(r *http.Request, caller meibo.Caller, p parts) (any, error) {
	e, wrong := p.read()
	if wrong != "" {
		return nil, badRequest("%s", wrong)
	}
	if unfit := e.unfit(); unfit != "" {
		return nil, badRequest("%s", unfit)
	}
	if err := s.reach(r.Context(), e); err != nil {
		return nil, err
	}
	d, err := s.opts.Ledger.Check(r.Context(), caller, e.question())
	if err != nil {
		return nil, err
	}
	s.metrics.count(d)
	return answerTo(d), nil
}

// several is an Access Evaluations request: defaults, and what differs from them.
type several struct {
	parts
	Evaluations []jsontext.Value `json:"evaluations"`
	Options     struct {
		Semantic string `json:"evaluations_semantic"`
	} `json:"options"`
}

// evaluations answers an Access Evaluations request (section 6): all items at one
// revision. An item that cannot be understood is denied with an error of its own.
// Without items the request is a single evaluation.
func (s *Server) evaluations(r *http.Request) (any, error) {
	var all several
	caller, err := s.readZEN(r, s.opts.Ledger.Identify, &all)
	if err != nil {
		return nil, err
	}
	stop, known := semantics[cmp.Or(all.Options.Semantic, executeAll)]
	switch {
	case !known:
		return nil, badRequest("options.evaluations_semantic is unknown")
	case len(all.Evaluations) > ledger.MaxQuestions:
		return nil, badRequest("there are more than %d evaluations", ledger.MaxQuestions)
	case len(all.Evaluations) == 0:
		return s.evaluate(r, caller, all.parts)
	}
	if _, wrong := all.parts.read(); wrong != "" {
		return nil, badRequest("%s", wrong)
	}
	items, err := s.itemsOf(r.Context(), all, stop)
	if err != nil {
		return nil, err
	}
	var questions []meibo.Question
	for _, i := range items {
		if i.unfit == "" {
			questions = append(questions, i.question())
		}
	}
	ds, err := s.opts.Ledger.CheckAll(r.Context(), caller, questions, stop)
	if err != nil {
		return nil, err
	}
	s.metrics.count(ds...)
	return map[string]any{"evaluations": inOrder(items, ds, stop)}, nil
}

// An item is one of several requests, or why it is none.
type item struct {
	evaluation
	unfit string
}

// itemsOf reads the items, up to and with an unfit one that ends the batch: it
// counts as denied.
func (s *Server) itemsOf(ctx context.Context, all several, stop func(meibo.Decision) bool) ([]item, error) {
	var items []item
	for _, value := range all.Evaluations {
		i := itemOf(value, all.parts)
		var unfit *malformed
		if err := s.reach(ctx, i.evaluation); errors.As(err, &unfit) {
			i.unfit = cmp.Or(i.unfit, unfit.what)
		} else if err != nil {
			return nil, err
		}
		items = append(items, i)
		if i.unfit != "" && stop(meibo.Decision{}) {
			break
		}
	}
	return items, nil
}

func itemOf(value jsontext.Value, defaults parts) item {
	var own parts
	if value.Kind() != '{' || json.Unmarshal(value, &own) != nil {
		return item{unfit: "the evaluation is not an object"}
	}
	e, wrong := own.over(defaults).read()
	if wrong != "" {
		return item{unfit: wrong}
	}
	if unfit := e.unfit(); unfit != "" {
		return item{unfit: unfit}
	}
	return item{evaluation: e}
}

// inOrder puts the decisions between the unfit items, up to and with the one that
// ended the batch: what comes after was not decided.
func inOrder(items []item, ds []meibo.Decision, stop func(meibo.Decision) bool) []evaluated {
	answers := []evaluated{}
	for _, i := range items {
		var d meibo.Decision // an unfit item counts as denied
		if i.unfit != "" {
			answers = append(answers, evaluated{false, &evaluatedContext{Error: &itemError{http.StatusBadRequest, i.unfit}}})
		} else {
			d, ds = ds[0], ds[1:]
			answers = append(answers, answerTo(d))
		}
		if stop(d) {
			break
		}
	}
	return answers
}
