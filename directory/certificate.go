package directory

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// errCertificate says that what proves this program to a server cannot be read, is not asked for, or is refused.
var errCertificate = errors.New("client certificate")

// certificate reads the certificate that proves this program, as its files hold it now.
func (c Config) certificate() (*tls.Certificate, error) {
	pair, err := tls.LoadX509KeyPair(c.Certificate, c.Key)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errCertificate, err)
	}
	if end := pair.Leaf.NotAfter; time.Now().After(end) {
		return nil, fmt.Errorf("%w: its time was over at %s", errCertificate, end.Format(time.RFC3339))
	}
	return &pair, nil
}

// identity is as whom the service account binds.
func (c Config) identity() string {
	if !c.External || c.Certificate == "" {
		return c.BindDN
	}
	pair, err := c.certificate()
	if err != nil {
		return "" // the next connection will tell
	}
	return "external:" + pair.Leaf.Subject.String()
}

// present has a handshake show the certificate to a server that asks for one, and tells afterwards whether it did. An
// account that is bound by its certificate is not, where nobody asks for it.
func (c Config) present(handshake *tls.Config) (shown func() error, err error) {
	if c.Certificate == "" {
		return func() error { return nil }, nil
	}
	pair, err := c.certificate()
	if err != nil {
		return nil, err
	}
	asked := false
	handshake.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		asked = true
		return pair, nil
	}
	return func() error {
		if c.External && !asked {
			return fmt.Errorf("%w: the server asks for none", errCertificate)
		}
		return nil
	}, nil
}

// refusesCertificate tells whether a server ended a connection for the certificate that it was shown, or was not. With
// TLS 1.3 it says so only when something is read.
func refusesCertificate(err error) bool {
	var said *net.OpError
	return errors.As(err, &said) && said.Op == "remote error" && strings.Contains(said.Err.Error(), "certificate")
}

// bindExternal binds by what the connection proves. Many servers say nothing of a certificate that they refuse: they
// hang up.
func (c *session) bindExternal(ctx context.Context, doing string) error {
	err := c.bindBy(ctx, externalBind(), doing)
	if isCode(err, CodeCut) && c.tlsVersion() != "" {
		return &Incomplete{Code: CodeCertificate, Doing: doing, Err: errors.New("the server hung up when it had been shown")}
	}
	return err
}

// checkBind tells what is wrong with the ways to prove who reads.
func (c Config) checkBind(found *problems, ends []endpoint) {
	if (c.BindDN == "") != (c.PasswordFile == "") {
		found.add("BindDN", "stands with PasswordFile, or neither")
	}
	if _, ok := within(c.BindDN, c.BindDN); !ok && c.BindDN != "" {
		found.add("BindDN", "not a DN")
	}
	if (c.Certificate == "") != (c.Key == "") {
		found.add("Certificate", "stands with Key, or neither")
	}
	encrypted := 0
	for _, e := range ends {
		switch tls := e.scheme == "ldaps" || e.scheme == "ldap" && c.StartTLS; {
		case tls:
			encrypted++
			if c.External && c.Certificate == "" {
				found.add("External", "%s: nothing proves who reads there; give Certificate and Key", e.url)
			}
		case c.External && e.scheme == "ldap":
			found.add("External", "%s: nothing proves who reads there; take ldapi, ldaps or StartTLS", e.url)
		}
	}
	if c.Certificate != "" && encrypted == 0 && len(ends) > 0 {
		found.add("Certificate", "no URL with TLS to show it at")
	}
	if c.External && c.BindDN != "" {
		found.add("External", "stands without BindDN: the server knows who it is")
	}
}
