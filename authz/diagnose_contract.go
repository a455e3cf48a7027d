package authz

import "slices"

// registered says why the contract, which may run otherwise, is not in order.
func (d *diagnosis) registered() []finding {
	c := d.f.Contract
	switch {
	case c == nil:
		return is(CodeContractUnknown)
	case d.failed("running"):
		return nil
	}
	var found []finding
	if d.at < moment(c.Term.From) {
		found = append(found, finding{code: CodeContractNotStarted, term: c.Term, starts: true})
	}
	if c.State != ContractActive {
		found = append(found, is(CodeContractSuspended)...)
	}
	if !c.Complete {
		found = append(found, is(CodeContractIncomplete)...)
	}
	return found
}

// running says how the contract ended, or that only what a permit opens may still be done under it.
func (d *diagnosis) running() []finding {
	c := d.f.Contract
	switch {
	case c == nil:
		return nil
	case d.closing():
		return is(CodeCloseoutOnly)
	case moment(c.Terminated) <= d.at:
		return is(CodeContractTerminated)
	}
	return []finding{{code: CodeContractEnded, term: c.Term}}
}

// closing tells whether the person has a permit that now lets the work of return and disposal go on.
func (d *diagnosis) closing() bool {
	return slices.ContainsFunc(d.m.permits, func(r permitRow) bool {
		p := r.permit
		return p.CloseOut && p.Contract == d.q.Contract && stands(d.q.Person, r.person) && p.State == PermitGranted &&
			r.approval != stateNone && r.from <= d.at && d.at < r.until
	})
}

// ends returns when the contract ends, by its term or early.
func (c *Contract) ends() instant {
	return min(moment(c.Term.Until), moment(c.Terminated))
}

// early tells whether a period that begins then has not begun because the contract has not.
func (d *diagnosis) early(from instant) bool {
	begins := moment(d.f.Contract.Term.From)
	return d.at < begins && from <= begins
}

// late tells whether a period that ends then has ended because the contract has, which stands in the way.
func (d *diagnosis) late(until instant) bool {
	ends := d.f.Contract.ends()
	return d.failed("running") && ends <= d.at && ends <= until
}

func (d *diagnosis) reviewed() []finding {
	return unless(d.f.Contract == nil || d.late(moment(d.f.Contract.ReviewDue)), CodeRosterReviewOverdue)
}

func (d *diagnosis) purpose() []finding {
	p := d.f.Purpose
	switch {
	case d.q.Purpose == "":
		return is(CodePurposeMissing)
	case p == nil:
		return is(CodePurposeUnknown)
	}
	var found []finding
	if !p.Term.covers(d.at) {
		found = is(CodePurposeInactive)
	}
	if !p.Leaf {
		found = append(found, is(CodePurposeTooBroad)...)
	}
	return found
}

// permitted is silent where a purpose is prohibited only because it is so broad that it includes a prohibited one.
func (d *diagnosis) permitted() []finding {
	outright := slices.ContainsFunc(d.m.prohibited, func(p prohibition) bool {
		return stands(d.q.Contract, p.contract) && stands(d.q.Asset, p.asset) && d.m.under(p.purpose)
	})
	return unless(!outright && d.f.Purpose != nil && !d.f.Purpose.Leaf, CodePurposeProhibited)
}

func (d *diagnosis) agreed() []finding {
	return unless(d.f.Contract == nil || d.failed("purpose") || d.failed("permitted"), CodePurposeNotInContract)
}

func (d *diagnosis) intended() []finding {
	return unless(d.f.Asset == nil || d.failed("purpose") || d.failed("permitted") || d.failed("agreed"), CodePurposeNotForAsset)
}

// purposeFailed tells whether the stated purpose is a fault of its own.
func (d *diagnosis) purposeFailed() bool {
	return d.failed("purpose") || d.failed("permitted") || d.failed("agreed") || d.failed("intended")
}

func (d *diagnosis) deed() []finding { return unless(d.purposeFailed(), CodePurposeActionMismatch) }

// provided says which conditions of the contract or the asset are not met.
func (d *diagnosis) provided() []finding {
	if d.purposeFailed() || d.f.Contract == nil || d.f.Asset == nil {
		return nil
	}
	provisos := slices.Clone(d.f.Contract.Provisos)
	d.f.Asset.each(func(part *Asset) { provisos = append(provisos, part.Provisos...) })
	return d.unmet(provisos)
}

// unmet says what is not met of the provisos on the stated purpose.
func (d *diagnosis) unmet(provisos []Proviso) []finding {
	var lacks []string
	for _, p := range provisos {
		if d.m.under(wide(p.Purpose)) {
			lacks = d.m.unmet(p, lacks)
		}
	}
	if len(lacks) == 0 {
		return nil
	}
	return []finding{{code: CodePurposeConditionUnmet, text: listed(lacks)}}
}

func (d *diagnosis) reference() []finding {
	switch {
	case d.purposeFailed() || d.classless():
		return nil
	case d.q.Context.CaseRef == "":
		return is(CodeCaseRefRequired)
	}
	return is(CodeCaseRefInvalid)
}
