package directory

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// run is a connection to one server from its beginning to its end: streams that hear of changes, a desk that looks
// people up, a heart-beat, and now and then a sweep, each with a connection of its own. Streams only put signals into a
// queue; express hands on what restricts as it comes; the loop does the rest.
type run struct {
	*Follower
	caller     context.Context // what the caller does lasts longer than the connection
	view       view
	mode       Mode
	binding    binding
	desk       desk
	tellers    []string // the entries that tell how far the server is
	fail       context.CancelCauseFunc
	wg         sync.WaitGroup
	news       chan struct{} // the queue is not empty
	urgent     chan struct{} // there is something for express in it
	swept      chan *sweep
	connected  time.Time
	began      uint64       // the arrival that ended the first refresh phase
	running    bool         // a sweep
	sent       atomic.Int64 // when the server sent something last, in nanoseconds
	ended      []*refresh   // refresh phases
	refreshing int          // how many there are
	failed     int          // sweeps, one after the other

	mu       sync.Mutex
	queue    []*signal
	open     int               // signals that are not settled
	express  []*signal         // that restrict and were not handed on yet
	arrivals map[string]uint64 // when an id was heard of last
	clock    uint64            // counts arrivals
	settled  marks             // of what was handed on
	heard    marks             // of what has arrived
	last     time.Time         // when everybody was read
	due      time.Time         // when everybody is to be read; zero: not before the interval is over
	whole    bool              // all that happened before the connection has been handed on
}

// signal is what a stream heard.
type signal struct {
	id      string
	entry   *seen // as the server sent it; nil: only that something happened to it
	gone    bool  // the server says that it has left
	subtree string
	mark    []byte   // how far the subtree's stream has told with this signal; nil: no further
	refresh *refresh // the end of a refresh phase
	at      time.Time
	seq     uint64
	told    bool // handed on by express
	settled bool
}

// attempt connects and follows until something breaks. lived says that it went well for a while.
func (f *Follower) attempt(parent context.Context) (lived bool, err error) {
	ctx, cancel := context.WithCancelCause(parent)
	r := &run{
		Follower: f, caller: parent, fail: cancel, news: make(chan struct{}, 1), urgent: make(chan struct{}, 1),
		swept: make(chan *sweep, 1), arrivals: map[string]uint64{}, settled: marks{}, heard: marks{},
	}
	defer r.wg.Wait()
	defer cancel(nil)
	if err := r.connect(ctx); err != nil {
		return false, cause(ctx, err)
	}
	defer r.desk.close()
	err = cause(ctx, r.follow(ctx))
	f.noteRefusal(r.mode, err)
	return r.whole, err
}

// cause is why ctx ended, if that is why there is an error.
func cause(ctx context.Context, err error) error {
	if why := context.Cause(ctx); why != nil && why != context.Canceled { // which itself says only that somebody has ended it
		return why
	}
	return err
}

// connect opens the desk and chooses the mode.
func (r *run) connect(ctx context.Context) error {
	c, v, err := r.source.open(ctx)
	if err != nil {
		return err
	}
	c.wire.sent = &r.sent
	r.desk = desk{c, v.watching()}
	if err := r.prepare(ctx); err != nil {
		c.close()
		return err
	}
	return nil
}

func (r *run) prepare(ctx context.Context) error {
	v, c := &r.desk.view, r.desk.session
	if !v.choose(r.Following.Mode, r.avoided()...) {
		return &Incomplete{Code: CodeMode, Doing: "follow " + c.url}
	}
	r.mode = v.Mode
	server, err := r.server(ctx)
	if err != nil {
		return err
	}
	r.view, r.connected = *v, v.Now()
	r.binding = binding{r.mode, server, v.configuration()}
	if err := c.canaries(ctx, *v); err != nil {
		return err
	}
	if err := r.contexts(ctx); err != nil {
		return err
	}
	r.stand(func(s *Standing) {
		s.Connected, s.URL, s.Vendor, s.Mode, s.Reason, s.Err = true, c.url, v.Vendor, v.Mode, v.Reason, nil
		s.Since = r.source.config.Now()
		s.Reconnects++
	})
	r.report(Notice{Kind: NoticeConnected})
	return nil
}

// server names the server: what a token of it is good for. Each subtree must be readable.
func (r *run) server(ctx context.Context) (string, error) {
	v, c := r.desk.view, r.desk.session
	texts := append([]string{c.url, string(v.Vendor), v.server}, v.roots()...)
	for _, base := range v.subtrees() {
		top, err := c.entry(ctx, "read the top of "+base, base, string(v.IDKind))
		if err != nil {
			return "", err
		}
		texts = append(texts, top[strings.ToLower(string(v.IDKind))]...)
	}
	return fingerprint(texts...), nil
}

// avoided are the modes that the server has refused lately.
func (f *Follower) avoided() []Mode {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []Mode
	for m, since := range f.refused {
		if time.Since(since) < refusalLasts {
			all = append(all, m)
		}
	}
	return all
}

const refusalLasts = time.Hour

// noteRefusal forgets a token that the server has refused, and remembers when it does not let itself be followed so:
// then it is followed in another way for a while.
func (f *Follower) noteRefusal(m Mode, err error) {
	var rejected *TokenRejected
	if errors.As(err, &rejected) {
		f.report(Notice{Kind: NoticeRejected, Err: rejected})
		f.deliver1.Lock()
		f.token = ""
		f.deliver1.Unlock()
	}
	var refused *refusedMode
	if m == ModePoll || !errors.As(err, &refused) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.refused[m] = time.Now()
}

// refusedMode says that the server answers a stream's request with a result that another try will not change.
type refusedMode struct{ error }

func (e *refusedMode) Unwrap() error { return e.error }

// final tells whether a server that gave this result to a stream will give it again.
func final(result uint16) bool {
	switch result {
	case ldap.LDAPResultBusy, ldap.LDAPResultUnavailable, ldap.LDAPResultOther, ldap.LDAPResultOperationsError,
		ldap.LDAPResultInvalidCredentials:
		return false
	}
	return true
}
