package directory_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

func TestFindTakesALoginLiterally(t *testing.T) {
	odd := []string{"(株)山田", "a*b", `back\slash`, "o'brien", "カ\u3099", "x)(uid=*", "#hash", "comma,plus+", "sato"}
	ldif := make([]string, len(odd))
	for i, login := range odd {
		ldif[i] = strings.Join([]string{
			fmt.Sprintf("dn: employeeNumber=%d,%s", i, people), "objectClass: inetOrgPerson", fmt.Sprintf("employeeNumber: %d", i),
			value("uid", login), "cn: x", "sn: x", "entryUUID: " + id(i+1).Value,
		}, "\n")
	}
	_, source := city(t, strings.Join(ldif, "\n\n"))
	ctx := context.Background()
	for i, login := range odd {
		got, err := source.Find(ctx, people, login)
		if err != nil || len(got) != 1 || got[0].ID != id(i+1) || got[0].Login != login {
			t.Errorf("%q: got %v, %v", login, got, err)
		}
	}
	for _, evil := range []string{
		"*", "s*", "*)(uid=*", "sato)(objectClass=*", "sato\x00", "\x00", `\2a`, `sato\`, "(", ")", "&", "|(uid=*)", "",
		" ", "\xff\xfe", "\ufffd", strings.Repeat("a", 257), strings.Repeat("(", 256), "*)(|(uid=*", "sato)(&)",
	} {
		got, err := source.Find(ctx, people, evil)
		if err != nil || len(got) != 0 {
			t.Errorf("%q: found %d, %v", evil, len(got), err)
		}
	}
	if got, err := source.Find(ctx, people, "SATO"); err != nil || len(got) != 1 || got[0].Login != "sato" {
		t.Errorf("the directory's rules ignore case: %v, %v", got, err)
	}
	if _, err := source.Find(ctx, suffix, "sato"); err == nil || strings.Contains(err.Error(), "sato") {
		t.Errorf("found above the bases: %v", err)
	}
	if _, err := source.Find(ctx, left, "sato"); err == nil {
		t.Error("found beside the bases")
	}
}

func TestFindBelowTheEmployersBase(t *testing.T) {
	k1, k2 := "ou=K1,"+people, "ou=K2,"+people
	s, source := city(t, "dn: "+k1+"\nobjectClass: organizationalUnit\nou: K1", "dn: "+k2+"\nobjectClass: organizationalUnit\nou: K2",
		personBelow(k1, 1, "sato"), personBelow(k2, 2, "sato"), personBelow(k2, 3, "ito"))
	ctx := context.Background()
	for _, c := range []struct {
		base string
		want int
	}{{k1, 1}, {"OU=k1, " + people, 1}, {k2, 1}, {people, 2}} {
		if got, err := source.Find(ctx, c.base, "sato"); err != nil || len(got) != c.want {
			t.Errorf("below %s: got %d, want %d, %v", c.base, len(got), c.want, err)
		}
	}
	if got, err := source.Find(ctx, k1, "ito"); err != nil || len(got) != 0 {
		t.Errorf("found %v of another company, %v", got, err)
	}
	_, err := source.Find(ctx, "ou=K3,"+people, "sato")
	incomplete(t, err, "32")
	s.Stop()
	_, err = source.Find(ctx, k1, "sato")
	incomplete(t, err, directory.CodeUnreachable)
}

func TestFindMailTakesAnAddressLiterally(t *testing.T) {
	s, source := city(t, person(1, "sato", "mail: sato@k1.example", "mail: info@k1.example"), person(2, "ito", "mail: ito@k1.example", "mail: info@k1.example"))
	ctx := context.Background()
	for address, want := range map[string]int{
		"sato@k1.example": 1, "ito@k1.example": 1, "info@k1.example": 2, "sato": 0, "*": 0, "*@k1.example": 0, "": 0, "sato@k1.example)(uid=*": 0,
		"\xff": 0, strings.Repeat("a", 257): 0,
	} {
		got, err := source.FindMail(ctx, people, address)
		if err != nil || len(got) != want || want == 1 && got[0].Login+"@k1.example" != address {
			t.Errorf("%q: found %d, want %d, %v", address, len(got), want, err)
		}
	}
	if _, err := source.FindMail(ctx, suffix, "sato@k1.example"); err == nil || strings.Contains(err.Error(), "sato") {
		t.Errorf("found above the bases: %v", err)
	}
	s.Stop()
	_, err := source.FindMail(ctx, people, "sato@k1.example")
	incomplete(t, err, directory.CodeUnreachable)
}

func TestLookup(t *testing.T) {
	s, source := city(t, crowd(5))
	ctx := context.Background()
	found, missing, err := source.Lookup(ctx, []directory.ID{id(2), id(77), id(4), id(78)})
	if err != nil || len(found) != 2 || found[0].ID != id(2) || found[1].Login != "e00004" ||
		len(missing) != 2 || missing[0] != id(77) || missing[1] != id(78) {
		t.Errorf("got %v, %v, %v", found, missing, err)
	}
	modify(t, s, change("e00002", "objectClass", "inetOrgPerson")+"\n"+
		"dn: cn=canary-disabled,ou=services,"+suffix+"\nchangetype: modify\ndelete: pwdAccountLockedTime\n")
	found, missing, err = source.Lookup(ctx, []directory.ID{id(2), id(77)})
	incomplete(t, err, directory.CodeCanary)
	if found != nil || missing != nil {
		t.Errorf("got %v and %v beside an error", found, missing)
	}
}

func TestAuthenticate(t *testing.T) {
	s, source := city(t,
		person(1, "sato", value("userPassword", "パスワード (x*)\\")),
		person(2, "disabled", "userPassword: right", "pwdAccountLockedTime: 000001010000Z"),
		person(3, "ended", "userPassword: right", "pwdEndTime: 20250101000000Z"),
		person(4, "twin", "userPassword: right"), strings.ReplaceAll(person(4, "twin2"), "cn: twin2", "userPassword: right\ncn: x"),
		person(5, "none"))
	ctx := context.Background()
	if err := source.Authenticate(ctx, id(1), "パスワード (x*)\\"); err != nil {
		t.Errorf("the right password: %v", err)
	}
	for name, c := range map[string]struct {
		id       directory.ID
		password string
	}{
		"a wrong password":        {id(1), "right"},
		"an empty password":       {id(1), ""},
		"a blank":                 {id(1), " "},
		"a cut password":          {id(1), "パスワード (x*)\\\x00"},
		"disabled":                {id(2), "right"},
		"expired":                 {id(3), "right"},
		"two entries with the id": {id(4), "right"},
		"no password there":       {id(5), "right"},
		"nobody":                  {id(6), "right"},
		"no id":                   {directory.ID{}, "right"},
		"an id that is a filter":  {directory.ID{Kind: directory.EntryUUID, Value: "*)(uid=sato"}, "right"},
		"a huge password":         {id(1), strings.Repeat("x", 5000)},
	} {
		err := source.Authenticate(ctx, c.id, c.password)
		if !errors.Is(err, directory.ErrCredentials) || err.Error() != directory.ErrCredentials.Error() {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	c := config(s)
	c.Timeouts.Silence = 200 * time.Millisecond
	err := open(t, c).Authenticate(ctx, id(1), "right")
	incomplete(t, err, directory.CodeSilent)
	if errors.Is(err, directory.ErrCredentials) {
		t.Error("a silent server refuses nobody's password")
	}
}

func TestAnEmptyPasswordIsNeverSent(t *testing.T) {
	f := newFake(t, func(r *reply) { r.person(1); r.page("") }) // it accepts every bind
	source := open(t, f.config(t))
	if err := source.Authenticate(context.Background(), id(1), ""); !errors.Is(err, directory.ErrCredentials) {
		t.Errorf("got %v", err)
	}
	if n := f.dials.Load(); n != 0 {
		t.Errorf("%d connections", n)
	}
	if err := source.Authenticate(context.Background(), id(1), "x"); err != nil {
		t.Error(err)
	}
	if dials, binds := f.dials.Load(), f.binds.Load(); dials != 2 || binds != 2 {
		t.Errorf("%d connections and %d binds, want one for the service account and a fresh one", dials, binds)
	}
}

func TestWhoTakesOverADNDoesNotPass(t *testing.T) {
	f := newFake(t, nil)
	f.people = func(r *reply) {
		if f.binds.Load() < 2 {
			r.person(1)
		} else {
			r.entry("uid=moved,"+people, "entryUUID", id(1).Value)
		}
		r.page("")
	}
	err := open(t, f.config(t)).Authenticate(context.Background(), id(1), "x")
	if !errors.Is(err, directory.ErrCredentials) {
		t.Errorf("got %v", err)
	}
}

func TestOnlyAnEnabledAccountIsTried(t *testing.T) {
	f := newFake(t, nil) // it accepts every bind
	lock := ""
	f.people = func(r *reply) {
		r.entry("uid=p,"+people, "entryUUID", id(1).Value, "pwdAccountLockedTime", lock)
		r.page("")
	}
	source := open(t, f.config(t))
	for _, lock = range []string{"000001010000Z", "not a time"} {
		f.binds.Store(0)
		if err := source.Authenticate(context.Background(), id(1), "x"); !errors.Is(err, directory.ErrCredentials) {
			t.Errorf("%s: got %v", lock, err)
		}
		if n := f.binds.Load(); n != 1 {
			t.Errorf("%s: the password was sent", lock)
		}
	}
	lock = "20261015005500Z" // whether that lock is over only the server knows
	if err := source.Authenticate(context.Background(), id(1), "x"); err != nil {
		t.Errorf("%s: got %v", lock, err)
	}
}

// TestManyAreLookedUpInFewSearches: who would be lifted, and who was not shown.
func TestManyAreLookedUpInFewSearches(t *testing.T) {
	const n = 300
	known := know(2 * n)
	for i := range known[:n] {
		known[i].State = directory.Disabled
	}
	all, asked := numbers(1, 2*n), 0
	f := newFake(t, nil)
	f.people = func(r *reply) {
		if !strings.Contains(r.filter, "entryUUID=") {
			searches(nil, numbers(1, n)...)(r)
			return
		}
		asked++
		for _, i := range all {
			if strings.Contains(r.filter, id(i).Value) {
				r.person(i)
			}
		}
		r.page("")
	}
	p, err := directory.Sync(context.Background(), open(t, f.config(t)), known, directory.Limits{LiftUnproven: true, Hour: n})
	if err != nil || len(p.Disagreements) != n || asked > 2*n/25 {
		t.Errorf("%d disagreements after %d searches, %v", len(p.Disagreements), asked, err)
	}
}
