package authz

import (
	"slices"
	"time"
)

// circumstances is what the city permits of the circumstances of one question: of each word of the question the word
// that stands for what is permitted, and until when what was done before counts.
type circumstances struct {
	zone, workplace, device, mode, employer, level, reference string
	action                                                    string // the action, if it needs no permit
	clock, repetition, volume                                 string
	synced, authenticated                                     instant
}

// Words of the rows of circumstances.
const (
	referenceSound = "sound"
	clockTrusted   = "trusted"
	clockDoubtful  = "doubtful"
	repetitionNone = "none"
	repetitionSeen = "possible"
	volumeWithin   = "within"
	volumeBeyond   = "beyond"
)

// look finds out what is permitted of the circumstances.
func (m *matter) look() circumstances {
	f, c, class := &m.f, &m.q.Context, m.class
	look := circumstances{
		zone: m.permitted(class.Zones, wordZone), workplace: anything, device: anything, mode: anything, employer: anything,
		level: nothing, reference: anything, action: m.q.Action,
		clock: either(m.trusted(), clockTrusted, clockDoubtful), repetition: either(m.once(), repetitionNone, repetitionSeen), volume: volumeWithin,
		synced: m.synced(), authenticated: m.authenticated(),
	}
	if f.System != nil {
		look.zone = common(look.zone, m.permitted(f.System.Zones, wordZone))
	}
	if k := f.Contract; k != nil {
		look.workplace, look.device = m.permitted(k.Workplaces, wordWorkplace), m.permitted(k.Devices, wordDevice)
	}
	if a := f.Assignment; a != nil {
		look.workplace = common(look.workplace, m.permitted(a.Workplaces, wordWorkplace))
		look.device = common(look.device, m.permitted(a.Devices, wordDevice))
	}
	if m.service {
		look.mode = string(ModeBatch)
	}
	if m.human != nil {
		look.employer = m.permitted(m.human.Organizations, wordEmployer)
	}
	if class.AuthLevel < len(levels) {
		look.level = levels[max(class.AuthLevel, 0)]
	}
	if class.CaseRef || m.knows && f.Purpose.CaseRef {
		look.reference = referenceSound
	}
	if m.needsPermit() {
		look.action = nothing
	}
	if limit := m.rowLimit(); limit != 0 && (c.Rows <= 0 || c.Rows > limit) {
		look.volume = volumeBeyond
	}
	return look
}

// permitted returns what an Only permits of a word of the question: the word, anything, or nothing.
func (m *matter) permitted(only *Only, word int) string {
	switch {
	case only == nil:
		return anything
	case m.words[word] == unstated && !slices.Contains(only.Words, All):
		return nothing
	}
	return among(only.Words, m.words[word])
}

// trusted tells whether the clock is.
func (m *matter) trusted() bool {
	limit, offset := m.limits.ClockOffset, m.f.Clock.Offset
	return !m.f.Clock.Lost && (limit == 0 || -limit <= offset && offset <= limit)
}

// askedWithin is how far apart the clocks of meibo and of a system may be that shows that it asks once.
const askedWithin = time.Minute

// once tells whether the asking system has shown that it asks now and has not asked before, if it must.
func (m *matter) once() bool {
	c := &m.q.Context
	if m.f.System == nil || !m.f.System.Nonces {
		return true
	}
	asked := moment(c.Asked)
	return wellFormed(c.Nonce) && !m.q.Repeated && !c.Asked.IsZero() && asked <= m.at.after(askedWithin) && m.at <= asked.after(askedWithin)
}

// synced returns until when the directory's last sure word counts as fresh: of everybody, and of each whose account
// matters, of whom it may have been in doubt for longer.
func (m *matter) synced() instant {
	if m.class.Staleness == 0 {
		return forever
	}
	until := forever
	if d := m.f.Directory; d != nil {
		until = dawn
		if !d.Read.IsZero() {
			until = moment(d.Read).after(m.class.Staleness)
		}
	}
	for _, p := range []*Person{m.f.Person, m.f.Owner, m.principal().Person} {
		if p != nil && !p.Doubted.IsZero() {
			until = min(until, moment(p.Doubted).after(m.class.Staleness))
		}
	}
	return until
}

// authenticated returns until when the person counts as authenticated. An authentication that lies ahead by more than
// the clock may be off has not happened.
func (m *matter) authenticated() instant {
	when := m.q.Context.AuthTime
	switch {
	case m.class.AuthAge == 0:
		return forever
	case when.IsZero() || moment(when) > m.at.after(max(m.limits.ClockOffset, 0)):
		return dawn
	}
	return moment(when).after(m.class.AuthAge)
}

// rowLimit returns how many records may be asked for at once; 0: any number.
func (m *matter) rowLimit() int {
	limit := m.class.Rows
	if k := m.f.Contract; k != nil && k.Rows != 0 && (limit == 0 || k.Rows < limit) {
		limit = k.Rows
	}
	return limit
}

// met tells whether everything that the proviso asks for is so.
func (m *matter) met(p Proviso) bool { return len(m.unmet(p, nil)) == 0 }

// unmet appends what of the proviso is not met, in words for people.
func (m *matter) unmet(p Proviso, to []string) []string {
	if p.CaseRef && m.words[wordReference] != referenceSound {
		to = append(to, "受付番号等")
	}
	if p.AuthLevel > max(m.q.Context.AuthLevel, 0) {
		to = append(to, "認証の強さ")
	}
	if rows := m.q.Context.Rows; p.Rows != 0 && (rows <= 0 || rows > p.Rows) {
		to = append(to, "件数")
	}
	if m.permitted(p.Zones, wordZone) == nothing {
		to = append(to, "ネットワーク")
	}
	if m.permitted(p.Workplaces, wordWorkplace) == nothing {
		to = append(to, "作業場所")
	}
	if m.permitted(p.Devices, wordDevice) == nothing {
		to = append(to, "機器")
	}
	return to
}

// fulfilled tells whether the asking system fulfils an obligation. Of a system that is not known that is not the fault.
func (m *matter) fulfilled(o Obligation) bool {
	return m.f.System == nil || slices.Contains(m.f.System.Obligations, o.Name)
}

// protected tells whether the asking system fulfils all of them.
func (m *matter) protected(all []Obligation) bool {
	return !slices.ContainsFunc(all, func(o Obligation) bool { return !m.fulfilled(o) })
}

// protectedUnder tells whether the asking system fulfils what comes with the proviso.
func (m *matter) protectedUnder(p Proviso) bool {
	return m.protected(p.Obligations) && (p.Rows == 0 || m.fulfilled(Obligation{Name: MaxRows}))
}

func either(yes bool, this, that string) string {
	if yes {
		return this
	}
	return that
}
