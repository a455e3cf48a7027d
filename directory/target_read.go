package directory

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// names are the names in the group, by their one form, but for the sentinel, and who changed it last.
func (w *writing) names() (names map[string]string, by string, err error) {
	e, err := w.hand.entry(w.ctx, "read the group", w.Group, "modifiersName")
	if err != nil {
		return nil, "", err
	}
	values, err := w.hand.values(w.ctx, w.Group, w.Attribute)
	if err != nil {
		return nil, "", err
	}
	names = make(map[string]string, len(values))
	for _, name := range values {
		names[nameKey(name)] = name
	}
	delete(names, nameKey(w.sentinel(w.desk.view)))
	return names, Choose(e, "modifiersname"), nil
}

// membership reads the group, and who its members are.
func (w *writing) membership(_ context.Context) (Membership, error) {
	names, by, err := w.names()
	if err != nil {
		return Membership{}, err
	}
	m := Membership{Members: map[ID]string{}, By: by, Own: nameKey(by) == nameKey(w.writer.config.BindDN)}
	for _, key := range slices.Sorted(maps.Keys(names)) {
		if err := w.who(names[key], &m); err != nil {
			return Membership{}, err
		}
	}
	return m, w.desk.canaries(w.ctx, w.desk.view)
}

// who finds out who has a name.
func (w *writing) who(name string, m *Membership) error {
	kind := string(w.desk.view.IDKind)
	var id ID
	q := query{base: name, scope: ldap.ScopeBaseObject, filter: w.desk.view.Filter, attributes: []string{kind}}
	_, err := w.desk.search(w.ctx, "read a member of the group", q, func(f found) error {
		if ids := attributeMap(f.entry)[strings.ToLower(kind)]; len(ids) == 1 {
			id = newID(w.desk.view.IDKind, ids[0])
		}
		return nil
	})
	result, answered := resultCode(err)
	switch {
	case answered && (result == ldap.LDAPResultNoSuchObject || result == ldap.LDAPResultInvalidDNSyntax):
		m.Dangling = append(m.Dangling, name)
	case err != nil:
		return err
	case id.IsZero():
		m.Others = append(m.Others, name)
	default:
		m.Members[id] = name
	}
	return nil
}

// readBack tells whether the group is what it should be after a change. Who is not found by the name is looked for by the
// id.
func (w *writing) readBack(removed, added []ID) error {
	names, _, err := w.names()
	if err != nil {
		return err
	}
	people, _, err := w.desk.reread(w.ctx, slices.Concat(removed, added), len(removed)+len(added))
	if err != nil {
		return err
	}
	named := func(id ID) bool {
		return slices.ContainsFunc(people[id], func(o seen) bool { _, there := names[nameKey(o.DN)]; return there })
	}
	if !wrong(removed, added, named) {
		return nil
	}
	m, err := w.membership(w.ctx)
	if err != nil {
		return err
	}
	if wrong(removed, added, func(id ID) bool { return m.Members[id] != "" }) {
		return &Incomplete{Code: CodeDrift, Doing: "read the group back"}
	}
	return nil
}

// wrong tells whether somebody who was removed is in the group, or somebody who was added is not.
func wrong(removed, added []ID, in func(ID) bool) bool {
	return slices.ContainsFunc(removed, func(id ID) bool { return in(id) && !slices.Contains(added, id) }) ||
		slices.ContainsFunc(added, func(id ID) bool { return !in(id) })
}
