package authz_test

import (
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/meibo-dev/meibo/authz"
)

func (o judge) zone() bool {
	return lets(o.class.Zones, o.q.Context.Zone) && (o.f.System == nil || lets(o.f.System.Zones, o.q.Context.Zone))
}

func (o judge) workplace() bool {
	return (o.f.Contract == nil || lets(o.f.Contract.Workplaces, o.q.Context.Workplace)) &&
		(o.f.Assignment == nil || lets(o.f.Assignment.Workplaces, o.q.Context.Workplace))
}

func (o judge) device() bool {
	return (o.f.Contract == nil || lets(o.f.Contract.Devices, o.q.Context.Device)) &&
		(o.f.Assignment == nil || lets(o.f.Assignment.Devices, o.q.Context.Device))
}

func (o judge) synced() bool {
	if o.class.Staleness == 0 {
		return true
	}
	fresh := func(word time.Time) bool {
		return o.q.At.Truncate(time.Microsecond).Before(word.Truncate(time.Microsecond).Add(o.class.Staleness.Truncate(time.Microsecond)))
	}
	for _, p := range o.involved() {
		if !p.Doubted.IsZero() && !fresh(p.Doubted) {
			return false
		}
	}
	d := o.f.Directory
	return d == nil || !d.Read.IsZero() && fresh(d.Read)
}

func (o judge) clock() bool {
	limit := o.limits.ClockOffset
	return !o.f.Clock.Lost && (limit == 0 || o.f.Clock.Offset.Abs() <= limit)
}

func (o judge) once() bool {
	c := o.q.Context
	if o.f.System == nil || !o.f.System.Nonces {
		return true
	}
	apart := o.q.At.Truncate(time.Microsecond).Sub(c.Asked.Truncate(time.Microsecond)).Abs()
	return identifier.MatchString(c.Nonce) && !o.q.Repeated && !c.Asked.IsZero() && apart <= time.Minute
}

func (o judge) reviewed() bool { return o.knownContract() && !o.begun(o.f.Contract.ReviewDue) }

// open24 tells whether the moment lies in the hours of the contract.
func (o judge) open24() bool {
	if !o.knownContract() {
		return false
	}
	hours := o.f.Contract.Hours
	if hours == nil {
		return true
	}
	local := o.q.At.Truncate(time.Microsecond).In(time.FixedZone("", 32400))
	for _, w := range hours.Windows {
		for back := range 2 {
			midnight := time.Date(local.Year(), local.Month(), local.Day()-back, 0, 0, 0, 0, local.Location())
			since := local.Sub(midnight)
			if slices.Contains(w.Days, midnight.Weekday()) && w.From.Truncate(time.Microsecond) <= since && since < w.Until.Truncate(time.Microsecond) {
				return true
			}
		}
	}
	return false
}

func within(rows, limit int) bool { return limit == 0 || 0 < rows && rows <= limit }

func (o judge) volume() bool {
	return within(o.q.Context.Rows, o.class.Rows) && (o.f.Contract == nil || within(o.q.Context.Rows, o.f.Contract.Rows))
}

// held tells whether a hold of the kind stands in the way.
func (o judge) held(kind authz.HoldKind) bool {
	waits := func(p *authz.Person) bool {
		return !p.Held.IsZero() && o.begun(p.Held) && slices.Contains([]string{o.q.Person, o.human(), o.acting()}, p.ID)
	}
	if kind == authz.HoldIncident && o.importance() == 1 && slices.ContainsFunc(o.involved(), waits) {
		return true
	}
	return slices.ContainsFunc(o.f.Holds, func(h authz.Hold) bool {
		of := h.Kind
		if of != authz.HoldLegal && of != authz.HoldShared {
			of = authz.HoldIncident
		}
		people := []string{o.q.Person}
		if kind != authz.HoldLegal {
			people = append(people, o.human())
		}
		if kind == authz.HoldIncident {
			people = append(people, o.acting())
		}
		asset := !identifier.MatchString(h.Asset) || h.Asset == o.q.Asset || o.knownAsset() &&
			slices.ContainsFunc(parts(o.f.Asset), func(a *authz.Asset) bool { return a.ID == h.Asset })
		return of == kind && (!identifier.MatchString(h.Person) || slices.Contains(people, h.Person)) &&
			(!identifier.MatchString(h.Contract) || h.Contract == o.q.Contract) && asset &&
			(h.From.IsZero() || o.begun(h.From)) && !o.begun(h.Until) && (kind != authz.HoldLegal || in(o.limits.Altering, o.q.Action))
	})
}

