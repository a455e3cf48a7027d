package directory_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/directory"
)

func TestProbe(t *testing.T) {
	s, source := city(t, crowd(2))
	can, err := source.Probe(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if can.Vendor != directory.OpenLDAP || !can.Paging || can.DirSync || can.TLS != "" || can.URL != s.URL ||
		!slices.Equal(can.NamingContexts, []string{suffix}) || !slices.Equal(can.Readable, []string{people}) ||
		!slices.Contains(can.States, "pwdaccountlockedtime") || !slices.Contains(can.States, "shadowexpire") ||
		slices.Contains(can.States, "useraccountcontrol") {
		t.Errorf("got %+v", can)
	}
}

func TestAProbeWithoutAnswersIsNoProblemOfTheConfiguration(t *testing.T) {
	f := newFake(t, func(r *reply) { r.page("") })
	f.top = func(r *reply, _ string) { r.cut() }
	_, err := open(t, f.config(t)).Probe(context.Background())
	incomplete(t, err, directory.CodeCut)
}

// problems demands that a probe and a snapshot refuse the configuration, and returns the fields at fault.
func problems(t *testing.T, c directory.Config) []string {
	t.Helper()
	source := open(t, c)
	_, err := source.Probe(context.Background())
	var faults *directory.Misconfigured
	if !errors.As(err, &faults) {
		t.Fatalf("got %v", err)
	}
	var fields []string
	for _, p := range faults.Problems {
		fields = append(fields, p.Field)
	}
	return fields
}

func TestATypoIsFoundBeforeAnybodyIsMissed(t *testing.T) {
	s, _ := city(t, crowd(2))
	for name, c := range map[string]struct {
		spoil func(*directory.Config)
		want  string
	}{
		"a class in the filter":      {func(c *directory.Config) { c.Filter = "(objectClass=inetOrgPreson)" }, "Filter"},
		"an attribute in the filter": {func(c *directory.Config) { c.Filter = "(&(objectClass=person)(!(employeTyp=x)))" }, "Filter"},
		"deep in the filter": {func(c *directory.Config) {
			c.Filter = "(|(cn;lang-ja=x*y)(sn>=a)(!(&(a1=*)(a2:dn:=x)(a3:caseExactMatch:=x)(a4~=x)(a5<=x))))"
		}, "Filter Filter Filter Filter Filter"},
		"the login":     {func(c *directory.Config) { c.Login = "sAMAccountName" }, "Login"},
		"the id":        {func(c *directory.Config) { c.IDKind = directory.NsUniqueID }, "IDKind"},
		"an attribute":  {func(c *directory.Config) { c.Attributes = []string{"cn", "kana"} }, "Attributes"},
		"a mark":        {func(c *directory.Config) { c.DepartedValues = map[string][]string{"status": {"x"}} }, "DepartedValues"},
		"several of it": {func(c *directory.Config) { c.Login, c.Filter = "uidd", "(uidd=*)" }, "Filter Login"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(s)
			c.spoil(&cfg)
			if got := strings.Join(problems(t, cfg), " "); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			_, _, err := snapshot(open(t, cfg))
			incomplete(t, err, directory.CodeSchema)
			if faults := (*directory.Misconfigured)(nil); !errors.As(err, &faults) {
				t.Errorf("does not say what is wrong: %v", err)
			}
		})
	}
}

func TestTheProbeTellsWhatTheAccountSees(t *testing.T) {
	s, _ := city(t, crowd(2))
	c := config(s)
	c.Bases = append(c.Bases, "ou=nowhere,"+suffix)
	c.Canaries[1].State = directory.Enabled
	if got := strings.Join(problems(t, c), " "); got != "Bases Canaries" {
		t.Errorf("got %s", got)
	}
	_, _, err := snapshot(open(t, c))
	incomplete(t, err, directory.CodeCanary)
	c.Canaries = nil
	_, _, err = snapshot(open(t, c))
	incomplete(t, err, "32")
}

func TestADirectoryThatCannotSayDisabled(t *testing.T) {
	f := newFake(t, func(r *reply) { r.person(1); r.page("") })
	c := f.config(t)
	complete(t, open(t, c))
	f.noLock = true
	if got := strings.Join(problems(t, c), " "); got != "Departed" {
		t.Errorf("got %s", got)
	}
	source := open(t, c)
	_, _, err := snapshot(source)
	incomplete(t, err, directory.CodeSchema)
	f.noLock = false
	complete(t, source) // what was wrong is not remembered
	f.noLock = true

	c.Departed = []string{left}
	all, _ := complete(t, open(t, c))
	if all[0].Status.State != directory.Enabled {
		t.Errorf("a container of departed people tells who is not: %v", all[0].Status)
	}
}

func TestOpenReportsAllFaultsAtOnce(t *testing.T) {
	_, err := directory.Open(directory.Config{
		URLs: []string{
			"ldap://ldap.kakuu.example", "http://x", "ldaps://", "ldaps://h/ou=x", "ldaps://u:p@h", "ldapi://relative", "%",
		},
		BindDN: "no dn", CAFile: "/nowhere", Bases: []string{people, "ou=K1," + people, "x"},
		Departed: []string{suffix, "OU=Left, " + suffix}, Filter: "(uid=*", Login: "uid)(x", IDKind: "uid",
		Attributes: []string{"cn;lang-ja", ""}, DepartedValues: map[string][]string{"a b": nil},
		AllowedReferrals: []string{"http://x"}, Canaries: []directory.Canary{{DN: "x"}},
		PageSize: 20_000, EntryBytes: 1, Timeouts: directory.Timeouts{Silence: -1},
	})
	var faults *directory.Misconfigured
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, p := range faults.Problems {
		count[p.Field]++
	}
	for field, want := range map[string]int{
		"URLs": 7, "BindDN": 2, "CAFile": 1, "Bases": 2, "Departed": 3, "Filter": 1, "Login": 1, "IDKind": 1,
		"Attributes": 2, "DepartedValues": 1, "AllowedReferrals": 1, "Canaries": 2, "PageSize": 1, "EntryBytes": 1,
		"Timeouts": 1,
	} {
		if count[field] != want {
			t.Errorf("%s: got %d problems, want %d", field, count[field], want)
		}
	}
	if _, err := directory.Open(directory.Config{}); err == nil || !strings.Contains(err.Error(), "URLs: none; Bases: none") {
		t.Errorf("got %v", err)
	}
}

func TestPlainLDAPOnlyOnThisMachine(t *testing.T) {
	for url, plain := range map[string]bool{
		"ldap://127.0.0.1": true, "ldap://127.8.9.10:3890": true, "ldap://[::1]": true, "ldap://localhost": true,
		"ldapi://%2Frun%2Fldapi": true, "ldaps://ldap.kakuu.example": true,
		"ldap://10.0.0.1": false, "ldap://localhost.kakuu.example": false, "ldap://[fe80::1]": false, "ldap://127.0.0.1.nip.io": false,
	} {
		c := directory.Config{URLs: []string{url}, Bases: []string{people}}
		if _, err := directory.Open(c); (err == nil) != plain {
			t.Errorf("%s: %v", url, err)
		}
		c.StartTLS = true
		if _, err := directory.Open(c); err != nil {
			t.Errorf("%s with StartTLS: %v", url, err)
		}
	}
}
