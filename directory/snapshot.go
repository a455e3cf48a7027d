package directory

import (
	"context"
	"strings"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// Completeness is the proof of a read: what was read, and that all of it was.
type Completeness struct {
	// Complete says that every page of every subtree has arrived and that all canaries were right, before and after.
	Complete bool
	// Proven says that an enabled and a disabled canary were among them: presence means what it seems to mean.
	Proven      bool
	URL         string
	Vendor      Vendor
	Entries     int // handed on
	Pages       int
	Subtrees    []Subtree
	Quarantined []Quarantined
	Skipped     []string // allowed referrals that came
	Began       time.Time
	Ended       time.Time
}

// Subtree is how many entries were handed on from one subtree.
type Subtree struct {
	DN      string
	Entries int
}

// Quarantined is an entry that was not handed on, or handed on and then found to be one of two. It stops this person,
// not the run.
type Quarantined struct {
	ID     ID // zero: none could be read
	DN     string
	Base   string
	Flaw   string // no-id, several-ids, id-twice, oversize, not-utf8, bad-dn, outside-base
	Status Status
}

// maxQuarantined is how many unfit entries a read bears; more say that something is wrong with the read.
const maxQuarantined = 1000

// Snapshot reads all people and hands each to f, one at a time, in no order. It returns nil only with a proof that
// nothing was left out: no absence may be concluded from anything else. When it fails, each entry that f was given was
// still read as a whole, but who was not given may be there.
//
// An entry without an id, with several, with an id that came before, with a text that is not UTF-8, or too large, is
// not given to f but listed in the proof. No referral is followed.
//
// An error of f ends the read and is returned as it is. Every other error is an [*Incomplete].
func (s *Source) Snapshot(ctx context.Context, f func(Object) error) (Completeness, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeouts.Whole)
	defer cancel()
	c, v, err := s.open(ctx)
	if err != nil {
		return Completeness{}, err
	}
	defer c.close()
	return c.everybody(ctx, v, v.ask, false, func(o seen) error { return f(o.Object) })
}

// everybody reads these attributes of all people. With passing, the attributes of an object last until the next one.
func (c *session) everybody(ctx context.Context, v view, attributes []string, passing bool, f func(seen) error) (Completeness, error) {
	r := &reading{session: c, view: v, hand: f, ids: map[string]bool{}, passing: passing}
	r.ask = attributes
	r.proof = Completeness{URL: c.url, Vendor: v.Vendor, Began: v.Now()}
	if err := c.canaries(ctx, v); err != nil {
		return r.proof, err
	}
	for _, base := range v.subtrees() {
		if err := r.subtree(ctx, base); err != nil {
			return r.proof, err
		}
	}
	if err := c.canaries(ctx, v); err != nil {
		return r.proof, err
	}
	if err := v.elsewhere("read "+strings.Join(v.Bases, " and "), r.referrals); err != nil {
		return r.proof, err
	}
	r.proof.Skipped, r.proof.Ended = r.referrals, v.Now()
	r.proof.Complete, r.proof.Proven = true, v.canariesProve()
	return r.proof, nil
}

// reading is a snapshot under way.
type reading struct {
	*session
	view
	hand      func(seen) error
	passing   bool
	ids       map[string]bool // that came
	referrals []string
	proof     Completeness
}

// subtree reads one subtree to its end.
func (r *reading) subtree(ctx context.Context, base string) error {
	if err := r.readable(ctx, base); err != nil {
		return err
	}
	before := r.proof.Entries
	q := query{base: base, scope: ldap.ScopeWholeSubtree, filter: r.Filter, attributes: r.ask}
	r.room.passing = r.passing
	defer func() { r.room.passing = false }()
	all, err := r.pages(ctx, q, r.PageSize, func(f found) error { return r.take(f, base) })
	r.proof.Pages += all.pages
	r.proof.Subtrees = append(r.proof.Subtrees, Subtree{base, r.proof.Entries - before})
	r.referrals = append(r.referrals, all.referrals...)
	return err
}

// take hands an entry on, or puts it into quarantine.
func (r *reading) take(f found, base string) error {
	o, flaw := r.object(f.entry, base)
	switch {
	case f.emptied:
		flaw, o.Status = flawOversize, Status{Cause: CauseHidden}
	case r.ids[o.ID.Value]:
		flaw = flawTwice
	case !o.ID.IsZero():
		r.ids[o.ID.Value] = true
	}
	if flaw == flawNone {
		r.proof.Entries++
		if r.Progress != nil && r.proof.Entries%int(r.PageSize) == 0 {
			r.Progress(r.proof.Entries)
		}
		return r.hand(seen{o, flawNone, f.text})
	}
	if len(r.proof.Quarantined) == maxQuarantined {
		return &Incomplete{Code: CodeQuarantine, Doing: "read " + base}
	}
	r.proof.Quarantined = append(r.proof.Quarantined, Quarantined{
		ID: o.ID, DN: strings.ToValidUTF8(o.DN, "\uFFFD"), Base: base, Flaw: string(flaw), Status: o.Status,
	})
	return nil
}
