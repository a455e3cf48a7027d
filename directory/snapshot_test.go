package directory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
)

func TestASnapshotReadsEveryPage(t *testing.T) {
	const n = 1612
	_, source := city(t, crowd(n))
	all, proof := complete(t, source)
	if len(all) != n || proof.Pages != 4 || !proof.Proven {
		t.Errorf("got %d people in %d pages, proven %t; want %d in 4, proven", len(all), proof.Pages, proof.Proven, n)
	}
	ids := map[directory.ID]bool{}
	for _, o := range all {
		ids[o.ID] = true
		if o.Status.State != directory.Enabled || o.Base != people {
			t.Fatalf("%s: %+v in %s", o.Login, o.Status, o.Base)
		}
	}
	if len(ids) != n || !ids[id(1)] || !ids[id(n)] {
		t.Errorf("%d different ids", len(ids))
	}
	if proof.Subtrees[0].Entries != n || proof.Vendor != directory.OpenLDAP {
		t.Errorf("proof: %+v", proof)
	}
}

func TestALimitOfTheServerIsNoAnswer(t *testing.T) {
	s, source := city(t, crowd(620))
	modify(t, s, "dn: olcDatabase={1}mdb,cn=config\nchangetype: modify\ndelete: olcLimits\n")
	all, proof, err := snapshot(source)
	incomplete(t, err, "4")
	if proof.Complete || len(all) == 620 {
		t.Errorf("%d people, complete %t", len(all), proof.Complete)
	}
	if want := "size limit exceeded (LDAP 4)"; !strings.HasSuffix(err.Error(), want) ||
		!strings.HasPrefix(err.Error(), "read page ") {
		t.Errorf("got %q", err)
	}
}

func TestNamesAreReadByteForByte(t *testing.T) {
	names := map[string]string{
		"ivs":       "葛󠄀城󠄁 太郎",        // with variation selectors
		"jis04":     "𠮷田 﨑子",          // beyond the basic plane, and a compatibility ideograph
		"hashigo":   "髙橋 はしご",         //
		"nfd":       "カ\u3099キ\u3099", // combining voiced marks, not composed
		"fullwidth": "ＢＰＯ　㈱",          // full width, ideographic space, circled
		"blanks":    "山本  一郎",         // two blanks
	}
	var ldif []string
	for login, name := range names {
		ldif = append(ldif, person(len(ldif)+1, login, value("displayName;lang-ja", name), value("cn", name),
			value("sn;lang-ja;phonetic", "ヤマモト"), value("sn;phonetic;lang-en", "Yamamoto")))
	}
	_, source := city(t, strings.Join(ldif, "\n\n"))
	all, _ := complete(t, source)
	for login, name := range names {
		o := byLogin(t, all, login)
		if o.Name() != name || o.Attr["displayname;lang-ja"][0] != name || !slices.Contains(o.Attr["cn"], name) {
			t.Errorf("%s: got %q, want %q", login, o.Name(), name)
		}
		if o.Reading() != "ヤマモト" || o.Attr["sn;lang-en;phonetic"] == nil {
			t.Errorf("%s: reading %q in %v", login, o.Reading(), o.Attr)
		}
	}
}

