package meibo

// Orphans are the differences between who works, as the rosters say, and who is
// there, as the directory says.
type Orphans struct {
	Unbound []PersonID // on a roster, and bound to no entry
	Absent  []PersonID // on a roster, and not to be found, which a person has to confirm
	// On a roster for an employer for which the directory does not let them work, and
	// in another unit than was confirmed: a person has to look at both.
	Elsewhere   []PersonID
	Transferred []PersonID
	Groups      []GroupOrphans
}

// Add takes somebody on a roster, with the account to which he is bound.
func (o *Orphans) Add(id PersonID, employer OrganizationID, a Account, bound bool) {
	if !bound {
		once(&o.Unbound, id)
		return
	}
	if a.HoldID != "" && a.Held.V.Absent {
		once(&o.Absent, id)
	}
	if !a.WorksFor(employer) {
		once(&o.Elsewhere, id)
	}
	if !a.TransferredAt.IsZero() {
		once(&o.Transferred, id)
	}
}

// once appends an id that does not stand at the end yet.
func once(list *[]PersonID, id PersonID) {
	if n := len(*list); n == 0 || (*list)[n-1] != id {
		*list = append(*list, id)
	}
}

// GroupOrphans are how a group of the directory differs from those to whom what it
// stands for is granted.
type GroupOrphans struct {
	Group     string
	Contract  ContractID
	Code      string     // why it could not be read
	Strangers []PersonID // known to meibo, in the group, and not granted it
	Unknown   []string   // entries of people unknown to meibo, in the group
	Others    int        // members that are no people
	Dangling  int        // names that lead to nobody
	Missing   []PersonID // granted it, and not in the group
}
