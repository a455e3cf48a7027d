package directory

import (
	"context"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// addOrDelete is what a modification does with values. There is no replacing here: it would undo what others have done
// meanwhile, and a large group takes its time.
type addOrDelete int64

const (
	addValues    addOrDelete = 0
	deleteValues addOrDelete = 1
)

// modify adds values to an attribute of an entry, or takes them away: all of them, or none.
func (c *session) modify(ctx context.Context, dn, attribute string, kind addOrDelete, values []string) error {
	set := ber.Encode(ber.ClassUniversal, ber.TypeConstructed, ber.TagSet, nil, "")
	for _, v := range values {
		set.AppendChild(octets(v))
	}
	change := ber.NewSequence("")
	change.AppendChild(enumerated(int64(kind)))
	list := ber.NewSequence("")
	list.AppendChild(octets(attribute))
	list.AppendChild(set)
	change.AppendChild(list)
	changes := ber.NewSequence("")
	changes.AppendChild(change)
	op := constructed(ldap.ApplicationModifyRequest)
	op.AppendChild(octets(dn))
	op.AppendChild(changes)
	doing := "change the members of a group"
	return c.exchange(ctx, doing, op, nil, func(m message) error {
		if m.op != opModify {
			return c.incomplete(doing, errMalformed)
		}
		return nil
	})
}
