package seal

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"time"

	"github.com/smallstep/pkcs7"
)

// Object identifiers of the attributes that CAdES asks for.
var (
	oidSigningCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidTimestampToken       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 14}
)

// signingCertificateV2 (RFC 5035) ties a signature to one certificate; SHA-256 is
// its default and stays unsaid.
type signingCertificateV2 struct{ Certs []essCertIDv2 }

type essCertIDv2 struct{ Hash []byte }

// A Sealer seals documents as one identity.
type Sealer struct {
	identity *Identity
	stamper  *Stamper
}

// NewSealer seals as an identity; stamper is nil where no timestamp authority is
// configured. RSA below 2048 bits is refused.
func NewSealer(identity *Identity, stamper *Stamper) (*Sealer, error) {
	if err := strongKey(identity.Certificate); err != nil {
		return nil, fmt.Errorf("seal as %s: %w", identity.Certificate.Subject.CommonName, err)
	}
	return &Sealer{identity, stamper}, nil
}

// Name is the sealer's name in its certificate.
func (s *Sealer) Name() string { return s.identity.Certificate.Subject.CommonName }

// A profile says what a signature tells beside whose it is.
type profile bool

const (
	cades profile = true  // the time of signing (EN 319 122-1, table 1: shall be present)
	pades profile = false // not: a PDF has it in its own dictionary (EN 319 142-1, table 1: shall not be present)
)

// signature is a detached CMS signature of a baseline profile over content, with a
// timestamp if one can be had. plain says why there is none: nil where none is
// configured, too.
func (s *Sealer) signature(ctx context.Context, content []byte, as profile) (cms []byte, stamped bool, plain error, err error) {
	signed, err := s.signed(content, as)
	if err != nil {
		return nil, false, nil, fmt.Errorf("sign: %w", err)
	}
	if s.stamper != nil {
		signer := &signed.GetSignedData().SignerInfos[0]
		var token []byte
		if token, plain = s.stamper.Stamp(ctx, signer.EncryptedDigest); plain == nil {
			attribute := pkcs7.Attribute{Type: oidTimestampToken, Value: asn1.RawValue{FullBytes: token}}
			if err := signer.SetUnauthenticatedAttributes([]pkcs7.Attribute{attribute}); err != nil {
				return nil, false, nil, fmt.Errorf("attach timestamp: %w", err)
			}
			stamped = true
		}
	}
	cms, err = signed.Finish()
	if err != nil {
		return nil, false, nil, fmt.Errorf("sign: %w", err)
	}
	return cms, stamped, plain, nil
}

// signed is content under a detached signature, without a timestamp.
func (s *Sealer) signed(content []byte, as profile) (*pkcs7.SignedData, error) {
	sum := sha256.Sum256(s.identity.Certificate.Raw)
	signed, err := pkcs7.NewSignedData(content)
	if err != nil {
		return nil, err
	}
	signed.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	config := pkcs7.SignerInfoConfig{ExtraSignedAttributes: []pkcs7.Attribute{
		{Type: oidSigningCertificateV2, Value: signingCertificateV2{[]essCertIDv2{{sum[:]}}}},
	}}
	if err := signed.AddSigner(s.identity.Certificate, s.identity.Key, config); err != nil {
		return nil, err
	}
	for _, c := range s.identity.Chain {
		signed.AddCertificate(c)
	}
	signed.Detach()
	signer := &signed.GetSignedData().SignerInfos[0]
	if as == pades { // the library always says the time: what it has signed is signed anew without
		for i, a := range signer.AuthenticatedAttributes {
			if a.Type.Equal(pkcs7.OIDAttributeSigningTime) {
				signer.AuthenticatedAttributes = append(signer.AuthenticatedAttributes[:i], signer.AuthenticatedAttributes[i+1:]...)
				break
			}
		}
		signer.EncryptedDigest, err = s.sign(signer.AuthenticatedAttributes)
	}
	return signed, err
}

// sign is the signature value over signed attributes (RFC 5652, 5.4).
func (s *Sealer) sign(attributes any) ([]byte, error) {
	set, err := asn1.MarshalWithParams(attributes, "set")
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(set)
	return s.identity.Key.Sign(rand.Reader, sum[:], crypto.SHA256)
}

var errWeakKey = errors.New("its key is too weak")

// readCMS reads a CMS message that a stranger may have sent. What reads BER calls
// itself for every level, and a process ends that runs out of stack: a message that
// could be nested so deep is refused unseen.
func readCMS(message []byte) (*pkcs7.PKCS7, error) {
	if len(message) > maxMessage {
		return nil, errMalformed
	}
	return pkcs7.Parse(message)
}

// maxMessage is how many bytes a signed message may take.
const maxMessage = 256 << 10

// OpenSigned is the content of a CMS message of at most 256 KiB that exactly one
// signer has signed, to whom roots lead at a time. Anything else is ErrUnverified.
func OpenSigned(message []byte, roots *x509.CertPool, at time.Time) ([]byte, error) {
	p7, err := readCMS(message)
	if err != nil || len(p7.Signers) != 1 || len(p7.Content) == 0 {
		return nil, fmt.Errorf("%w: it is not a message of one signer", ErrUnverified)
	}
	leaf := p7.GetOnlySigner()
	if leaf == nil || strongKey(leaf) != nil {
		return nil, fmt.Errorf("%w: its signer's key is missing or weak", ErrUnverified)
	}
	for _, o := range signatureOIDs {
		if p7.Signers[0].DigestAlgorithm.Algorithm.Equal(o.digest) {
			if err := p7.VerifyWithChainAtTime(roots, at); err != nil {
				return nil, fmt.Errorf("%w: %w", ErrUnverified, err)
			}
			return p7.Content, nil
		}
	}
	return nil, fmt.Errorf("%w: its digest is weak", ErrUnverified)
}
