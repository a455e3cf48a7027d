package authz

import "slices"

// diagnosis names the reasons of a denial. Casbin has found out which conditions failed; the diagnosis looks at the
// same facts and says why. It never changes the verdict.
//
// A fault is named once, where it lies. What merely follows from a fault is not named:
//
//   - Of a contract, an asset or a person that is not known, nothing else is said.
//   - A stated purpose that is missing, unknown, not in use, too broad, prohibited or not agreed is no fault of the
//     calling system, of a consent or of a right.
//   - A period that begins or ends no sooner than a wider one, which excludes the moment too, is no fault of its own:
//     the contract's is wider than all others, the assignment's wider than a right's.
//   - Of the rights of a person who is not on the roster, or no longer, nothing is said. Such a person owes no pledge
//     either, unless a draft names the person; but a pledge that was asked for and is not in order is named.
//   - When no right covers the question, the reason why rights are not open is named only if none of the person is.
type diagnosis struct {
	q      Question
	f      Facts // only what is about the question
	at     string
	failed map[string]bool // the conditions that did not hold
}

func newDiagnosis(q Question, f Facts, conditions []Condition) diagnosis {
	d := diagnosis{q: q, f: narrow(q, f), at: moment(q.At), failed: map[string]bool{}}
	for _, c := range conditions {
		d.failed[c.Outcome] = !c.Held
	}
	return d
}

// narrow leaves out the facts that are about something else than the question.
func narrow(q Question, f Facts) Facts {
	if f.System != nil && f.System.ID != q.System {
		f.System = nil
	}
	if f.Contract != nil && f.Contract.ID != q.Contract {
		f.Contract = nil
	}
	if f.Asset != nil && f.Asset.ID != q.Asset {
		f.Asset = nil
	}
	if f.Purpose != nil && f.Purpose.Code != q.Purpose {
		f.Purpose = nil
	}
	if f.Person != nil && f.Person.ID != q.Person {
		f.Person = nil
	}
	if f.Assignment != nil && (f.Assignment.Person != q.Person || f.Assignment.Contract != q.Contract) {
		f.Assignment, f.Rights, f.Hops = nil, nil, nil
	}
	return f
}

// of returns why the condition failed; nothing when that follows from another condition.
func (d diagnosis) of(outcome string) []finding {
	switch outcome {
	case "caller":
		return d.caller()
	case "contract":
		return d.contract()
	case "entrusted":
		return d.entrusted()
	case "chain":
		return d.chain()
	case "scope":
		return d.scope()
	case "account":
		return d.account()
	case "member":
		return d.member()
	case "notified":
		return d.notified()
	case "pledge":
		return d.pledge()
	case "asset":
		return d.asset()
	case "right":
		return d.right()
	case "purpose":
		return d.purpose()
	case "permitted":
		return is(CodePurposeProhibited)
	case "agreed":
		return d.agreed()
	}
	return is(CodeDefaultDeny)
}

// is returns one code as findings.
func is(code Code) []finding {
	return []finding{{code: code}}
}

func (d diagnosis) caller() []finding {
	switch {
	case d.f.System == nil:
		return is(CodeCallerUnknown)
	case d.f.Contract == nil || d.f.Asset == nil:
		return nil
	case d.purposeFailed() && slices.ContainsFunc(d.f.System.Scopes, func(s Scope) bool {
		return s.Contract == d.q.Contract && s.Asset == d.q.Asset
	}):
		return nil
	}
	return is(CodeCallerNotEntitled)
}

func (d diagnosis) contract() []finding {
	c := d.f.Contract
	switch {
	case c == nil:
		return is(CodeContractUnknown)
	case moment(c.Terminated) <= d.at:
		return is(CodeContractTerminated)
	case moment(c.Term.Until) <= d.at:
		return []finding{{code: CodeContractEnded, term: c.Term}}
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

func (d diagnosis) entrusted() []finding {
	if d.f.Contract == nil || d.f.Asset == nil {
		return nil
	}
	return is(CodeAssetNotInContract)
}

func (d diagnosis) account() []finding {
	switch {
	case d.f.Person == nil:
		return is(CodeSubjectUnknown)
	case d.f.Person.Account == AccountEnabled, d.f.Person.Account == AccountDisabled:
		return is(CodeSubjectDisabled)
	case d.f.Person.Account == AccountDeparted:
		return is(CodeSubjectDeparted)
	}
	return is(CodeSubjectUnknown)
}

func (d diagnosis) asset() []finding {
	a := d.f.Asset
	if a == nil {
		return is(CodeAssetUnknown)
	}
	var found []finding
	if !a.classified() {
		found = is(CodeAssetUnclassified)
	}
	switch a.State {
	case AssetActive:
		return found
	case AssetDisposed:
		return is(CodeAssetDisposed)
	case AssetReturned:
		return is(CodeAssetReturned)
	}
	return append(found, is(CodeAssetLocked)...)
}

func (d diagnosis) purpose() []finding {
	p := d.f.Purpose
	switch {
	case d.q.Purpose == "":
		return is(CodePurposeMissing)
	case p == nil:
		return is(CodePurposeUnknown)
	}
	var found []finding
	if !p.Term.holds(d.at) {
		found = is(CodePurposeInactive)
	}
	if !p.Leaf {
		found = append(found, is(CodePurposeTooBroad)...)
	}
	return found
}

func (d diagnosis) agreed() []finding {
	if d.f.Contract == nil || d.failed["purpose"] || d.failed["permitted"] {
		return nil
	}
	return is(CodePurposeNotInContract)
}

// purposeFailed tells whether the stated purpose is a fault of its own.
func (d diagnosis) purposeFailed() bool {
	return d.failed["purpose"] || d.failed["permitted"] || d.failed["agreed"]
}

// ends returns when the contract ends, by its term or early.
func (c Contract) ends() string {
	return min(moment(c.Term.Until), moment(c.Terminated))
}

// early tells whether a period that begins then has not begun because the contract has not.
func (d diagnosis) early(from string) bool {
	begins := moment(d.f.Contract.Term.From)
	return d.at < begins && from <= begins
}

// late tells whether a period that ends then has ended because the contract has.
func (d diagnosis) late(until string) bool {
	ends := d.f.Contract.ends()
	return ends <= d.at && ends <= until
}
