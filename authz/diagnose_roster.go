package authz

import "slices"

// listed tells whether the person has an assignment under the contract that has not ended.
func (d *diagnosis) listed() bool {
	return d.f.Assignment != nil && d.at < d.f.Assignment.ends()
}

// ends returns when the assignment ends, by its term or before.
func (a *Assignment) ends() instant {
	return min(moment(a.Term.Until), moment(a.Ended))
}

// member says why the person is not at work under the contract.
func (d *diagnosis) member() []finding {
	if d.f.Person == nil || d.f.Contract == nil || d.orphan() {
		return nil
	}
	var found []finding
	if !d.listed() && d.f.Drafted {
		found = is(CodeRosterDraft)
	}
	a := d.f.Assignment
	switch {
	case a == nil && d.f.Drafted:
		return found
	case a == nil:
		return is(CodeRosterNotListed)
	case moment(a.Ended) <= d.at:
		return append(found, finding{code: CodeRosterMemberEnded, term: Term{Until: a.Ended}})
	case moment(a.Term.Until) <= d.at && d.late(moment(a.Term.Until)):
		return found
	case moment(a.Term.Until) <= d.at:
		return append(found, finding{code: CodeRosterMemberEnded, term: a.Term})
	}
	if d.at < moment(a.Term.From) && !d.early(moment(a.Term.From)) {
		found = append(found, finding{code: CodeRosterNotYetEffective, term: a.Term, starts: true})
	}
	if moment(a.Suspended) <= d.at {
		found = append(found, is(CodeRosterMemberSuspended)...)
	}
	return found
}

// notified says what the rights that cover the question wait for; when none covers it, what all wait for, provided that
// none is open.
func (d *diagnosis) notified() []finding {
	if d.f.Person == nil || d.f.Contract == nil || !d.listed() {
		return nil
	}
	waiting := d.own()
	if !d.failed("right") {
		waiting = d.covering()
	} else if slices.ContainsFunc(waiting, func(r Right) bool { return d.m.opened(&r) <= d.at }) {
		return nil
	}
	var found []finding
	for _, r := range waiting {
		found = append(found, finding{code: d.wait(r)})
	}
	return found
}

// wait says what a right waits for.
func (d *diagnosis) wait(r Right) Code {
	switch r.Waiting {
	case WaitApproval:
		return CodeRosterDraft
	case WaitCorrection:
		return CodeRosterReturned
	case WaitAcknowledgement:
		return CodeRosterNotAcknowledged
	}
	if moment(r.Opened) <= d.at {
		return CodeRosterNotAcknowledged
	}
	return CodeRosterNotNotified
}

// covering returns the rights that cover the question, open or not.
func (d *diagnosis) covering() []Right {
	return keep(d.own(), func(r Right) bool {
		return r.Asset == d.q.Asset && r.Action == d.q.Action && d.m.under(cell(r.Purpose)) && r.Term.covers(d.at) &&
			d.m.exception(&r) == stateNone && d.m.limited(&r) == stateMet
	})
}

// own returns the rights that the person holds.
func (d *diagnosis) own() []Right {
	if d.f.Assignment == nil {
		return nil
	}
	for i := range d.f.Rights {
		if d.m.holder(&d.f.Rights[i]) != d.q.Person {
			return keep(d.f.Rights, func(r Right) bool { return d.m.holder(&r) == d.q.Person })
		}
	}
	return d.f.Rights
}

// right says what of the question the person's rights come closest to covering: the asset, then the action, then the
// purpose, then the moment.
func (d *diagnosis) right() []finding {
	if d.f.Person == nil || d.f.Contract == nil || d.f.Asset == nil || !d.listed() || d.failed("entrusted") {
		return nil
	}
	near := keep(d.own(), func(r Right) bool { return r.Asset == d.q.Asset })
	if len(near) == 0 {
		return is(CodeRightMissing)
	}
	near = keep(near, func(r Right) bool { return r.Action == d.q.Action })
	if len(near) == 0 {
		return is(CodeActionNotGranted)
	}
	near = keep(near, func(r Right) bool { return d.m.under(cell(r.Purpose)) })
	switch {
	case len(near) == 0 && d.purposeFailed():
		return nil
	case len(near) == 0:
		return is(CodePurposeNotGranted)
	}
	return d.rightLimits(near)
}

// rightLimits says what the limits of rights, which all cover the question otherwise, except or ask for.
func (d *diagnosis) rightLimits(near []Right) []finding {
	near = keep(near, func(r Right) bool { return d.m.exception(&r) == stateNone })
	if len(near) == 0 {
		return is(CodePurposeProhibited)
	}
	free := keep(near, func(r Right) bool { return d.m.limited(&r) == stateMet })
	if len(free) > 0 {
		return d.rightTerm(free)
	}
	var provisos []Proviso
	for _, r := range near {
		provisos = append(provisos, r.Limits.Provisos...)
	}
	if found := d.unmet(provisos); len(found) > 0 {
		return found
	}
	return is(CodeObligationUnsupported)
}

// rightTerm says why none of the rights, which all cover the question otherwise, covers the moment.
func (d *diagnosis) rightTerm(near []Right) []finding {
	ahead := keep(near, func(r Right) bool { return d.at < moment(r.Term.From) })
	code, follows := CodeRightNotStarted, func(r Right) bool {
		from, begins := moment(r.Term.From), moment(d.f.Assignment.Term.From)
		return d.early(from) || d.at < begins && from <= begins
	}
	if len(ahead) == 0 {
		ahead, code = near, CodeRightExpired
		follows = func(r Right) bool { return d.late(moment(r.Term.Until)) }
	}
	if slices.ContainsFunc(ahead, follows) {
		return nil
	}
	return is(code)
}

// keep returns the elements for which the test holds.
func keep[E any](all []E, test func(E) bool) []E {
	var kept []E
	for _, e := range all {
		if test(e) {
			kept = append(kept, e)
		}
	}
	return kept
}
