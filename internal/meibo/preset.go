package meibo

import "slices"

// A Preset is a change that is named in a word, to be tried.
type Preset struct {
	Kind           PresetKind
	ContractID     ContractID     // empty: all in which the caller has a part
	Days           int            // PresetUnused: for so many; 0: as the city has settled
	Action         Action         // PresetWithout: the one; empty: export
	OrganizationID OrganizationID // PresetEnd: the subcontractor
	TemplateID     TemplateID     // PresetMandatory: the pledge's wording; empty: all
	From           Date           // PresetMandatory: since when; empty: today
}

// PresetKind is the word.
type PresetKind string

const (
	PresetUnused      PresetKind = "unused"      // remove rights that nobody has used for some days
	PresetNarrow      PresetKind = "narrow"      // let rights serve those purposes only for which they were used
	PresetWithout     PresetKind = "without"     // remove rights to one action
	PresetEnd         PresetKind = "end"         // remove a subcontractor's people, and those below it, today
	PresetAcknowledge PresetKind = "acknowledge" // have rights wait for the city's acknowledgement
	PresetMandatory   PresetKind = "mandatory"   // have pledges signed again on another version of their wording
)

// OfRoster reports whether a contractor can submit what the preset comes to; else it
// is the city's to register.
func (k PresetKind) OfRoster() bool { return k != PresetAcknowledge && k != PresetMandatory }

// maxUnusedDays bounds how far back use is looked for: ten years.
const maxUnusedDays = 3660

// Check says what is wrong with the preset by itself.
func (p Preset) Check(today Date) Problems {
	var ps Problems
	if !known(p.Kind, []PresetKind{PresetUnused, PresetNarrow, PresetWithout, PresetEnd, PresetAcknowledge, PresetMandatory}) {
		ps.add(0, "preset.kind", "UNKNOWN_VALUE")
	}
	if p.Days < 0 || p.Days > maxUnusedDays {
		ps.add(0, "preset.days", "NUMBER_OUT_OF_RANGE")
	}
	if p.Action != "" && !p.Action.Known() {
		ps.add(0, "preset.action", "UNKNOWN_ACTION")
	}
	if p.Kind == PresetEnd && p.OrganizationID == "" {
		ps.add(0, "preset.organization", "REQUIRED")
	}
	for _, f := range []field{{"contract", string(p.ContractID)}, {"organization", string(p.OrganizationID)}, {"template", string(p.TemplateID)}} {
		if f.text != "" && !ValidID(f.text) {
			ps.add(0, "preset."+f.name, "INVALID_ID")
		}
	}
	switch {
	case p.From == "":
	case !p.From.Valid():
		ps.add(0, "preset.from", "INVALID_DATE")
	case p.From < today:
		ps.add(0, "preset.from", "INSTANT_PASSED")
	}
	return ps
}

// A Use is what a person was allowed under a contract, and when last.
type Use struct {
	PersonID PersonID
	AssetID  AssetID
	Action   Action
	Purpose  PurposeCode
	Last     Instant
}

// of reports whether a right covers the use.
func (u Use) of(r Right) bool {
	return u.PersonID == r.PersonID && u.AssetID == r.AssetID && u.Action == r.Action && u.Purpose.Under(r.Purpose)
}

// Draft are the lines that a preset of the roster comes to on this contract, for the
// people of whom the caller may be told. uses are those since an instant. A contract
// that is over has no roster left to change.
func (b *Book) Draft(p Preset, uses []Use, since, now Instant, mine func(PersonID) bool) []Line {
	if b.Contract.Over(now) {
		return nil
	}
	used := map[PersonID][]Use{}
	for _, u := range uses {
		used[u.PersonID] = append(used[u.PersonID], u)
	}
	switch p.Kind {
	case PresetNarrow:
		return b.narrowed(used, now, mine)
	case PresetWithout:
		action := orElse(p.Action, "export")
		return b.without(now, mine, ReasonReassignment, func(_ Assignment, r Right) bool { return r.Action == action })
	case PresetEnd:
		return b.without(now, mine, ReasonContractChange, func(a Assignment, _ Right) bool { return b.below(a.EmployerID, p.OrganizationID) })
	}
	versions := b.Statuses()
	return b.without(now, mine, ReasonReassignment, func(a Assignment, r Right) bool {
		opened, waiting := r.Opened(versions, b.Contract.AckRequired)
		judged := waiting == WaitsForNothing && max(opened, r.Starts.Start()) <= since && a.SuspendedFrom.IsZero()
		return judged && !slices.ContainsFunc(used[r.PersonID], func(u Use) bool { return u.of(r) })
	})
}

// below reports whether an employer is an organization or works for it.
func (b *Book) below(employer, o OrganizationID) bool {
	return slices.ContainsFunc(Chain(b.Contract.PrimeID, employer, b.Subcontracts), func(h Hop) bool { return h.Organization == o })
}

