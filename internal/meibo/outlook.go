package meibo

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// A PledgeOutlook says from which day somebody who works on a contract is refused, for
// want of a pledge, if nobody does anything.
type PledgeOutlook struct {
	PersonID   PersonID
	EmployerID OrganizationID
	PledgeID   PledgeID // the one that has come furthest; empty: there is none
	Code       string   // of the refusal: one of the rule's codes
	From       Date     // the first day; today where he is refused now
	Since      Instant  // since when somebody could have acted
}

// The rule's codes of what a pledge lacks, from the one that has come furthest.
var pledgeLacks = []string{
	"PLEDGE_PENDING_VERIFICATION", "PLEDGE_GUARDIAN_CONSENT_MISSING", "PLEDGE_TEMPLATE_OUTDATED", "PLEDGE_EXPIRED", "PLEDGE_REJECTED",
	"PLEDGE_SIGNATURE_INVALID", "PLEDGE_NOT_SIGNED", "PLEDGE_MISSING",
}

// Outlook lists, of those whose assignments run, who is or will be refused while they
// are to work, the first day first. Whoever signed elsewhere is refused for
// PLEDGE_SCOPE_MISMATCH instead of PLEDGE_MISSING.
func (b *Book) Outlook(city CityParameters, now Instant) []PledgeOutlook {
	var list []PledgeOutlook
	today, by := now.Day(), b.pledgesByPerson()
	for _, a := range b.Assignments.All() {
		if !a.Running() {
			continue
		}
		start := max(a.Starts, today)
		best := PledgeOutlook{Code: "PLEDGE_MISSING", From: start, Since: a.CreatedAt}
		for _, p := range by[a.PersonID] {
			if p.EmployerID != a.EmployerID || !b.serves(p) {
				continue
			}
			if o, counts := b.outlook(p, city, start); counts && o.further(best) {
				best = o
			}
		}
		best.PersonID, best.EmployerID = a.PersonID, a.EmployerID
		if best.Code != "" && best.From <= min(a.Ends, b.Contract.LastDay()) {
			list = append(list, best)
		}
	}
	slices.SortStableFunc(list, func(a, b PledgeOutlook) int {
		return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.PersonID, b.PersonID))
	})
	return list
}

// further reports whether of two pledges of a person this one serves longer, or has
// come further.
func (o PledgeOutlook) further(than PledgeOutlook) bool {
	if (o.Code == "") != (than.Code == "") {
		return o.Code == ""
	}
	return cmp.Or(cmp.Compare(o.From, than.From), cmp.Compare(slices.Index(pledgeLacks, than.Code), slices.Index(pledgeLacks, o.Code))) > 0
}

// outlook is what one pledge comes to; counts is false for one that is over.
func (b *Book) outlook(p Pledge, city CityParameters, start Date) (o PledgeOutlook, counts bool) {
	o = PledgeOutlook{PledgeID: p.ID, From: start, Since: p.RequestedAt}
	switch p.State {
	case PledgeRequested:
		o.Code = "PLEDGE_NOT_SIGNED"
	case PledgePending:
		o.Code = "PLEDGE_PENDING_VERIFICATION"
	case PledgeRejected:
		if o.Code, o.Since = "PLEDGE_REJECTED", p.ClosedAt; p.Reason == RejectSignature {
			o.Code = "PLEDGE_SIGNATURE_INVALID"
		}
	case PledgeValid:
		b.lapse(&o, p, city)
	default:
		return o, false
	}
	return o, true
}

// lapse says until when a valid pledge serves.
func (b *Book) lapse(o *PledgeOutlook, p Pledge, city CityParameters) {
	for _, t := range b.Templates {
		if t.ID == p.TemplateID && t.Version == p.TemplateVersion && t.Variant == VariantMinor && !p.GuardianConsent {
			o.Code, o.Since = "PLEDGE_GUARDIAN_CONSENT_MISSING", p.ValidFrom
			return
		}
	}
	due, announced := p.Due(b.Contract.ID, b.Templates)
	over := monthsAfter(p.ValidFrom, city.PledgeMonths)
	until := min(due, over)
	if until == Forever {
		return
	}
	if o.Code, o.Since = "PLEDGE_TEMPLATE_OUTDATED", announced; over < due {
		o.Code, o.Since = "PLEDGE_EXPIRED", over
	}
	o.From = max(o.From, until.Day())
}

// monthsAfter is when a period of so many months ends (民法第139条以下): a day that is
// not begun at midnight does not count, and in a month without the day the period ends
// with the month. 0 months: never.
func monthsAfter(from Instant, months int) Instant {
	if months == 0 {
		return Forever
	}
	day := from.Day()
	if day.Start() < from {
		day = day.AddDays(1)
	}
	t := day.Start().Time().In(JST)
	end := time.Date(t.Year(), t.Month()+time.Month(months), t.Day(), 0, 0, 0, 0, JST)
	if end.Day() != t.Day() {
		end = time.Date(t.Year(), t.Month()+time.Month(months)+1, 1, 0, 0, 0, 0, JST)
	}
	return InstantOf(end)
}

// A TextLine is a line of a text beside an earlier one.
type TextLine struct {
	Mark string // empty: in both; + added; - taken away
	Text Personal
}

// comparedLines bounds how long texts may be that are compared line by line.
const comparedLines = 1000

// Differences lays a text beside an earlier one, line by line.
func Differences(before, after Personal) []TextLine {
	a, b := strings.Split(string(before), "\n"), strings.Split(string(after), "\n")
	if len(a) > comparedLines || len(b) > comparedLines {
		return append(marked("-", a), marked("+", b)...)
	}
	common := make([][]int, len(a)+1) // how many lines are common from here on
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var lines []TextLine
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i] == b[j]:
			lines = append(lines, TextLine{"", Personal(a[i])})
			i, j = i+1, j+1
		case common[i+1][j] >= common[i][j+1]:
			lines = append(lines, TextLine{"-", Personal(a[i])})
			i++
		default:
			lines = append(lines, TextLine{"+", Personal(b[j])})
			j++
		}
	}
	return append(append(lines, marked("-", a[i:])...), marked("+", b[j:])...)
}

func marked(mark string, lines []string) []TextLine {
	list := make([]TextLine, len(lines))
	for i, l := range lines {
		list[i] = TextLine{mark, Personal(l)}
	}
	return list
}

// Before is the pledge that a person signed last for the same contract and employer
// before another was asked for; ok is false where there is none.
func (p Pledge) Before(all []Pledge) (last Pledge, ok bool) {
	for _, o := range all {
		signed := !o.ValidFrom.IsZero() && o.State != PledgeDisposed
		if signed && o.ID != p.ID && o.PersonID == p.PersonID && o.EmployerID == p.EmployerID && o.RequestedAt <= p.RequestedAt && o.ValidFrom > last.ValidFrom {
			last = o
		}
	}
	return last, last.ID != ""
}
