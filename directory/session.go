package directory

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// session is one connection, used by one goroutine for one request after the other. The library's own connection is not
// used: it drops entries when its reader is slow and a time-out is set, takes a connection that is gone and a context
// that has ended for the end of an answer, and its time-outs know no silence.
type session struct {
	endpoint
	wire *wire
	last int64       // the id of the request that was sent last
	stop func() bool // the watch over the context
	room *room
}

// connect opens a connection to the first server that can be reached and proves itself, and binds the service account.
// A server that is busy or going down is passed over like one that cannot be reached; one that refuses the account
// is not, since another would count the refusal again.
func (s *Source) connect(ctx context.Context) (*session, error) {
	var refusals []error
	var last *Incomplete
	for _, url := range s.config.URLs {
		c, err := s.bound(ctx, url)
		if err == nil {
			return c, nil
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

// bound opens a connection to one server and binds the service account.
func (s *Source) bound(ctx context.Context, url string) (*session, error) {
	c, err := s.connectTo(ctx, url)
	if err != nil {
		return nil, err
	}
	if err := s.bindService(ctx, c); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// elsewhere tells whether another server may do better.
func (e *Incomplete) elsewhere() bool {
	switch e.Code {
	case CodeUnreachable, CodeTLS, CodeCertificate, CodeSilent, CodeCut, CodeMalformed,
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
		case errors.Is(err, errCertificate), refusesCertificate(err):
			code = CodeCertificate
		case errors.Is(err, errTLS):
			code = CodeTLS
		case errors.Is(err, errStuck):
			code = CodeSilent
		}
		return nil, &Incomplete{Code: code, Doing: doing, Err: err}
	}
	c := &session{endpoint: e, wire: newWire(conn, s.config.Timeouts.Silence, s.entryLimits()), room: newRoom()}
	c.stop = context.AfterFunc(ctx, func() { conn.Close() })
	return c, nil
}

func (s *Source) entryLimits() limits { return limits{s.config.EntryBytes, maxElements} }

// close ends the connection.
func (c *session) close() {
	c.stop()
	c.wire.Close()
}

// bindService binds the service account with the password that the file holds now.
func (s *Source) bindService(ctx context.Context, c *session) error {
	doing := "bind to " + c.url
	switch {
	case s.config.External:
		return c.bindExternal(ctx, doing)
	case s.config.BindDN == "":
		return nil
	}
	content, err := os.ReadFile(s.config.PasswordFile)
	if err != nil {
		return &Incomplete{Code: CodePassword, Doing: doing, Err: err}
	}
	password := strings.TrimSuffix(strings.TrimSuffix(string(content), "\n"), "\r")
	if password == "" {
		return &Incomplete{Code: CodePassword, Doing: doing, Err: errors.New("the password file is empty")}
	}
	return c.bind(ctx, s.config.BindDN, password, doing)
}

// bind is a simple bind. An empty password is never sent: a server would take it for an anonymous bind.
func (c *session) bind(ctx context.Context, dn, password, doing string) error {
	if password == "" {
		return &Incomplete{Code: CodePassword, Doing: doing, Err: errors.New("the password is empty")}
	}
	return c.bindBy(ctx, simpleBind(dn, password), doing)
}

func (c *session) bindBy(ctx context.Context, op *ber.Packet, doing string) error {
	return c.exchange(ctx, doing, op, nil, func(m message) error {
		if m.op != opBind {
			return c.incomplete(doing, errMalformed)
		}
		return nil
	})
}

// send sends an operation and returns the id that its answers have.
func (c *session) send(op *ber.Packet, controls []ldap.Control) error {
	c.last++
	return c.wire.send(envelope(c.last, op, controls))
}

// exchange sends an operation and hands on each message of the answer, the last one if it says success. It returns nil only
// after that one. What is not an answer to it says that something was lost on the way. When each returns an error, the
// rest of the answer is still under way: the session is over.
func (c *session) exchange(
	ctx context.Context, doing string, op *ber.Packet, controls []ldap.Control, each func(message) error,
) error {
	if err := canceled(ctx, doing); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { c.wire.Close() })
	defer stop()
	err := c.send(op, controls)
	strays := 0
	for err == nil && ctx.Err() == nil {
		var m message
		m, err = c.wire.receive()
		switch {
		case err != nil:
		case m.id == 0 && m.op == opExtended: // the server's notice that it hangs up
			if err = m.result(); err == nil {
				err = errMalformed
			}
		case m.id != c.last:
			strays++
		case m.op == opEntry, m.op == opReference, m.op == opIntermediate:
			if err := each(m); err != nil {
				return err
			}
		default:
			if err = m.result(); err != nil {
				break
			}
			if strays > 0 {
				return &Incomplete{Code: CodeLost, Doing: doing}
			}
			return each(m)
		}
	}
	if canceled := canceled(ctx, doing); canceled != nil {
		return canceled
	}
	return c.incomplete(doing, err)
}

// incomplete makes the one error of all that the network and the server can say.
func (c *session) incomplete(doing string, err error) error {
	code := CodeCut
	switch result, ok := resultCode(err); {
	case ok:
		code = numeric(result)
	case errors.Is(err, errMalformed):
		code = CodeMalformed
	case refusesCertificate(err):
		code = CodeCertificate
	case isTimeout(err):
		code = CodeSilent
	}
	return &Incomplete{Code: code, Doing: doing, Err: err}
}

func isTimeout(err error) bool {
	var timeout net.Error
	return errors.As(err, &timeout) && timeout.Timeout()
}
