package main

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// certificate NAME COMMONNAME [ISSUER] makes NAME.pem and NAME.key: of its own root, or
// issued by ISSUER. It is valid at every clock that a story may show. (RSA: pdfsig reserves
// just the room that a signature by ECDSA took at its first try.)
func cmdCertificate(ts *testscript.TestScript, neg bool, args []string) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	ts.Check(err)
	t := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: args[1]},
		NotBefore: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2049, 1, 1, 0, 0, 0, 0, time.UTC),
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageContentCommitment, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection},
	}
	parent, by := t, key
	if len(args) > 2 {
		parent, by = issuer(ts, args[2])
	} else {
		t.IsCA, t.BasicConstraintsValid, t.KeyUsage, t.ExtKeyUsage = true, true, t.KeyUsage|x509.KeyUsageCertSign, nil
	}
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key.Public(), by)
	ts.Check(err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	for name, block := range map[string]*pem.Block{".pem": {Type: "CERTIFICATE", Bytes: der}, ".key": {Type: "PRIVATE KEY", Bytes: secret}} {
		ts.Check(os.WriteFile(ts.MkAbs(args[0]+name), pem.EncodeToMemory(block), 0o600))
	}
}

// issuer reads a certificate made before and its key.
func issuer(ts *testscript.TestScript, name string) (*x509.Certificate, *rsa.PrivateKey) {
	content, _ := pem.Decode([]byte(ts.ReadFile(name + ".pem")))
	secret, _ := pem.Decode([]byte(ts.ReadFile(name + ".key")))
	if content == nil || secret == nil || !strings.HasSuffix(secret.Type, "PRIVATE KEY") {
		ts.Fatalf("%s is no certificate", name)
	}
	certificate, err := x509.ParseCertificate(content.Bytes)
	ts.Check(err)
	key, err := x509.ParsePKCS8PrivateKey(secret.Bytes)
	ts.Check(err)
	return certificate, key.(*rsa.PrivateKey)
}
