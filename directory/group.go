package directory

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// Member is somebody in a group.
type Member struct {
	ID  ID // zero: none of the directory's people
	DN  string
	Via string // DN of the group that names the member: the group itself, or one in it
}

// Group is a group with all who are in it, directly or through other groups.
type Group struct {
	DN       string
	Members  []Member // people and whatever else is no group, each once
	Groups   []string // that were read: the group itself, and those in it
	Cyclic   bool     // a group is in itself, somehow
	Dangling []Member // names that lead to nobody
}

// Orphans are the differences between a group and those who should be in it.
type Orphans struct {
	Strangers []Member // in the group, and nobody who should be
	Missing   []ID     // who should be, and are not
	Dangling  []Member // names in the group that lead to nobody; who gets such a name next is in the group
}

// Orphans compares a group with those who should be in it. It is a pure function.
func (g Group) Orphans(should []ID) Orphans {
	o := Orphans{Dangling: g.Dangling}
	wanted := make(map[ID]bool, len(should))
	for _, id := range should {
		wanted[id] = true
	}
	for _, m := range g.Members {
		if m.ID.IsZero() || !wanted[m.ID] {
			o.Strangers = append(o.Strangers, m)
		}
		delete(wanted, m.ID)
	}
	for id := range wanted {
		o.Missing = append(o.Missing, id)
	}
	slices.SortFunc(o.Missing, ID.compare)
	return o
}

// groupClasses are the classes of groups.
var groupClasses = []string{"groupOfNames", "groupOfUniqueNames", "groupOfMembers", "posixGroup", "group", "groupOfURLs"}

// maxGroups bounds how many groups one may consist of.
const maxGroups = 10_000

// Group reads a group and the groups in it: their member, uniqueMember and memberUid, in ranges where the server sends
// no more at once. A group that is in itself is read once. Whoever is in a group of Active Directory only because it is
// his primary group is not named there, and is not found.
//
// Errors are [*Incomplete]; with one there is no result.
func (s *Source) Group(ctx context.Context, dn string) (Group, error) {
	g, _, err := s.group(ctx, dn)
	return g, err
}

// group is Group, with what is known of the server.
func (s *Source) group(ctx context.Context, dn string) (Group, view, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeouts.Whole)
	defer cancel()
	c, v, err := s.open(ctx)
	if err != nil {
		return Group{}, view{}, err
	}
	defer c.close()
	c.wire.limits = schemaLimits // a group is as large as it has members
	r := &roster{session: c, view: v, people: map[string]bool{}, within: map[string][]string{nameKey(dn): nil}, rest: []string{dn}}
	r.group.DN = dn
	for len(r.rest) > 0 {
		next := r.rest[0]
		r.rest = r.rest[1:]
		if err := r.read(ctx, next); err != nil {
			return Group{}, view{}, err
		}
	}
	if err := c.canaries(ctx, v); err != nil {
		return Group{}, view{}, err
	}
	r.group.Cyclic = r.cyclic(nameKey(dn), map[string]bool{}, map[string]bool{})
	return r.group, v, nil
}

// roster is a group that is being read.
type roster struct {
	*session
	view
	group  Group
	rest   []string            // groups to be read
	within map[string][]string // groups in each group that was met, by the one form of their names
	people map[string]bool     // that were met
}

// nameKey is the one form of a DN.
func nameKey(dn string) string {
	if parsed := parseDN(dn); parsed != nil {
		return strings.ToLower(parsed.String())
	}
	return dn
}

// visit notes a group in a group, to be read once.
func (r *roster) visit(via, dn string) error {
	outer, inner := nameKey(via), nameKey(dn)
	r.within[outer] = append(r.within[outer], inner)
	if _, met := r.within[inner]; met {
		return nil
	}
	if len(r.within) == maxGroups {
		return &Incomplete{Code: CodeQuarantine, Doing: "read group", Err: errors.New("too many groups")}
	}
	r.within[inner] = nil
	r.rest = append(r.rest, dn)
	return nil
}

// cyclic tells whether a group leads back to one on the way to it.
func (r *roster) cyclic(group string, on, done map[string]bool) bool {
	if done[group] || on[group] {
		return on[group]
	}
	on[group] = true
	defer func() { on[group], done[group] = false, true }()
	return slices.ContainsFunc(r.within[group], func(inner string) bool { return r.cyclic(inner, on, done) })
}

