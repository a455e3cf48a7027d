package meibo_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestValidCorporateNumber(t *testing.T) {
	for _, c := range []struct {
		name, number string
		want         bool
	}{
		{"the city's number is valid", "3000020990019", true},
		{"a company's number is valid", "6999901000101", true},
		{"another company's number is valid", "9999901000404", true},
		{"the ministry's example is valid", "7123456789012", true},
		{"a wrong check digit is not", "1999901000606", false},
		{"a check digit of 0 does not exist", "0000000000000", false},
		{"a base of zeros has the check digit 9", "9000000000000", true},
		{"two digits in each other's place are noticed", "6999901000110", false},
		{"twelve digits are none", "999901000101", false},
		{"fourteen digits are none", "69999010001010", false},
		{"a hyphen is no digit", "6-99990100010", false},
		{"full-width digits are none", "６９９９９０１０００１０１", false},
		{"nothing is none", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := meibo.ValidCorporateNumber(c.number); got != c.want {
				t.Errorf("got %t, want %t", got, c.want)
			}
		})
	}
}

func TestARoleBelongsToItsSide(t *testing.T) {
	for _, c := range []struct {
		name string
		role meibo.Role
		want []meibo.OrganizationKind
	}{
		{"contractors submit", meibo.RoleSubmitter, []meibo.OrganizationKind{meibo.Contractor}},
		{"contractors approve", meibo.RoleApprover, []meibo.OrganizationKind{meibo.Contractor}},
		{"the city receives", meibo.RoleCityReceiver, []meibo.OrganizationKind{meibo.City}},
		{"the city approves", meibo.RoleCityApprover, []meibo.OrganizationKind{meibo.City}},
		{"systems are the city's", meibo.RoleSystem, []meibo.OrganizationKind{meibo.City}},
		{"city and operators audit", meibo.RoleAuditor, []meibo.OrganizationKind{meibo.City, meibo.Operators}},
		{"operators operate", meibo.RoleOperator, []meibo.OrganizationKind{meibo.Operators}},
		{"nobody has a role that does not exist", "owner", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			var got []meibo.OrganizationKind
			for _, k := range []meibo.OrganizationKind{meibo.City, meibo.Contractor, meibo.Operators} {
				if c.role.For(k) {
					got = append(got, k)
				}
			}
			same(t, got, c.want)
		})
	}
}

func FuzzValidCorporateNumber(f *testing.F) {
	for _, s := range []string{"3000020990019", "7123456789012", "0000000000000", "６", "-"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !meibo.ValidCorporateNumber(s) {
			return
		}
		for i := range len(s) {
			for d := byte('0'); d <= '9'; d++ {
				other := s[:i] + string(d) + s[i+1:]
				slip := s[i]-'0'+d-'0' == 9 && (s[i] == '0' || d == '0') // 0 and 9 are one to the modulus
				if d != s[i] && !slip && meibo.ValidCorporateNumber(other) {
					t.Fatalf("%s and %s are both valid", s, other)
				}
			}
		}
	})
}
