package directory

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
)

// maxFound is how many Find returns: whoever wants one need not see them all.
const maxFound = 10

// maxLogin bounds a login or a mail address in bytes.
const maxLogin = 256

// Find returns the people below base whose login the directory takes for this one; its rules ignore case and more, so
// that Login of what is found may be spelled otherwise. Whoever binds a person to an entry wants exactly one: with more
// matches than ten the rest is left out. The login may hold anything and is never read as a part of a filter.
//
// base is a configured base or lies in one. A match that could not be handed on by [Source.Snapshot] is an error.
// Errors are [*Incomplete], except for a base that lies in none.
func (s *Source) Find(ctx context.Context, base, login string) ([]Object, error) {
	return s.findBy(ctx, "find a login under "+base, base, s.config.Login, login)
}

// FindMail is [Source.Find] for a mail address: one of the values of the attribute mail (RFC 4524) of whom it names.
func (s *Source) FindMail(ctx context.Context, base, address string) ([]Object, error) {
	return s.findBy(ctx, "find a mail address under "+base, base, "mail", address)
}

// findBy finds the people below base for whom an attribute has a value.
func (s *Source) findBy(ctx context.Context, doing, base, attribute, value string) ([]Object, error) {
	if !slices.ContainsFunc(s.config.Bases, func(known string) bool { under, _ := within(known, base); return under }) {
		return nil, fmt.Errorf("%s: not in a configured base", doing)
	}
	if value == "" || len(value) > maxLogin || !utf8.ValidString(value) {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeouts.Whole)
	defer cancel()
	c, v, err := s.open(ctx)
	if err != nil {
		return nil, err
	}
	defer c.close()
	return c.find(ctx, v, doing, base, equals(attribute, value))
}

// find reads the people of a subtree for whom the assertion holds.
func (c *session) find(ctx context.Context, v view, doing, base, assertion string) ([]Object, error) {
	var all []Object
	q := query{base: base, scope: ldap.ScopeWholeSubtree, filter: both(v.Filter, assertion), attributes: v.ask}
	read, err := c.pages(ctx, q, v.PageSize, func(f found) error {
		o, flaw := v.object(f.entry, base)
		if f.emptied {
			flaw = flawOversize
		}
		if flaw != flawNone {
			return &Incomplete{Code: CodeQuarantine, Doing: doing, Err: errors.New(string(flaw))}
		}
		if len(all) < maxFound {
			all = append(all, o)
		}
		return nil
	})
	if err == nil {
		err = v.elsewhere(doing, read.referrals)
	}
	if err != nil {
		return nil, err
	}
	return all, nil
}

// Lookup reads entries by id, each by a search of its own in all subtrees. Who is neither found nor an error is
// missing: deleted, moved out of the subtrees, or no longer matched by the filter. With canaries configured it says so
// only when they are right after the last look-up.
//
// An entry that [Source.Snapshot] would put into quarantine is found too, with its id, DN and, where it can be read,
// its status, but without attributes. Two entries with one id are both found. Errors are [*Incomplete], except for an
// id that is none of this directory's kind; with an error there is no result.
func (s *Source) Lookup(ctx context.Context, ids []ID) (found []Object, missing []ID, err error) {
	if err := s.ofKind(ids); err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeouts.Whole)
	defer cancel()
	c, v, err := s.open(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer c.close()
	for _, id := range ids {
		objects, err := c.byID(ctx, v, id)
		if err != nil {
			return nil, nil, err
		}
		if len(objects) == 0 {
			missing = append(missing, id)
		}
		found = append(found, objects...)
	}
	if err := c.canaries(ctx, v); err != nil {
		return nil, nil, err
	}
	return found, missing, nil
}

// ofKind tells whether all ids are of this directory's kind.
func (s *Source) ofKind(ids []ID) error {
	for _, id := range ids {
		if !id.valid() || id.Kind != s.config.IDKind {
			return fmt.Errorf("look up: %q is no %s", id, s.config.IDKind)
		}
	}
	return nil
}

// byID reads all people with an id.
func (c *session) byID(ctx context.Context, v view, id ID) ([]Object, error) {
	var all []Object
	for _, base := range v.subtrees() {
		q := query{base: base, scope: ldap.ScopeWholeSubtree, filter: both(v.Filter, id.filter()), attributes: v.ask}
		objects, large, err := c.withID(ctx, v, id, q)
		if err == nil && large { // its state alone may still fit
			q.attributes = append([]string{string(v.IDKind)}, v.States...)
			objects, _, err = c.withID(ctx, v, id, q)
			for i := range objects {
				objects[i].Attr = nil
			}
		}
		if err != nil {
			return nil, err
		}
		all = append(all, objects...)
	}
	return all, nil
}

// withID reads the entries with an id in one subtree. Of a flawed one there is no more than its state.
func (c *session) withID(ctx context.Context, v view, id ID, q query) (all []Object, large bool, err error) {
	doing := "look up an id under " + q.base
	read, err := c.pages(ctx, q, v.PageSize, func(f found) error {
		o, flaw := v.object(f.entry, q.base)
		switch {
		case flaw == flawNoID, flaw == flawManyIDs: // also of an entry that was too large
			large = large || f.emptied
			o = Object{ID: id, DN: o.DN, Base: q.base, Status: Status{State: Unknown, Cause: CauseHidden}}
		case o.ID != id:
			return &Incomplete{Code: CodeMalformed, Doing: doing, Err: errors.New("another id than asked for")}
		case flaw != flawNone:
			o.Attr = nil
		}
		if all = append(all, o); len(all) > maxFound {
			return &Incomplete{Code: CodeQuarantine, Doing: doing, Err: errors.New("too many with one id")}
		}
		return nil
	})
	if err == nil {
		err = v.elsewhere(doing, read.referrals)
	}
	return all, large, err
}
