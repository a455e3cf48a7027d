package seal

import "testing"

// Parts are the value of a signature and its timestamp.
func Parts(t testing.TB, signature []byte) (value, token []byte) {
	t.Helper()
	m, err := openMessage(signature, false)
	if err != nil {
		t.Fatal(err)
	}
	return m.signer.Signature, m.token
}
