package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"slices"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
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
	Account        string // as whom the server knows the service account, where it tells (RFC 4532)
	Vendor         Vendor
	Version        string // in the vendor's words, often empty
	NamingContexts []string
	Controls       []string // object identifiers, as are the next two
	Extensions     []string
	Features       []string
	// Mode is how a [Follower] follows the server unless it is told otherwise, and Reason why.
	Mode             Mode
	Reason           string
	Paging           bool     // simple paged results (RFC 2696)
	ContentSync      bool     // content synchronization (RFC 4533)
	PersistentSearch bool     // draft-ietf-ldapext-psearch
	DirSync          bool     // of Active Directory
	Replicating      bool     // the account may use DirSync
	States           []string // attributes of an account's state that the schema knows
	Readable         []string // the subtrees whose top entry can be read
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
	if v.Account, err = c.account(ctx, v.Capabilities); err != nil {
		return v.Capabilities, err
	}
	all := slices.Clone(v.problems)
	for _, base := range s.config.subtrees() {
		err := c.readable(ctx, base)
		if err == nil {
			v.Capabilities.Readable = append(v.Capabilities.Readable, base)
		} else if !all.answered("Bases", err) {
			return v.Capabilities, err
		}
	}
	if err := c.canaries(ctx, v); err != nil && !all.answered("Canaries", err) {
		return v.Capabilities, err
	}
	return v.Capabilities, all.err()
}

const operationWhoAmI = "1.3.6.1.4.1.4203.1.11.3"

// account asks the server as whom it knows this connection. A server that does not tell is asked nothing else for that.
func (c *session) account(ctx context.Context, can Capabilities) (name string, err error) {
	if !slices.Contains(can.Extensions, operationWhoAmI) {
		return "", nil
	}
	op := constructed(ldap.ApplicationExtendedRequest)
	op.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, operationWhoAmI, ""))
	err = c.exchange(ctx, "ask as whom "+c.url+" knows us", op, nil, func(m message) error {
		p := m.parts()
		for p.peek() != 0 {
			if e, _ := p.next(); e.tag == 0x8b {
				name = string(p.bytes(e))
			}
		}
		return nil
	})
	if _, answered := resultCode(err); answered {
		return "", nil
	}
	return strings.TrimPrefix(name, "dn:"), err
}

// answered adds what the server answered as a fault of the configuration. That it did not answer is none.
func (p *problems) answered(field string, err error) bool {
	var why *Incomplete
	_, said := resultCode(err)
	if !said && errors.As(err, &why) {
		said = why.Code == CodeBase || why.Code == CodeCanary
	}
	if said {
		p.add(field, "%v", err)
	}
	return said
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
	c.Paging = c.offers(ldap.ControlTypePaging)
	c.ContentSync = c.offers(controlContentSync)
	c.PersistentSearch = c.offers(controlPersistentSearch)
	c.DirSync = c.offers(controlDirSync)
	c.choose("")
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
