package meibo

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Shown is what an entry of the directory shows of whom its person works for.
type Shown struct {
	Placed []OrganizationID // below whose base it stands, the nearest; several share one base
	Named  []string         // what it names as the employer: ids, names or codes
	Mails  []string         // its mail addresses
}

// EmployersShown are the organizations of all for which the person works, if place,
// name and mail address are all believed: what one of them denies, none of the
// others makes good. What is not shown denies nothing. If nobody is left it is
// NoEmployer: people entered as the contractor's own who are another company's are
// what a false roster is made of (S2-4-1).
func EmployersShown(all []Organization, s Shown) []OrganizationID {
	var left []OrganizationID
	for _, o := range all {
		if slices.Contains(s.Placed, o.ID) && (len(s.Named) == 0 || o.isNamed(s.Named)) && o.hasMail(s.Mails, all) {
			left = append(left, o.ID)
		}
	}
	if len(left) == 0 {
		return []OrganizationID{NoEmployer}
	}
	slices.Sort(left)
	return left
}

// isNamed tells whether one of the words is the organization's id, its name, its
// 法人番号, or what the directory calls it. Names count as the same whatever their
// width and however 株式会社 is abbreviated.
func (o Organization) isNamed(words []string) bool {
	own := append([]string{string(o.ID), o.Name, o.CorporateNumber}, o.DirectoryNames...)
	return slices.ContainsFunc(words, func(word string) bool {
		key := nameKey(word)
		return key != "" && slices.ContainsFunc(own, func(name string) bool { return nameKey(name) == key })
	})
}

// companies are what stands for the kind of a company, as NFKC leaves it.
var companies = strings.NewReplacer("(株)", "株式会社", "(有)", "有限会社", "(同)", "合同会社", " ", "")

// nameKey is what two spellings of one name have in common. It is compared, and
// neither kept nor shown.
func nameKey(name string) string { return companies.Replace(strings.ToLower(norm.NFKC.String(name))) }

// hasMail tells whether the addresses may be those of somebody who works for the
// organization: one is in a domain of its own; or it has none, and they are in
// nobody's.
func (o Organization) hasMail(addresses []string, all []Organization) bool {
	if len(addresses) == 0 || slices.ContainsFunc(addresses, o.ownsMail) {
		return true
	}
	return len(o.MailDomains) == 0 && !slices.ContainsFunc(all, func(other Organization) bool {
		return slices.ContainsFunc(addresses, other.ownsMail)
	})
}

// ownsMail tells whether an address is in a domain of the organization, or below it.
func (o Organization) ownsMail(address string) bool {
	domain := strings.ToLower(address[strings.LastIndexByte(address, '@')+1:])
	return slices.ContainsFunc(o.MailDomains, func(own string) bool {
		own = strings.ToLower(own)
		return domain == own || strings.HasSuffix(domain, "."+own)
	})
}

// EmployerMismatch stands for the fault of a chain that begins with another employer
// than the directory shows: a decision code.
const EmployerMismatch = "EMPLOYER_MISMATCH"

// WorksFor tells whether the directory lets the person work for an organization; so
// it does where it says nothing of that.
func (a Account) WorksFor(o OrganizationID) bool {
	return len(a.Employers.V) == 0 || slices.Contains(a.Employers.V, o)
}