func (o judge) sound() bool {
	reference := o.q.Context.CaseRef
	if len(reference) > 128 || !readable(reference) {
		return false
	}
	if !o.knows() || o.f.Purpose.CaseForms == nil {
		return true
	}
	return slices.ContainsFunc(o.f.Purpose.CaseForms.Words, func(form string) bool {
		pattern := regexp.QuoteMeta(form)
		pattern = strings.NewReplacer("9", "[0-9]", "A", "[A-Z]").Replace(pattern)
		return regexp.MustCompile("^" + pattern + "$").MatchString(reference)
	})
}

func readable(s string) bool {
	return utf8.ValidString(s) && strings.TrimSpace(s) != "" &&
		!strings.ContainsFunc(s, func(c rune) bool { return !unicode.IsPrint(c) && c != '\u3000' })
}

func (o judge) reference() bool {
	return !(o.class.CaseRef || o.knows() && o.f.Purpose.CaseRef) || o.sound()
}

// met tells whether a proviso is, if it is about the asked purpose.
func (o judge) met(p authz.Proviso) bool {
	about := o.knows() && (!identifier.MatchString(p.Purpose) || o.isUnder(p.Purpose))
	c := o.q.Context
	return !about || (!p.CaseRef || o.sound()) && p.AuthLevel <= max(0, c.AuthLevel) && within(c.Rows, p.Rows) &&
		lets(p.Zones, c.Zone) && lets(p.Workplaces, c.Workplace) && lets(p.Devices, c.Device)
}

func (o judge) fulfils(names ...authz.ObligationName) bool {
	return o.f.System == nil || !slices.ContainsFunc(names, func(n authz.ObligationName) bool {
		return !slices.Contains(o.f.System.Obligations, n)
	})
}

// asks returns what provisos about the asked purpose ask of the system.
func (o judge) asks(provisos []authz.Proviso) []authz.ObligationName {
	var all []authz.ObligationName
	for _, p := range provisos {
		if !o.knows() || identifier.MatchString(p.Purpose) && !o.isUnder(p.Purpose) {
			continue
		}
		for _, one := range p.Obligations {
			all = append(all, one.Name)
		}
		if p.Rows != 0 {
			all = append(all, authz.MaxRows)
		}
	}
	return all
}

func (o judge) unlimited(l *authz.Limits) bool {
	if l == nil {
		return true
	}
	return !slices.ContainsFunc(l.Prohibited, o.against) && o.fulfils(o.asks(l.Provisos)...) &&
		!slices.ContainsFunc(l.Provisos, func(p authz.Proviso) bool { return !o.met(p) })
}

func (o judge) provisos() []authz.Proviso {
	var all []authz.Proviso
	if o.f.Contract != nil {
		all = append(all, o.f.Contract.Provisos...)
	}
	if o.f.Asset != nil {
		for _, a := range parts(o.f.Asset) {
			all = append(all, a.Provisos...)
		}
	}
	return all
}

func (o judge) provided() bool {
	var all []authz.Proviso
	if o.knownContract() {
		all = append(all, o.f.Contract.Provisos...)
	}
	if o.knownAsset() {
		for _, a := range parts(o.f.Asset) {
			all = append(all, a.Provisos...)
		}
	}
	return !slices.ContainsFunc(all, func(p authz.Proviso) bool { return !o.met(p) })
}

