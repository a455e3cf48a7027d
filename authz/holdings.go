package authz

import "slices"

// holdings are the holds of a snapshot. Few hold at a time, so each change copies the list; but the closed ones stay, and
// a question must not look at all. So they are sorted by whom or what they name first, and then by identifier.
type holdings struct {
	all []holding
}

// holding is a hold under one of the names on which it is.
type holding struct {
	about string // what the hold names: a person, else an asset, else a contract, else nothing
	hold  Hold
}

// aboutOf returns under which name a hold is found. The kinds of name cannot meet, because no identifier has a blank.
func aboutOf(h *Hold) string {
	switch {
	case wellFormed(h.Person):
		return "person " + h.Person
	case wellFormed(h.Asset):
		return "asset " + h.Asset
	case wellFormed(h.Contract):
		return "contract " + h.Contract
	}
	return ""
}

func compareHoldings(a, b holding) int {
	return compareStrings(a.about, b.about, a.hold.ID, b.hold.ID)
}

func compareStrings(a, b, c, d string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case c < d:
		return -1
	case c > d:
		return 1
	}
	return 0
}

// with returns the holdings with one more.
func (h holdings) with(hold Hold) holdings {
	one := holding{aboutOf(&hold), hold}
	at, _ := slices.BinarySearchFunc(h.all, one, compareHoldings)
	return holdings{slices.Insert(slices.Clip(h.all), at, one)}
}

// without returns the holdings without the one of the identifier.
func (h holdings) without(id string) holdings {
	at := slices.IndexFunc(h.all, func(one holding) bool { return one.hold.ID == id })
	if at < 0 {
		return h
	}
	return holdings{slices.Concat(h.all[:at], h.all[at+1:])}
}

// find appends the holds about a name of a kind.
func (h holdings) find(to []Hold, kind, name string) []Hold {
	if len(h.all) == 0 {
		return to
	}
	at, _ := slices.BinarySearchFunc(h.all, kind, func(one holding, kind string) int {
		return compareAbout(one.about, kind, name)
	})
	for ; at < len(h.all) && compareAbout(h.all[at].about, kind, name) == 0; at++ {
		to = append(to, h.all[at].hold)
	}
	return to
}

// compareAbout compares a name under which a hold is found with a kind and a name, without writing them in one.
func compareAbout(about, kind, name string) int {
	if len(about) < len(kind) {
		return compareStrings(about, kind, "", "")
	}
	return compareStrings(about[:len(kind)], kind, about[len(kind):], name)
}
