package main

import (
	"reflect"
	"strings"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// A looker says where entries of the directory were seen, and for whom their people
// work, as is registered of organizations. It is for one goroutine.
type looker struct {
	config   directoryConfig
	all      []meibo.Organization
	subtrees *directory.Subtrees // of all
	seen     map[int]ledger.Sight
}

// by has it go by these organizations. As long as they are the same, no
// event is looked at twice.
func (l *looker) by(all []meibo.Organization) {
	if l.subtrees != nil && reflect.DeepEqual(all, l.all) {
		return
	}
	bases := make([]string, len(all))
	for i, o := range all {
		bases[i] = o.DirectoryBase
	}
	l.all, l.subtrees, l.seen = all, directory.NewSubtrees(bases), map[int]ledger.Sight{}
}

// at is the sight of an event, which has this number.
func (l *looker) at(number int, e directory.Event) ledger.Sight {
	s, known := l.seen[number]
	if !known {
		s = l.sight(e.ID, e.Base, e.DN, e.Object())
		l.seen[number] = s
	}
	return s
}

// sight says where an entry was seen, and for whom its person works, as far as place,
// configured attribute and mail address show it. Where only the state was read the
// place alone speaks.
func (l *looker) sight(id directory.ID, base, dn string, o *directory.Object) ledger.Sight {
	s := ledger.Sight{Entry: id.String(), Base: base}
	shown := meibo.Shown{Placed: l.placedAt(dn)}
	d := l.config
	if o != nil {
		shown.Mails = o.Attr["mail"]
		if d.EmployerAttribute != "" {
			shown.Named = valuesOf(o.Attr, d.EmployerAttribute)
		}
		if d.UnitAttribute != "" {
			unit := directory.Choose(o.Attr, strings.ToLower(d.UnitAttribute)+";lang-ja", strings.ToLower(d.UnitAttribute))
			s.Unit = &unit
		}
	}
	if dn != "" {
		s.Employers, s.Placed = meibo.EmployersShown(l.all, shown), o == nil
	}
	return s
}

// placedAt are the organizations below whose base a name stands: those with the
// deepest one, of which several may have the same.
func (l *looker) placedAt(dn string) (found []meibo.OrganizationID) {
	for _, i := range l.subtrees.Deepest(dn) {
		found = append(found, l.all[i].ID)
	}
	return found
}

// valuesOf are the values of an attribute in all languages.
func valuesOf(attr map[string][]string, name string) []string {
	var all []string
	for description, values := range attr {
		if base, _, _ := strings.Cut(description, ";"); strings.EqualFold(base, name) {
			all = append(all, values...)
		}
	}
	return all
}
