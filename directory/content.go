package directory

import (
	"encoding/hex"
	"slices"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// syncRequest asks for what has changed since a cookie, and then for each change as it happens (RFC 4533 2.2).
func syncRequest(cookie []byte) ldap.Control {
	const refreshAndPersist = 3
	value := []*ber.Packet{enumerated(refreshAndPersist)}
	if len(cookie) > 0 {
		value = append(value, octets(string(cookie)))
	}
	return control{controlContentSync, true, sequenceOf(value...)}
}

// syncState is what the server says of an entry that it sends.
type syncState struct {
	state  int64
	id     string
	cookie []byte
}

// The states of an entry.
const (
	syncPresent = iota
	syncAdd
	syncModify
	syncDelete
)

// syncState reads the control that each entry of a stream has.
func (m message) syncState() (syncState, error) {
	value, found := m.control(controlSyncState)
	p := parts{value, 0, len(value)}
	list, _ := p.expect(sequence)
	in := p.in(list)
	state, stated := in.expect(tagEnumerated)
	id, named := in.expect(tagOctets)
	number, ok := integer(in.bytes(state))
	uuid := syncUUID(in.bytes(id))
	if !found || !stated || !named || !ok || number < syncPresent || number > syncDelete || uuid == "" {
		return syncState{}, errMalformed
	}
	s := syncState{state: number, id: uuid}
	if c, ok := in.expect(tagOctets); ok {
		s.cookie = slices.Clone(in.bytes(c))
	}
	return s, nil
}

// syncUUID is the id of an entry as a stream sends it: 16 octets.
func syncUUID(value []byte) string {
	if len(value) != 16 {
		return ""
	}
	return regroup(hex.EncodeToString(value))
}

// syncInfo is a message between the entries.
type syncInfo struct {
	cookie  []byte
	done    bool     // the refresh phase has ended
	present bool     // in it, who was not mentioned is not there any more
	ids     []string // a set of entries
	deleted bool     // that are not there any more; otherwise they are
}

// The choices of a sync info message.
const (
	infoCookie         = 0x80
	infoRefreshDelete  = 0xa1
	infoRefreshPresent = 0xa2
	infoIDSet          = 0xa3
)

// syncInfo reads an intermediate response; one of another kind has no meaning here.
func (m message) syncInfo() (syncInfo, error) {
	p := m.parts()
	name, _ := p.expect(0x80)
	value, _ := p.expect(0x81)
	if string(p.bytes(name)) != messageSyncInfo {
		return syncInfo{}, nil
	}
	in := p.in(value)
	chosen, ok := in.next()
	if !ok {
		return syncInfo{}, errMalformed
	}
	if chosen.tag == infoCookie {
		return syncInfo{cookie: slices.Clone(in.bytes(chosen))}, nil
	}
	rest := in.in(chosen)
	info := syncInfo{}
	if rest.peek() == tagOctets {
		c, _ := rest.next()
		info.cookie = slices.Clone(rest.bytes(c))
	}
	flag, flagged := rest.flag()
	switch chosen.tag {
	case infoRefreshDelete, infoRefreshPresent:
		info.done, info.present = flag || !flagged, chosen.tag == infoRefreshPresent
		return info, nil
	case infoIDSet:
		info.deleted = flag
		info.ids, ok = rest.idSet()
		if ok {
			return info, nil
		}
	}
	return syncInfo{}, errMalformed
}

// flag reads a boolean that may be left out.
func (p *parts) flag() (value, there bool) {
	if p.peek() != tagBoolean {
		return false, false
	}
	b, _ := p.next()
	return slices.ContainsFunc(p.bytes(b), func(octet byte) bool { return octet != 0 }), true
}

// idSet reads a set of ids.
func (p *parts) idSet() (ids []string, ok bool) {
	set, ok := p.expect(setOf)
	for all := p.in(set); all.peek() != 0; {
		id, _ := all.expect(tagOctets)
		uuid := syncUUID(all.bytes(id))
		ok = ok && uuid != ""
		ids = append(ids, uuid)
	}
	return ids, ok
}
