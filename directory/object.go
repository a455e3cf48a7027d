package directory

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-ldap/ldap/v3"
)

// Object is an entry of a person, as one read saw it. Its values are what the directory sent, byte for byte: names are
// shown, never compared.
type Object struct {
	ID     ID
	DN     string
	Base   string // the configured subtree in which it was found
	Login  string // as the directory spells it; empty without a value or with several
	Status Status
	// Attr holds all values, by descriptions in lower case with their options in order: "sn;lang-ja;phonetic". The
	// values of one description have no order.
	Attr map[string][]string
	Seen Fields // what this read could have shown
}

// Name is the name to be shown: the display name before the common name, and Japanese before what has no language.
func (o Object) Name() string {
	return Choose(o.Attr, "displayname;lang-ja", "cn;lang-ja", "displayname", "cn")
}

// Reading is the reading (ふりがな) of the name; empty if the directory has none.
func (o Object) Reading() string {
	whole := Choose(o.Attr, "displayname;lang-ja;phonetic", "cn;lang-ja;phonetic",
		"displayname;phonetic", "cn;phonetic", "msds-phoneticdisplayname")
	if whole != "" {
		return whole
	}
	family := Choose(o.Attr, "sn;lang-ja;phonetic", "sn;phonetic", "msds-phoneticlastname")
	given := Choose(o.Attr, "givenname;lang-ja;phonetic", "givenname;phonetic", "msds-phoneticfirstname")
	return strings.TrimSpace(family + " " + given)
}

// Choose returns a value of the first description that has one, and always the same one: of several the shortest, and
// of these the first in the order of bytes. Descriptions may be written in any case.
func Choose(attr map[string][]string, descriptions ...string) string {
	for _, d := range descriptions {
		if values := attr[description(d)]; len(values) > 0 {
			return slices.MinFunc(values, func(a, b string) int {
				return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
			})
		}
	}
	return ""
}

// description is the one form of an attribute description: in lower case, with its options in order.
func description(text string) string {
	text = strings.ToLower(text)
	if strings.Count(text, ";") < 2 {
		return text
	}
	parts := strings.Split(text, ";")
	slices.Sort(parts[1:])
	return strings.Join(parts, ";")
}

// baseName is the attribute of a description, without options.
func baseName(description string) string {
	name, _, _ := strings.Cut(description, ";")
	return name
}

// flaw says why an entry cannot be an Object; empty: it can.
type flaw string

// The flaws.
const (
	flawNone     flaw = ""
	flawNoID     flaw = "no-id"
	flawManyIDs  flaw = "several-ids"
	flawTwice    flaw = "id-twice"
	flawOversize flaw = "oversize"
	flawText     flaw = "not-utf8"
	flawDN       flaw = "bad-dn"
	flawOutside  flaw = "outside-base"
)

// object makes an Object of an entry, as far as it goes, and names the first flaw.
func (v view) object(e entry, base string) (Object, flaw) {
	o := Object{DN: e.dn, Base: base, Attr: attributeMap(e), Seen: v.fields}
	idName := strings.ToLower(string(v.IDKind))
	ids := o.Attr[idName]
	if len(ids) == 1 {
		o.ID = newID(v.IDKind, ids[0])
	}
	if logins := o.Attr[description(v.Login)]; len(logins) == 1 {
		o.Login = logins[0]
	}
	at := e.room.parseDN(e.dn)
	o.Status = v.status(o, at, e.room)
	switch {
	case len(ids) > 1:
		return o, flawManyIDs
	case o.ID.IsZero():
		return o, flawNoID
	case !utf8.ValidString(o.DN) || !validText(o.Attr, idName):
		return o, flawText
	case at == nil:
		return o, flawDN
	case !v.places.cover(base, at):
		return o, flawOutside
	}
	return o, flawNone
}

// status is the entry's status by its attributes, and by the configured marks of departed people.
func (v view) status(o Object, at *ldap.DN, r *room) Status {
	if departed(o.Attr, v.marks, r) {
		return Status{State: Disabled, Cause: CauseDeparted}
	}
	for _, container := range v.Departed {
		if v.places.cover(container, at) {
			return Status{State: Disabled, Cause: CauseDeparted}
		}
	}
	s := StatusOf(o.Attr, o.Seen, v.Now())
	if s.Cause == CauseHidden && v.marksDeparted() && v.IDKind != ObjectGUID {
		return Status{State: Enabled, Until: s.Until} // the configured mark is this directory's way to disable
	}
	return s
}

// validText tells whether all values that are text are UTF-8.
func validText(attr map[string][]string, binary string) bool {
	for name, values := range attr {
		if name == binary || strings.Contains(name, ";binary") {
			continue
		}
		if slices.ContainsFunc(values, func(v string) bool { return !utf8.ValidString(v) }) {
			return false
		}
	}
	return true
}
