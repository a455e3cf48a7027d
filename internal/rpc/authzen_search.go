package rpc

import (
	"context"
	"errors"
	"net/http"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// A searchRequest is an Access Search request (section 7).
type searchRequest struct {
	parts
	Page struct {
		Limit *int32 `json:"limit"`
		Token string `json:"token"`
	} `json:"page"`
}

// A searchAnswer is one page. Its results have no members but those that name them.
type searchAnswer struct {
	Results []any      `json:"results"`
	Page    searchPage `json:"page"`
}

type searchPage struct {
	NextToken string `json:"next_token"` // empty: this is the last
}

type foundEntity struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

type foundAction struct {
	Name string `json:"name"`
}

// unnamed stands for what a search asks for: it is read as complete.
var unnamed = "unnamed"

func (s *Server) searchSubject(r *http.Request) (any, error) {
	return s.search(r, s.opts.Ledger.SearchSubjects, func(e *evaluation) {
		if e.subject != nil {
			e.subject.ID = &unnamed
		}
	}, func(q *meibo.Question) {
		q.Person, q.Naming.Name = "", ""
	}, func(e evaluation, name string) any { return foundEntity{*e.subject.Type, name} })
}

func (s *Server) searchResource(r *http.Request) (any, error) {
	return s.search(r, s.opts.Ledger.SearchResources, func(e *evaluation) {
		if e.resource != nil {
			e.resource.ID = &unnamed
		}
	}, func(q *meibo.Question) {
		q.Asset = ""
	}, func(e evaluation, name string) any { return foundEntity{*e.resource.Type, name} })
}

func (s *Server) searchAction(r *http.Request) (any, error) {
	return s.search(r, s.opts.Ledger.SearchActions, func(e *evaluation) {
		e.action = &action{Name: &unnamed}
	}, func(q *meibo.Question) {
		q.Action = ""
	}, func(_ evaluation, name string) any { return foundAction{name} })
}

// search answers a search request: complete fills in what the search asks for,
// forget takes it out of the question again, result makes a result of what is found.
// Types that meibo does not know have no results.
func (s *Server) search(r *http.Request, find search, complete func(*evaluation), forget func(*meibo.Question), result func(evaluation, string) any) (any, error) {
	var request searchRequest
	caller, err := s.readZEN(r, s.opts.Ledger.Identify, &request)
	if err != nil {
		return nil, err
	}
	e, wrong := request.read()
	if wrong != "" {
		return nil, badRequest("%s", wrong)
	}
	if complete(&e); e.missing() != "" {
		return nil, badRequest("%s is required", e.missing())
	}
	page := ledger.Page{Token: request.Page.Token}
	if limit := request.Page.Limit; limit != nil {
		if page.Limit = min(int(*limit), ledger.MostOnPage); page.Limit < 1 {
			return nil, badRequest("page.limit is less than 1")
		}
	}
	q := e.question()
	forget(&q)
	if err := s.reach(r.Context(), e); err != nil {
		return nil, err
	}
	found, err := find(r.Context(), caller, q, page)
	if err != nil {
		return nil, err
	}
	answer := searchAnswer{Results: []any{}, Page: searchPage{found.Next}}
	for _, name := range found.Names {
		answer.Results = append(answer.Results, result(e, name))
	}
	return answer, nil
}

// reach sees to it that a request is answered at the revision that it asks for.
func (s *Server) reach(ctx context.Context, e evaluation) error {
	err := s.opts.Ledger.Reach(ctx, e.context.AtLeast)
	if errors.Is(err, meibo.ErrInvalid) {
		return badRequest("context.at_least is no token of this ledger")
	}
	return err
}
