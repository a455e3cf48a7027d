package authz

// maxNesting is how deep containers may lie in containers. What lies deeper is not classified.
const maxNesting = 8

// importance returns the importance by which an asset is handled, and 0 when it is not classified (S1-2-2). A container
// is handled like the most important asset in it (S1-2-3-3), and is not classified while one of them is not.
func (a *Asset) importance() int { return a.importanceAt(0) }

func (a *Asset) importanceAt(depth int) int {
	highest := a.Importance
	if highest < 0 || highest > 4 || depth > maxNesting || highest == 0 && len(a.Members) == 0 {
		return 0
	}
	for i := range a.Members {
		switch member := a.Members[i].importanceAt(depth + 1); {
		case member == 0:
			return 0
		case highest == 0 || member < highest:
			highest = member
		}
	}
	return highest
}

// state returns the state of an asset; of a container the worst state of all in it.
func (a *Asset) state() AssetState {
	worst := 0
	a.each(func(part *Asset) { worst = max(worst, part.State.severity()) })
	return states[worst]
}

// states are the states of assets, from the one in which an asset may be used to the one that cannot be undone.
var states = [...]AssetState{AssetActive, AssetLocked, AssetReturned, AssetDisposed}

// severity returns the place of the state in states. An unknown state counts as locked.
func (s AssetState) severity() int {
	for i, known := range states {
		if s == known {
			return i
		}
	}
	return 1
}

// each calls visit with the asset and everything in it.
func (a *Asset) each(visit func(*Asset)) { a.eachAt(0, visit) }

func (a *Asset) eachAt(depth int, visit func(*Asset)) {
	if visit(a); depth == maxNesting {
		return
	}
	for i := range a.Members {
		a.Members[i].eachAt(depth+1, visit)
	}
}

// holds tells whether the asset is, or contains, the one with the identifier.
func (a *Asset) holds(id string) bool {
	found := false
	a.each(func(part *Asset) { found = found || part.ID == id })
	return found
}

// intended returns, of the purposes above the stated one for which the asset and everything in it is intended, the most
// specific.
func (m *matter) intended(a *Asset) string {
	node := anything
	a.each(func(part *Asset) {
		if part.Purposes != nil {
			node = deeper(node, m.broadest(part.Purposes.Words))
		}
	})
	return node
}
