package demo

import (
	"crypto/rand"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"
)

// An entry is one of a Tree's, with its values by the descriptions of their
// attributes in lower case.
type entry struct {
	dn     string
	values map[string][]string
	names  map[string]string // as the descriptions were written
}

// LDAP results that a Tree gives (RFC 4511 4.1.9).
const (
	success             = 0
	protocolError       = 2
	noSuchAttribute     = 16
	valueExists         = 20
	noSuchObject        = 32
	invalidCredentials  = 49
	insufficientRights  = 50
	notAllowedOnNonLeaf = 66
	alreadyExists       = 68
	unavailableControl  = 12
)

// result is an LDAP result that says no.
type result int

func (r result) Error() string { return fmt.Sprintf("LDAP result %d", int(r)) }

// tree is what a Tree holds.
type tree struct {
	mu      sync.RWMutex
	entries map[string]*entry // by key
	writes  int
}

// key is the one form of a name. The demo's names hold neither escapes nor values
// with a comma.
func key(dn string) string {
	parts := strings.Split(dn, ",")
	for i, p := range parts {
		attribute, value, _ := strings.Cut(p, "=")
		parts[i] = strings.ToLower(strings.TrimSpace(attribute) + "=" + strings.TrimSpace(value))
	}
	return strings.Join(parts, ",")
}

// add adds an entry.
func (t *tree) add(dn string, attributes [][2]string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.entries[key(dn)] != nil {
		return result(alreadyExists)
	}
	e := &entry{dn: dn, values: map[string][]string{}, names: map[string]string{}}
	for _, a := range attributes {
		e.put(a[0], a[1])
	}
	if len(e.values["entryuuid"]) == 0 {
		e.put("entryUUID", uuid.Must(uuid.NewRandomFromReader(rand.Reader)).String())
	}
	t.entries[key(dn)] = e
	t.stamp(e)
	return nil
}

func (e *entry) put(description, value string) {
	lower := strings.ToLower(description)
	e.names[lower] = description
	e.values[lower] = append(e.values[lower], value)
}

// stamp notes that an entry was written.
func (t *tree) stamp(e *entry) {
	t.writes++
	e.names["entrycsn"] = "entryCSN"
	e.values["entrycsn"] = []string{fmt.Sprintf("%012d", t.writes)}
}

// A modification is a part of a change: add, delete or replace.
type modification struct {
	kind        string
	description string
	values      []string
}

// modify changes an entry, by all modifications or none.
func (t *tree) modify(dn string, list []modification) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.entries[key(dn)]
	if old == nil {
		return result(noSuchObject)
	}
	e := &entry{dn: old.dn, values: map[string][]string{}, names: maps.Clone(old.names)}
	for lower, values := range old.values {
		e.values[lower] = slices.Clone(values)
	}
	for _, m := range list {
		if err := e.modify(m); err != nil {
			return err
		}
	}
	t.entries[key(dn)] = e
	t.stamp(e)
	return nil
}

func (e *entry) modify(m modification) error {
	lower := strings.ToLower(m.description)
	switch m.kind {
	case "replace":
		delete(e.values, lower)
	case "delete":
		if len(e.values[lower]) == 0 {
			return result(noSuchAttribute)
		}
		if len(m.values) == 0 {
			delete(e.values, lower)
		}
		for _, v := range m.values {
			i := slices.Index(e.values[lower], v)
			if i < 0 {
				return result(noSuchAttribute)
			}
			e.values[lower] = slices.Delete(e.values[lower], i, i+1)
		}
		return nil
	}
	for _, v := range m.values {
		if slices.Contains(e.values[lower], v) {
			return result(valueExists)
		}
		e.put(m.description, v)
	}
	return nil
}

// remove deletes an entry with nothing below it.
func (t *tree) remove(dn string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := key(dn)
	if t.entries[k] == nil {
		return result(noSuchObject)
	}
	for other := range t.entries {
		if strings.HasSuffix(other, ","+k) {
			return result(notAllowedOnNonLeaf)
		}
	}
	delete(t.entries, k)
	return nil
}

// rename gives an entry with nothing below it another name, or place.
func (t *tree) rename(dn, rdn, superior string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	old := t.entries[key(dn)]
	if superior == "" {
		_, superior, _ = strings.Cut(dn, ",")
	}
	to := rdn + "," + superior
	switch {
	case old == nil, t.entries[key(superior)] == nil:
		return result(noSuchObject)
	case key(to) != key(dn) && t.entries[key(to)] != nil:
		return result(alreadyExists)
	}
	e := &entry{dn: to, values: maps.Clone(old.values), names: maps.Clone(old.names)}
	attribute, value, _ := strings.Cut(rdn, "=")
	e.values[strings.ToLower(attribute)] = []string{value}
	delete(t.entries, key(dn))
	t.entries[key(to)] = e
	t.stamp(e)
	return nil
}

// find is the entries of a subtree, or the one, for which the filter holds, in the
// order of their names.
func (t *tree) find(base string, whole, below bool, holds filter) ([]*entry, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	k := key(base)
	if t.entries[k] == nil {
		return nil, result(noSuchObject)
	}
	var found []*entry
	for name, e := range t.entries {
		parent := strings.TrimPrefix(name[strings.IndexByte(name, ',')+1:], ",")
		in := name == k || whole && strings.HasSuffix(name, ","+k)
		if below {
			in = parent == k && name != k
		}
		if in && holds(e) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *entry) int { return strings.Compare(key(a.dn), key(b.dn)) })
	return found, nil
}