func TestWhatTheDirectorySaysOfAnAccount(t *testing.T) {
	s := newCityWithStates(t)
	c := config(s)
	c.Departed = []string{left}
	c.DepartedValues = map[string][]string{"employeeType": {"退職"}}
	all, _ := complete(t, open(t, c))
	for login, want := range map[string]directory.Status{
		"enabled":   {State: directory.Enabled},
		"disabled":  {State: directory.Disabled, Cause: directory.CauseAdmin},
		"locked":    {State: directory.LockedTemporarily, Cause: directory.CauseLocked},
		"ended":     {State: directory.Disabled, Cause: directory.CauseExpired, Until: asOf},
		"ending":    {State: directory.Enabled, Until: asOf.Add(time.Second)},
		"early":     {State: directory.Disabled, Cause: directory.CauseNotStarted},
		"new":       {State: directory.Enabled, Cause: directory.CauseMustChange},
		"retired":   {State: directory.Disabled, Cause: directory.CauseDeparted},
		"departed":  {State: directory.Disabled, Cause: directory.CauseDeparted},
		"shadowed":  {State: directory.Disabled, Cause: directory.CauseExpired, Until: time.Unix(20000*86400, 0)},
		"shadowing": {State: directory.Enabled, Until: time.Unix(30000*86400, 0)},
	} {
		got := byLogin(t, all, login).Status
		if got.State != want.State || got.Cause != want.Cause || !got.Until.Equal(want.Until) {
			t.Errorf("%s: got %v, want %v", login, got, want)
		}
	}
}

func TestAThreeTimesWrongPasswordLocksForATime(t *testing.T) {
	_, source := city(t, person(1, "sato", "userPassword: right"))
	for range 3 {
		err := source.Authenticate(context.Background(), id(1), "wrong")
		if !errors.Is(err, directory.ErrCredentials) {
			t.Fatal(err)
		}
	}
	all, _ := complete(t, source)
	if got := all[0].Status; got.State != directory.LockedTemporarily || got.Cause != directory.CauseLocked {
		t.Errorf("got %v", got)
	}
	if err := source.Authenticate(context.Background(), id(1), "right"); !errors.Is(err, directory.ErrCredentials) {
		t.Errorf("a locked account was let in: %v", err)
	}
}

func TestRenamedAndMovedKeepTheirID(t *testing.T) {
	s, _ := city(t, person(1, "suzuki"), person(2, "tanaka"), person(3, "ito"))
	c := config(s)
	c.Departed = []string{left}
	source := open(t, c)
	modify(t, s, "dn: uid=suzuki,"+people+"\nchangetype: modrdn\nnewrdn: uid=yamada\ndeleteoldrdn: 1\n")
	modify(t, s, "dn: uid=tanaka,"+people+"\nchangetype: modrdn\nnewrdn: uid=tanaka\ndeleteoldrdn: 0\nnewsuperior: "+left+"\n")
	modify(t, s, "dn: uid=ito,"+people+"\nchangetype: delete\n\n"+
		"dn: uid=ito,"+people+"\nchangetype: add\nobjectClass: inetOrgPerson\nuid: ito\ncn: ito\nsn: ito\n")
	all, _ := complete(t, source)
	if o := byLogin(t, all, "yamada"); o.ID != id(1) {
		t.Errorf("renamed: %s", o.ID)
	}
	if o := byLogin(t, all, "tanaka"); o.ID != id(2) || o.Base != left || o.Status.Cause != directory.CauseDeparted {
		t.Errorf("moved: %+v", o)
	}
	if o := byLogin(t, all, "ito"); o.ID == id(3) {
		t.Error("made again with the old id")
	}
}

func TestReferralsAreNotFollowed(t *testing.T) {
	const elsewhere = "ldap://127.0.0.1:1/ou=osaka,dc=kakuu,dc=example"
	s, source := city(t, crowd(3), "dn: ou=osaka,"+people+"\nobjectClass: referral\nobjectClass: extensibleObject\nou: osaka\nref: "+elsewhere)
	all, proof, err := snapshot(source)
	incomplete(t, err, directory.CodeReferral)
	if len(all) != 3 || proof.Complete {
		t.Errorf("%d people, %+v", len(all), proof)
	}
	_, _, err = source.Lookup(context.Background(), []directory.ID{id(1)})
	incomplete(t, err, directory.CodeReferral)
	_, err = source.Find(context.Background(), people, "e00001")
	incomplete(t, err, directory.CodeReferral)

	c := config(s)
	c.AllowedReferrals = []string{"ldap://127.0.0.1:1/OU=Osaka,dc=kakuu,dc=example"}
	_, proof = complete(t, open(t, c))
	if len(proof.Skipped) != 1 || !strings.Contains(proof.Skipped[0], "ou=osaka") {
		t.Errorf("skipped: %q", proof.Skipped)
	}

	c = config(s)
	c.Bases = []string{"ou=osaka," + people} // the base itself is elsewhere
	_, _, err = snapshot(open(t, c))
	incomplete(t, err, "10")
}

