package demo

import (
	"encoding/base64"
	"fmt"
	"strings"
)

// Password is a person's password in the demo's directory.
func (p Person) Password() string { return "demo-" + p.Login() }

// Login is a person's login.
func (p Person) Login() string { return strings.ToLower(p.ID) }

// DN is a person's place in the demo's directory.
func (p Person) DN() string {
	return fmt.Sprintf("uid=%s,ou=people,o=%s,dc=kakuu,dc=example", p.Login(), p.Employer)
}

// mails are the domains of the companies.
var mails = map[string]string{
	"K1": "data.kakuu.example", "K2": "mihon-sys.example", "K3": "sample-bpo.example", "S1": "hinagata.example", "S2": "reiji-net.example",
}

// LDIF is the city's directory: a branch for each company, with its people.
func LDIF() string {
	var b strings.Builder
	for _, o := range []string{"K1", "K2", "K3", "S1", "S2"} {
		fmt.Fprintf(&b, "dn: o=%s,dc=kakuu,dc=example\nobjectClass: organization\no: %[1]s\n\n", o)
		fmt.Fprintf(&b, "dn: ou=people,o=%s,dc=kakuu,dc=example\nobjectClass: organizationalUnit\nou: people\n\n", o)
	}
	for _, p := range People {
		p.entry(&b)
	}
	return b.String()
}

// entry writes a person. inetOrgPerson demands a family name: who has a single
// name gets it there.
func (p Person) entry(b *strings.Builder) {
	family, given, _ := strings.Cut(strings.ReplaceAll(p.Name, "\u3000", " "), " ")
	fmt.Fprintf(b, "dn: %s\nobjectClass: inetOrgPerson\nuid: %s\n", p.DN(), p.Login())
	attribute(b, "cn", p.Name)
	attribute(b, "sn", family)
	if given != "" {
		attribute(b, "givenName", given)
	}
	attribute(b, "displayName;lang-ja", p.Name)
	if p.Kana != "" {
		attribute(b, "displayName;lang-ja;phonetic", p.Kana)
	}
	attribute(b, "o", p.Employer)
	attribute(b, "employeeType", p.Employment)
	attribute(b, "departmentNumber", p.Task)
	fmt.Fprintf(b, "mail: %s@%s\nuserPassword: %s\n\n", p.Login(), mails[p.Employer], p.Password())
}

func attribute(b *strings.Builder, name, value string) {
	fmt.Fprintf(b, "%s:: %s\n", name, base64.StdEncoding.EncodeToString([]byte(value)))
}

// Disable is LDIF that disables a person's account.
func (p Person) Disable() string {
	return fmt.Sprintf("dn: %s\nchangetype: modify\nreplace: pwdAccountLockedTime\npwdAccountLockedTime: 000001010000Z\n", p.DN())
}

// Move is LDIF that puts a person into another unit of the company.
func (p Person) Move(unit string) string {
	return fmt.Sprintf("dn: %s\nchangetype: modify\nreplace: departmentNumber\ndepartmentNumber: %s\n", p.DN(), unit)
}

// Delete is LDIF that deletes a person's entry.
func (p Person) Delete() string { return fmt.Sprintf("dn: %s\nchangetype: delete\n", p.DN()) }
