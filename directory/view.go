package directory

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// view is what a Source knows of a server: how its entries are to be asked for and understood.
type view struct {
	Config
	Capabilities
	fields   Fields
	ask      []string
	places   places
	marks    []departedMark
	server   string          // what it calls itself
	stamps   []string        // that it knows
	folders  []string        // classes of the entries above people that it knows
	watched  map[string]bool // of a follower: what a sweep compares
	lean     []string        // of a follower: what a sweep asks for
	problems problems        // of the configuration, against the schema
}

// views keeps a view for each server for a while: schemas are large and rarely change.
type views struct {
	mu    sync.Mutex
	byURL map[string]view
	taken map[string]time.Time
}

const viewLasts = 10 * time.Minute

func (v *views) get(url string) (view, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.byURL[url], time.Since(v.taken[url]) < viewLasts
}

func (v *views) put(url string, one view) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.byURL == nil {
		v.byURL, v.taken = map[string]view{}, map[string]time.Time{}
	}
	v.byURL[url], v.taken[url] = one, time.Now()
}

// open connects and returns what is known of the server. The configuration fits its schema.
func (s *Source) open(ctx context.Context) (*session, view, error) {
	c, err := s.connect(ctx)
	if err != nil {
		return nil, view{}, err
	}
	v, fresh := s.views.get(c.url)
	if !fresh {
		v, err = s.inspect(ctx, c)
	}
	if err == nil && len(v.problems) > 0 {
		err = &Incomplete{Code: CodeSchema, Doing: "check against the schema of " + c.url, Err: v.problems.err()}
	}
	if err != nil {
		c.close()
		return nil, view{}, err
	}
	return c, v, nil
}

// inspect reads the root DSE and the schema.
func (s *Source) inspect(ctx context.Context, c *session) (view, error) {
	c.wire.limits = schemaLimits
	defer func() { c.wire.limits = s.entryLimits() }()
	root, err := c.entry(ctx, "read the root DSE of "+c.url, "", "namingContexts", "supportedControl",
		"supportedExtension", "supportedFeatures", "supportedCapabilities", "subschemaSubentry", "vendorName",
		"vendorVersion", "objectClass", "structuralObjectClass", "dsServiceName")
	if err != nil {
		return view{}, err
	}
	doing := "read the schema of " + c.url
	where := Choose(root, "subschemasubentry")
	if where == "" {
		return view{}, &Incomplete{Code: CodeSchema, Doing: doing}
	}
	sub, err := c.entry(ctx, doing, where, "attributeTypes", "objectClasses")
	if err != nil {
		return view{}, err
	}
	known := newSchema(sub["attributetypes"], sub["objectclasses"])
	if len(known.attributes) == 0 || len(known.classes) == 0 {
		return view{}, &Incomplete{Code: CodeSchema, Doing: doing}
	}
	v := view{Config: s.config, Capabilities: capabilities(root)}
	v.URL, v.TLS, v.places = c.url, c.tlsVersion(), newPlaces(s.config.subtrees(), s.config.Departed)
	v.marks = departedMarks(s.config.DepartedValues)
	v.server = Choose(root, "dsservicename")
	v.plan(known)
	if v.Replicating, err = c.replicating(ctx, v); err != nil {
		return view{}, err
	}
	v.Capabilities.choose("")
	if !v.Paging {
		v.problems.add("URLs", "%s: the server does not page", c.url)
	}
	known.check(s.config, &v.problems)
	if len(v.problems) == 0 {
		s.views.put(c.url, v)
	}
	return v, nil
}

// plan decides which attributes are asked for: those that the server knows.
func (v *view) plan(known schema) {
	wanted := []string{string(v.IDKind), v.Login, "objectClass"}
	wanted = append(wanted, v.Attributes...)
	if v.Attributes == nil {
		wanted = append(wanted, DefaultAttributes...)
	}
	wanted = append(wanted, v.Also...)
	for name := range v.DepartedValues {
		wanted = append(wanted, baseName(name))
	}
	v.fields = Fields{}
	for _, name := range append(wanted, statusAttributes...) {
		if lower := strings.ToLower(name); known.attributes[lower] && !v.fields[lower] {
			v.fields[lower] = true
			v.ask = append(v.ask, name)
		}
	}
	for _, name := range statusAttributes {
		if v.fields[name] {
			v.States = append(v.States, name)
		}
	}
	for _, class := range folders {
		if known.classes[class] {
			v.folders = append(v.folders, class)
		}
	}
	for _, name := range stamps {
		if known.attributes[name] {
			v.stamps = append(v.stamps, name)
		}
	}
}

// entry reads the attributes of one entry, by descriptions in lower case. That it is not there is an error.
func (c *session) entry(ctx context.Context, doing, dn string, attributes ...string) (map[string][]string, error) {
	var all map[string][]string
	q := query{base: dn, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)", attributes: attributes}
	_, err := c.search(ctx, doing, q, func(f found) error {
		if !f.emptied {
			all = attributeMap(f.entry)
		}
		return nil
	})
	if err == nil && all == nil {
		err = &Incomplete{Code: CodeBase, Doing: doing}
	}
	return all, err
}

// readable is nil when the top of a subtree can be read.
func (c *session) readable(ctx context.Context, base string) error {
	_, err := c.entry(ctx, "read the top of "+base, base, "1.1")
	return err
}
