package seal

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/digitorus/timestamp"
)

// A Stamper asks a timestamp authority (RFC 3161).
type Stamper struct {
	url    string
	client *http.Client
}

const (
	stampWithin  = 10 * time.Second
	maxStampSize = 64 << 10
)

// NewStamper asks the authority at an URL.
func NewStamper(url string) *Stamper {
	return &Stamper{url, &http.Client{Timeout: stampWithin, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Stamp is a token that says when the authority saw data.
func (s *Stamper) Stamp(ctx context.Context, data []byte) ([]byte, error) {
	request, err := timestamp.CreateRequest(bytes.NewReader(data), &timestamp.RequestOptions{Hash: crypto.SHA256, Certificates: true})
	if err != nil {
		return nil, fmt.Errorf("ask for timestamp: %w", err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(request))
	if err != nil {
		return nil, fmt.Errorf("ask for timestamp: %w", err)
	}
	r.Header.Set("Content-Type", "application/timestamp-query")
	answer, err := s.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask for timestamp: %w", err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask for timestamp: the authority answers %d", answer.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxStampSize))
	if err != nil {
		return nil, fmt.Errorf("ask for timestamp: %w", err)
	}
	stamp, err := timestamp.ParseResponse(body)
	if err != nil {
		return nil, fmt.Errorf("read timestamp: %w", err)
	}
	if sum := sha256.Sum256(data); stamp.HashAlgorithm != crypto.SHA256 || !bytes.Equal(stamp.HashedMessage, sum[:]) {
		return nil, fmt.Errorf("read timestamp: it is of something else")
	}
	return stamp.RawToken, nil
}

// strongKey refuses keys that are no longer trusted to sign.
func strongKey(c *x509.Certificate) error {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		if k.N.BitLen() < 2048 {
			return errWeakKey
		}
	case *ecdsa.PublicKey:
		if k.Curve.Params().BitSize < 256 {
			return errWeakKey
		}
	default: // the seal's own form knows no other
		return errWeakKey
	}
	return nil
}