func (o judge) fulfilsAll() bool {
	if o.f.System == nil || o.f.System.ID != o.q.System {
		return true
	}
	all := o.asks(o.provisos())
	for _, d := range o.limits.Duties {
		if (d.Importance == 0 || d.Importance == max(1, o.importance())) && (d.Action == "*" || d.Action == o.q.Action) {
			all = append(all, d.Obligation.Name)
		}
	}
	if o.class.Rows != 0 || o.f.Contract != nil && o.f.Contract.Rows != 0 {
		all = append(all, authz.MaxRows)
	}
	if o.urgent() && o.named() {
		for _, one := range o.limits.Emergency.Obligations {
			all = append(all, one.Name)
		}
	}
	return o.fulfils(all...)
}

// covered tells whether a permit, the stated one, opens the question, whatever it counts and whomever it goes to.
func (o judge) covered(p authz.Permit) bool {
	stated := o.q.Context.Permit
	if !in(o.class.Permits, o.q.Action) && !o.over() || !identifier.MatchString(stated) || p.ID != stated {
		return false
	}
	purpose := o.knows() && slices.Contains(p.Purposes, "*") || slices.ContainsFunc(p.Purposes, o.isUnder)
	names := make([]authz.ObligationName, len(p.Obligations))
	for i, one := range p.Obligations {
		names[i] = one.Name
	}
	return (p.Person == "*" || p.Person == o.q.Person) && p.Contract == o.q.Contract && in(p.Assets, o.q.Asset) && in(p.Actions, o.q.Action) &&
		purpose && p.State == authz.PermitGranted && name(p.Approver) &&
		!slices.Contains([]string{o.q.Person, o.human(), o.acting()}, p.Approver) && o.fulfils(names...) && o.within(p.Term) && !o.begun(p.Revoked)
}

func (o judge) permitted() bool {
	return !in(o.class.Permits, o.q.Action) || slices.ContainsFunc(o.f.Permits, func(p authz.Permit) bool {
		rows := o.q.Context.Rows
		return o.covered(p) && in(p.Recipients, o.q.Context.Recipient) && in(p.Media, o.q.Context.Medium) &&
			(p.Rows == -1 || 0 < rows && rows <= p.Rows && rows <= p.Rows-max(0, p.RowsUsed)) && (p.Uses == -1 || max(0, p.UsesMade) < p.Uses)
	})
}

func (o judge) owing() bool {
	return slices.ContainsFunc(o.f.Loans, func(l authz.Loan) bool {
		return (!identifier.MatchString(l.Person) || l.Person == o.human()) && in(o.limits.TakingOut, o.q.Action) && o.begun(l.Due) && !o.begun(l.Returned)
	})
}

// urgent tells whether the purpose is one of emergency.
func (o judge) urgent() bool {
	return slices.ContainsFunc(o.limits.Emergency.Purposes, func(node string) bool { return o.isUnder(node) || o.knows() && node == "*" })
}

func (o judge) named() bool {
	return o.limits.Emergency.Enabled && o.f.Contract != nil && !o.service() && slices.Contains(o.f.Contract.EmergencyStaff, o.q.Person)
}

func (o judge) claimed() bool {
	lasts := min(o.limits.Emergency.Duration, time.Hour).Truncate(time.Microsecond)
	if !o.urgent() || !o.named() || !o.knownContract() || o.q.Action != "view" || !readable(o.q.Context.Reason) || len(o.q.Context.Reason) > 1024 || lasts <= 0 {
		return false
	}
	return !slices.ContainsFunc(o.f.Contract.Emergencies, func(e authz.Emergency) bool {
		over := e.Since.IsZero() || !o.q.At.Truncate(time.Microsecond).Before(e.Since.Truncate(time.Microsecond).Add(lasts))
		return !o.begun(e.Reviewed) && over
	})
}
