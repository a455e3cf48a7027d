package directory

import (
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// room is where a session decodes one entry after the other, so that what all entries of a server have in common is
// made once: the forms of descriptions, and the folders. The zero room remembers nothing.
type room struct {
	values     []string
	attributes []attribute
	byName     map[string][]string
	names      map[string]string   // descriptions by the names that servers send
	folders    map[string]*ldap.DN // by their texts
	passing    bool                // attributes last no longer than the entry: nobody keeps them
}

func newRoom() *room {
	return &room{byName: map[string][]string{}, names: map[string]string{}, folders: map[string]*ldap.DN{}}
}

// maxCommon bounds what a room remembers, whatever a server sends.
const maxCommon = 4096

// description is [description].
func (r *room) description(name string) string {
	d, known := r.names[name]
	if !known {
		if d = strings.Clone(description(name)); r.names != nil && len(r.names) < maxCommon {
			r.names[strings.Clone(name)] = d
		}
	}
	return d
}

// parseDN is [parseDN].
func (r *room) parseDN(text string) *ldap.DN {
	own, rest, found := strings.Cut(text, ",")
	if !found || strings.Contains(own, `\`) { // the comma may belong to a value
		return parseDN(text)
	}
	folder, known := r.folders[rest]
	if !known {
		if folder = parseDN(rest); r.folders != nil && len(r.folders) < maxCommon {
			r.folders[strings.Clone(rest)] = folder
		}
	}
	first := parseDN(own)
	if first == nil || folder == nil {
		return nil
	}
	return &ldap.DN{RDNs: append(first.RDNs, folder.RDNs...)}
}

// attributeMap holds the values of an entry by description.
func attributeMap(e entry) map[string][]string {
	all := e.room.byName
	clear(all)
	var kept []string
	if !e.room.passing {
		n := 0
		for _, a := range e.attributes {
			n += len(a.values)
		}
		all, kept = make(map[string][]string, len(e.attributes)), make([]string, 0, n)
	}
	for _, a := range e.attributes {
		name, values := e.room.description(a.name), a.values
		if !e.room.passing {
			from := len(kept)
			kept = append(kept, values...)
			values = kept[from:len(kept):len(kept)]
		}
		if before, twice := all[name]; twice {
			values = append(before[:len(before):len(before)], values...)
		}
		all[name] = values
	}
	return all
}
