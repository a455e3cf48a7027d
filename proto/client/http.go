package client

import (
	"context"
	"fmt"
	"net/http"

	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// HTTP stands before handlers of net/http. A request reaches them only after an
// allow whose obligations were all taken.
type HTTP struct {
	Client *Client
	// Question says what a request asks. Whoever the person is must come from what
	// the program itself has proven (a session, a certificate), never from what the
	// request says of itself. An error denies.
	Question func(*http.Request) (*pb.CheckAccessRequest, error)
	// Fulfil takes an obligation: what it returns nil for the handler does. When it is
	// nil, an allow with obligations denies.
	Fulfil func(*http.Request, *Obligation) error
	// Refuse answers instead of the handler; d is nil when there is no decision. When it
	// is nil, the answer is 403 with the sentence for the person, or 503.
	Refuse func(w http.ResponseWriter, r *http.Request, d *Decision)
}

type decisionKey struct{}

// FromContext is the decision that let a request in; nil when there was none.
func FromContext(ctx context.Context) *Decision {
	d, _ := ctx.Value(decisionKey{}).(*Decision)
	return d
}

// Guard puts the question before a handler.
func (h HTTP) Guard(next http.Handler) http.Handler {
	refuse := h.Refuse
	if refuse == nil {
		refuse = refuseHTTP
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		d, err := h.decide(r)
		if err != nil || !d.Allowed() {
			refuse(w, r, d)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), decisionKey{}, d)))
	})
}

func (h HTTP) decide(r *http.Request) (*Decision, error) {
	q, err := h.Question(r)
	if err != nil {
		return nil, fmt.Errorf("make a question of the request: %w", err)
	}
	d, err := h.Client.Check(r.Context(), q)
	if err != nil {
		return nil, err
	}
	if h.Fulfil == nil {
		return d, d.fulfil(nil)
	}
	return d, d.fulfil(func(o *Obligation) error { return h.Fulfil(r, o) })
}

// refuseHTTP says no more than meibo lets the person know.
func refuseHTTP(w http.ResponseWriter, _ *http.Request, d *Decision) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if d == nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusForbidden)
	fmt.Fprintf(w, "%s\n%s\n", d.Message, d.ID)
}
