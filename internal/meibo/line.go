package meibo

// MaxLines is the greatest number of lines in one submission; more is refused
// early.
const MaxLines = 10000

// Check says what is wrong with the line by itself, all at once. What depends
// on the contract is judged by Book.Submit.
func (l Line) Check() Problems {
	var ps Problems
	l.checkOperation(&ps)
	l.checkIDs(&ps)
	l.checkTexts(&ps)
	if l.Starts != "" && l.Ends != "" && l.Ends < l.Starts {
		ps.add(l.Row, "until", "UNTIL_BEFORE_FROM")
	}
	return ps
}

// checkOperation: each operation has fields that it needs and fields that it
// cannot use.
func (l Line) checkOperation(ps *Problems) {
	if !known(l.Operation, Operations) {
		ps.add(l.Row, "operation", missingOr(string(l.Operation), "UNKNOWN_OPERATION"))
		return
	}
	if l.PersonID == "" && l.Login == "" {
		ps.add(l.Row, "person", "REQUIRED")
	}
	if l.Operation == Add {
		l.require(ps, "asset", string(l.AssetID))
		l.require(ps, "action", string(l.Action))
		l.require(ps, "purpose", string(l.Purpose))
		l.require(ps, "from", string(l.Starts))
		l.require(ps, "until", string(l.Ends))
	} else {
		l.require(ps, "reason", string(l.Reason))
	}
	if l.HasTriple() && l.Operation != Add && (l.AssetID == "" || l.Action == "" || l.Purpose == "") {
		ps.add(l.Row, "asset", "RIGHT_NAMED_IN_PART")
	}
	if l.HasTriple() && (l.Operation == Suspend || l.Operation == Resume) {
		ps.add(l.Row, "asset", "NOT_USED_HERE")
	}
	if l.Starts != "" && (l.Operation == Remove || l.Operation == Resume) {
		ps.add(l.Row, "from", "NOT_USED_HERE")
	}
	if l.Ends != "" && (l.Operation == Suspend || l.Operation == Resume) {
		ps.add(l.Row, "until", "NOT_USED_HERE")
	}
	if l.Returned != "" && l.Operation != Remove {
		ps.add(l.Row, "returned", "NOT_USED_HERE")
	}
	if l.Successor != "" && l.Operation != Remove {
		ps.add(l.Row, "successor", "NOT_USED_HERE")
	}
	if l.Operation == Amend && !l.HasTriple() && (l.Starts != "" || l.Ends != "") {
		ps.add(l.Row, "asset", "RIGHT_NAMED_IN_PART")
	}
}

func (l Line) require(ps *Problems, field, value string) {
	if value == "" {
		ps.add(l.Row, field, "REQUIRED")
	}
}

func (l Line) checkIDs(ps *Problems) {
	for _, f := range []field{
		{"contract", string(l.ContractID)}, {"person", string(l.PersonID)}, {"employer", string(l.EmployerID)}, {"asset", string(l.AssetID)},
		{"successor", string(l.Successor)},
	} {
		switch {
		case f.text != "" && !ValidID(f.text):
			ps.add(l.Row, f.name, "INVALID_ID")
		case HoldsMyNumber(f.text):
			ps.add(l.Row, f.name, "MY_NUMBER_REFUSED")
		}
	}
	for _, f := range []field{{"from", string(l.Starts)}, {"until", string(l.Ends)}} {
		if f.text != "" && !Date(f.text).Valid() {
			ps.add(l.Row, f.name, "INVALID_DATE")
		}
	}
	if l.ContractID == "" {
		ps.add(l.Row, "contract", "REQUIRED")
	}
	if l.Action != "" && !l.Action.Known() {
		ps.add(l.Row, "action", "UNKNOWN_ACTION")
	}
	if l.Purpose != "" && !ValidPurposeCode(l.Purpose) {
		ps.add(l.Row, "purpose", "UNKNOWN_PURPOSE")
	}
	if l.Employment != "" && !known(l.Employment, Employments) {
		ps.add(l.Row, "employment", "UNKNOWN_VALUE")
	}
	if l.Reason != "" && !known(l.Reason, Reasons) {
		ps.add(l.Row, "reason", "UNKNOWN_VALUE")
	}
	if l.Adult != "" && l.Adult != AttestedYes && l.Adult != AttestedNo {
		ps.add(l.Row, "adult", "UNKNOWN_VALUE")
	}
	if l.Returned != "" && l.Returned != AttestedYes && l.Returned != AttestedNo {
		ps.add(l.Row, "returned", "UNKNOWN_VALUE")
	}
	if l.Pledge != "" && l.Pledge != PledgeToRequest && l.Pledge != PledgeOnFile {
		ps.add(l.Row, "pledge", "UNKNOWN_VALUE")
	}
}

func (l Line) checkTexts(ps *Problems) {
	for _, f := range l.texts() {
		if code := TextProblem(f.text); code != "" {
			ps.add(l.Row, f.name, code)
		}
	}
}

// A field of a line, by the name that forms and files give it.
type field struct{ name, text string }

func (l Line) texts() []field {
	return []field{
		{"login", string(l.Login)}, {"name", string(l.Name)}, {"kana", string(l.Kana)}, {"latin", string(l.Latin)},
		{"alias", string(l.Alias)}, {"former_name", string(l.FormerName)}, {"task", l.Task}, {"workplace", l.Workplace},
	}
}

// checkNewcomer: what a roster must say of somebody whom meibo does not know yet.
func (l Line) checkNewcomer(ps *Problems) {
	l.require(ps, "name", string(l.Name))
	l.require(ps, "employer", string(l.EmployerID))
	l.require(ps, "employment", string(l.Employment))
	l.require(ps, "adult", string(l.Adult))
	if l.Kana == "" && l.Latin == "" { // foreign names have no certified kana
		ps.add(l.Row, "kana", "REQUIRED")
	}
}

func known[T comparable](v T, list []T) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

func missingOr(value string, code ProblemCode) ProblemCode {
	if value == "" {
		return "REQUIRED"
	}
	return code
}
