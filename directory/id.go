package directory

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
)

// IDKind names the attribute that identifies an entry for its whole life. It is chosen once for a directory.
type IDKind string

// The kinds of id.
const (
	EntryUUID  IDKind = "entryUUID"  // RFC 4530: OpenLDAP, OpenDJ, ApacheDS
	NsUniqueID IDKind = "nsUniqueId" // 389-ds, FreeIPA
	ObjectGUID IDKind = "objectGUID" // Active Directory, Samba
	GUID       IDKind = "GUID"       // eDirectory
)

// binary tells whether the attribute's values are 16 octets and not text.
func (k IDKind) binary() bool { return k == ObjectGUID || k == GUID }

func (k IDKind) valid() bool {
	return k == EntryUUID || k == NsUniqueID || k.binary()
}

// ID identifies an entry. It outlives a rename and a move, and an entry that is deleted and made again has another one.
// DN, login and mail are attributes and identify nobody.
type ID struct {
	Kind  IDKind
	Value string // a UUID in lower case
}

// String is the kind and the value: "entryUUID:0f6e…".
func (id ID) String() string { return string(id.Kind) + ":" + id.Value }

// IsZero tells whether there is no id.
func (id ID) IsZero() bool { return id == ID{} }

// ParseID reads what [ID.String] wrote, in any case of the hexadecimal digits.
func ParseID(text string) (ID, error) {
	kind, value, found := strings.Cut(text, ":")
	id := ID{IDKind(kind), strings.ToLower(value)}
	if !found || !id.valid() {
		return ID{}, errors.New("parse directory id: not a kind and a UUID")
	}
	return id, nil
}

// valid tells whether the id is in its one form, so that it can stand in a filter.
func (id ID) valid() bool {
	return id.Kind.valid() && id.Value != "" && regroup(id.Value) == id.Value
}

// newID reads an id from the attribute's value; not an id is a zero one.
func newID(kind IDKind, value string) ID {
	var uuid string
	switch kind {
	case EntryUUID, NsUniqueID:
		uuid = regroup(strings.ToLower(value))
	case ObjectGUID, GUID:
		if len(value) == 16 {
			uuid = regroup(hex.EncodeToString(reorder(kind, []byte(value))))
		}
	}
	if uuid == "" {
		return ID{}
	}
	return ID{kind, uuid}
}

// filter is the search filter of the entry: an assertion on the id alone.
func (id ID) filter() string {
	digits := strings.ReplaceAll(id.Value, "-", "")
	switch id.Kind {
	case NsUniqueID:
		return fmt.Sprintf("(%s=%s-%s-%s-%s)", id.Kind, digits[:8], digits[8:16], digits[16:24], digits[24:])
	case ObjectGUID, GUID:
		octets, _ := hex.DecodeString(digits)
		var b strings.Builder
		for _, octet := range reorder(id.Kind, octets) {
			fmt.Fprintf(&b, `\%02x`, octet)
		}
		return fmt.Sprintf("(%s=%s)", id.Kind, b.String())
	}
	return fmt.Sprintf("(%s=%s)", id.Kind, id.Value)
}

// regroup writes 32 hexadecimal digits in lower case, with hyphens or without, as a UUID; anything else is empty.
func regroup(text string) string {
	digits := strings.ReplaceAll(text, "-", "")
	if len(digits) != 32 || strings.Trim(digits, "0123456789abcdef") != "" {
		return ""
	}
	return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:]
}

// reorder turns Microsoft's order of octets, whose first three fields are little-endian, into the order of the text,
// and back.
func reorder(kind IDKind, octets []byte) []byte {
	if kind != ObjectGUID || len(octets) != 16 {
		return octets
	}
	o := octets
	return append([]byte{o[3], o[2], o[1], o[0], o[5], o[4], o[7], o[6]}, o[8:]...)
}
