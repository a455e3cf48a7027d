package directory

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// stream follows one subtree by content synchronization.
type stream struct {
	*run
	base    string
	cookie  []byte // with which it went on
	session *session
	refresh *refresh // while the refresh phase lasts
}

// refresh is what the refresh phase of a stream came to.
type refresh struct {
	base      string
	again     bool // it went on from a cookie
	listed    bool // the server has told of all who are there
	records   map[string]record
	objects   map[string]*seen
	present   map[string]bool
	gone      []string
	twice     []Quarantined
	entries   int
	cookie    []byte
	elsewhere []string // referrals
}

// listenContent opens a stream for each subtree. With a cookie for one but not for another all begin anew.
func (r *run) listenContent(ctx context.Context, from marks) error {
	trees := r.view.subtrees()
	for _, base := range trees {
		s := &stream{run: r, base: base, cookie: from[base], refresh: newRefresh(base, len(from) > 0)}
		c, err := r.bound(ctx)
		if err != nil {
			return err
		}
		s.session = c
		r.refreshing++
		r.wg.Go(func() {
			defer c.close()
			r.fail(s.read(ctx))
		})
	}
	return nil
}

func newRefresh(base string, again bool) *refresh {
	return &refresh{
		base: base, again: again, records: map[string]record{}, objects: map[string]*seen{}, present: map[string]bool{},
	}
}

// read reads the stream until it breaks.
func (s *stream) read(ctx context.Context) error {
	doing := "follow " + s.base
	ask := s.view.ask
	if s.mode.hints() {
		ask = s.view.lean
	}
	q := query{base: s.base, scope: ldap.ScopeWholeSubtree, filter: s.view.withFolders(), attributes: ask}
	op, err := q.request()
	if err != nil {
		return err
	}
	err = s.session.exchange(ctx, doing, op, []ldap.Control{syncRequest(s.cookie)}, func(m message) error {
		err := s.take(m)
		if err != nil {
			err = s.session.incomplete(doing, err)
		}
		return err
	})
	if err == nil {
		err = &Incomplete{Code: CodeEnded, Doing: doing}
	}
	return s.verdict(err)
}

// verdict tells what an error means for the token and the mode.
func (s *stream) verdict(err error) error {
	result, answered := resultCode(err)
	switch {
	case !answered, !final(result), s.refresh == nil && result != syncRefreshRequired:
		return err
	case result == syncRefreshRequired, s.refresh.again:
		why := tokenRefused
		if result == ldap.LDAPResultUnwillingToPerform {
			why = tokenAhead
		}
		return fmt.Errorf("%w: %w", &TokenRejected{why}, err)
	case final(result):
		return &refusedMode{err}
	}
	return err
}

// syncRefreshRequired is the result of a server that does not know a cookie any more. OpenLDAP says 53 when its own
// data are older than the cookie.
const syncRefreshRequired = 4096

// take takes a message of the stream.
func (s *stream) take(m message) error {
	switch m.op {
	case opEntry:
		return s.takeEntry(m)
	case opIntermediate:
		info, err := m.syncInfo()
		if err == nil {
			s.takeInfo(info)
		}
		return err
	case opReference:
		url, err := m.reference()
		if s.refresh != nil && len(s.refresh.elsewhere) <= maxReferrals {
			s.refresh.elsewhere = append(s.refresh.elsewhere, url)
		}
		return err
	}
	return nil
}

// takeEntry takes an entry with its state.
func (s *stream) takeEntry(m message) error {
	state, err := m.syncState()
	if err != nil {
		return err
	}
	if state.state == syncDelete || state.state == syncPresent {
		s.mention(state.id, state.state == syncDelete, state.cookie)
		return nil
	}
	s.session.room.passing = s.refresh != nil // then there may be very many
	e, err := m.entry(s.session.room)
	if err != nil {
		return err
	}
	o, flaw := s.view.object(e, s.base)
	switch {
	case m.emptied:
		flaw = flawOversize
	case s.view.folder(o):
		s.folder(state)
		return nil
	}
	if o.ID.IsZero() {
		if o.ID = s.id(state.id); o.ID.IsZero() {
			return errMalformed
		}
	}
	s.upsert(&seen{o, flaw, e.text}, state.cookie)
	return nil
}

// id is the id of an entry that the server names by its UUID alone; zero: the directory's ids are of another kind.
func (s *stream) id(uuid string) ID {
	kind := EntryUUID
	if s.view.Vendor == DS389 {
		kind = NsUniqueID
	}
	if s.view.IDKind != kind {
		return ID{}
	}
	return ID{kind, uuid}
}

// folder takes what happened to an entry above people: everybody is to be read.
func (s *stream) folder(state syncState) {
	if s.refresh == nil {
		s.sweepSoon(settling)
	}
	s.moveOn(state.cookie)
}

// upsert takes an entry that is there.
func (s *stream) upsert(e *seen, cookie []byte) {
	id := strings.Clone(e.ID.Value)
	if s.refresh == nil {
		s.arrive(&signal{id: id, entry: e, subtree: s.base, mark: cookie})
		return
	}
	s.refresh.entries++
	if _, twice := s.refresh.records[id]; twice {
		s.refresh.twice = append(s.refresh.twice, Quarantined{ID: e.ID, DN: e.DN, Base: s.base, Flaw: string(flawTwice), Status: e.Status})
	}
	s.refresh.records[id] = s.view.record(e.Object)
	if s.wants(id) {
		s.refresh.objects[id] = e.pack()
	}
}

// mention takes an id of whose entry the server says only whether it is there.
func (s *stream) mention(uuid string, gone bool, cookie []byte) {
	id := s.id(uuid)
	switch {
	case id.IsZero():
		s.sweepSoon(settling)
		s.moveOn(cookie)
	case s.refresh == nil && gone:
		s.arrive(&signal{id: id.Value, gone: true, subtree: s.base, mark: cookie})
	case s.refresh == nil:
		s.moveOn(cookie)
	case gone:
		s.refresh.gone = append(s.refresh.gone, id.Value)
	default:
		s.refresh.present[id.Value] = true
	}
}

// moveOn takes a cookie that comes with no news.
func (s *stream) moveOn(cookie []byte) {
	switch {
	case len(cookie) == 0:
	case s.refresh == nil:
		s.arrive(&signal{subtree: s.base, mark: cookie})
	default:
		s.cookie = cookie
	}
}

// takeInfo takes a message between the entries.
func (s *stream) takeInfo(info syncInfo) {
	for _, id := range info.ids {
		s.mention(id, info.deleted, nil)
	}
	s.moveOn(info.cookie)
	if s.refresh == nil {
		return
	}
	s.refresh.listed = s.refresh.listed || info.present
	if !info.done {
		return
	}
	done := s.refresh
	done.cookie, s.refresh = s.cookie, nil
	s.session.wire.silence = 0 // nothing is owed any more
	s.arrive(&signal{refresh: done})
}
