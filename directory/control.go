package directory

import (
	ber "github.com/go-asn1-ber/asn1-ber"
)

// sequenceOf is the value of a control.
func sequenceOf(elements ...*ber.Packet) []byte {
	p := ber.NewSequence("")
	for _, e := range elements {
		p.AppendChild(e)
	}
	return p.Bytes()
}

// boolean is a truth value as LDAP writes it: true is 255, and some servers take no other.
func boolean(value bool) *ber.Packet {
	return ber.NewLDAPBoolean(ber.ClassUniversal, ber.TypePrimitive, ber.TagBoolean, value, "")
}

// control is a control of a request with a value that is ready to be sent.
type control struct {
	oid      string
	critical bool
	value    []byte
}

func (c control) GetControlType() string { return c.oid }

func (c control) String() string { return c.oid }

// Encode is the control as it is sent.
func (c control) Encode() *ber.Packet {
	p := ber.NewSequence("")
	p.AppendChild(octets(c.oid))
	if c.critical {
		p.AppendChild(boolean(true))
	}
	if c.value != nil {
		p.AppendChild(octets(string(c.value)))
	}
	return p
}
