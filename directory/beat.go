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
	c, err := r.source.bound(ctx, r.desk.url)
	if err != nil {
		return err
	}
	defer c.close()
	tick := time.NewTicker(r.Pace.Beat)
	defer tick.Stop()
	var behind time.Time // since when
	var ahead []string   // of the streams
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		now, err := r.position(ctx, c)
		if err != nil {
			return err
		}
		heard := r.positions(false)
		switch {
		case heard == nil:
		case !reached(heard, now):
			if behind.IsZero() || reached(heard, ahead) { // it has moved since
				behind, ahead = time.Now(), now
			}
		default:
			behind = time.Time{}
		}
		lag := time.Duration(0)
		if !behind.IsZero() {
			lag = time.Since(behind)
		}
		r.stand(func(s *Standing) { s.Lag = lag })
		if lag > r.Pace.Deaf {
			return &Incomplete{Code: CodeDeaf, Doing: "follow " + c.url}
		}
	}
}

// position is how far the server is: the change sequence numbers of its databases. Of a server that does not tell, it
// is empty, and a sign of life.
func (r *run) position(ctx context.Context, c *session) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, r.Pace.BeatLate)
	defer cancel()
	doing := "ask " + c.url + " for a sign of life"
	if len(r.tellers) == 0 {
		_, err := c.entry(ctx, doing, "", "objectClass")
		return nil, silent(err)
	}
	var all []string
	for _, dn := range r.tellers {
		e, err := c.entry(ctx, doing, dn, "contextCSN")
		if err != nil {
			return nil, silent(err)
		}
		all = append(all, e["contextcsn"]...)
	}
	return all, nil
}

// silent says that a server was late, not its reader.
func silent(err error) error {
	if why, ok := err.(*Incomplete); ok && why.Code == CodeLate {
		return &Incomplete{Code: CodeSilent, Doing: why.Doing, Err: why.Err}
	}
	return err
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
	return r.hand(ctx, b, &token)
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
