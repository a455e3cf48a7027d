package directory_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

// authority is an own CA, and where its files are.
type authority struct {
	t    *testing.T
	dir  string
	file string // its certificate, PEM
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{t: t, dir: t.TempDir()}
	a.cert = &x509.Certificate{
		Subject: pkix.Name{CommonName: "own CA"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a.file, _ = a.issue("ca", a.cert)
	return a
}

// issue signs a certificate for a new key, both as PEM files; the first one is its own.
func (a *authority) issue(name string, c *x509.Certificate) (cert, key string) {
	a.t.Helper()
	own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	if a.key == nil {
		a.key = own
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	if c.NotBefore.IsZero() {
		c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	}
	der, err := x509.CreateCertificate(rand.Reader, c, a.cert, own.Public(), a.key)
	if err != nil {
		a.t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(own)
	if err != nil {
		a.t.Fatal(err)
	}
	return a.write(name+".pem", "CERTIFICATE", der), a.write(name+".key", "PRIVATE KEY", pkcs8)
}

func (a *authority) write(name, kind string, der []byte) string {
	file := filepath.Join(a.dir, name)
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		a.t.Fatal(err)
	}
	return file
}

// server issues the certificate of a server for a name or address.
func (a *authority) server(host string) (cert, key string) {
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: host}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		c.IPAddresses = []net.IP{ip}
	} else {
		c.DNSNames = []string{host}
	}
	return a.issue("server", c)
}

// client issues a certificate that proves who reads.
func (a *authority) client(name string, change ...func(*x509.Certificate)) (cert, key string) {
	c := &x509.Certificate{
		Subject: pkix.Name{CommonName: name}, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	for _, change := range change {
		change(c)
	}
	return a.issue("client-"+name, c)
}

// slapdWithTLS starts a slapd whose certificate is for the host.
func slapdWithTLS(t *testing.T, host string) (s *demo.Slapd, ca string) {
	t.Helper()
	a := newAuthority(t)
	return a.slapd(host), a.file
}

func (a *authority) slapd(host string) *demo.Slapd {
	a.t.Helper()
	cert, key := a.server(host)
	return meibotest.SlapdWith(a.t, demo.SlapdOptions{
		Data: strings.NewReader(units + "\n\n" + crowd(3)), CA: a.file, Cert: cert, Key: key,
	})
}

func TestTLSWithAnOwnAuthority(t *testing.T) {
	s, ca := slapdWithTLS(t, "127.0.0.1")
	c := config(s)
	c.StartTLS, c.CAFile = true, ca
	for _, url := range []string{s.URL, s.LDAPS} {
		c.URLs = []string{url}
		source := open(t, c)
		if all, _ := complete(t, source); len(all) != 3 {
			t.Errorf("%s: %d people", url, len(all))
		}
		if can, err := source.Probe(context.Background()); err != nil || !strings.HasPrefix(can.TLS, "TLS 1.") {
			t.Errorf("%s: %q, %v", url, can.TLS, err)
		}
	}
	c.URLs = []string{s.LDAPI}
	if all, _ := complete(t, open(t, c)); len(all) != 3 {
		t.Errorf("%s: %d people", s.LDAPI, len(all))
	}

	for name, caFile := range map[string]string{"another authority": another(t), "the system's authorities": ""} {
		c.CAFile = caFile
		for _, url := range []string{s.URL, s.LDAPS} {
			c.URLs = []string{url}
			_, _, err := snapshot(open(t, c))
			t.Run(name, func(t *testing.T) { incomplete(t, err, directory.CodeTLS) })
		}
	}
}

func another(t *testing.T) string { return newAuthority(t).file }

func TestACertificateOfAnotherNameIsRefused(t *testing.T) {
	s, ca := slapdWithTLS(t, "ldap.kakuu.example")
	c := config(s)
	c.StartTLS, c.CAFile = true, ca
	for _, url := range []string{s.URL, s.LDAPS} {
		c.URLs = []string{url}
		_, _, err := snapshot(open(t, c))
		incomplete(t, err, directory.CodeTLS)
	}
}

func TestAServerWithoutTLSIsRefused(t *testing.T) {
	s, _ := city(t, crowd(1))
	c := config(s)
	c.StartTLS = true
	_, _, err := snapshot(open(t, c))
	incomplete(t, err, directory.CodeTLS)
}

func TestAFrozenServerIsGivenUp(t *testing.T) {
	s, ca := slapdWithTLS(t, "127.0.0.1")
	if err := s.Pause(); err != nil {
		t.Fatal(err)
	}
	for _, startTLS := range []bool{false, true} {
		for _, url := range []string{s.URL, s.LDAPS} {
			c := config(s)
			c.URLs, c.StartTLS, c.CAFile = []string{url}, startTLS, ca
			c.Timeouts.Connect, c.Timeouts.Silence = 300*time.Millisecond, 300*time.Millisecond
			began := time.Now()
			_, _, err := snapshot(open(t, c))
			incomplete(t, err, directory.CodeSilent)
			if took := time.Since(began); took > 2*time.Second {
				t.Errorf("%s, StartTLS %t: took %s", url, startTLS, took)
			}
		}
	}
}

func TestAServerThatFreezesInTheMiddle(t *testing.T) {
	s, _ := city(t, crowd(1200))
	c := config(s)
	c.Timeouts.Silence = 400 * time.Millisecond
	n := 0
	began := time.Now()
	proof, err := open(t, c).Snapshot(context.Background(), func(directory.Object) error {
		if n++; n == 100 {
			return s.Pause()
		}
		return nil
	})
	incomplete(t, err, directory.CodeSilent)
	if took := time.Since(began); proof.Complete || n >= 1200 || took > 3*time.Second {
		t.Errorf("%d people in %s", n, took)
	}
}

func TestTheNextServerIsTried(t *testing.T) {
	s, _ := city(t, crowd(3))
	frozen, _ := city(t)
	if err := frozen.Pause(); err != nil {
		t.Fatal(err)
	}
	c := config(s)
	c.Timeouts.Silence = 300 * time.Millisecond
	c.URLs = []string{"ldap://127.0.0.1:1", frozen.URL, s.URL}
	_, proof := complete(t, open(t, c))
	if proof.URL != s.URL {
		t.Errorf("read from %s", proof.URL)
	}
	c.URLs = c.URLs[:1]
	_, _, err := snapshot(open(t, c))
	incomplete(t, err, directory.CodeUnreachable)
	c.URLs = []string{"ldap://127.0.0.1:1", "ldap://127.0.0.1:2"}
	_, _, err = snapshot(open(t, c))
	incomplete(t, err, directory.CodeUnreachable)
}

func TestTheServiceAccountsPassword(t *testing.T) {
	s, _ := city(t, crowd(3))
	right, err := os.ReadFile(s.PasswordFile)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "password")
	c := config(s)
	c.PasswordFile = file
	c.URLs = []string{s.URL, s.URL}
	source := open(t, c)
	write := func(content string) {
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	_, _, err = snapshot(source)
	incomplete(t, err, directory.CodePassword)
	write("\n")
	_, _, err = snapshot(source)
	incomplete(t, err, directory.CodePassword)
	write("wrong")
	_, _, err = snapshot(source) // once: three would lock the account
	incomplete(t, err, "49")
	if strings.Contains(err.Error(), "wrong") {
		t.Errorf("tells the password: %s", err)
	}
	for _, end := range []string{"", "\n", "\r\n"} {
		write(string(right) + end)
		complete(t, source)
	}
}
