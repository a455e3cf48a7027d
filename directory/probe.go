package directory

import (
	"context"
	"crypto/tls"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-ldap/ldap/v3"
)

// Vendor is the make of a server, as far as its root DSE tells.
type Vendor string

// The makes that are told apart.
const (
	UnknownVendor   Vendor = ""
	OpenLDAP        Vendor = "OpenLDAP"
	DS389           Vendor = "389-ds"
	ActiveDirectory Vendor = "Active Directory"
	Samba           Vendor = "Samba"
	EDirectory      Vendor = "eDirectory"
	OpenDJ          Vendor = "OpenDJ"
	ApacheDS        Vendor = "ApacheDS"
)

// Capabilities is what a server says of itself, and what the service account sees of it.
type Capabilities struct {
	URL            string
	TLS            string // the version: "TLS 1.3"; empty: not encrypted
	Vendor         Vendor
	Version        string // in the vendor's words, often empty
	NamingContexts []string
	Controls       []string // object identifiers, as are the next two
	Extensions     []string
	Features       []string
	Paging         bool     // simple paged results (RFC 2696)
	ContentSync    bool     // content synchronization (RFC 4533)
	DirSync        bool     // of Active Directory
	States         []string // attributes of an account's state that the schema knows
	Readable       []string // the subtrees whose top entry can be read
}

// The controls that decide how a server can be followed.
const (
	controlContentSync = "1.3.6.1.4.1.4203.1.9.1.1"
	controlDirSync     = "1.2.840.113556.1.4.841"
	capabilityAD       = "1.2.840.113556.1.4.800"
)

// view is what a Source knows of a server: how its entries are to be asked for and understood.
type view struct {
	Config
	Capabilities
	fields   Fields
	ask      []string
	problems problems // of the configuration, against the schema
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

// Probe connects and finds out what the server can do and what the service account may see. It returns
// [*Misconfigured] with all that does not fit: a name in the filter or the configuration that the schema does not know,
// a subtree that cannot be read, a canary in the wrong state; the capabilities are then filled in nonetheless. Every
// other error is an [*Incomplete].
func (s *Source) Probe(ctx context.Context) (Capabilities, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeouts.Whole)
	defer cancel()
	c, err := s.connect(ctx)
	if err != nil {
		return Capabilities{}, err
	}
	defer c.close()
	v, err := s.inspect(ctx, c)
	if err != nil {
		return Capabilities{}, err
	}
	all := slices.Clone(v.problems)
	for _, base := range s.config.subtrees() {
		if err := c.readable(ctx, base); err != nil {
			all.add("Bases", "%v", err)
			continue
		}
		v.Capabilities.Readable = append(v.Capabilities.Readable, base)
	}
	if err := c.canaries(ctx, v); err != nil {
		all.add("Canaries", "%v", err)
	}
	if err := canceled(ctx, "probe "+c.url); err != nil {
		return v.Capabilities, err
	}
	return v.Capabilities, all.err()
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
	c.wire.bound(schemaLimits)
	defer c.wire.bound(s.entryLimits())
	root, err := c.entry(ctx, "read the root DSE of "+c.url, "", "namingContexts", "supportedControl",
		"supportedExtension", "supportedFeatures", "supportedCapabilities", "subschemaSubentry", "vendorName",
		"vendorVersion", "objectClass", "structuralObjectClass")
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
	v.URL, v.TLS = c.url, c.tlsVersion()
	v.choose(known)
	if !v.Paging {
		v.problems.add("URLs", "%s: the server does not page", c.url)
	}
	known.check(s.config, &v.problems)
	s.views.put(c.url, v)
	return v, nil
}

// choose decides which attributes are asked for: those that the server knows.
func (v *view) choose(known schema) {
	wanted := []string{string(v.IDKind), v.Login, "objectClass"}
	wanted = append(wanted, v.Attributes...)
	if v.Attributes == nil {
		wanted = append(wanted, DefaultAttributes...)
	}
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
}

// capabilities reads the root DSE.
func capabilities(root map[string][]string) Capabilities {
	c := Capabilities{
		Vendor:         vendor(root),
		Version:        Choose(root, "vendorversion"),
		NamingContexts: root["namingcontexts"],
		Controls:       root["supportedcontrol"],
		Extensions:     root["supportedextension"],
		Features:       root["supportedfeatures"],
	}
	c.Paging = slices.Contains(c.Controls, ldap.ControlTypePaging)
	c.ContentSync = slices.Contains(c.Controls, controlContentSync)
	c.DirSync = slices.Contains(c.Controls, controlDirSync)
	return c
}

func vendor(root map[string][]string) Vendor {
	name := strings.ToLower(Choose(root, "vendorname"))
	switch {
	case slices.Contains(root["supportedcapabilities"], capabilityAD):
		if strings.Contains(name, "samba") {
			return Samba
		}
		return ActiveDirectory
	case slices.Contains(root["structuralobjectclass"], "OpenLDAProotDSE"),
		slices.Contains(root["objectclass"], "OpenLDAProotDSE"):
		return OpenLDAP
	}
	for mark, vendor := range map[string]Vendor{
		"389 project": DS389, "novell": EDirectory, "netiq": EDirectory, "micro focus": EDirectory,
		"forgerock": OpenDJ, "opendj": OpenDJ, "ping identity": OpenDJ, "apache": ApacheDS,
	} {
		if strings.Contains(name, mark) {
			return vendor
		}
	}
	return UnknownVendor
}

func (c *session) tlsVersion() string {
	if conn, ok := c.wire.Conn.(*tls.Conn); ok {
		return tls.VersionName(conn.ConnectionState().Version)
	}
	return ""
}

// entry reads the attributes of one entry, by descriptions in lower case. That it is not there is an error.
func (c *session) entry(ctx context.Context, doing, dn string, attributes ...string) (map[string][]string, error) {
	var all map[string][]string
	q := query{base: dn, scope: ldap.ScopeBaseObject, filter: "(objectClass=*)", attributes: attributes}
	_, err := c.one(ctx, doing, q, func(f found) error {
		if !f.emptied {
			all = attributeMap(f.Entry)
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