// read reads one group and all whom it names.
func (r *roster) read(ctx context.Context, dn string) error {
	names, logins, err := r.named(ctx, dn)
	if err != nil {
		return err
	}
	r.group.Groups = append(r.group.Groups, dn)
	for _, name := range names {
		if err := r.member(ctx, dn, name); err != nil {
			return err
		}
	}
	for _, login := range logins {
		if err := r.login(ctx, dn, login); err != nil {
			return err
		}
	}
	return nil
}

// named are the DNs and logins that a group names.
func (r *roster) named(ctx context.Context, dn string) (names, logins []string, err error) {
	for _, attribute := range []string{"member", "uniqueMember", "memberUid"} {
		values, err := r.values(ctx, dn, attribute)
		if err != nil {
			return nil, nil, err
		}
		for _, value := range values {
			switch attribute {
			case "memberUid":
				logins = append(logins, value)
			case "uniqueMember": // a name may be followed by a number: cn=x#'01'B
				if i := strings.LastIndex(value, "#'"); i > 0 && strings.HasSuffix(value, "'B") {
					value = value[:i]
				}
				fallthrough
			default:
				names = append(names, value)
			}
		}
	}
	return names, logins, nil
}

// values reads an attribute, in ranges if the server sends it so: member;range=0-1499.
func (c *session) values(ctx context.Context, dn, attribute string) ([]string, error) {
	doing := "read " + attribute + " of a group"
	var all []string
	for ask := attribute; ; {
		e, err := c.entry(ctx, doing, dn, ask)
		if err != nil {
			return nil, err
		}
		all = append(all, e[strings.ToLower(attribute)]...)
		next := 0
		for name, values := range e {
			span, ranged := strings.CutPrefix(name, strings.ToLower(attribute)+";range=")
			if !ranged {
				continue
			}
			all = append(all, values...)
			if _, end, _ := strings.Cut(span, "-"); end != "*" {
				if next, err = strconv.Atoi(end); err != nil || len(values) == 0 {
					return nil, &Incomplete{Code: CodeMalformed, Doing: doing}
				}
				next++
			}
		}
		if next == 0 {
			return all, nil
		}
		ask = attribute + ";range=" + strconv.Itoa(next) + "-*"
	}
}

// member finds out who a name is: a person, a group, or nobody.
func (r *roster) member(ctx context.Context, via, dn string) error {
	var classes strings.Builder
	for _, class := range groupClasses {
		classes.WriteString(equals("objectClass", class))
	}
	at, group := Member{DN: dn, Via: via}, false // what is neither a person nor a group has no id
	q := query{
		base: dn, scope: ldap.ScopeBaseObject, filter: "(|" + r.Filter + classes.String() + ")",
		attributes: []string{string(r.IDKind), "objectClass"},
	}
	_, err := r.search(ctx, "read a member of a group", q, func(f found) error {
		attr := attributeMap(f.entry)
		group = slices.ContainsFunc(attr["objectclass"], func(class string) bool {
			return slices.ContainsFunc(groupClasses, func(known string) bool { return strings.EqualFold(known, class) })
		})
		at.DN = f.dn
		if ids := attr[strings.ToLower(string(r.IDKind))]; len(ids) == 1 {
			at.ID = newID(r.IDKind, ids[0])
		}
		return nil
	})
	result, answered := resultCode(err)
	switch {
	case answered && (result == ldap.LDAPResultNoSuchObject || result == ldap.LDAPResultInvalidDNSyntax):
		r.group.Dangling = append(r.group.Dangling, at)
		return nil
	case err != nil:
		return err
	case group:
		return r.visit(via, at.DN)
	}
	r.add(at)
	return nil
}

// login finds the person whom a group names by login.
func (r *roster) login(ctx context.Context, via, login string) error {
	var all []Object
	for _, base := range r.Bases {
		found, err := r.find(ctx, r.view, "find a member of a group", base, equals(r.Login, login))
		if err != nil {
			return err
		}
		all = append(all, found...)
	}
	if len(all) != 1 {
		r.group.Dangling = append(r.group.Dangling, Member{DN: login, Via: via})
		return nil
	}
	r.add(Member{ID: all[0].ID, DN: all[0].DN, Via: via})
	return nil
}

// add adds a person once.
func (r *roster) add(m Member) {
	if key := nameKey(m.DN); !r.people[key] {
		r.people[key] = true
		r.group.Members = append(r.group.Members, m)
	}
}
