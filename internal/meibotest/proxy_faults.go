package meibotest

import (
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// people tells whether the message answers a search for many.
func (a *Answer) people() bool {
	return a.Asked == ldap.ApplicationSearchRequest && a.Scope == ldap.ScopeWholeSubtree
}

func (a *Answer) entry() bool { return a.people() && a.Op == ldap.ApplicationSearchResultEntry }

func (a *Answer) done() bool { return a.people() && a.Op == ldap.ApplicationSearchResultDone }

// Empty leaves out all people, and says success.
func Empty(a *Answer) { a.drop = a.entry() }

// Half leaves out every second of them.
func Half(a *Answer) { a.drop = a.entry() && a.Number%2 == 0 }

// CutAfter ends the connection after so many entries.
func CutAfter(n int) Fault {
	return func(a *Answer) { a.cut = a.entry() && a.Number > n || n == 0 && a.done() }
}

// StallAfter sends nothing more of an answer after so many entries.
func StallAfter(n int) Fault {
	return func(a *Answer) { a.stall = a.entry() && a.Number > n || n == 0 && a.done() }
}

// NoDone leaves out the end of an answer, and the end of a refresh phase.
func NoDone(a *Answer) {
	a.drop = a.done() || a.people() && a.Op == ldap.ApplicationIntermediateResponse
}

// NoPaging leaves out the control that says where the next page begins.
func NoPaging(a *Answer) {
	if a.done() && len(a.Packet.Children) > 2 {
		a.Packet = envelope(a.Packet, a.Packet.Children[1])
	}
}

// NoCookie leaves out how far a stream of content synchronization (RFC 4533) has come.
func NoCookie(a *Answer) {
	switch {
	case a.Op == ldap.ApplicationIntermediateResponse:
		op := a.Packet.Children[1]
		info := ber.DecodePacket(op.Children[1].Data.Bytes())
		if a.drop = info.Tag == 0; a.drop { // it is nothing but a cookie
			return
		}
		value := ber.NewString(ber.ClassContext, ber.TypePrimitive, 1, string(withoutOctets(info, 0).Bytes()), "")
		told := ber.Encode(ber.ClassApplication, ber.TypeConstructed, op.Tag, nil, "")
		told.AppendChild(op.Children[0])
		told.AppendChild(value)
		a.Packet = envelope(a.Packet, told)
	case a.Op == ldap.ApplicationSearchResultEntry && len(a.Packet.Children) > 2:
		list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
		for _, c := range a.Packet.Children[2].Children {
			if oid, _ := c.Children[0].Value.(string); oid == "1.3.6.1.4.1.4203.1.9.1.2" {
				state := ber.DecodePacket(c.Children[len(c.Children)-1].Data.Bytes())
				told := ber.NewSequence("")
				told.AppendChild(c.Children[0])
				told.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, string(withoutOctets(state, 2).Bytes()), ""))
				c = told
			}
			list.AppendChild(c)
		}
		a.Packet = envelope(a.Packet, a.Packet.Children[1], list)
	}
}

// withoutOctets leaves out the octet strings among the parts from a number on.
func withoutOctets(p *ber.Packet, from int) *ber.Packet {
	rest := ber.Encode(p.ClassType, p.TagType, p.Tag, nil, "")
	for i, part := range p.Children {
		if i < from || part.ClassType != ber.ClassUniversal || part.Tag != ber.TagOctetString {
			rest.AppendChild(part)
		}
	}
	return rest
}

// Silence lets nothing through any more, and ends no connection.
func Silence(a *Answer) { a.drop = true }

// Hide leaves an attribute out of all entries, as a lost right does. The canaries'
// are left alone if only people's is hidden.
func Hide(attribute string, canaries bool) Fault {
	return func(a *Answer) {
		if a.Op != ldap.ApplicationSearchResultEntry || !a.people() && !canaries {
			return
		}
		op := a.Packet.Children[1]
		list := ber.NewSequence("")
		for _, each := range op.Children[1].Children {
			if name, _ := each.Children[0].Value.(string); !strings.EqualFold(name, attribute) {
				list.AppendChild(each)
			}
		}
		entry := ber.Encode(ber.ClassApplication, ber.TypeConstructed, op.Tag, nil, "")
		entry.AppendChild(op.Children[0])
		entry.AppendChild(list)
		a.Packet = envelope(a.Packet, append([]*ber.Packet{entry}, a.Packet.Children[2:]...)...)
	}
}

// Refer says that a part of the tree is held elsewhere.
func Refer(url string) Fault {
	return func(a *Answer) {
		if a.done() || a.people() && a.Op == ldap.ApplicationIntermediateResponse {
			op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationSearchResultReference, nil, "")
			op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, url, ""))
			a.before = append(a.before, envelope(a.Packet, op))
		}
	}
}

// SizeLimit ends each answer after so many entries.
func SizeLimit(n int) Fault { return limit(ldap.LDAPResultSizeLimitExceeded, n) }

// Fail gives all searches for people this result, after so many entries.
func Fail(code int64, n int) Fault { return limit(code, n) }

func limit(code int64, n int) Fault {
	return func(a *Answer) {
		switch {
		case a.entry() && a.Number > n:
			a.Packet, a.last = envelope(a.Packet, result(ldap.ApplicationSearchResultDone, code)), true
		case a.done(), a.people() && a.Op == ldap.ApplicationIntermediateResponse:
			a.Packet = envelope(a.Packet, result(ldap.ApplicationSearchResultDone, code))
		}
	}
}

// RefuseBind refuses the service account.
func RefuseBind(a *Answer) {
	if a.Op == ldap.ApplicationBindResponse {
		a.Packet = envelope(a.Packet, result(a.Op, ldap.LDAPResultInvalidCredentials))
	}
}

// RefuseAll gives everything but binds this result.
func RefuseAll(code int64) Fault {
	return func(a *Answer) {
		if a.Op == ldap.ApplicationSearchResultEntry {
			a.drop = true
		} else if a.Op != ldap.ApplicationBindResponse {
			a.Packet = envelope(a.Packet, result(ldap.ApplicationSearchResultDone, code))
		}
	}
}

// envelope is a message with the id of another one.
func envelope(like *ber.Packet, parts ...*ber.Packet) *ber.Packet {
	m := ber.NewSequence("")
	m.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, messageID(like), ""))
	for _, p := range parts {
		m.AppendChild(p)
	}
	return m
}

func result(tag ber.Tag, code int64) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
	op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "", ""))
	op.AppendChild(ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, "", ""))
	return op
}
