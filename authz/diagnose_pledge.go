package authz

import "slices"

// serves tells whether the pledge was given by the human, for the question's contract and the assignment's employer.
func (p *Pledge) serves(m *matter) bool {
	return p.Person == m.words[wordHuman] && p.Contract == m.q.Contract && p.Employer == m.words[wordEmployer]
}

// pledge says what the pledge that has come furthest still lacks.
func (d *diagnosis) pledge() []finding {
	if d.f.Person == nil || d.f.Contract == nil || d.orphan() {
		return nil
	}
	own := keep(d.f.Pledges, func(p Pledge) bool {
		return p.Person == d.human() && p.Contract == d.q.Contract && (d.f.Assignment == nil || p.Employer == d.f.Assignment.Employer)
	})
	elsewhere := slices.ContainsFunc(d.f.Pledges, func(p Pledge) bool {
		return p.Person == d.human() && p.State == PledgeValid
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
func (d *diagnosis) lacks(p Pledge) Code {
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
	from, until, due := moment(p.Term.From), d.m.pledged(&p), moment(p.Due)
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
