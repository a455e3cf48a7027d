package seal

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"sync"
	"time"

	"github.com/smallstep/pkcs7"
)

// SignedMessage is content inside a CMS signature, as S/MIME sends it.
func (s *Sealer) SignedMessage(content []byte) ([]byte, error) {
	signed, err := pkcs7.NewSignedData(content)
	if err != nil {
		return nil, fmt.Errorf("sign message: %w", err)
	}
	signed.SetDigestAlgorithm(pkcs7.OIDDigestAlgorithmSHA256)
	if err := signed.AddSigner(s.identity.Certificate, s.identity.Key, pkcs7.SignerInfoConfig{}); err != nil {
		return nil, fmt.Errorf("sign message: %w", err)
	}
	for _, c := range s.identity.Chain {
		signed.AddCertificate(c)
	}
	message, err := signed.Finish()
	if err != nil {
		return nil, fmt.Errorf("sign message: %w", err)
	}
	return message, nil
}

// A Receiver is a certificate to which messages can be encrypted.
type Receiver struct{ certificate *x509.Certificate }

// NewReceiver checks a certificate: an RSA key of 2048 bits at least, that may
// encrypt keys, for one mail address or more. Others are refused: no library here
// encrypts to them in a form that OpenSSL reads.
func NewReceiver(c *x509.Certificate) (Receiver, error) {
	_, isRSA := c.PublicKey.(*rsa.PublicKey)
	switch {
	case !isRSA:
		return Receiver{}, fmt.Errorf("receiver %s: an RSA key is needed", c.Subject.CommonName)
	case strongKey(c) != nil:
		return Receiver{}, fmt.Errorf("receiver %s: %w", c.Subject.CommonName, errWeakKey)
	case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageKeyEncipherment == 0:
		return Receiver{}, fmt.Errorf("receiver %s: its key may not encrypt keys", c.Subject.CommonName)
	case len(c.EmailAddresses) == 0:
		return Receiver{}, fmt.Errorf("receiver %s: it names no mail address", c.Subject.CommonName)
	}
	return Receiver{c}, nil
}

// Addresses are the mail addresses that the certificate names.
func (r Receiver) Addresses() []string { return r.certificate.EmailAddresses }

// Valid reports whether the certificate is within its time.
func (r Receiver) Valid(at time.Time) bool {
	return !at.Before(r.certificate.NotBefore) && !at.After(r.certificate.NotAfter)
}

// Expires is the end of the certificate's time.
func (r Receiver) Expires() time.Time { return r.certificate.NotAfter }

// strongly sets what pkcs7 encrypts with, once for the process: AES-256-CBC, the
// key by RSA-OAEP. Its default is DES. SHA-1 in OAEP does not rest on collisions,
// and is the only hash for which pkcs7 writes parameters that OpenSSL reads.
var strongly = sync.OnceFunc(func() {
	pkcs7.ContentEncryptionAlgorithm = pkcs7.EncryptionAlgorithmAES256CBC
	pkcs7.KeyEncryptionAlgorithm = pkcs7.OIDEncryptionAlgorithmRSAESOAEP
	pkcs7.KeyEncryptionHash = crypto.SHA1
})

// Encrypt encrypts content so that only the receiver reads it.
func (r Receiver) Encrypt(content []byte) ([]byte, error) {
	strongly()
	message, err := pkcs7.Encrypt(content, []*x509.Certificate{r.certificate})
	if err != nil {
		return nil, fmt.Errorf("encrypt: %w", err)
	}
	if !strong(message) {
		return nil, errWeakCipher
	}
	return message, nil
}

var errWeakCipher = errors.New("encrypt: another cipher than AES-256 with RSA-OAEP was used")

// strong reports whether a message names the ciphers that are wanted.
func strong(message []byte) bool {
	for _, oid := range []asn1.ObjectIdentifier{pkcs7.OIDEncryptionAlgorithmAES256CBC, pkcs7.OIDEncryptionAlgorithmRSAESOAEP} {
		der, err := asn1.Marshal(oid)
		if err != nil || !bytes.Contains(message, der) {
			return false
		}
	}
	return true
}

// CheckEncryption tries the ciphers on a key of its own. A program that mails
// encrypted asks before it starts.
func CheckEncryption() error {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return fmt.Errorf("check encryption: %w", err)
	}
	t := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour), EmailAddresses: []string{"check@meibo.invalid"}}
	der, err := x509.CreateCertificate(rand.Reader, &t, &t, key.Public(), key)
	if err != nil {
		return fmt.Errorf("check encryption: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return fmt.Errorf("check encryption: %w", err)
	}
	r, err := NewReceiver(certificate)
	if err != nil {
		return err
	}
	message, err := r.Encrypt([]byte("check"))
	if err != nil {
		return err
	}
	p7, err := pkcs7.Parse(message)
	if err != nil {
		return fmt.Errorf("check encryption: %w", err)
	}
	back, err := p7.Decrypt(certificate, key)
	if err != nil || string(back) != "check" {
		return errors.Join(errWeakCipher, err)
	}
	return nil
}
