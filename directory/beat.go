package directory

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
)

// beat asks the server for a sign of life on a connection of its own, since a stream of a frozen server is just silent,
// and, where the server tells how far it is, whether the streams have heard as much.
func (r *run) beat(ctx context.Context) error {
	var c *session
	defer func() {
		if c != nil {
			c.close()
		}
	}()
	tick := time.NewTicker(r.Pace.Beat)
	defer tick.Stop()
	var behind lagging
	for {
		now, err := r.sign(ctx, &c)
		switch {
		case isCode(err, CodeSilent) && r.alive():
			if c != nil {
				c.close() // it is busy, with what others of us have asked for
				c = nil
			}
		case err != nil:
			return err
		default:
			lag := behind.behind(r.positions(false), now)
			r.stand(func(s *Standing) { s.Lag = lag })
			if lag > r.Pace.Deaf {
				return &Incomplete{Code: CodeDeaf, Doing: "follow " + c.url}
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// sign asks for one sign of life, in time. It connects if there is no connection.
func (r *run) sign(ctx context.Context, c **session) (now []string, err error) {
	if *c == nil {
		if *c, err = r.boundSoon(ctx); err != nil {
			return nil, err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, r.Pace.BeatLate)
	defer cancel()
	now, err = r.position(ctx, *c)
	if isCode(err, CodeLate) { // the server was, not its reader
		err = &Incomplete{Code: CodeSilent, Doing: "ask " + (*c).url + " for a sign of life", Err: err}
	}
	return now, err
}

// alive tells whether the server has sent anything lately, on whichever connection.
func (r *run) alive() bool { return time.Since(time.Unix(0, r.sent.Load())) < r.Pace.BeatLate }

// bound opens a connection to the server of the run.
func (r *run) bound(ctx context.Context) (*session, error) {
	c, err := r.source.bound(ctx, r.desk.url)
	if err == nil {
		c.wire.sent = &r.sent
	}
	return c, err
}

// boundSoon is bound in the time that a sign of life may take.
func (r *run) boundSoon(ctx context.Context) (*session, error) {
	ctx, cancel := context.WithCancel(ctx)
	late := time.AfterFunc(r.Pace.BeatLate, cancel)
	c, err := r.bound(ctx)
	inTime := late.Stop()
	switch {
	case err == nil && inTime:
		stop := c.stop
		c.stop = func() bool { defer cancel(); return stop() }
		return c, nil
	case err == nil:
		c.close()
	}
	cancel()
	if !inTime {
		err = &Incomplete{Code: CodeSilent, Doing: "bind to " + r.desk.url, Err: err}
	}
	return nil, err
}

// lagging is since when streams are behind their server.
type lagging struct {
	since time.Time
	ahead []string // of the streams, then
}

// behind is for how long streams have not heard what the server has to tell.
func (l *lagging) behind(heard [][]string, now []string) time.Duration {
	switch {
	case heard == nil:
	case !reached(heard, now):
		if l.since.IsZero() || reached(heard, l.ahead) { // it has moved since
			l.since, l.ahead = time.Now(), now
		}
	default:
		l.since = time.Time{}
	}
	if l.since.IsZero() {
		return 0
	}
	return time.Since(l.since)
}

// position is how far the server is: the change sequence numbers of its databases. Of a server that does not tell, it
// is empty, and a sign of life.
func (r *run) position(ctx context.Context, c *session) ([]string, error) {
	doing := "ask " + c.url + " for a sign of life"
	if len(r.tellers) == 0 {
		_, err := c.entry(ctx, doing, "", "objectClass")
		return nil, err
	}
	var all []string
	for _, dn := range r.tellers {
		e, err := c.entry(ctx, doing, dn, "contextCSN")
		if err != nil {
			return nil, err
		}
		all = append(all, e["contextcsn"]...)
	}
	return all, nil
}

// contexts finds the entries that tell how far the server is, as far as the account may read them.
func (r *run) contexts(ctx context.Context) error {
	if r.mode != ModeContent {
		return nil
	}
	for _, dn := range r.view.NamingContexts {
		if !slices.ContainsFunc(r.view.subtrees(), func(base string) bool { under, _ := within(dn, base); return under }) {
			continue
		}
		e, err := r.desk.entry(ctx, "read how far "+dn+" is", dn, "contextCSN")
		if _, answered := resultCode(err); err != nil && !answered && !isCode(err, CodeBase) {
			return err
		}
		if len(e["contextcsn"]) > 0 {
			r.tellers = append(r.tellers, dn)
		}
	}
	return nil
}

func isCode(err error, code Code) bool {
	var why *Incomplete
	return errors.As(err, &why) && why.Code == code
}

// positions are the change sequence numbers in the cookies of all streams: of what they have heard, or of what was
// handed on. Each is in the least of those that one of several streams has.
func (r *run) positions(settled bool) [][]string {
	r.mu.Lock()
	defer r.mu.Unlock()
	of := r.heard
	if settled {
		of = r.settled
	}
	if !r.whole {
		return nil
	}
	var all [][]string
	for _, base := range r.view.subtrees() {
		_, list, _ := strings.Cut(string(of[base]), "csn=")
		list, _, _ = strings.Cut(list, ",")
		if list == "" {
			return nil // the cookie says nothing that could be compared
		}
		all = append(all, strings.Split(list, ";"))
	}
	return all
}

// reached tells whether each stream is as far as the server is. Numbers are compared with those of the same writer, the
// third part of a number.
func reached(streams [][]string, server []string) bool {
	writer := func(csn string) string {
		if parts := strings.Split(csn, "#"); len(parts) == 4 {
			return parts[2]
		}
		return ""
	}
	for _, stream := range streams {
		for _, csn := range server {
			if !slices.ContainsFunc(stream, func(own string) bool { return writer(own) == writer(csn) && own >= csn }) {
				return false
			}
		}
	}
	return true
}

// prove looks at the canaries again, and hands on the token if it has moved, and that nothing else has changed if that
// is known.
func (r *run) prove(ctx context.Context) error {
	b := Batch{Cause: BatchProof, Completeness: r.proven(true)}
	now := r.source.config.Now()
	if err := r.desk.canaries(ctx, r.view); err != nil {
		return err
	}
	upToDate, err := r.upToDate(ctx)
	if err != nil {
		return err
	}
	if upToDate {
		b.Current = now
	}
	r.mu.Lock()
	token, quiet := r.binding.token(r.settled), r.whole && r.open == 0
	r.mu.Unlock()
	if !quiet || !upToDate && token == r.held() {
		return nil
	}
	return r.hand(b, &token)
}

// upToDate tells whether the server is where the streams are, and everybody could be read lately.
func (r *run) upToDate(ctx context.Context) (bool, error) {
	if r.mode != ModeContent || r.failed > 0 || len(r.tellers) == 0 {
		return false, nil
	}
	at, err := r.position(ctx, r.desk.session)
	streams := r.positions(true)
	return err == nil && len(at) > 0 && len(streams) > 0 && reached(streams, at), err
}
