package authz

// section is how the compiled rule looks at the rows of one section of facts. It reads the facts where they lie.
type section struct {
	rows    func(m *matter) int // how many there are
	words   map[string]func(m *matter, row int) string
	moments map[string]func(m *matter, row int) instant
}

type (
	words   = map[string]func(m *matter, row int) string
	moments = map[string]func(m *matter, row int) instant
)

// sections holds every section of model.conf, with the columns of layout.
var sections = map[string]section{
	sectionScopes: {
		rows: func(m *matter) int {
			if m.f.System == nil {
				return 0
			}
			return len(m.f.System.Scopes)
		},
		words: words{
			"system":   func(m *matter, _ int) string { return cell(m.f.System.ID) },
			"contract": func(m *matter, i int) string { return cell(m.f.System.Scopes[i].Contract) },
			"asset":    func(m *matter, i int) string { return cell(m.f.System.Scopes[i].Asset) },
			"purpose":  func(m *matter, i int) string { return cell(m.f.System.Scopes[i].Purpose) },
		},
	},
	sectionContracts: {
		rows: func(m *matter) int { return one(m.f.Contract != nil) },
		words: words{
			"contract":     contractID,
			"prime":        func(m *matter, _ int) string { return cell(m.f.Contract.Prime) },
			"state":        func(m *matter, _ int) string { return cell(string(m.f.Contract.State)) },
			"registration": func(m *matter, _ int) string { return either(m.f.Contract.Complete, "complete", "open") },
			"training": func(m *matter, _ int) string {
				return either(m.f.Contract.TrainingRequired, stateRequired, stateWaived)
			},
		},
		moments: moments{
			"from":       func(m *matter, _ int) instant { return moment(m.f.Contract.Term.From) },
			"until":      func(m *matter, _ int) instant { return moment(m.f.Contract.Term.Until) },
			"terminated": func(m *matter, _ int) instant { return moment(m.f.Contract.Terminated) },
			"review":     func(m *matter, _ int) instant { return moment(m.f.Contract.ReviewDue) },
		},
	},
	sectionEntrusted: {
		rows: func(m *matter) int { return len(m.entrusted()) },
		words: words{
			"contract": contractID,
			"asset":    func(m *matter, i int) string { return cell(m.f.Contract.Assets[i]) },
		},
	},
	sectionChains: {
		rows: func(m *matter) int { return len(m.strands) },
		words: words{
			"contract": contractID,
			"employer": func(m *matter, _ int) string { return cell(m.f.Hops[0].Organization) },
			"asset":    func(m *matter, i int) string { return m.strands[i].asset },
			"action":   func(m *matter, i int) string { return m.strands[i].action },
			"purpose":  func(m *matter, i int) string { return m.strands[i].purpose },
		},
		moments: moments{
			"from":  func(m *matter, i int) instant { return m.strands[i].from },
			"until": func(m *matter, i int) instant { return m.strands[i].until },
		},
	},
	sectionAssets: {
		rows: func(m *matter) int { return one(m.f.Asset != nil) },
		words: words{
			"asset":      assetID,
			"importance": func(m *matter, _ int) string { return either(m.importance > 0, "classified", "unclassified") },
			"state":      func(m *matter, _ int) string { return cell(string(m.f.Asset.state())) },
		},
	},
	sectionPurposes: {
		rows: func(m *matter) int { return one(m.f.Purpose != nil) },
		words: words{
			"purpose": func(m *matter, _ int) string { return cell(m.f.Purpose.Code) },
			"kind":    func(m *matter, _ int) string { return either(m.f.Purpose.Leaf, "leaf", "branch") },
			"nature":  func(m *matter, _ int) string { return either(m.emergency(), "emergency", "ordinary") },
			"action":  func(m *matter, _ int) string { return m.serving(m.f.Purpose) },
		},
		moments: moments{
			"from":  func(m *matter, _ int) instant { return moment(m.f.Purpose.Term.From) },
			"until": func(m *matter, _ int) instant { return moment(m.f.Purpose.Term.Until) },
		},
	},
	sectionProhibited: {
		rows: func(m *matter) int { return len(m.prohibited) },
		words: words{
			"contract": func(m *matter, i int) string { return m.prohibited[i].contract },
			"asset":    func(m *matter, i int) string { return m.prohibited[i].asset },
			"purpose":  func(m *matter, i int) string { return m.prohibited[i].purpose },
		},
	},
	sectionAgreed: {
		rows: func(m *matter) int {
			if m.f.Contract == nil {
				return 0
			}
			return len(m.f.Contract.Purposes)
		},
		words: words{
			"contract": contractID,
			"purpose":  func(m *matter, i int) string { return cell(m.f.Contract.Purposes[i]) },
		},
	},
	sectionIntended: {
		rows: func(m *matter) int { return one(m.f.Asset != nil) },
		words: words{
			"asset":   assetID,
			"purpose": func(m *matter, _ int) string { return m.intended(m.f.Asset) },
		},
	},
	sectionProvisos: {
		rows: func(m *matter) int { return len(m.provisos) },
		words: words{
			"contract": func(m *matter, i int) string { return m.provisos[i].contract },
			"asset":    func(m *matter, i int) string { return m.provisos[i].asset },
			"purpose":  func(m *matter, i int) string { return m.provisos[i].purpose },
			"state":    func(m *matter, i int) string { return m.provisos[i].state },
		},
	},
	sectionCircumstances: {
		rows: func(*matter) int { return 1 },
		words: words{
			"importance": func(m *matter, _ int) string { return m.words[wordImportance] },
			"zone":       func(m *matter, _ int) string { return m.circumstances.zone },
			"workplace":  func(m *matter, _ int) string { return m.circumstances.workplace },
			"device":     func(m *matter, _ int) string { return m.circumstances.device },
			"mode":       func(m *matter, _ int) string { return m.circumstances.mode },
			"employer":   func(m *matter, _ int) string { return m.circumstances.employer },
			"level":      func(m *matter, _ int) string { return m.circumstances.level },
			"reference":  func(m *matter, _ int) string { return m.circumstances.reference },
			"action":     func(m *matter, _ int) string { return m.circumstances.action },
			"clock":      func(m *matter, _ int) string { return m.circumstances.clock },
			"repetition": func(m *matter, _ int) string { return m.circumstances.repetition },
			"volume":     func(m *matter, _ int) string { return m.circumstances.volume },
		},
		moments: moments{
			"synced":        func(m *matter, _ int) instant { return m.circumstances.synced },
			"authenticated": func(m *matter, _ int) instant { return m.circumstances.authenticated },
		},
	},
	sectionHours: {
		rows:  func(m *matter) int { return len(m.hours) },
		words: words{"contract": contractID},
		moments: moments{
			"from":  func(m *matter, i int) instant { return m.hours[i].from },
			"until": func(m *matter, i int) instant { return m.hours[i].until },
		},
	},
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

func contractID(m *matter, _ int) string { return cell(m.f.Contract.ID) }

func assetID(m *matter, _ int) string { return cell(m.f.Asset.ID) }

// entrusted returns the assets of the contract.
func (m *matter) entrusted() []string {
	if m.f.Contract == nil {
		return nil
	}
	return m.f.Contract.Assets
}
