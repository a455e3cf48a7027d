package authz

import (
	"cmp"
	"slices"
)

// ObligationName names what a system has to do when it lets a person act on an allowed decision.
type ObligationName string

// The vocabulary of obligations.
const (
	LogFull          ObligationName = "log_full"          // record what was seen and done, not only that
	Mask             ObligationName = "mask"              // hide Fields
	MaxRows          ObligationName = "max_rows"          // give Number records at most
	Watermark        ObligationName = "watermark"         // mark what is printed or shown with the decision
	Encrypt          ObligationName = "encrypt"           // encrypt what leaves
	TwoPerson        ObligationName = "two_person"        // a second person watches
	SessionLock      ObligationName = "session_lock"      // lock after Number minutes without use
	Reauth           ObligationName = "reauth"            // authenticate again after Number minutes
	NoCache          ObligationName = "no_cache"          // keep no copy of the information
	NotifySupervisor ObligationName = "notify_supervisor" // tell the person's supervisor
	ReviewWithin     ObligationName = "review_within"     // have the use reviewed within Number days
)

// vocabulary lists the obligations in the order in which a decision carries them.
var vocabulary = []ObligationName{LogFull, Mask, MaxRows, Watermark, Encrypt, TwoPerson, SessionLock, Reauth, NoCache,
	NotifySupervisor, ReviewWithin}

// Obligation is one obligation. A system that does not fulfil it must not let the person act, so what it has not
// registered to fulfil is denied with [CodeObligationUnsupported].
type Obligation struct {
	Name   ObligationName
	Number int      // of rows, minutes or days; 0 where the name asks for none
	Fields []string // to be masked
}

// add returns the obligations with one more. Of two with one name the stricter remains: the smaller number, the fields of
// both.
func add(all []Obligation, one Obligation) []Obligation {
	i := slices.IndexFunc(all, func(o Obligation) bool { return o.Name == one.Name })
	if i < 0 {
		one.Fields = sorted(one.Fields)
		return append(all, one)
	}
	if all[i].Number == 0 || one.Number != 0 && one.Number < all[i].Number {
		all[i].Number = one.Number
	}
	if len(one.Fields) > 0 {
		all[i].Fields = sorted(slices.Concat(all[i].Fields, one.Fields))
	}
	return all
}

// sorted returns the words in order, each once, and leaves the list as it is.
func sorted(words []string) []string {
	increasing := true
	for i := 1; i < len(words); i++ {
		increasing = increasing && words[i-1] < words[i]
	}
	if increasing {
		return words
	}
	words = slices.Clone(words)
	slices.Sort(words)
	return slices.Compact(words)
}

// compareObligations orders obligations by the vocabulary.
func compareObligations(a, b Obligation) int {
	return cmp.Or(cmp.Compare(rank(a.Name), rank(b.Name)), cmp.Compare(a.Name, b.Name))
}

func rank(name ObligationName) int {
	if i := slices.Index(vocabulary, name); i >= 0 {
		return i
	}
	return len(vocabulary)
}
