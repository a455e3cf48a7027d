package directory

import (
	"context"
	"slices"
	"strings"
)

// TargetConfig says which group holds those to whom something is granted.
type TargetConfig struct {
	Group string // DN; its members are the caller's business alone
	// BindDN and PasswordFile are the account that may change the group; empty: the source's. It needs no other right. Of a
	// source that is bound by [Config.External] the name is not known: then they must be given.
	BindDN, PasswordFile string
	Attribute            string // default member; or uniqueMember
	// Sentinel is a member that is always there, since a groupOfNames must have one. Default: the account that writes; on
	// Active Directory, where groups may be empty, there is none.
	Sentinel string
	// Foreign members, whom the caller has not put there, are removed by [Target.Enforce]; otherwise it only reports them.
	// A name that leads to nobody is always removed: whoever gets that name next would be in the group.
	RemoveForeign bool
	Batch         int // members that one modification changes; default 200, of which large groups on 389-ds take seconds
}

// Target is a group that is written: removals first and at once, value by value and never as a whole, so that nothing
// that others do meanwhile is undone. Its methods may be called by many goroutines; each call connects for itself.
type Target struct {
	source *Source
	writer *Source
	TargetConfig
}

// Target checks the configuration of a group that is to be written. It connects to nothing.
func (s *Source) Target(c TargetConfig) (*Target, error) {
	or(&c.Attribute, "member")
	or(&c.Batch, 200)
	writer := &Source{config: s.config, roots: s.roots}
	if c.BindDN != "" {
		writer.config.BindDN, writer.config.PasswordFile, writer.config.External = c.BindDN, c.PasswordFile, false
	}
	var found problems
	for field, dn := range map[string]string{"Group": c.Group, "Sentinel": c.Sentinel} {
		if dn == "" && field == "Sentinel" {
			continue
		}
		if parseDN(dn) == nil {
			found.add(field, "%q is not a DN", dn)
		}
	}
	if !strings.EqualFold(c.Attribute, "member") && !strings.EqualFold(c.Attribute, "uniqueMember") {
		found.add("Attribute", "%q is neither member nor uniqueMember", c.Attribute)
	}
	if c.Batch < 1 || c.Batch > 1000 {
		found.add("Batch", "not between 1 and 1000")
	}
	writer.config.checkServers(&found)
	if writer.config.BindDN == "" {
		found.add("BindDN", "nobody changes a group without a name")
	}
	if err := found.err(); err != nil {
		return nil, err
	}
	return &Target{source: s, writer: writer, TargetConfig: c}, nil
}

// Membership is what a group holds.
type Membership struct {
	Members  map[ID]string // people, with the DN by which the group names them
	Others   []string      // names of what is no person: groups, services
	Dangling []string      // names that lead to nobody
	// By is who changed the group last, as far as the server tells, and Own that it was the account of the target.
	By  string
	Own bool
}

// Read reads the group, and looks up each of its members. Errors are [*Incomplete].
func (t *Target) Read(ctx context.Context) (Membership, error) {
	w, err := t.open(ctx)
	if err != nil {
		return Membership{}, err
	}
	defer w.close()
	return w.membership(ctx)
}

// ReadNested reads the group with all who are in it, directly or through groups in it, as [Source.Group] does, but for
// the sentinel. It needs no right to change the group.
func (t *Target) ReadNested(ctx context.Context) (Group, error) {
	g, v, err := t.source.group(ctx, t.TargetConfig.Group)
	guard := nameKey(t.sentinel(v))
	g.Members = slices.DeleteFunc(g.Members, func(m Member) bool { return nameKey(m.DN) == guard })
	return g, err
}

// sentinel is the member that is always there; empty: there is none.
func (t *Target) sentinel(v view) string {
	switch {
	case t.Sentinel != "":
		return t.Sentinel
	case v.Vendor == ActiveDirectory, v.Vendor == Samba:
		return ""
	}
	return t.writer.config.BindDN
}

// Applied is what was done to a group.
type Applied struct {
	Removed []ID
	Added   []ID
	// Unresolved are people who were to be added and are not in the directory. Those who were to be removed and are not
	// there any more cannot be named: all names that lead to nobody were removed for them.
	Unresolved []ID
	Dangling   []string // names that led to nobody, and were removed
	Foreign    []string // names of members whom nobody put there and who were removed, or are reported
	Removals   int      // members that were taken away
	Additions  int      // members that were put in
	Requests   int      // modifications that were sent
}

// Apply takes people out of the group, and then puts others into it. Who is not in it, or is in it, already, is no
// error. The group is read back: an [*Incomplete] with CodeDrift says that it is not as it should be. With any error
// the result tells what was done before it. During a hold, or while the directory is stale, removals go on: then add
// nobody.
func (t *Target) Apply(ctx context.Context, remove, add []ID) (Applied, error) {
	w, err := t.open(ctx)
	if err != nil {
		return Applied{}, err
	}
	defer w.close()
	return w.apply(ctx, remove, add)
}

// Drift is how a group differs from those who should be in it.
type Drift struct {
	Missing  []ID     // who should be in it
	Foreign  []string // names of people and others who should not be
	Dangling []string // names that lead to nobody
	By       string   // who changed the group last
	Own      bool     // it was the account of the target
}

// Empty tells whether there is no difference.
func (d Drift) Empty() bool { return len(d.Missing)+len(d.Foreign)+len(d.Dangling) == 0 }

// Check compares the group with those who should be in it, and changes nothing.
func (t *Target) Check(ctx context.Context, granted []ID) (Drift, error) {
	m, err := t.Read(ctx)
	if err != nil {
		return Drift{}, err
	}
	return m.drift(granted), nil
}

// Enforce makes the group what it should be: names that lead to nobody are removed, and foreign members, if the
// configuration says so; who is missing is added. The drift is that from before.
func (t *Target) Enforce(ctx context.Context, granted []ID) (Drift, Applied, error) {
	w, err := t.open(ctx)
	if err != nil {
		return Drift{}, Applied{}, err
	}
	defer w.close()
	m, err := w.membership(ctx)
	if err != nil {
		return Drift{}, Applied{}, err
	}
	d := m.drift(granted)
	var done Applied
	done.Foreign, done.Dangling = d.Foreign, d.Dangling
	names := slices.Clone(d.Dangling)
	if t.RemoveForeign {
		names = append(names, d.Foreign...)
	}
	if err := w.remove(ctx, names, &done); err != nil {
		return d, done, err
	}
	err = w.put(ctx, d.Missing, &done)
	return d, done, err
}

// drift compares what a group holds with those who should be in it.
func (m Membership) drift(granted []ID) Drift {
	d := Drift{Dangling: m.Dangling, By: m.By, Own: m.Own, Foreign: slices.Clone(m.Others)}
	wanted := make(map[ID]bool, len(granted))
	for _, id := range granted {
		wanted[id] = true
	}
	for id, name := range m.Members {
		if !wanted[id] {
			d.Foreign = append(d.Foreign, name)
		}
		delete(wanted, id)
	}
	for id := range wanted {
		d.Missing = append(d.Missing, id)
	}
	slices.Sort(d.Foreign)
	slices.SortFunc(d.Missing, ID.compare)
	return d
}
