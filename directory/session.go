package directory

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"

	"github.com/go-ldap/ldap/v3"
)

// session is one connection, used by one goroutine for one request after the other.
type session struct {
	endpoint
	ldap *ldap.Conn
	wire *wire
	stop func() bool // the watch over the context
}

// connect opens a connection to the first server that can be reached and proves itself, and binds the service account.
// A server that is busy or going down is passed over like one that cannot be reached; one that refuses the account
// is not, since another would count the refusal again.
func (s *Source) connect(ctx context.Context) (*session, error) {
	var refusals []error
	var last *Incomplete
	for _, url := range s.config.URLs {
		c, err := s.connectTo(ctx, url)
		if err == nil {
			if err = s.bindService(c); err == nil {
				return c, nil
			}
			c.close()
		}
		if err := canceled(ctx, "connect to "+url); err != nil {
			return nil, err
		}
		refusals = append(refusals, err)
		if errors.As(err, &last) && !last.elsewhere() {
			break
		}
	}
	if len(refusals) == 1 {
		return nil, refusals[0]
	}
	return nil, &Incomplete{Code: last.Code, Doing: last.Doing, Err: errors.Join(refusals...)}
}

// elsewhere tells whether another server may do better.
func (e *Incomplete) elsewhere() bool {
	switch e.Code {
	case CodeUnreachable, CodeTLS, CodeSilent, CodeCut, CodeMalformed,
		numeric(ldap.LDAPResultBusy), numeric(ldap.LDAPResultUnavailable):
		return true
	}
	return false
}

// connectTo opens a connection to one server, without a bind. It lasts no longer than ctx.
func (s *Source) connectTo(ctx context.Context, url string) (*session, error) {
	doing := "connect to " + url
	e, err := parseEndpoint(url)
	if err != nil {
		return nil, &Incomplete{Code: CodeUnreachable, Doing: doing, Err: err}
	}
	conn, err := s.dial(ctx, e)
	if err != nil {
		code := CodeUnreachable
		switch {
		case errors.Is(err, errTLS):
			code = CodeTLS
		case errors.Is(err, errStuck):
			code = CodeSilent
		}
		return nil, &Incomplete{Code: code, Doing: doing, Err: err}
	}
	c := &session{endpoint: e, wire: newWire(conn, s.config.Timeouts.Silence, s.entryLimits())}
	c.ldap = ldap.NewConn(c.wire, e.scheme == "ldaps" || s.config.StartTLS)
	c.ldap.Start()
	c.stop = context.AfterFunc(ctx, func() { conn.Close() })
	return c, nil
}

func (s *Source) entryLimits() limits { return limits{s.config.EntryBytes, maxElements} }

// close ends the connection. A read that was left in the middle has been canceled before.
func (c *session) close() {
	c.stop()
	c.wire.Close()
	c.ldap.Close()
}

// bindService binds the service account with the password that the file holds now.
func (s *Source) bindService(c *session) error {
	if s.config.BindDN == "" {
		return nil
	}
	doing := "bind to " + c.url
	content, err := os.ReadFile(s.config.PasswordFile)
	if err != nil {
		return &Incomplete{Code: CodePassword, Doing: doing, Err: err}
	}
	password := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	if password == "" {
		return &Incomplete{Code: CodePassword, Doing: doing, Err: errors.New("the password file is empty")}
	}
	return c.bind(s.config.BindDN, password, doing)
}

// bind is a simple bind. The library refuses an empty password, which a server would take for an anonymous bind.
func (c *session) bind(dn, password, doing string) error {
	c.wire.begin()
	defer c.wire.arm(false)
	_, err := c.ldap.SimpleBind(&ldap.SimpleBindRequest{Username: dn, Password: password})
	if err != nil {
		return c.incomplete(doing, err)
	}
	return nil
}

// incomplete makes the one error of all that the library, the network and the server can say.
func (c *session) incomplete(doing string, err error) error {
	_, broken := c.wire.arrived()
	code := CodeCut
	switch result, ok := resultCode(err); {
	case ok:
		code = numeric(result)
	case errors.Is(broken, errMalformed), ldap.IsErrorWithCode(err, ldap.ErrorMalformedPacket):
		code = CodeMalformed
	case isTimeout(broken):
		code = CodeSilent
	}
	if broken != nil {
		err = errors.Join(err, broken)
	}
	return &Incomplete{Code: code, Doing: doing, Err: err}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
