package directory

import (
	"context"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// listen opens what the mode listens to, each on a connection of its own.
func (r *run) listen(ctx context.Context, from marks) error {
	switch r.mode {
	case ModeContent, ModeContentHint:
		return r.listenContent(ctx, from)
	case ModeSearchHint:
		return r.listenSearch(ctx)
	case ModeUSN, ModeDirSync:
		return r.listenAD(ctx, from)
	}
	return nil
}

// usable are the marks from which the server can go on; none, and why, if there is one from which it cannot.
func (r *run) usable(ctx context.Context, from marks) (marks, error) {
	if len(from) == 0 {
		return nil, nil
	}
	switch r.mode {
	case ModeContent, ModeContentHint:
		for _, base := range r.view.subtrees() {
			if len(from[base]) == 0 {
				return nil, &TokenRejected{tokenConfiguration}
			}
			switch {
			case r.mode == ModeContentHint:
				if err := r.remembers(ctx, from[base]); err != nil {
					return nil, err
				}
			case r.view.Vendor == OpenLDAP && !strings.Contains(string(from[base]), "csn="):
				return nil, &TokenRejected{tokenRefused} // which it takes for no cookie at all, and does not say so
			}
		}
	case ModeUSN:
		return r.usableUSN(ctx, from)
	}
	return from, nil
}

// remembers tells whether the changelog of a 389-ds still has the change after the one that a cookie names. If it has
// not, the server says success, and leaves out the deletions.
func (r *run) remembers(ctx context.Context, cookie []byte) error {
	root, err := r.desk.entry(ctx, "read how far the changelog goes back", "", "firstChangeNumber", "lastChangeNumber")
	if err != nil {
		return err
	}
	text := string(cookie)
	last, bad := strconv.ParseInt(text[strings.LastIndexByte(text, '#')+1:], 10, 64)
	first, none := strconv.ParseInt(Choose(root, "firstchangenumber"), 10, 64)
	newest, unsaid := strconv.ParseInt(Choose(root, "lastchangenumber"), 10, 64)
	switch {
	case bad != nil:
		return &TokenRejected{tokenRefused}
	case none != nil || unsaid != nil || first > last+1:
		return &TokenRejected{tokenTrimmed}
	case last > newest:
		return &TokenRejected{tokenAhead}
	}
	return nil
}

// listenSearch opens a persistent search in each subtree.
func (r *run) listenSearch(ctx context.Context) error {
	for _, base := range r.view.subtrees() {
		if err := r.watch(ctx, base, searchRequest()); err != nil {
			return err
		}
	}
	return nil
}

// searchRequest asks for each change as it happens, and to be told what it was.
func searchRequest() ldap.Control {
	return control{controlPersistentSearch, true, sequenceOf(number(1|2|4|8), boolean(true), boolean(true))}
}

// watch opens a search that does not end, and takes from it what happens to entries.
func (r *run) watch(ctx context.Context, base string, ask ldap.Control) error {
	c, err := r.bound(ctx)
	if err != nil {
		return err
	}
	c.wire.silence = 0
	doing := "watch " + base
	q := query{base: base, scope: ldap.ScopeWholeSubtree, filter: "(objectClass=*)", attributes: append([]string{"objectClass"}, r.view.lean...)}
	op, err := q.request()
	if err != nil {
		c.close()
		return err
	}
	r.wg.Go(func() {
		defer c.close()
		err := c.exchange(ctx, doing, op, []ldap.Control{ask}, func(m message) error {
			if m.op != opEntry {
				return nil
			}
			e, err := m.entry(c.room)
			if err != nil {
				return c.incomplete(doing, err)
			}
			r.happened(e, m.deleted())
			return nil
		})
		if result, answered := resultCode(err); answered && final(result) {
			err = &refusedMode{err}
		}
		if err == nil {
			err = &Incomplete{Code: CodeEnded, Doing: doing}
		}
		r.fail(err)
	})
	return nil
}

// deleted tells whether a persistent search sent the entry because it was deleted.
func (m message) deleted() bool {
	value, _ := m.control(controlEntryChange)
	p := parts{value, 0, len(value)}
	list, _ := p.expect(sequence)
	in := p.in(list)
	kind, _ := in.expect(tagEnumerated)
	n, ok := integer(in.bytes(kind))
	return ok && n == 2
}

// happened takes an entry to which something has happened.
func (r *run) happened(e entry, deleted bool) {
	at := e.room.parseDN(e.dn)
	for _, base := range r.view.subtrees() {
		if !r.view.places.cover(base, at) {
			continue
		}
		o, flaw := r.view.object(e, base)
		switch {
		case r.view.folder(o), o.ID.IsZero():
			r.sweepSoon(settling)
		case deleted:
			r.arrive(&signal{id: o.ID.Value, gone: true})
		default:
			r.arrive(&signal{id: o.ID.Value, entry: &seen{o, flaw, e.text}})
		}
		return
	}
	r.elsewhere(e, at)
}

// elsewhere takes an entry that stands in no subtree: one of ours may have stood there before, or a subtree below it.
func (r *run) elsewhere(e entry, at *ldap.DN) {
	o, _ := r.view.object(e, "")
	if r.ours(o.ID.Value) {
		r.arrive(&signal{id: o.ID.Value})
		return
	}
	for _, base := range r.view.subtrees() {
		if covers(at, r.view.places[base]) {
			r.sweepSoon(settling)
		}
	}
}
