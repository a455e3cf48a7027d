package authz

// personSections holds the sections of facts about people, and about what they were permitted.
var personSections = map[string]section{
	sectionAccounts: {
		rows: func(m *matter) int { return len(m.accounts) },
		words: words{
			"person":   func(m *matter, i int) string { return cell(m.accounts[i].ID) },
			"kind":     func(m *matter, i int) string { return either(m.accounts[i].Service, "service", "human") },
			"identity": func(m *matter, i int) string { return either(m.accounts[i].Ambiguous, "several", "single") },
			"account":  func(m *matter, i int) string { return cell(string(m.accounts[i].Account)) },
		},
		moments: moments{
			"from":        func(m *matter, i int) instant { return since(m.accounts[i].Begins) },
			"until":       func(m *matter, i int) instant { return moment(m.accounts[i].Until) },
			"transferred": func(m *matter, i int) instant { return moment(m.accounts[i].Transferred) },
		},
	},
	sectionAssignments: {
		rows: func(m *matter) int { return len(m.assignments) },
		words: words{
			"person":   func(m *matter, i int) string { return cell(m.assignments[i].Person) },
			"contract": func(m *matter, i int) string { return cell(m.assignments[i].Contract) },
		},
		moments: moments{
			"from":      func(m *matter, i int) instant { return moment(m.assignments[i].Term.From) },
			"until":     func(m *matter, i int) instant { return moment(m.assignments[i].Term.Until) },
			"ended":     func(m *matter, i int) instant { return moment(m.assignments[i].Ended) },
			"suspended": func(m *matter, i int) instant { return moment(m.assignments[i].Suspended) },
		},
	},
	sectionRights: {
		rows: func(m *matter) int {
			if m.f.Assignment == nil {
				return 0
			}
			return len(m.f.Rights)
		},
		words: words{
			"right":     func(m *matter, i int) string { return m.f.Rights[i].ID },
			"person":    func(m *matter, i int) string { return m.holder(&m.f.Rights[i]) },
			"contract":  func(m *matter, _ int) string { return cell(m.f.Assignment.Contract) },
			"asset":     func(m *matter, i int) string { return cell(m.f.Rights[i].Asset) },
			"action":    func(m *matter, i int) string { return cell(m.f.Rights[i].Action) },
			"purpose":   func(m *matter, i int) string { return cell(m.f.Rights[i].Purpose) },
			"exception": func(m *matter, i int) string { return m.exception(&m.f.Rights[i]) },
			"proviso":   func(m *matter, i int) string { return m.limited(&m.f.Rights[i]) },
		},
		moments: moments{
			"from":   func(m *matter, i int) instant { return moment(m.f.Rights[i].Term.From) },
			"until":  func(m *matter, i int) instant { return moment(m.f.Rights[i].Term.Until) },
			"opened": func(m *matter, i int) instant { return m.opened(&m.f.Rights[i]) },
		},
	},
	sectionPledges: {
		rows: func(m *matter) int { return len(m.f.Pledges) + len(m.principal().Pledges) },
		words: words{
			"person":   func(m *matter, i int) string { return cell(m.pledge(i).Person) },
			"contract": func(m *matter, i int) string { return cell(m.pledge(i).Contract) },
			"employer": func(m *matter, i int) string { return cell(m.pledge(i).Employer) },
			"state":    func(m *matter, i int) string { return cell(string(m.pledge(i).State)) },
		},
		moments: moments{
			"from":  func(m *matter, i int) instant { return moment(m.pledge(i).Term.From) },
			"until": func(m *matter, i int) instant { return m.pledged(m.pledge(i)) },
			"due":   func(m *matter, i int) instant { return moment(m.pledge(i).Due) },
		},
	},
	sectionHolds: {
		rows: func(m *matter) int { return len(m.holds) },
		words: words{
			"kind":     func(m *matter, i int) string { return m.holds[i].kind },
			"person":   func(m *matter, i int) string { return m.holds[i].person },
			"contract": func(m *matter, i int) string { return m.holds[i].contract },
			"asset":    func(m *matter, i int) string { return m.holds[i].asset },
			"action":   func(m *matter, i int) string { return m.holds[i].action },
		},
		moments: moments{
			"from":  func(m *matter, i int) instant { return m.holds[i].from },
			"until": func(m *matter, i int) instant { return m.holds[i].until },
		},
	},
	sectionLeaves: {
		rows:  func(m *matter) int { return len(m.leaves) },
		words: words{"person": func(m *matter, i int) string { return m.leaves[i].person }},
		moments: moments{
			"from":  func(m *matter, i int) instant { return m.leaves[i].from },
			"until": func(m *matter, i int) instant { return m.leaves[i].until },
		},
	},
	sectionDelegations: {
		rows: func(m *matter) int { return len(m.principal().Delegations) },
		words: words{
			"person":    func(m *matter, i int) string { return cell(m.f.Principal.Delegations[i].Person) },
			"principal": func(m *matter, i int) string { return cell(m.f.Principal.Delegations[i].Principal) },
			"contract":  func(m *matter, i int) string { return cell(m.f.Principal.Delegations[i].Contract) },
		},
		moments: moments{
			"from":  func(m *matter, i int) instant { return moment(m.f.Principal.Delegations[i].Term.From) },
			"until": func(m *matter, i int) instant { return moment(m.f.Principal.Delegations[i].Term.Until) },
		},
	},
	sectionTrainings: {
		rows: func(m *matter) int { return len(m.f.Trainings) },
		words: words{
			"person":   func(m *matter, i int) string { return cell(m.f.Trainings[i].Person) },
			"contract": func(m *matter, i int) string { return m.f.Trainings[i].under() },
		},
		moments: moments{
			"from":  func(m *matter, i int) instant { return moment(m.f.Trainings[i].Term.From) },
			"until": func(m *matter, i int) instant { return m.trained(&m.f.Trainings[i]) },
		},
	},
	sectionPermits: {
		rows: func(m *matter) int { return len(m.permits) },
		words: words{
			"permit":     func(m *matter, i int) string { return cell(m.permits[i].permit.ID) },
			"person":     func(m *matter, i int) string { return m.permits[i].person },
			"contract":   func(m *matter, i int) string { return cell(m.permits[i].permit.Contract) },
			"asset":      func(m *matter, i int) string { return m.permits[i].asset },
			"action":     func(m *matter, i int) string { return m.permits[i].action },
			"purpose":    func(m *matter, i int) string { return m.permits[i].purpose },
			"recipient":  func(m *matter, i int) string { return m.permits[i].recipient },
			"medium":     func(m *matter, i int) string { return m.permits[i].medium },
			"rows":       func(m *matter, i int) string { return m.permits[i].rows },
			"count":      func(m *matter, i int) string { return m.permits[i].count },
			"state":      func(m *matter, i int) string { return m.permits[i].state },
			"approval":   func(m *matter, i int) string { return m.permits[i].approval },
			"protection": func(m *matter, i int) string { return m.permits[i].protection },
			"closeout":   func(m *matter, i int) string { return m.permits[i].closeout },
		},
		moments: moments{
			"from":  func(m *matter, i int) instant { return m.permits[i].from },
			"until": func(m *matter, i int) instant { return m.permits[i].until },
		},
	},
	sectionLoans: {
		rows: func(m *matter) int { return len(m.loans) },
		words: words{
			"person": func(m *matter, i int) string { return m.loans[i].person },
			"action": func(m *matter, i int) string { return m.loans[i].action },
		},
		moments: moments{
			"from":  func(m *matter, i int) instant { return m.loans[i].from },
			"until": func(m *matter, i int) instant { return m.loans[i].until },
		},
	},
	sectionObligations: {
		rows: func(m *matter) int {
			if m.f.System == nil {
				return 0
			}
			return len(m.obligations)
		},
		words: words{
			"system":     func(m *matter, _ int) string { return cell(m.f.System.ID) },
			"obligation": func(m *matter, i int) string { return string(m.obligations[i].Name) },
			"ability":    func(m *matter, i int) string { return either(m.fulfilled(m.obligations[i]), stateAble, stateUnable) },
		},
	},
	sectionEmergencies: {
		rows: func(m *matter) int { return len(m.emergencies) },
		words: words{
			"contract":      contractID,
			"action":        func(*matter, int) string { return actionView },
			"purpose":       func(m *matter, i int) string { return m.emergencies[i].purpose },
			"standing":      func(m *matter, i int) string { return m.emergencies[i].standing },
			"justification": func(m *matter, i int) string { return m.emergencies[i].justification },
		},
		moments: moments{"until": func(m *matter, i int) instant { return m.emergencies[i].until }},
	},
}

// nobody is the principal of a question that names none.
var nobody Principal

// principal returns what is known of whom the person acts for.
func (m *matter) principal() *Principal {
	if m.f.Principal == nil {
		return &nobody
	}
	return m.f.Principal
}

// pledge returns a pledge of the human or the principal.
func (m *matter) pledge(row int) *Pledge {
	if own := len(m.f.Pledges); row >= own {
		return &m.f.Principal.Pledges[row-own]
	}
	return &m.f.Pledges[row]
}
