package directory

import (
	"errors"

	"github.com/go-ldap/ldap/v3"
)

// message is one answer of a server. Its octets stand in the wire's buffer until the next one is received; what is
// decoded from it is copied out.
type message struct {
	frame
	data     []byte  // the whole message; of an entry that was too large, the beginning
	contents element // of the operation
	trailer  []byte  // what comes after it: the controls
	emptied  bool    // an entry that was too large: it has nothing but a name
}

// operation finds the operation in a message whose beginning is good.
func operation(data []byte) element {
	whole, _ := next(data, 0)
	id, _ := next(data, whole.start)
	op, _ := next(data, id.end)
	return op
}

// parts are the elements of a part of a message.
type parts struct {
	data []byte
	at   int
	end  int
}

func (m message) parts() parts { return parts{m.data, m.contents.start, m.contents.end} }

// next is the next element; without one, or with one that leads out of the part, the second result is false.
func (p *parts) next() (element, bool) {
	if p.at >= p.end {
		return element{}, false
	}
	e, err := next(p.data[:p.end], p.at)
	if err != nil || e.end > p.end {
		p.at = p.end
		return element{}, false
	}
	p.at = e.end
	return e, true
}

// peek is the identifier octet of the next element; zero: there is none.
func (p *parts) peek() byte {
	if p.at >= p.end {
		return 0
	}
	return p.data[p.at]
}

// in are the elements within an element.
func (p *parts) in(e element) parts { return parts{p.data, e.start, e.end} }

// bytes are the contents of an element, in the buffer.
func (p *parts) bytes(e element) []byte { return p.data[e.start:e.end] }

// expect is the next element if it has this identifier octet.
func (p *parts) expect(tag byte) (element, bool) {
	e, ok := p.next()
	return e, ok && e.tag == tag
}

// entry is an entry of an answer.
type entry struct {
	text       string // the whole message; empty: the entry was too large
	dn         string
	attributes []attribute
	room       *room // into which it was decoded
}

// attribute is an attribute with the description that the server sent.
type attribute struct {
	name   string
	values []string
}

// entry decodes an entry into a room, where it lasts until the next one. All its texts share one copy of the message's
// octets.
func (m message) entry(r *room) (entry, error) {
	if m.emptied {
		return entry{dn: entryDN(m.data), room: r}, nil
	}
	text := string(m.data)
	p := m.parts()
	dn, named := p.expect(tagOctets)
	list, listed := p.expect(sequence)
	if !named || !listed {
		return entry{}, errMalformed
	}
	e := entry{text: text, dn: text[dn.start:dn.end], attributes: r.attributes[:0], room: r}
	values := r.values[:0]
	for all := p.in(list); all.peek() != 0; {
		a, ok := all.expect(sequence)
		in := all.in(a)
		name, named := in.expect(tagOctets)
		set, given := in.expect(setOf)
		if !ok || !named || !given {
			return entry{}, errMalformed
		}
		from := len(values)
		for each := in.in(set); each.peek() != 0; {
			v, ok := each.expect(tagOctets)
			if !ok {
				return entry{}, errMalformed
			}
			values = append(values, text[v.start:v.end])
		}
		e.attributes = append(e.attributes, attribute{text[name.start:name.end], values[from:len(values):len(values)]})
	}
	r.values, r.attributes = values, e.attributes
	return e, nil
}

// result decodes the result of an operation; nil is success.
func (m message) result() error {
	p := m.parts()
	code, coded := p.expect(tagEnumerated)
	matched, matching := p.expect(tagOctets)
	said, saying := p.expect(tagOctets)
	number, ok := integer(p.bytes(code))
	if !coded || !matching || !saying || !ok || number < 0 || number > 1<<16-1 {
		return errMalformed
	}
	if number == ldap.LDAPResultSuccess {
		return nil
	}
	return &ldap.Error{ResultCode: uint16(number), MatchedDN: string(p.bytes(matched)), Err: errors.New(string(p.bytes(said)))}
}

// reference decodes a continuation reference: the first of the URLs, which lead to the same place.
func (m message) reference() (string, error) {
	p := m.parts()
	url, ok := p.expect(tagOctets)
	if !ok {
		return "", errMalformed
	}
	return string(p.bytes(url)), nil
}

// control finds the value of a control by its object identifier.
func (m message) control(oid string) (value []byte, found bool) {
	p := parts{m.trailer, 0, len(m.trailer)}
	list, ok := p.expect(opControls)
	if !ok {
		return nil, false
	}
	for all := p.in(list); all.peek() != 0; {
		c, _ := all.expect(sequence)
		in := all.in(c)
		name, _ := in.expect(tagOctets)
		if string(in.bytes(name)) != oid {
			continue
		}
		if in.peek() == tagBoolean {
			in.next()
		}
		v, _ := in.expect(tagOctets)
		return in.bytes(v), true
	}
	return nil, false
}

// pagingCookie reads the paging control: where the next page begins.
func (m message) pagingCookie() (cookie []byte, paged bool) {
	value, found := m.control(ldap.ControlTypePaging)
	if !found {
		return nil, false
	}
	p := parts{value, 0, len(value)}
	list, _ := p.expect(sequence)
	in := p.in(list)
	_, sized := in.expect(tagInteger)
	c, ok := in.expect(tagOctets)
	return append([]byte(nil), in.bytes(c)...), sized && ok
}
