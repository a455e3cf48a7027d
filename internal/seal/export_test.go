package seal

import (
	"context"
	"testing"
)

// SealUnseen is SealPDF without a look at what comes out.
func (s *Sealer) SealUnseen(ctx context.Context, p Paper) (Sealed, error) { return s.sealPDF(ctx, p) }

// Parts are the value of a signature and its timestamp.
func Parts(t testing.TB, signature []byte) (value, token []byte) {
	t.Helper()
	m, err := openMessage(signature, false)
	if err != nil {
		t.Fatal(err)
	}
	return m.signer.Signature, m.token
}
