package seal

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"regexp"
	"slices"
	"time"

	"github.com/smallstep/pkcs7"
)

// A PersonalSignature is what a person's own certificate says about a PDF that was
// signed with it.
type PersonalSignature struct {
	Subject     string // the certificate's name of the person (RFC 4514)
	Issuer      string
	Serial      string    // decimal
	Fingerprint string    // hex SHA-256 of the certificate
	SignedAt    time.Time // by the signer's word; zero when the signature does not say
}

// personalRoom is how many bytes a person's signature may take, and so how deep it
// can be nested: what reads BER calls itself for every level.
const personalRoom = 64 << 10

var personalRange = regexp.MustCompile(`/ByteRange\s*\[\s*0\s+([0-9]{1,10})\s+([0-9]{1,10})\s+([0-9]{1,10})\s*\]`)

// VerifyPersonal tells who signed a PDF after its first begin bytes: exactly one
// signature stands there, it covers the whole file, and trusted roots lead to its
// certificate at a time. It reads bytes only, never the PDF's objects, and asks no
// server: whether the certificate was revoked is not told. code is SIGNATURE_MISSING,
// SIGNATURE_INVALID, CERTIFICATE_SAYS_TOO_MUCH or SIGNER_UNTRUSTED.
func VerifyPersonal(file []byte, begin int, roots *x509.CertPool, at time.Time) (p PersonalSignature, code string) {
	if begin > len(file) || bytes.Contains(file[:begin], byteRange) || bytes.Count(file, byteRange) != 1 {
		return p, "SIGNATURE_MISSING"
	}
	covered, signature, ok := personal(file)
	if !ok {
		return p, "SIGNATURE_INVALID"
	}
	p7, err := readCMS(signature)
	if err != nil || len(p7.Signers) != 1 || len(p7.Content) > 0 {
		return p, "SIGNATURE_INVALID"
	}
	leaf := p7.GetOnlySigner()
	p7.Content = covered
	if leaf == nil || !strongDigest(p7.Signers[0].DigestAlgorithm.Algorithm) || p7.Verify() != nil {
		return p, "SIGNATURE_INVALID"
	}
	if slices.ContainsFunc(p7.Certificates, private) {
		return p, "CERTIFICATE_SAYS_TOO_MUCH"
	}
	between := x509.NewCertPool()
	for _, c := range p7.Certificates {
		between.AddCert(c)
	}
	if roots == nil { // x509 would take the system's
		return p, "SIGNER_UNTRUSTED"
	}
	_, err = leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between, CurrentTime: at, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}})
	signs := leaf.KeyUsage == 0 || leaf.KeyUsage&(x509.KeyUsageDigitalSignature|x509.KeyUsageContentCommitment) != 0
	if err != nil || !signs || leaf.IsCA || strongKey(leaf) != nil {
		return p, "SIGNER_UNTRUSTED"
	}
	sum := sha256.Sum256(leaf.Raw)
	p = PersonalSignature{
		Subject: leaf.Subject.String(), Issuer: leaf.Issuer.String(), Serial: leaf.SerialNumber.String(), Fingerprint: hex.EncodeToString(sum[:]),
	}
	if err := p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeSigningTime, &p.SignedAt); err != nil {
		p.SignedAt = time.Time{}
	}
	return p, ""
}

func strongDigest(digest asn1.ObjectIdentifier) bool {
	for _, o := range signatureOIDs {
		if digest.Equal(o.digest) {
			return true
		}
	}
	return false
}

// What a certificate may say of a person that meibo must not hold: the names of
// address, birth date and sex in the certificates for signing of the Individual
// Number Card (公的個人認証サービス プロファイル仕様書), and RFC 3739, 3.3.2.
var privateAttributes = [][]byte{
	{0x2A, 0x83, 0x08, 0x8C, 0x9B, 0x55, 0x08, 0x05, 0x05}, // 1.2.392.200149.8.5.5
	{0x2B, 0x06, 0x01, 0x05, 0x05, 0x07, 0x09},             // 1.3.6.1.5.5.7.9
}

func private(c *x509.Certificate) bool {
	s := c.Subject
	return len(s.StreetAddress)+len(s.PostalCode) > 0 ||
		slices.ContainsFunc(privateAttributes, func(oid []byte) bool { return bytes.Contains(c.RawTBSCertificate, oid) })
}

// personal takes a file signed by any program apart: what the signature covers,
// and the signature, which may be BER and have anything behind it.
func personal(file []byte) (covered, signature []byte, ok bool) {
	m := personalRange.FindSubmatch(file)
	if m == nil {
		return nil, nil, false
	}
	begin, end, tail := number(m[1]), number(m[2]), number(m[3])
	if begin < 1 || end <= begin+2 || end-begin > 2*personalRoom || end > len(file) || end+tail != len(file) || file[begin] != '<' || file[end-1] != '>' {
		return nil, nil, false
	}
	signature = make([]byte, (end-begin-2)/2)
	if _, err := hex.Decode(signature, file[begin+1:end-1]); err != nil {
		return nil, nil, false
	}
	return append(bytes.Clone(file[:begin]), file[end:]...), signature, true
}
