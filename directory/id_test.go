package directory_test

import (
	"strings"
	"testing"

	"github.com/go-ldap/ldap/v3"

	"github.com/meibo-dev/meibo/directory"
)

func TestIDs(t *testing.T) {
	const uuid = "00112233-4455-6677-8899-aabbccddeeff"
	octets := "\x00\x11\x22\x33\x44\x55\x66\x77\x88\x99\xaa\xbb\xcc\xdd\xee\xff"
	for _, c := range []struct {
		kind         directory.IDKind
		value        string
		want, filter string
	}{
		{directory.EntryUUID, strings.ToUpper(uuid), uuid, "(entryUUID=" + uuid + ")"},
		{directory.NsUniqueID, "00112233-44556677-8899aabb-ccddeeff", uuid, "(nsUniqueId=00112233-44556677-8899aabb-ccddeeff)"},
		{directory.GUID, octets, uuid, `(GUID=\00\11\22\33\44\55\66\77\88\99\aa\bb\cc\dd\ee\ff)`},
		{directory.ObjectGUID, octets, "33221100-5544-7766-8899-aabbccddeeff",
			`(objectGUID=\00\11\22\33\44\55\66\77\88\99\aa\bb\cc\dd\ee\ff)`},
		{directory.EntryUUID, "", "", ""},
		{directory.EntryUUID, uuid + "0", "", ""},
		{directory.EntryUUID, octets, "", ""},
		{directory.ObjectGUID, uuid, "", ""},
		{directory.ObjectGUID, octets[1:], "", ""},
		{"uid", uuid, "", ""},
	} {
		got := directory.IDOf(c.kind, c.value)
		if got.Value != c.want || got.IsZero() != (c.want == "") {
			t.Errorf("%s %q: got %q, want %q", c.kind, c.value, got.Value, c.want)
		}
		if got.IsZero() {
			continue
		}
		if got.Filter() != c.filter {
			t.Errorf("%s: got %s, want %s", got, got.Filter(), c.filter)
		}
		if again, err := directory.ParseID(got.String()); err != nil || again != got {
			t.Errorf("%s: read as %s, %v", got, again, err)
		}
	}
	for _, bad := range []string{
		"", ":", "entryUUID", "entryUUID:", "uid:" + uuid, "entryuuid:" + uuid, "entryUUID:" + uuid + " ", "entryUUID: " + uuid,
		"entryUUID:" + strings.ReplaceAll(uuid, "-", ""), "entryUUID:*", "entryUUID:0011223-34455-6677-8899-aabbccddeeff",
	} {
		if got, err := directory.ParseID(bad); err == nil || !got.IsZero() {
			t.Errorf("%q: read as %s", bad, got)
		}
	}
}

// FuzzID: what is read is written as it was read, and its filter asserts one value of that attribute, nothing else.
func FuzzID(f *testing.F) {
	f.Add("entryUUID:00112233-4455-6677-8899-aabbccddeeff", "0123456789abcdef")
	f.Add("objectGUID:*)(uid=*", "")
	f.Fuzz(func(t *testing.T, text, octets string) {
		for _, kind := range []directory.IDKind{directory.ObjectGUID, directory.GUID} {
			if id := directory.IDOf(kind, octets); !id.IsZero() {
				asserts(t, id.Filter(), string(kind), octets)
			}
		}
		id, err := directory.ParseID(text)
		if err != nil {
			return
		}
		if !strings.EqualFold(id.String(), text) {
			t.Errorf("%q became %q", text, id)
		}
		p, err := ldap.CompileFilter(id.Filter())
		if err != nil || p.Tag != ldap.FilterEqualityMatch || p.Children[0].Data.String() != string(id.Kind) {
			t.Errorf("%q: %v", id.Filter(), err)
		}
		if again := directory.IDOf(id.Kind, p.Children[1].Data.String()); again != id {
			t.Errorf("%q asks for %q", id, again)
		}
	})
}

// asserts demands that a filter is the equality of the attribute and the value.
func asserts(t *testing.T, filter, attribute, value string) {
	t.Helper()
	p, err := ldap.CompileFilter(filter)
	if err != nil {
		t.Fatalf("%q does not compile: %v", filter, err)
	}
	if p.Tag != ldap.FilterEqualityMatch || len(p.Children) != 2 ||
		p.Children[0].Data.String() != attribute || p.Children[1].Data.String() != value {
		t.Errorf("%q does not assert %s = %q", filter, attribute, value)
	}
}

// FuzzEscape: whatever a login is made of, the filter asserts just that value, also inside a larger one; and whatever
// an RDN is made of, the DN lies below its base and below no other.
func FuzzEscape(f *testing.F) {
	for _, v := range []string{"", "*", "a)(b=*", `\2a`, "\x00", "(株)北陸", "\xff", " x ", "#x", "a,b+c=d;e", `"<>\`, "髙"} {
		f.Add(v)
	}
	f.Fuzz(func(t *testing.T, v string) {
		filter := directory.Equals("uid", v)
		asserts(t, filter, "uid", v)
		if _, err := ldap.CompileFilter("(&(objectClass=person)" + filter + ")"); err != nil {
			t.Errorf("%q: %v", filter, err)
		}
		if strings.Trim(v, " \n\r\t\f\v") == "" {
			return
		}
		dn := "cn=" + ldap.EscapeDN(v) + "," + people
		if !directory.Within(people, dn) {
			t.Errorf("%q is not below %s", dn, people)
		}
		if directory.Within("ou=x,"+people, dn) {
			t.Errorf("%q is below another folder", dn)
		}
		directory.Within(people, v)
		directory.Within(v, people)
	})
}
