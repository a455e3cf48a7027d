package authz

import (
	"slices"
	"strings"
)

// listed joins words for people, in order, each once.
func listed(words []string) string { return strings.Join(sorted(words), "、") }

// permit says what the stated permit lacks.
func (d *diagnosis) permit() []finding {
	if d.f.Contract == nil || d.classless() {
		return nil
	}
	stated := d.m.words[wordPermit]
	var found []finding
	known := false
	for _, r := range d.m.permits {
		if stated != unstated && r.permit.ID == stated {
			known, found = true, append(found, d.permitLacks(r)...)
		}
	}
	return append(found, unless(known, CodePermitRequired)...)
}

// permitLacks says what one permit lacks.
func (d *diagnosis) permitLacks(r permitRow) []finding {
	p := r.permit
	var found []finding
	say := func(code Code, so bool) {
		if so {
			found = append(found, finding{code: code})
		}
	}
	scope := stands(d.q.Person, r.person) && p.Contract == d.q.Contract && stands(d.q.Asset, r.asset) && stands(d.q.Action, r.action) &&
		stands(d.m.words[wordRecipient], r.recipient) && stands(d.m.words[wordMedium], r.medium) && r.rows == volumeWithin &&
		(d.m.under(r.purpose) || d.purposeFailed())
	say(CodePermitRequired, p.State != PermitGranted || r.approval == stateNone)
	say(CodePermitNotStarted, d.at < r.from)
	say(CodePermitRevoked, moment(p.Revoked) <= d.at)
	say(CodePermitExpired, moment(p.Term.Until) <= d.at && d.at < moment(p.Revoked))
	say(CodePermitMismatch, !scope)
	say(CodePermitExhausted, r.count == stateUsed && r.rows == volumeWithin)
	say(CodeSoDConflict, r.approval == stateOwn)
	say(CodeObligationUnsupported, r.protection == stateUnable)
	return found
}

// emergency says why no emergency can be claimed.
func (d *diagnosis) emergency() []finding {
	if d.f.Purpose == nil || d.f.Contract == nil {
		return nil
	}
	if len(d.m.emergencies) == 0 || d.q.Action != actionView || d.m.emergencies[0].standing != stateOpen {
		return is(CodeEmergencyNotEligible)
	}
	var found []finding
	if d.m.emergencies[0].until <= d.at {
		found = is(CodeEmergencyExpired)
	}
	if d.m.emergencies[0].justification != stateStated {
		found = append(found, is(CodeEmergencyJustificationRequired)...)
	}
	return found
}

// authenticated says that the person must be authenticated more strongly, or again.
func (d *diagnosis) authenticated() []finding { return unless(d.classless(), CodeAuthLevelLow) }

// trained says whether the human was never told the conditions, or too long ago.
func (d *diagnosis) trained() []finding {
	if d.f.Person == nil || d.f.Contract == nil || !d.listed() && !d.f.Drafted {
		return nil
	}
	over := slices.ContainsFunc(d.f.Trainings, func(t Training) bool {
		return t.serves(d.m) && d.m.trained(&t) <= d.at
	})
	if over {
		return is(CodeTrainingExpired)
	}
	return is(CodeTrainingMissing)
}
