package directory

import (
	"context"
	"errors"
	"slices"

	"github.com/go-ldap/ldap/v3"
)

// writing is a call of a target under way: one connection that looks people up, and one that changes the group.
type writing struct {
	*Target
	ctx    context.Context
	cancel context.CancelFunc
	desk   desk
	hand   *session // of the account that may write
}

func (t *Target) open(ctx context.Context) (*writing, error) {
	ctx, cancel := context.WithTimeout(ctx, t.source.config.Timeouts.Whole)
	c, v, err := t.source.open(ctx)
	if err != nil {
		cancel()
		return nil, err
	}
	hand, err := t.writer.bound(ctx, c.url)
	if err != nil {
		c.close()
		cancel()
		return nil, err
	}
	hand.wire.limits = schemaLimits // a group is as large as it has members
	return &writing{Target: t, ctx: ctx, cancel: cancel, desk: desk{c, v}, hand: hand}, nil
}

func (w *writing) close() {
	w.hand.close()
	w.desk.close()
	w.cancel()
}

// apply removes, adds, and looks what has come of it.
func (w *writing) apply(ctx context.Context, remove, add []ID) (Applied, error) {
	var done Applied
	if err := w.takeOut(ctx, remove, &done); err != nil {
		return done, err
	}
	if err := w.put(ctx, add, &done); err != nil {
		return done, err
	}
	return done, w.readBack(remove, done.Added)
}

// takeOut removes people, whatever the group calls them.
func (w *writing) takeOut(ctx context.Context, ids []ID, done *Applied) error {
	if len(ids) == 0 {
		return nil
	}
	names, _, err := w.names()
	if err != nil {
		return err
	}
	people, missing, err := w.desk.reread(ctx, ids, len(ids))
	if err != nil {
		return err
	}
	var out []string
	unnamed := len(missing) > 0
	for _, id := range ids {
		for _, o := range people[id] {
			if name, there := names[nameKey(o.DN)]; there {
				out = append(out, name)
			} else {
				unnamed = true // it may stand there by an older name, or in another spelling
			}
		}
	}
	if err := w.remove(ctx, out, done); err != nil {
		return err
	}
	done.Removed = ids
	if !unnamed || len(names) == len(out) {
		return nil
	}
	return w.takeOutOthers(ctx, ids, done)
}

// takeOutOthers removes all names that lead to nobody, the older names of those who were renamed, moved or deleted, and
// those that lead to one of the people though they are spelt in another way: which spellings are the same, the server
// alone knows.
func (w *writing) takeOutOthers(ctx context.Context, ids []ID, done *Applied) error {
	m, err := w.membership(ctx)
	if err != nil {
		return err
	}
	done.Dangling = m.Dangling
	out := slices.Clone(m.Dangling)
	for _, id := range ids {
		if name := m.Members[id]; name != "" {
			out = append(out, name)
		}
	}
	return w.remove(ctx, out, done)
}

// put adds people by the names that they have now.
func (w *writing) put(ctx context.Context, ids []ID, done *Applied) error {
	if len(ids) == 0 {
		return nil
	}
	names, _, err := w.names()
	if err != nil {
		return err
	}
	for again := range 2 {
		in, added, unresolved, err := w.named(ctx, ids, names)
		if err != nil {
			return err
		}
		err = w.batches(ctx, addValues, in, done)
		if result, _ := resultCode(err); again == 0 && (result == ldap.LDAPResultNoSuchObject || result == ldap.LDAPResultInvalidDNSyntax) {
			continue // somebody has got another name meanwhile
		}
		done.Added, done.Unresolved = added, unresolved
		return err
	}
	return nil
}

// named are the names, now, of people who are not in the group.
func (w *writing) named(ctx context.Context, ids []ID, names map[string]string) (in []string, added, unresolved []ID, err error) {
	people, _, err := w.desk.reread(ctx, ids, len(ids))
	for _, id := range ids {
		all := people[id]
		if len(all) != 1 || all[0].flaw != flawNone {
			unresolved = append(unresolved, id)
			continue
		}
		added = append(added, id)
		if _, there := names[nameKey(all[0].DN)]; !there {
			in = append(in, all[0].DN)
		}
	}
	return in, added, unresolved, err
}

// remove takes names out, after the sentinel is there.
func (w *writing) remove(ctx context.Context, names []string, done *Applied) error {
	if len(names) == 0 {
		return nil
	}
	if guard := w.sentinel(w.desk.view); guard != "" {
		done.Requests++
		if err := w.hand.modify(ctx, w.Group, w.Attribute, addValues, []string{guard}); !already(err, addValues) {
			return fit(err)
		}
	}
	return w.batches(ctx, deleteValues, names, done)
}

// batches changes the group, some members at a time. A batch that fails because one of them is there already, or not
// there, is done one by one.
func (w *writing) batches(ctx context.Context, kind addOrDelete, names []string, done *Applied) error {
	for batch := range slices.Chunk(names, w.Batch) {
		done.Requests++
		err := w.hand.modify(ctx, w.Group, w.Attribute, kind, batch)
		if err != nil && already(err, kind) && len(batch) > 1 {
			err = w.oneByOne(ctx, kind, batch, done)
		}
		if !already(err, kind) {
			return fit(err)
		}
		if kind == addValues {
			done.Additions += len(batch)
		} else {
			done.Removals += len(batch)
		}
	}
	return nil
}

func (w *writing) oneByOne(ctx context.Context, kind addOrDelete, names []string, done *Applied) error {
	for _, name := range names {
		done.Requests++
		if err := w.hand.modify(ctx, w.Group, w.Attribute, kind, []string{name}); !already(err, kind) {
			return err
		}
	}
	return nil
}

// already tells whether a change is done, now or before.
func already(err error, kind addOrDelete) bool {
	result, answered := resultCode(err)
	switch {
	case err == nil:
		return true
	case !answered:
		return false
	case kind == addValues: // Samba says 68 of a member who is there
		return result == ldap.LDAPResultAttributeOrValueExists || result == ldap.LDAPResultEntryAlreadyExists
	}
	return result == ldap.LDAPResultNoSuchAttribute
}

// fit says what another try will not change: the group cannot be written as it is configured.
func fit(err error) error {
	switch result, _ := resultCode(err); result {
	case ldap.LDAPResultObjectClassViolation, ldap.LDAPResultConstraintViolation, ldap.LDAPResultInsufficientAccessRights,
		ldap.LDAPResultUndefinedAttributeType, ldap.LDAPResultNotAllowedOnRDN:
		var found problems
		found.add("Group", "%v", err)
		return errors.Join(found.err(), err)
	}
	return err
}
