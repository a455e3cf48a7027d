package seal

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// An Identity is a certificate with its key, and the certificates that lead from it
// towards its root.
type Identity struct {
	Certificate *x509.Certificate
	Chain       []*x509.Certificate // intermediate ones, without the root
	Key         crypto.Signer
}

// ReadIdentity reads an identity from PEM: its certificate first, then those above
// it, and the key in PKCS #8, SEC 1 or PKCS #1. A key that is not the
// certificate's is refused.
func ReadIdentity(certificates, key []byte) (*Identity, error) {
	list, err := ReadCertificates(certificates)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(key)
	if block == nil {
		return nil, errors.New("read key: not PEM")
	}
	signer, err := parseKey(block.Bytes)
	if err != nil {
		return nil, err
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	if !ok || !public.Equal(list[0].PublicKey) {
		return nil, errors.New("read key: it is not that of the certificate")
	}
	return &Identity{list[0], list[1:], signer}, nil
}

func parseKey(der []byte) (crypto.Signer, error) {
	if k, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if s, ok := k.(crypto.Signer); ok {
			return s, nil
		}
	}
	if k, err := x509.ParseECPrivateKey(der); err == nil {
		return k, nil
	}
	if k, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return k, nil
	}
	return nil, errors.New("read key: neither PKCS #8, SEC 1 nor PKCS #1")
}

// ReadCertificates reads one or more certificates from PEM.
func ReadCertificates(content []byte) ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for block, rest := pem.Decode(content); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("read certificate: %w", err)
		}
		list = append(list, c)
	}
	if len(list) == 0 {
		return nil, errors.New("read certificate: there is none")
	}
	return list, nil
}

// An Authority is a small certificate authority of one's own, for an operator who
// has no other: its root is handed to the city out of band.
type Authority struct{ Identity }

var documentSigning = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 36} // RFC 9336

// NewAuthority makes a root that lasts for ten years.
func NewAuthority(name string, now time.Time) (*Authority, error) {
	t := x509.Certificate{
		Subject: pkix.Name{CommonName: name, Country: []string{"JP"}}, NotAfter: now.AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign, IsCA: true, BasicConstraintsValid: true,
	}
	id, err := issue(&t, nil, now)
	if err != nil {
		return nil, err
	}
	return &Authority{*id}, nil
}

// Issue makes a certificate that seals documents for a year and a month.
func (a *Authority) Issue(name string, now time.Time) (*Identity, error) {
	return issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: name, Country: []string{"JP"}}, NotAfter: now.AddDate(1, 1, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}, UnknownExtKeyUsage: []asn1.ObjectIdentifier{documentSigning},
		BasicConstraintsValid: true,
	}, &a.Identity, now)
}

func issue(t *x509.Certificate, by *Identity, now time.Time) (*Identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make key: %w", err)
	}
	if t.SerialNumber, err = rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)); err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	t.NotBefore = now.Add(-time.Minute)
	parent, signer := t, crypto.Signer(key)
	if by != nil {
		parent, signer = by.Certificate, by.Key
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key.Public(), signer)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("make certificate: %w", err)
	}
	return &Identity{Certificate: c, Key: key}, nil
}

// PEM writes an identity as ReadIdentity reads it.
func (i *Identity) PEM() (certificates, key []byte, err error) {
	for _, c := range append([]*x509.Certificate{i.Certificate}, i.Chain...) {
		certificates = append(certificates, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	der, err := x509.MarshalPKCS8PrivateKey(i.Key)
	if err != nil {
		return nil, nil, fmt.Errorf("write key: %w", err)
	}
	return certificates, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}
