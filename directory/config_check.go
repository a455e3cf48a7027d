package directory

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// endpoint is a server's address.
type endpoint struct {
	url     string
	scheme  string
	network string
	address string
	host    string // that its certificate must name
}

// parseEndpoint reads an LDAP URL that says nothing but where the server is.
func parseEndpoint(text string) (endpoint, error) {
	if path, ok := strings.CutPrefix(text, "ldapi://"); ok {
		path, err := url.PathUnescape(strings.TrimSuffix(path, "/"))
		if err != nil || !strings.HasPrefix(path, "/") {
			return endpoint{}, errors.New("the socket's path is missing or not escaped")
		}
		return endpoint{url: text, scheme: "ldapi", network: "unix", address: path}, nil
	}
	u, err := url.Parse(text)
	if err != nil {
		return endpoint{}, errors.New("not a URL")
	}
	port, known := map[string]string{"ldap": "389", "ldaps": "636"}[u.Scheme]
	switch {
	case !known:
		return endpoint{}, errors.New("the scheme is none of ldaps, ldap and ldapi")
	case u.Hostname() == "":
		return endpoint{}, errors.New("the host is missing")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return endpoint{}, errors.New("more than a host and a port")
	case u.Port() != "":
		port = u.Port()
	}
	return endpoint{text, u.Scheme, "tcp", net.JoinHostPort(u.Hostname(), port), u.Hostname()}, nil
}

// local tells whether what is sent there stays on this machine.
func (e endpoint) local() bool {
	if e.scheme == "ldapi" || e.host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(e.host)
	return err == nil && ip.IsLoopback()
}

func (c Config) checkServers(found *problems) {
	if len(c.URLs) == 0 {
		found.add("URLs", "none")
	}
	var ends []endpoint
	for _, text := range c.URLs {
		e, err := parseEndpoint(text)
		if err == nil {
			ends = append(ends, e)
		}
		switch {
		case err != nil:
			found.add("URLs", "%s: %v", text, err)
		case e.scheme == "ldap" && !c.StartTLS && !e.local():
			found.add("URLs", "%s: not encrypted; take ldaps or set StartTLS", text)
		}
	}
	c.checkBind(found, ends)
	for _, text := range c.AllowedReferrals {
		if u, err := url.Parse(text); err != nil || u.Scheme != "ldap" && u.Scheme != "ldaps" {
			found.add("AllowedReferrals", "%s: not an LDAP URL", text)
		}
	}
}

func (c Config) checkTree(found *problems) {
	if len(c.Bases) == 0 {
		found.add("Bases", "none")
	}
	for _, list := range []struct {
		field string
		dns   []string
	}{{"Bases", c.Bases}, {"Departed", c.Departed}} {
		for i, dn := range list.dns {
			if _, ok := within(dn, dn); !ok {
				found.add(list.field, "%q is not a DN", dn)
			}
			for j, other := range list.dns {
				if under, ok := within(other, dn); ok && under && i != j {
					found.add(list.field, "%q lies in %q", dn, other)
				}
			}
		}
	}
	for _, container := range c.Departed {
		for _, base := range c.Bases {
			if under, ok := within(container, base); ok && under {
				found.add("Departed", "%q holds the base %q", container, base)
			}
		}
	}
	for _, canary := range c.Canaries {
		if _, ok := within(canary.DN, canary.DN); !ok {
			found.add("Canaries", "%q is not a DN", canary.DN)
		}
		if canary.State != Enabled && canary.State != Disabled {
			found.add("Canaries", "%q is neither enabled nor disabled", canary.DN)
		}
	}
}

// attributeName is a name of RFC 4512 2.5 or a numeric object identifier.
var attributeName = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9-]*|[0-9]+(\.[0-9]+)+)$`)

func (c Config) checkAttributes(found *problems) {
	if _, err := ldap.CompileFilter(c.Filter); err != nil {
		found.add("Filter", "%v", err)
	} else if names := filterNames(c.Filter); slices.ContainsFunc(names.attributes, func(name string) bool {
		return !attributeName.MatchString(baseName(name))
	}) {
		found.add("Filter", "an attribute's name in it is none")
	}
	if !c.IDKind.valid() {
		found.add("IDKind", "none of entryUUID, nsUniqueId, objectGUID and GUID")
	}
	check := func(field string, names ...string) {
		for _, name := range names {
			if !attributeName.MatchString(name) {
				found.add(field, "%q is not an attribute's name; options come without asking", name)
			}
		}
	}
	check("Login", c.Login)
	check("Attributes", c.Attributes...)
	check("Also", c.Also...)
	for name := range c.DepartedValues {
		check("DepartedValues", baseName(name))
	}
}

func (c Config) checkNumbers(found *problems) {
	if c.PageSize > 10_000 {
		found.add("PageSize", "more than 10000")
	}
	if c.EntryBytes < 4<<10 || c.EntryBytes > 16<<20 {
		found.add("EntryBytes", "not between 4 KiB and 16 MiB")
	}
	if c.Timeouts.Connect < 0 || c.Timeouts.Silence < 0 || c.Timeouts.Whole < 0 {
		found.add("Timeouts", "negative")
	}
}