// without are lines that take away what is picked. Who would keep nothing leaves the
// roster.
func (b *Book) without(now Instant, mine func(PersonID) bool, why Reason, picked func(Assignment, Right) bool) []Line {
	var lines []Line
	for _, a := range b.Assignments.All() {
		if !a.Running() || !mine(a.PersonID) {
			continue
		}
		rights := b.inForce(a, now)
		var some []Line
		for _, r := range rights {
			if picked(a, r) {
				some = append(some, b.taking(r, why))
			}
		}
		if len(some) > 0 && len(some) == len(rights) {
			some = []Line{{Operation: Remove, ContractID: b.Contract.ID, PersonID: a.PersonID, Reason: why}}
		}
		lines = append(lines, some...)
	}
	return lines
}

func (b *Book) taking(r Right, why Reason) Line {
	return Line{
		Operation: Remove, ContractID: b.Contract.ID, PersonID: r.PersonID, AssetID: r.AssetID, Action: r.Action, Purpose: r.Purpose, Reason: why,
	}
}

// inForce are the rights of an assignment that are listed and not over, each triple
// once.
func (b *Book) inForce(a Assignment, now Instant) []Right {
	var list []Right
	for _, r := range b.rightsOf(a.ID) {
		if r.Listed() && now < r.Ends.End() && !slices.ContainsFunc(list, func(other Right) bool { return other.Triple() == r.Triple() }) {
			list = append(list, r)
		}
	}
	return list
}

// settleDays is for how long a right goes on beside those that take its place, so
// that they can be approved and the city told.
const settleDays = 30

// narrowed has rights to purposes that others lie below give way to rights to those
// that were stated. What was not used, or ends soon, stays as it is.
func (b *Book) narrowed(used map[PersonID][]Use, now Instant, mine func(PersonID) bool) []Line {
	until := now.Day().AddDays(settleDays)
	var adds, takes []Line
	for _, a := range b.Assignments.All() {
		if !a.Running() || !a.SuspendedFrom.IsZero() || !mine(a.PersonID) {
			continue
		}
		rights := b.inForce(a, now)
		has := map[Triple]bool{}
		for _, r := range rights {
			has[r.Triple()] = true
		}
		for _, r := range rights {
			uses := slices.DeleteFunc(slices.Clone(used[r.PersonID]), func(u Use) bool { return !u.of(r) })
			if r.Ends <= until || len(uses) == 0 || slices.ContainsFunc(uses, func(u Use) bool { return u.Purpose == r.Purpose }) {
				continue
			}
			for _, u := range uses {
				if line := b.serving(a, r, u.Purpose, now); !has[line.Triple()] {
					has[line.Triple()] = true
					adds = append(adds, line)
				}
			}
			line := b.taking(r, ReasonReassignment)
			line.Ends = until
			takes = append(takes, line)
		}
	}
	return append(adds, takes...)
}

// serving adds a right beside another, to a purpose below its own.
func (b *Book) serving(a Assignment, r Right, p PurposeCode, now Instant) Line {
	return Line{
		Operation: Add, ContractID: b.Contract.ID, PersonID: r.PersonID, EmployerID: a.EmployerID, Employment: a.Employment,
		AssetID: r.AssetID, Action: r.Action, Purpose: p, Starts: max(r.Starts, now.Day()), Ends: r.Ends,
		Workplace: a.Workplace, Task: a.Task, Reason: ReasonReassignment,
	}
}

// Preset is the master data that a preset of the city's comes to; m is what is
// registered.
func (m Master) Preset(p Preset, now Instant) (Master, Problems) {
	var next Master
	var ps Problems
	if p.Kind == PresetAcknowledge {
		for _, k := range m.Contracts {
			if (p.ContractID == "" || p.ContractID == k.ID) && !k.Over(now) {
				k.AckRequired = true
				next.Contracts = append(next.Contracts, k)
			}
		}
		if len(next.Contracts) == 0 && p.ContractID != "" {
			ps.add(0, "preset.contract", "CONTRACT_UNKNOWN")
		}
		return next, ps
	}
	newest := map[TemplateID]PledgeTemplate{}
	for _, t := range m.Templates {
		if t.Version > newest[t.ID].Version && (p.TemplateID == "" || p.TemplateID == t.ID) {
			newest[t.ID] = t
		}
	}
	for _, t := range newest {
		t.Version, t.ValidFrom, t.Resign, t.GraceUntil, t.MandatoryFor = t.Version+1, orElse(p.From, now.Day()), ResignMandatory, "", nil
		if p.ContractID != "" {
			t.MandatoryFor = List[ContractID]{p.ContractID}
		}
		next.Templates = append(next.Templates, t)
	}
	if len(next.Templates) == 0 {
		ps.add(0, "preset.template", "REFERENCE_UNKNOWN")
	}
	return next, ps
}
