package authz

import "slices"

// diagnosis names the reasons of a denial. Casbin has found out which conditions failed; the diagnosis looks at the
// same facts and says why. It never changes the verdict.
//
// A fault is named once, where it lies. What merely follows from a fault is not named:
//
//   - Of a contract, an asset, a person or an owner that is not known, nothing else is said, nor of what is asked for by
//     the class of an asset that has none.
//   - A stated purpose that is missing, unknown, not in use, too broad, prohibited, not agreed or not intended is no fault
//     of the calling system, of a consent, of a permit or of a right.
//   - A period that begins or ends no sooner than a wider one, which excludes the moment too, is no fault of its own:
//     the contract's is wider than all others, the assignment's wider than a right's.
//   - Of the rights of a person who is not on the roster, or no longer, nothing is said. Such a person owes no pledge
//     and no training either, unless a draft names the person; but a pledge that was asked for and is not in order is named.
//   - When no right covers the question, the reason why rights are not open is named only if none of the person is.
type diagnosis struct {
	m      *matter
	q      *Question
	f      Facts // only what is about the question
	at     instant
	places map[string]int // of the conditions
	held   []bool
}

// prepare begins the diagnosis of a matter of which some conditions did not hold.
func (d *diagnosis) prepare(m *matter, places map[string]int, held []bool) {
	d.m, d.q, d.f, d.at, d.places, d.held = m, &m.q, m.f, m.at, places, held
	d.narrow()
}

// failed tells whether a condition did not hold.
func (d *diagnosis) failed(outcome string) bool {
	i, known := d.places[outcome]
	return known && !d.held[i]
}

// narrow leaves out the facts that are about something else than the question.
func (d *diagnosis) narrow() {
	f, q := &d.f, d.q
	if f.System != nil && f.System.ID != q.System {
		f.System = nil
	}
	if f.Contract != nil && f.Contract.ID != q.Contract {
		f.Contract = nil
	}
	if f.Asset != nil && f.Asset.ID != q.Asset {
		f.Asset = nil
	}
	if !d.m.knows {
		f.Purpose = nil
	}
	if f.Person != nil && f.Person.ID != q.Person {
		f.Person = nil
	}
	if f.Assignment != nil && (f.Assignment.Person != d.human() || f.Assignment.Contract != q.Contract) {
		f.Assignment, f.Rights, f.Hops = nil, nil, nil
	}
}

// human returns who answers for the person; unstated when nobody does.
func (d *diagnosis) human() string { return d.m.words[wordHuman] }

// reasons says of each condition why it failed. A condition that is not here is one that a stricter rule has added.
var reasons = map[string]func(*diagnosis) []finding{
	"caller": (*diagnosis).caller, "zone": (*diagnosis).zone, "once": always(CodeReplayDetected),
	"directory": (*diagnosis).directory, "clock": always(CodeClockUntrusted),
	"incident": always(CodeIncidentHold), "evidence": always(CodeLegalHold),
	"registered": (*diagnosis).registered, "running": (*diagnosis).running, "entrusted": (*diagnosis).entrusted,
	"chain": (*diagnosis).chain, "scope": (*diagnosis).scope,
	"account": (*diagnosis).account, "owner": (*diagnosis).owner, "present": (*diagnosis).present,
	"employer": (*diagnosis).employer, "authenticated": (*diagnosis).authenticated, "mode": always(CodeServiceAccountInteractive),
	"principal": (*diagnosis).principal, "unshared": always(CodeCredentialSharedSuspected),
	"member": (*diagnosis).member, "notified": (*diagnosis).notified, "reviewed": (*diagnosis).reviewed,
	"pledge": (*diagnosis).pledge, "trained": (*diagnosis).trained,
	"asset": (*diagnosis).asset, "right": (*diagnosis).right,
	"purpose": (*diagnosis).purpose, "permitted": (*diagnosis).permitted, "agreed": (*diagnosis).agreed,
	"intended": (*diagnosis).intended, "deed": (*diagnosis).deed, "provided": (*diagnosis).provided,
	"reference": (*diagnosis).reference,
	"permit":    (*diagnosis).permit, "returned": always(CodeReturnOverdue),
	"workplace": (*diagnosis).workplace, "device": (*diagnosis).device, "hours": (*diagnosis).hours,
	"volume": (*diagnosis).volume, "protected": (*diagnosis).protected,
	"emergency": (*diagnosis).emergency,
}

// of returns why the condition failed; nothing when that follows from another condition.
func (d *diagnosis) of(outcome string) []finding {
	if reason, known := reasons[outcome]; known {
		return reason(d)
	}
	return is(CodeDefaultDeny)
}

// always returns a reason that is the same whatever the facts.
func always(code Code) func(*diagnosis) []finding {
	return func(*diagnosis) []finding { return is(code) }
}

// is returns one code as findings. They are shared: whoever adds to them copies them.
func is(code Code) []finding {
	if i := precedence(code); i < len(sole) {
		return sole[i : i+1 : i+1]
	}
	return []finding{{code: code}}
}

// sole are the findings that are a code and nothing else, in the order of the catalogue.
var sole = func() []finding {
	all := make([]finding, len(catalogue))
	for i := range catalogue {
		all[i].code = catalogue[i].Code
	}
	return all
}()

// unless returns the code, or nothing where it follows from something else.
func unless(follows bool, code Code) []finding {
	if follows {
		return nil
	}
	return is(code)
}

func (d *diagnosis) caller() []finding {
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

func (d *diagnosis) zone() []finding {
	return unless(d.f.System == nil || d.classless(), CodeZoneNotPermitted)
}

func (d *diagnosis) directory() []finding { return unless(d.classless(), CodeSyncStale) }

// classless tells whether the asset has no class, so that what a class asks for is not the fault.
func (d *diagnosis) classless() bool { return d.f.Asset == nil || d.m.importance == 0 }

func (d *diagnosis) entrusted() []finding {
	return unless(d.f.Contract == nil || d.f.Asset == nil, CodeAssetNotInContract)
}

func (d *diagnosis) asset() []finding {
	a := d.f.Asset
	if a == nil {
		return is(CodeAssetUnknown)
	}
	var found []finding
	if d.m.importance == 0 {
		found = is(CodeAssetUnclassified)
	}
	switch a.state() {
	case AssetActive:
		return found
	case AssetDisposed:
		return is(CodeAssetDisposed)
	case AssetReturned:
		return is(CodeAssetReturned)
	}
	return append(found, is(CodeAssetLocked)...)
}

func (d *diagnosis) workplace() []finding {
	return unless(d.f.Contract == nil || d.f.Person == nil || d.f.Assignment == nil, CodeWorkplaceNotPermitted)
}

func (d *diagnosis) device() []finding {
	return unless(d.f.Contract == nil || d.f.Person == nil || d.f.Assignment == nil, CodeDeviceNotPermitted)
}

func (d *diagnosis) hours() []finding { return unless(d.f.Contract == nil, CodeOutOfHours) }

func (d *diagnosis) volume() []finding {
	return unless(d.f.Contract == nil || d.classless(), CodeVolumeLimit)
}

func (d *diagnosis) protected() []finding {
	return unless(d.f.Contract == nil || d.classless(), CodeObligationUnsupported)
}
