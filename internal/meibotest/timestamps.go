package meibotest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// A TimestampAuthority is a real one (RFC 3161), by openssl, on loopback.
type TimestampAuthority struct {
	URL  string
	Root string // path of its root certificate

	mu   sync.Mutex
	down bool
}

// Stop makes it answer no more; Resume makes it answer again.
func (a *TimestampAuthority) Stop()   { a.set(true) }
func (a *TimestampAuthority) Resume() { a.set(false) }

func (a *TimestampAuthority) set(down bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.down = down
}

const timestampConfig = `
[req]
distinguished_name = dn
prompt = no
[dn]
CN = 試験用 時刻認証局
[ca]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign, cRLSign
[tsa_cert]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = here
[here]
serial = %[1]s/serial
crypto_device = builtin
signer_cert = %[1]s/tsa.pem
signer_key = %[1]s/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
`

// Timestamps starts a timestamp authority; it ends with the test.
func Timestamps(t testing.TB) *TimestampAuthority {
	t.Helper()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	if err := os.WriteFile(path("ts.cnf"), fmt.Appendf(nil, timestampConfig, dir), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path("serial"), []byte("01\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"req", "-x509", "-config", path("ts.cnf"), "-extensions", "ca", "-subj", "/CN=TSA root", "-newkey", "rsa:2048", "-nodes", "-keyout", path("root.key"), "-out", path("root.pem"), "-days", "3650"},
		{"req", "-new", "-config", path("ts.cnf"), "-utf8", "-newkey", "rsa:2048", "-nodes", "-keyout", path("tsa.key"), "-out", path("tsa.csr")},
		{"x509", "-req", "-in", path("tsa.csr"), "-CA", path("root.pem"), "-CAkey", path("root.key"), "-CAcreateserial", "-days", "3650",
			"-extfile", path("ts.cnf"), "-extensions", "tsa_cert", "-out", path("tsa.pem")},
	} {
		if out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput(); err != nil {
			t.Fatalf("openssl %s: %v\n%s", args[0], err, out)
		}
	}
	a := &TimestampAuthority{Root: path("root.pem")}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { a.answer(w, r, dir) }))
	t.Cleanup(server.Close)
	a.URL = server.URL
	return a
}

// answer answers one question at a time: openssl keeps its serial number in a file.
func (a *TimestampAuthority) answer(w http.ResponseWriter, r *http.Request, dir string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	question, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	if err == nil && a.down {
		err = context.Canceled
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "query"), question, 0o600)
	}
	if err == nil {
		err = exec.CommandContext(r.Context(), "openssl", "ts", "-reply", "-config", filepath.Join(dir, "ts.cnf"),
			"-queryfile", filepath.Join(dir, "query"), "-out", filepath.Join(dir, "reply")).Run()
	}
	var reply []byte
	if err == nil {
		reply, err = os.ReadFile(filepath.Join(dir, "reply"))
	}
	if err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/timestamp-reply")
	w.Write(reply)
}
