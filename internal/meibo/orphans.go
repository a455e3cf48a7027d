package meibo

// Orphans are the differences between who works, as the rosters say, and who is
// there, as the directory says.
type Orphans struct {
	Unbound []PersonID // on a roster, and bound to no entry
	Absent  []PersonID // on a roster, and not to be found, which a person has to confirm
	Groups  []GroupOrphans
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
