package meibo

// An Organization is the city or a contractor. One deployment has one city.
type Organization struct {
	ID              OrganizationID
	Kind            OrganizationKind
	Name            string
	CorporateNumber string       // 法人番号, 13 digits with a valid check digit
	Seat            string       // where it has its office (所在地)
	DirectoryBase   string       // DN below which its people are found; empty without a directory
	NoticeTo        List[string] // mail addresses of a contractor's notices; the city's second address
	DirectoryNames  List[string] // what the directory calls it beside id, name and 法人番号: names, codes
	MailDomains     List[string] // of its people's mail addresses; empty: any that is nobody else's
}

// OrganizationKind says which side of a contract an Organization stands on.
type OrganizationKind string

const (
	City       OrganizationKind = "city"
	Contractor OrganizationKind = "contractor"
	// Operators run meibo. They are no row of master data.
	Operators OrganizationKind = "operators"
)

// ValidCorporateNumber reports whether s is a 法人番号: 13 digits whose first is
// 9 − (Σ Pn·Qn mod 9), Pn counted from the right of the other twelve, Qn = 1 for
// odd n and 2 for even n.
func ValidCorporateNumber(s string) bool {
	if len(s) != 13 {
		return false
	}
	sum := 0
	for i := range 13 {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
		if i > 0 {
			n := 13 - i
			sum += int(s[i]-'0') * (2 - n%2)
		}
	}
	return int(s[0]-'0') == 9-sum%9
}
