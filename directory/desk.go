package directory

import (
	"context"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// desk looks people up by their ids, many in one search, on a connection of its own.
type desk struct {
	*session
	view
}

// perSearch is how many ids one search asks for.
const perSearch = 50

// reread looks ids up in all subtrees. Who is not in the answer was looked up once more alone, in the way of
// [Source.Lookup], and is not there; of more than limit such people the rest is left out of both results.
func (d desk) reread(ctx context.Context, ids []ID, limit int) (found map[ID][]seen, missing []ID, err error) {
	found = make(map[ID][]seen, len(ids))
	for rest := ids; len(rest) > 0; {
		n := min(perSearch, len(rest))
		if err := d.several(ctx, rest[:n], found); err != nil {
			return nil, nil, err
		}
		rest = rest[n:]
	}
	for _, id := range ids {
		if len(found[id]) > 0 {
			continue
		}
		if len(missing) == limit {
			break
		}
		one, err := d.byID(ctx, d.view, id)
		switch {
		case err != nil:
			return nil, nil, err
		case len(one) == 0:
			missing = append(missing, id)
		}
		for _, o := range one {
			found[id] = append(found[id], seen{Object: o})
		}
	}
	return found, missing, nil
}

// seen is an entry that was read, with what speaks against believing it.
type seen struct {
	Object
	flaw   flaw
	packed string // the entry as it was sent; empty: it cannot be packed
}

// pack makes an entry as small as it can be kept.
func (s seen) pack() *seen {
	s.Attr = nil
	return &s
}

// whole is the object with its attributes. The attributes of what was packed are read again each time.
func (s *seen) whole() Object {
	o := s.Object
	if o.Attr == nil && s.packed != "" {
		m := message{data: []byte(s.packed)}
		m.contents = operation(m.data)
		e, _ := m.entry(&room{}) // it was read before
		o.Attr = attributeMap(e)
	}
	return o
}

// several reads the entries with one of these ids. What it cannot tell apart is left to a look-up of each id.
func (d desk) several(ctx context.Context, ids []ID, into map[ID][]seen) error {
	asked := make(map[ID]bool, len(ids))
	var any strings.Builder
	for _, id := range ids {
		asked[id] = true
		any.WriteString(id.filter())
	}
	filter := both(d.Filter, "(|"+any.String()+")")
	for _, base := range d.subtrees() {
		q := query{base: base, scope: ldap.ScopeWholeSubtree, filter: filter, attributes: d.ask}
		read, err := d.pages(ctx, q, d.PageSize, func(f found) error {
			o, flaw := d.object(f.entry, base)
			if !f.emptied && asked[o.ID] {
				into[o.ID] = append(into[o.ID], seen{Object: o, flaw: flaw})
			}
			return nil
		})
		if err == nil {
			err = d.elsewhere("look up ids under "+base, read.referrals)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// event is what an entry says of a person. Of one that is too large to be read, its state says enough.
func (s *seen) event(proof Proof) Event {
	dn := strings.ToValidUTF8(s.DN, "\uFFFD")
	e := Event{Kind: EventSeen, ID: s.ID, Status: s.Status, DN: dn, Base: s.Base, Proof: proof}
	switch {
	case s.flaw != flawNone:
		e.Kind, e.Flaw = EventUnfit, string(s.flaw)
	case s.Attr != nil || s.packed != "":
		e.entry = s
	}
	return e
}

// eventOf makes one event of all entries with an id.
func eventOf(all []seen) Event {
	e := all[0].event(ProofReread)
	if len(all) > 1 {
		e.Kind, e.Flaw, e.entry = EventUnfit, string(flawTwice), nil
		for _, other := range all[1:] {
			e.Status = graver(e.Status, other.Status)
		}
	}
	return e
}
