package meibo

// An Explanation is what a check would be answered, and on what that rests. It is
// not recorded, and not to be acted on.
type Explanation struct {
	Decision   Decision
	Conditions []Condition
}

// A Condition is what became of one condition of the rule.
type Condition struct {
	Part    string // of the rule
	Name    string
	Held    bool
	Codes   []string // why it did not hold
	Clauses []string
	Rows    []FactRow // on which that rests
}

// A FactRow is a row of facts as one matcher of the rule sees it: ids, states and
// moments.
type FactRow struct {
	Matcher string
	Columns []string
	Values  []string
	Unmet   []string // what of the matcher it does not meet
}
