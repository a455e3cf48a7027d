package seal

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
	"time"

	"github.com/smallstep/pkcs7"
)

// The parts of a CMS SignedData (RFC 5652) of one signer. They are read beside
// pkcs7, which verifies: what no signature covers must be exactly what it must be,
// so that no bit of a sealed file can be another.
type cmsContent struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"explicit,optional,tag:0"`
}

type cmsSigned struct {
	Version      int
	Digests      []pkix.AlgorithmIdentifier `asn1:"set"`
	Content      cmsContent
	Certificates asn1.RawValue `asn1:"optional,tag:0"`
	Signers      []cmsSigner   `asn1:"set"`
}

type cmsSigner struct {
	Version    int
	ID         asn1.RawValue
	Digest     pkix.AlgorithmIdentifier
	Attributes asn1.RawValue `asn1:"tag:0"`
	Algorithm  pkix.AlgorithmIdentifier
	Signature  []byte
	Unsigned   []cmsAttribute `asn1:"optional,set,tag:1"`
}

type cmsAttribute struct {
	Type   asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

var errMalformed = errors.New("not the form that a seal has")

// A signed message whose form is right. Nothing of it is verified yet.
type message struct {
	p7     *pkcs7.PKCS7
	signer cmsSigner
	leaf   *x509.Certificate
	token  []byte // timestamp; nil without
}

// openMessage reads a SignedData that has the form of a seal or of a timestamp:
// DER, one signer, one digest, no parts that nothing would look at.
func openMessage(der []byte, timestamp bool) (*message, error) {
	var outer cmsContent
	rest, err := asn1.Unmarshal(der, &outer)
	if err != nil || len(rest) > 0 || !outer.Type.Equal(pkcs7.OIDSignedData) {
		return nil, errMalformed
	}
	var s cmsSigned
	if rest, err = asn1.Unmarshal(outer.Content.Bytes, &s); err != nil || len(rest) > 0 {
		return nil, errMalformed
	}
	again, err := asn1.Marshal(s)
	if err != nil || !bytes.Equal(again, outer.Content.Bytes) {
		return nil, errMalformed
	}
	if again, err = asn1.Marshal(outer); err != nil || !bytes.Equal(again, der) {
		return nil, errMalformed
	}
	if !s.plain(timestamp) {
		return nil, errMalformed
	}
	m := &message{signer: s.Signers[0]}
	if m.p7, err = pkcs7.Parse(der); err != nil {
		return nil, errMalformed
	}
	if m.leaf = m.p7.GetOnlySigner(); m.leaf == nil {
		return nil, errMalformed
	}
	if token := m.signer.Unsigned; !timestamp && len(token) == 1 {
		m.token = token[0].Values[0].FullBytes
	}
	if !m.algorithm() {
		return nil, errMalformed
	}
	return m, m.attributes(s.Content.Type)
}

// signatureOIDs are, for each digest, the algorithms of RSA and of ECDSA.
var signatureOIDs = []struct{ digest, rsa, ecdsa asn1.ObjectIdentifier }{
	{pkcs7.OIDDigestAlgorithmSHA256, pkcs7.OIDEncryptionAlgorithmRSASHA256, pkcs7.OIDDigestAlgorithmECDSASHA256},
	{pkcs7.OIDDigestAlgorithmSHA384, pkcs7.OIDEncryptionAlgorithmRSASHA384, pkcs7.OIDDigestAlgorithmECDSASHA384},
	{pkcs7.OIDDigestAlgorithmSHA512, pkcs7.OIDEncryptionAlgorithmRSASHA512, pkcs7.OIDDigestAlgorithmECDSASHA512},
}

// algorithm reports whether the signature's algorithm is that of digest and key:
// pkcs7 takes the digest's word for it.
func (m *message) algorithm() bool {
	for _, o := range signatureOIDs {
		if !m.signer.Digest.Algorithm.Equal(o.digest) {
			continue
		}
		is := m.signer.Algorithm.Algorithm.Equal
		switch m.leaf.PublicKeyAlgorithm {
		case x509.RSA:
			return is(o.rsa) || is(pkcs7.OIDEncryptionAlgorithmRSA)
		case x509.ECDSA:
			return is(o.ecdsa)
		}
	}
	return false
}

// plain reports whether everything that no signature covers is as it must be.
func (s cmsSigned) plain(timestamp bool) bool {
	version := 1
	if timestamp {
		version = 3
	}
	if s.Version != version || len(s.Digests) != 1 || len(s.Signers) != 1 {
		return false
	}
	signer := s.Signers[0]
	sameDigest := signer.Digest.Algorithm.Equal(s.Digests[0].Algorithm)
	if signer.Version != 1 || !sameDigest || !noParameters(signer.Digest) || !noParameters(s.Digests[0]) || !noParameters(signer.Algorithm) {
		return false
	}
	if !timestamp && (!s.Content.Type.Equal(pkcs7.OIDData) || len(s.Content.Content.FullBytes) > 0 ||
		!signer.Digest.Algorithm.Equal(pkcs7.OIDDigestAlgorithmSHA256)) {
		return false
	}
	if timestamp {
		var inside asn1.RawValue
		rest, err := asn1.Unmarshal(s.Content.Content.Bytes, &inside)
		if err != nil || len(rest) > 0 || inside.Class != asn1.ClassUniversal || inside.Tag != asn1.TagOctetString || inside.IsCompound {
			return false
		}
	}
	switch u := signer.Unsigned; {
	case len(u) == 0:
		return true
	case timestamp:
		return false
	default:
		return len(u) == 1 && u[0].Type.Equal(oidTimestampToken) && len(u[0].Values) == 1
	}
}

func noParameters(a pkix.AlgorithmIdentifier) bool {
	p := a.Parameters.FullBytes
	return len(p) == 0 || bytes.Equal(p, asn1.NullBytes)
}

// attributes checks the signed attributes: their form, the type of the content,
// and that the signature names its certificate.
func (m *message) attributes(content asn1.ObjectIdentifier) error {
	set := bytes.Clone(m.signer.Attributes.FullBytes)
	set[0] = asn1.TagSet | 0x20 // as it is signed
	var list []cmsAttribute
	if rest, err := asn1.UnmarshalWithParams(set, &list, "set"); err != nil || len(rest) > 0 {
		return errMalformed
	}
	if again, err := asn1.MarshalWithParams(list, "set"); err != nil || !bytes.Equal(again, set) {
		return errMalformed
	}
	var kind asn1.ObjectIdentifier
	if err := m.p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeContentType, &kind); err != nil || !kind.Equal(content) {
		return errMalformed
	}
	for _, a := range list {
		if !a.Type.Equal(oidSigningCertificateV2) || len(a.Values) != 1 {
			continue
		}
		var named signingCertificateV2
		sum := sha256.Sum256(m.leaf.Raw)
		if _, err := asn1.Unmarshal(a.Values[0].FullBytes, &named); err != nil || len(named.Certs) == 0 || !bytes.Equal(named.Certs[0].Hash, sum[:]) {
			return errMalformed
		}
		return nil
	}
	if content.Equal(pkcs7.OIDData) {
		return errMalformed // a seal of ours names its certificate
	}
	return nil
}

// covers verifies the signature over content; nil: over the content inside.
func (m *message) covers(content []byte) error {
	if content != nil {
		m.p7.Content = content
	}
	return m.p7.Verify()
}

// led verifies that trusted roots lead to the signer at a time, and that nothing is
// in the message that does not belong to the way.
func (m *message) led(roots *x509.CertPool, at time.Time, usage x509.ExtKeyUsage) error {
	between := x509.NewCertPool()
	for _, c := range m.p7.Certificates {
		between.AddCert(c)
	}
	chains, err := m.leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{usage}})
	if err != nil {
		return err
	}
	for _, c := range m.p7.Certificates {
		if !slices.ContainsFunc(chains[0], c.Equal) {
			return errMalformed
		}
	}
	return strongKey(m.leaf)
}
