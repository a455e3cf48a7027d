package directory

import (
	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// query is a search. Every request is made anew from it.
type query struct {
	base       string
	scope      int
	filter     string
	attributes []string
}

// request is the operation of a search. No alias is dereferenced, and no limit is asked for: the server has its own.
func (q query) request() (*ber.Packet, error) {
	filter, err := ldap.CompileFilter(q.filter)
	if err != nil {
		return nil, err
	}
	op := constructed(ldap.ApplicationSearchRequest)
	op.AppendChild(octets(q.base))
	op.AppendChild(enumerated(int64(q.scope)))
	op.AppendChild(enumerated(ldap.NeverDerefAliases))
	op.AppendChild(number(0))
	op.AppendChild(number(0))
	op.AppendChild(boolean(false))
	op.AppendChild(filter)
	list := ber.NewSequence("")
	for _, name := range q.attributes {
		list.AppendChild(octets(name))
	}
	op.AppendChild(list)
	return op, nil
}

// simpleBind is the operation of a bind by password.
func simpleBind(dn, password string) *ber.Packet {
	op := constructed(ldap.ApplicationBindRequest)
	op.AppendChild(number(3))
	op.AppendChild(octets(dn))
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, password, ""))
	return op
}

// externalBind is the operation of a bind by what the connection proves.
func externalBind() *ber.Packet {
	sasl := ber.Encode(ber.ClassContext, ber.TypeConstructed, 3, nil, "")
	sasl.AppendChild(octets("EXTERNAL"))
	sasl.AppendChild(octets("")) // as whom: as who it is
	op := constructed(ldap.ApplicationBindRequest)
	op.AppendChild(number(3))
	op.AppendChild(octets(""))
	op.AppendChild(sasl)
	return op
}

// envelope is a message with an operation and its controls.
func envelope(id int64, op *ber.Packet, controls []ldap.Control) []byte {
	m := ber.NewSequence("")
	m.AppendChild(number(id))
	m.AppendChild(op)
	if len(controls) > 0 {
		list := ber.Encode(ber.ClassContext, ber.TypeConstructed, 0, nil, "")
		for _, c := range controls {
			list.AppendChild(c.Encode())
		}
		m.AppendChild(list)
	}
	return m.Bytes()
}

func constructed(application ber.Tag) *ber.Packet {
	return ber.Encode(ber.ClassApplication, ber.TypeConstructed, application, nil, "")
}

func octets(value string) *ber.Packet {
	return ber.NewString(ber.ClassUniversal, ber.TypePrimitive, ber.TagOctetString, value, "")
}

func number(value int64) *ber.Packet {
	return ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, value, "")
}

func enumerated(value int64) *ber.Packet {
	return ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagEnumerated, value, "")
}