func TestUnfitEntriesStopOnePersonEach(t *testing.T) {
	huge := strings.Repeat("大", 3_500_000) // 10 MB
	var many strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&many, "mail: %d@example.jp\n", i)
	}
	_, source := city(t, person(1, "huge", "cn: "+huge), person(2, "many", strings.TrimSpace(many.String())),
		person(3, "twin"), strings.ReplaceAll(person(3, "twin2"), "cn: twin2", "cn: another"), crowdFrom(4, 40))
	all, proof := complete(t, source)
	flaws := map[string]string{}
	for _, q := range proof.Quarantined {
		flaws[strings.Split(q.DN, ",")[0]] = q.Flaw
	}
	want := map[string]string{"uid=huge": "oversize", "uid=many": "oversize"}
	if len(flaws) != 3 || flaws["uid=huge"] != want["uid=huge"] || flaws["uid=many"] != want["uid=many"] ||
		flaws["uid=twin"]+flaws["uid=twin2"] != "id-twice" {
		t.Errorf("quarantined: %v", flaws)
	}
	if len(all) != 41 {
		t.Errorf("%d people, want 40 and one of the twins", len(all))
	}
	found, missing, err := source.Lookup(context.Background(), []directory.ID{id(1), id(2), id(3), id(4)})
	if err != nil || len(missing) != 0 || len(found) != 5 {
		t.Errorf("looked up: %d found, %d missing, %v", len(found), len(missing), err)
	}
	for _, o := range found[:2] {
		if o.Status.State != directory.Enabled || len(o.Attr["cn"]) != 0 {
			t.Errorf("%s: %v", o.DN, o.Status)
		}
	}
}

// crowdFrom is the LDIF of n people numbered from a number on.
func crowdFrom(number, n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = person(number+i, fmt.Sprintf("e%05d", number+i))
	}
	return strings.Join(all, "\n\n")
}

func TestAnErrorOfTheReaderEndsTheRead(t *testing.T) {
	_, source := city(t, crowd(50))
	mine := errors.New("enough")
	n := 0
	proof, err := source.Snapshot(context.Background(), func(directory.Object) error {
		if n++; n == 7 {
			return mine
		}
		return nil
	})
	if err != mine || n != 7 || proof.Complete {
		t.Errorf("got %v after %d", err, n)
	}
}

func TestASlowReaderIsNotTakenForASilentServer(t *testing.T) {
	s, _ := city(t, crowd(30))
	c := config(s)
	c.PageSize = 10
	c.Timeouts.Silence = 150 * time.Millisecond
	n := 0
	proof, err := open(t, c).Snapshot(context.Background(), func(directory.Object) error {
		if n++; n%10 == 0 {
			time.Sleep(250 * time.Millisecond)
		}
		return nil
	})
	if err != nil || n != 30 || proof.Pages != 3 {
		t.Errorf("%d people in %d pages, %v", n, proof.Pages, err)
	}
}

func TestACanceledSnapshotIsNoAnswer(t *testing.T) {
	_, source := city(t, crowd(50))
	ctx, cancel := context.WithCancel(context.Background())
	n := 0
	_, err := source.Snapshot(ctx, func(directory.Object) error {
		if n++; n == 5 {
			cancel()
		}
		return nil
	})
	incomplete(t, err, directory.CodeCanceled)
	if !errors.Is(err, context.Canceled) || n == 50 {
		t.Errorf("got %v after %d", err, n)
	}
}
