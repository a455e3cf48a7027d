package directory

import (
	"crypto/x509"
	"os"
	"slices"
	"time"
)

// Config says where the people are and how to read them. Only URLs and Bases have no default.
type Config struct {
	// URLs are tried in order: ldaps://host, ldap://host, ldapi://%2Fpath%2Fto%2Fsocket. An ldap:// one needs StartTLS,
	// unless it is a loopback address. The host is checked against the server's certificate; that cannot be turned off.
	URLs     []string
	StartTLS bool
	CAFile   string // PEM; empty: the system's authorities

	// BindDN and PasswordFile are the service account. The file is read again at each bind, without its line end. Both
	// empty: anonymous.
	BindDN       string
	PasswordFile string
	// Certificate and Key are PEM files of the certificate that is shown to a server which asks for one. They are read
	// again at each connection.
	Certificate string
	Key         string
	// External binds by what the connection itself proves (SASL EXTERNAL): with TLS the subject of the certificate, over
	// ldapi:// the user that this program runs as. Whom the server takes that for is its business. BindDN and
	// PasswordFile are empty then.
	External bool

	Bases      []string // subtrees that are read; none lies in another
	Filter     string   // of people; default (objectClass=inetOrgPerson)
	Login      string   // attribute of the login; default uid
	IDKind     IDKind   // default EntryUUID
	Attributes []string // read beside the login, the id and the state; nil: DefaultAttributes
	Also       []string // read beside those

	// Departed are containers of departed people: who stands there is disabled. One that lies in no base is read too.
	Departed []string
	// DepartedValues mark departed people in the same way: {"employeeType": {"退職"}}. A group does so by memberOf, where
	// the server keeps that: {"memberOf": {"cn=left,ou=groups,dc=example"}}. Servers tell nobody when it changes, so a
	// follower sees it at its next reading of everybody.
	DepartedValues map[string][]string

	// AllowedReferrals are references to other servers that are known to hold no people of ours, as the server sends
	// them. No reference is ever followed; one that is not listed here makes a read incomplete.
	AllowedReferrals []string
	// Canaries are service entries whose state is known. Every snapshot reads them, and one in another state makes it
	// incomplete. Nothing else finds out that the lock attribute has become unreadable: without an enabled and a
	// disabled one, presence in the directory does not prove that an account is enabled.
	Canaries []Canary

	PageSize   uint32 // default 500
	EntryBytes int    // of an entry as sent; larger ones are quarantined; default 256 KiB
	Timeouts   Timeouts

	// Progress, if not nil, is told how many people a reading of everybody has read so far, after each page or so.
	Progress func(people int)

	Now func() time.Time // the clock by which accounts expire; default time.Now
}

// Canary is an entry whose state is known.
type Canary struct {
	DN    string
	State State // Enabled or Disabled
}

// Timeouts bound every operation. A zero one is the default.
type Timeouts struct {
	Connect time.Duration // until a server is connected to, with TLS; default 5 s, for each URL
	Silence time.Duration // the longest that a server may send nothing while it owes an answer; default 15 s
	Whole   time.Duration // of an operation, from first to last; default 10 min
}

// DefaultAttributes are read when [Config.Attributes] names none, as far as the server knows them.
var DefaultAttributes = []string{
	"cn", "sn", "givenName", "displayName", "mail", "o", "ou", "departmentNumber", "employeeType", "employeeNumber",
	"msDS-PhoneticDisplayName", "msDS-PhoneticLastName", "msDS-PhoneticFirstName",
}

// WithDefaults is the configuration that is in force.
func (c Config) WithDefaults() Config {
	or(&c.Filter, "(objectClass=inetOrgPerson)")
	or(&c.Login, "uid")
	or(&c.IDKind, EntryUUID)
	or(&c.PageSize, 500)
	or(&c.EntryBytes, 256<<10)
	or(&c.Timeouts.Connect, 5*time.Second)
	or(&c.Timeouts.Silence, 15*time.Second)
	or(&c.Timeouts.Whole, 10*time.Minute)
	if c.Now == nil {
		c.Now = time.Now
	}
	return c
}

func or[T comparable](value *T, otherwise T) {
	var zero T
	if *value == zero {
		*value = otherwise
	}
}

// Source is a directory of people. Its methods may be called by many goroutines; each call connects for itself and
// leaves no connection behind, so there is nothing to close.
type Source struct {
	config Config
	roots  *x509.CertPool // nil: the system's
	views  views
}

// Open checks the configuration and returns the source. It connects to nothing; [Source.Probe] does. All faults are
// reported at once, as [*Misconfigured].
func Open(c Config) (*Source, error) {
	c = c.WithDefaults()
	var found problems
	c.checkServers(&found)
	c.checkTree(&found)
	c.checkAttributes(&found)
	c.checkNumbers(&found)
	roots := readRoots(c.CAFile, &found)
	if err := found.err(); err != nil {
		return nil, err
	}
	return &Source{config: c, roots: roots}, nil
}

func readRoots(file string, found *problems) *x509.CertPool {
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		found.add("CAFile", "%v", err)
		return nil
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		found.add("CAFile", "no certificate in it")
	}
	return roots
}

// marksDeparted tells whether a container or a value marks departed people.
func (c Config) marksDeparted() bool { return len(c.Departed) > 0 || len(c.DepartedValues) > 0 }

// subtrees are the bases, and the containers of departed people that lie in none of them.
func (c Config) subtrees() []string {
	trees := slices.Clone(c.Bases)
	for _, container := range c.Departed {
		if !slices.ContainsFunc(c.Bases, func(base string) bool { under, _ := within(base, container); return under }) {
			trees = append(trees, container)
		}
	}
	return trees
}
