package demo

import (
	_ "embed"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
)

//go:embed tree_data.ldif
var treeData string

// The operations of the protocol (RFC 4511 4.2 and following).
const (
	bindRequest   = 0
	unbindRequest = 2
	searchRequest = 3
	searchEntry   = 4
	searchDone    = 5
	modifyRequest = 6
	addRequest    = 8
	deleteRequest = 10
	renameRequest = 12
)

const pagingControl = "1.2.840.113556.1.4.319"

// page is a request for a part of an answer (RFC 2696); nil: all of it is wanted.
type page struct {
	size  int
	first bool
}

// readControls reads what comes with a request. A critical control that is not known
// is refused.
func readControls(lists []*ber.Packet) (*page, int) {
	var found *page
	for _, list := range lists {
		for _, c := range list.Children {
			if len(c.Children) == 0 {
				continue
			}
			critical, _ := c.Children[min(1, len(c.Children)-1)].Value.(bool)
			value := c.Children[len(c.Children)-1]
			switch {
			case text(c.Children[0]) == pagingControl:
				p, err := ber.DecodePacketErr([]byte(text(value)))
				if err != nil || len(p.Children) != 2 {
					return nil, protocolError
				}
				size, _ := p.Children[0].Value.(int64)
				found = &page{size: int(size), first: p.Children[1].Data.Len() == 0}
			case critical:
				return nil, unavailableControl
			}
		}
	}
	return found, success
}

// answer is the control that says whether something is left.
func (p *page) answer(left int) *ber.Packet {
	if p == nil {
		return nil
	}
	cookie := ""
	if left > 0 {
		cookie = "more"
	}
	value := ber.NewSequence("")
	value.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 0, ""))
	value.AppendChild(octets(cookie))
	control := ber.NewSequence("")
	control.AppendChild(octets(pagingControl))
	control.AppendChild(octets(string(value.Bytes())))
	list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
	list.AppendChild(control)
	return list
}

func octets(s string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, s, "")
}

// resultPacket is an answer with a result.
func resultPacket(tag ber.Tag, code int) *ber.Packet {
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, tag, nil, "")
	op.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, code, ""))
	op.AppendChild(octets(""))
	op.AppendChild(octets(""))
	return op
}

// entryPacket is an entry with the attributes that are asked for.
func entryPacket(e *entry, asked []string) *ber.Packet {
	list := ber.NewSequence("")
	for _, lower := range e.shown(asked) {
		a := ber.NewSequence("")
		a.AppendChild(octets(e.names[lower]))
		values := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
		for _, v := range e.values[lower] {
			values.AppendChild(octets(v))
		}
		a.AppendChild(values)
		list.AppendChild(a)
	}
	op := ber.Encode(ber.ClassApplication, ber.TypeConstructed, searchEntry, nil, "")
	op.AppendChild(octets(e.dn))
	op.AppendChild(list)
	return op
}

// made makes an entry that stands in no tree.
func made(dn string, attributes map[string][]string) *entry {
	e := &entry{dn: dn, values: map[string][]string{}, names: map[string]string{}}
	for name, values := range attributes {
		for _, v := range values {
			e.put(name, v)
		}
	}
	return e
}

// rootDSE says what the server is.
func (t *Tree) rootDSE() *entry {
	return made("", map[string][]string{
		"objectClass": {"top"}, "namingContexts": {t.Suffix}, "supportedLDAPVersion": {"3"}, "supportedControl": {pagingControl},
		"subschemaSubentry": {"cn=Subschema"}, "vendorName": {"meibo"}, "vendorVersion": {"a small directory for the demo"},
	})
}

// attributes and classes are the names that the server knows.
const (
	attributes = "objectClass cn sn givenName displayName uid mail o ou dc departmentNumber employeeType employeeNumber member description " +
		"userPassword pwdAccountLockedTime entryUUID entryCSN"
	classes = "top organization organizationalUnit dcObject organizationalRole simpleSecurityObject person organizationalPerson inetOrgPerson groupOfNames"
)

// subschema names attributes and classes, as a schema does.
func subschema() *entry {
	lists := map[string][]string{"objectClass": {"subschema"}, "cn": {"Subschema"}}
	for field, names := range map[string]string{"attributeTypes": attributes, "objectClasses": classes} {
		for name := range strings.FieldsSeq(names) {
			lists[field] = append(lists[field], "( "+name+"-oid NAME '"+name+"' )")
		}
	}
	return made("cn=Subschema", lists)
}
