package authz

import "slices"

// listed tells whether the person has an assignment under the contract that has not ended.
func (d diagnosis) listed() bool {
	return d.f.Assignment != nil && d.at < d.f.Assignment.ends()
}

// ends returns when the assignment ends, by its term or before.
func (a Assignment) ends() string {
	return min(moment(a.Term.Until), moment(a.Ended))
}

// member says why the person is not at work under the contract.
func (d diagnosis) member() []finding {
	if d.f.Person == nil || d.f.Contract == nil {
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
func (d diagnosis) notified() []finding {
	if d.f.Person == nil || d.f.Contract == nil || !d.listed() {
		return nil
	}
	waiting := d.f.Rights
	if !d.failed["right"] {
		waiting = d.covering()
	} else if slices.ContainsFunc(waiting, func(r Right) bool { return opened(r, d.f.Contract) <= d.at }) {
		return nil
	}
	var found []finding
	for _, r := range waiting {
		found = append(found, finding{code: d.wait(r)})
	}
	return found
}

// wait says what a right waits for.
func (d diagnosis) wait(r Right) Code {
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
func (d diagnosis) covering() []Right {
	return keep(d.f.Rights, func(r Right) bool {
		return r.Asset == d.q.Asset && r.Action == d.q.Action && d.f.Purpose.under(r.Purpose) && r.Term.holds(d.at)
	})
}

// right says what of the question the person's rights come closest to covering: the asset, then the action, then the
// purpose, then the moment.
func (d diagnosis) right() []finding {
	if d.f.Person == nil || d.f.Contract == nil || d.f.Asset == nil || !d.listed() || d.failed["entrusted"] {
		return nil
	}
	near := keep(d.f.Rights, func(r Right) bool { return r.Asset == d.q.Asset })
	if len(near) == 0 {
		return is(CodeRightMissing)
	}
	near = keep(near, func(r Right) bool { return r.Action == d.q.Action })
	if len(near) == 0 {
		return is(CodeActionNotGranted)
	}
	near = keep(near, func(r Right) bool { return d.f.Purpose.under(r.Purpose) })
	switch {
	case len(near) == 0 && d.purposeFailed():
		return nil
	case len(near) == 0:
		return is(CodePurposeNotGranted)
	}
	return d.rightTerm(near)
}

// rightTerm says why none of the rights, which all cover the question otherwise, covers the moment.
func (d diagnosis) rightTerm(near []Right) []finding {
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

// serves tells whether the pledge was given for the question's contract and the assignment's employer. Without an
// assignment any employer does.
func (p Pledge) serves(q Question, a *Assignment) bool {
	return p.Person == q.Person && p.Contract == q.Contract && (a == nil || p.Employer == a.Employer)
}

// pledge says what the pledge that has come furthest still lacks.
func (d diagnosis) pledge() []finding {
	if d.f.Person == nil || d.f.Contract == nil {
		return nil
	}
	own := keep(d.f.Pledges, func(p Pledge) bool { return p.serves(d.q, d.f.Assignment) })
	elsewhere := slices.ContainsFunc(d.f.Pledges, func(p Pledge) bool {
		return p.Person == d.q.Person && p.State == PledgeValid
	})
	switch {
	case len(own) == 0 && !d.listed() && !d.f.Drafted:
		return nil
	case len(own) == 0 && elsewhere:
		return is(CodePledgeScopeMismatch)
	case len(own) == 0:
		return is(CodePledgeMissing)
	}
	lacks := make([]Code, len(own))
	for i, p := range own {
		lacks[i] = d.lacks(p)
	}
	if slices.Contains(lacks, inOrder) {
		return nil
	}
	return is(slices.MinFunc(lacks, func(a, b Code) int { return slices.Index(pledgeProgress, a) - slices.Index(pledgeProgress, b) }))
}

// inOrder stands for a pledge that lacks nothing, or nothing that is its own fault.
const inOrder Code = ""

// pledgeProgress lists what pledges lack, from the one that has come furthest.
var pledgeProgress = []Code{
	CodePledgePendingVerification, CodePledgeGuardianConsentMissing, CodePledgeTemplateOutdated, CodePledgeExpired,
	CodePledgeRejected, CodePledgeSignatureInvalid, CodePledgeNotSigned,
}

// lacks says what one pledge lacks.
func (d diagnosis) lacks(p Pledge) Code {
	switch p.State {
	case PledgePending:
		return CodePledgePendingVerification
	case PledgeUnassented:
		return CodePledgeGuardianConsentMissing
	case PledgeRejected:
		return CodePledgeRejected
	case PledgeUnproven:
		return CodePledgeSignatureInvalid
	case PledgeValid:
	default:
		return CodePledgeNotSigned
	}
	from, until, due := moment(p.Term.From), moment(p.Term.Until), moment(p.Due)
	switch {
	case d.at < from && !d.early(from):
		return CodePledgeNotSigned
	case due <= d.at && !d.late(due):
		return CodePledgeTemplateOutdated
	case until <= d.at && !d.late(until):
		return CodePledgeExpired
	}
	return inOrder
}
