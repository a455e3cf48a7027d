package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// dirSyncRequest asks for what has changed since a cookie, of all objects whatever the rights to each.
func dirSyncRequest(cookie []byte) ldap.Control {
	const flags, most = 0, 1 << 20
	return control{controlDirSync, true, sequenceOf(number(flags), number(most), octets(string(cookie)))}
}

// dirSync asks for the changes of a naming context until there are no more. Without told they are only counted off.
func (d *domain) dirSync(ctx context.Context, root string, told bool) error {
	ask := append([]string{"objectClass", "isDeleted", "name"}, d.view.lean...)
	for {
		more, cookie, err := d.session.dirSync(ctx, root, ask, d.marks[root], func(e entry) {
			switch {
			case !told:
			case slices.ContainsFunc(attributeMap(e)["isdeleted"], func(v string) bool { return strings.EqualFold(v, "TRUE") }):
				d.buried(e)
			default:
				d.happened(e, false)
			}
		})
		if result, answered := resultCode(err); answered && final(result) && len(d.marks[root]) > 0 {
			return fmt.Errorf("%w: %w", &TokenRejected{tokenRefused}, err)
		}
		if err != nil {
			return err
		}
		d.marks[root] = cookie
		d.arrive(&signal{subtree: root, mark: cookie})
		if !more {
			return nil
		}
	}
}

// dirSync sends one request.
func (c *session) dirSync(
	ctx context.Context, root string, ask []string, cookie []byte, each func(entry),
) (more bool, next []byte, err error) {
	doing := "ask for changes of " + root
	q := query{base: root, scope: ldap.ScopeWholeSubtree, filter: "(objectClass=*)", attributes: ask}
	op, err := q.request()
	if err != nil {
		return false, nil, err
	}
	err = c.exchange(ctx, doing, op, []ldap.Control{dirSyncRequest(cookie)}, func(m message) error {
		switch m.op {
		case opEntry:
			e, err := m.entry(c.room)
			if err != nil {
				return c.incomplete(doing, err)
			}
			each(e)
		case opDone:
			value, _ := m.control(controlDirSync)
			p := parts{value, 0, len(value)}
			list, _ := p.expect(sequence)
			in := p.in(list)
			flags, _ := in.expect(tagInteger)
			_, sized := in.expect(tagInteger)
			text, ok := in.expect(tagOctets)
			n, counted := integer(in.bytes(flags))
			if !ok || !sized || !counted {
				return c.incomplete(doing, errMalformed)
			}
			more, next = n != 0, slices.Clone(in.bytes(text))
		}
		return nil
	})
	return more, next, err
}

// replicating tells whether the account may ask for all changes. It asks for nobody's.
func (c *session) replicating(ctx context.Context, v view) (bool, error) {
	roots := v.roots()
	if !v.DirSync || len(roots) == 0 {
		return false, nil
	}
	op, err := query{base: roots[0], scope: ldap.ScopeWholeSubtree, filter: "(cn=nobody)", attributes: []string{"name"}}.request()
	if err != nil {
		return false, err
	}
	err = c.exchange(ctx, "ask for changes of "+roots[0], op, []ldap.Control{dirSyncRequest(nil)}, func(message) error { return nil })
	if _, answered := resultCode(err); answered {
		return false, nil
	}
	return err == nil, err
}
