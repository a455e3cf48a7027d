package authz

import (
	"slices"
	"time"
)

const (
	ageOfHighest = 30 * time.Second // how long a decision on an asset of importance 1 may be kept
	ageOfOthers  = 5 * time.Minute

	// actionExport is never kept for assets of importance 1: each export is asked for anew.
	actionExport = "export"

	// soon is how far ahead an end is announced.
	soon = 30 * 24 * time.Hour
)

// maxAge returns how long an allowed decision may be kept: by the importance of the asset, and not beyond the next
// moment at which any of the facts could change the answer.
func maxAge(q Question, f Facts) time.Duration {
	age := ageOfOthers
	if f.Asset.Importance == 1 {
		age = ageOfHighest
		if q.Action == actionExport {
			return 0
		}
	}
	for _, boundary := range boundaries(f) {
		if left := boundary.Truncate(time.Microsecond).Sub(q.At); left > 0 {
			age = min(age, left)
		}
	}
	return age
}

// boundaries returns all moments of the facts of an allowed decision.
func boundaries(f Facts) []time.Time {
	moments := []time.Time{
		f.Contract.Term.From, f.Contract.Term.Until, f.Contract.Terminated,
		f.Purpose.Term.From, f.Purpose.Term.Until,
		f.Person.Until,
		f.Assignment.Term.From, f.Assignment.Term.Until, f.Assignment.Ended, f.Assignment.Suspended,
	}
	for _, r := range f.Rights {
		moments = append(moments, r.Term.From, r.Term.Until, r.Opened)
	}
	for _, p := range f.Pledges {
		moments = append(moments, p.Term.From, p.Term.Until, p.Due)
	}
	for _, hop := range f.Hops {
		for _, c := range hop.Consents {
			moments = append(moments, c.Term.From, c.Term.Until, c.Revoked)
		}
	}
	return moments
}

// advise returns what the people concerned should know although access is allowed.
func advise(q Question, f Facts, right string) []Code {
	var advice []Code
	if resignDue(q, f) {
		advice = append(advice, CodeAdvicePledgeResignDue)
	}
	ends, ahead := f.Contract.ends(), moment(q.At.Add(soon))
	if ends <= ahead {
		advice = append(advice, CodeAdviceContractEnding)
	}
	if until := consented(q, f); until <= ahead && until < ends {
		advice = append(advice, CodeAdviceSubcontractEnding)
	}
	if slices.ContainsFunc(f.Rights, func(r Right) bool { return r.ID == right && !r.Acknowledged }) {
		advice = append(advice, CodeAdviceRosterUnacknowledged)
	}
	return advice
}

// resignDue tells whether every pledge that now holds has to be signed again by some moment.
func resignDue(q Question, f Facts) bool {
	at := moment(q.At)
	for _, p := range f.Pledges {
		if p.serves(q, f.Assignment) && p.State == PledgeValid && p.Term.holds(at) && p.Due.IsZero() {
			return false
		}
	}
	return true
}

// consented returns until when the consents to the chain cover the question, the longest of them.
func consented(q Question, f Facts) string {
	if f.Assignment.Employer == f.Contract.Prime {
		return forever
	}
	at, until := moment(q.At), ""
	whole, err := strands(q, f)
	if err != nil {
		return until
	}
	for _, s := range whole {
		if s.from <= at && s.asset != nothing && s.action != nothing && s.purpose != nothing {
			until = max(until, s.until)
		}
	}
	return until
}
