package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"

	ber "github.com/go-asn1-ber/asn1-ber"
	"github.com/go-ldap/ldap/v3"
)

// What goes wrong once a server is connected to.
var (
	errTLS   = errors.New("server not proved")
	errStuck = errors.New("no TLS in time")
)

// dial connects to one server, with TLS where it is asked for, within the time to connect: after it the connection is
// closed, whatever it waits for. The library's own dialing has no deadline for the handshake.
func (s *Source) dial(ctx context.Context, e endpoint) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.Timeouts.Connect)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, e.network, e.address)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	secured, err := s.secure(ctx, conn, e)
	if late := !stop() || ctx.Err() != nil; late {
		err = errStuck
	}
	if err != nil {
		conn.Close()
		return nil, err
	}
	return secured, nil
}

// secure lets the server prove itself, by the scheme or by StartTLS. Without either the other end must be on this
// machine, whatever a name resolves to.
func (s *Source) secure(ctx context.Context, conn net.Conn, e endpoint) (net.Conn, error) {
	switch {
	case e.scheme == "ldapi":
		return conn, nil
	case e.scheme == "ldap" && !s.config.StartTLS:
		if tcp, ok := conn.RemoteAddr().(*net.TCPAddr); !ok || !tcp.IP.IsLoopback() {
			return nil, fmt.Errorf("%w: not a loopback address", errTLS)
		}
		return conn, nil
	case e.scheme == "ldap":
		if err := startTLS(conn); err != nil {
			return nil, fmt.Errorf("%w: StartTLS: %w", errTLS, err)
		}
	}
	handshake := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: e.host, RootCAs: s.roots}
	shown, err := s.config.present(handshake)
	if err != nil {
		return nil, err
	}
	secured := tls.Client(conn, handshake)
	if err := secured.HandshakeContext(ctx); err != nil {
		return nil, fmt.Errorf("%w: %w", errTLS, err)
	}
	return secured, shown()
}

// startTLS asks for StartTLS (RFC 4511 4.14). It reads not a byte beyond the answer, so that nothing that was sent in
// clear can pass for a part of what is encrypted.
func startTLS(conn net.Conn) error {
	request := ber.NewSequence("")
	request.AppendChild(ber.NewInteger(ber.ClassUniversal, ber.TypePrimitive, ber.TagInteger, 1, ""))
	extended := ber.Encode(ber.ClassApplication, ber.TypeConstructed, ldap.ApplicationExtendedRequest, nil, "")
	extended.AppendChild(ber.NewString(ber.ClassContext, ber.TypePrimitive, 0, "1.3.6.1.4.1.1466.20037", ""))
	request.AppendChild(extended)
	if _, err := conn.Write(request.Bytes()); err != nil {
		return err
	}
	answer, err := ber.ReadPacket(io.LimitReader(conn, 4<<10))
	if err != nil {
		return err
	}
	if len(answer.Children) < 2 || answer.Children[1].Tag != ldap.ApplicationExtendedResponse {
		return errMalformed
	}
	return ldap.GetLDAPError(answer)
}
