package seal_test

import (
	"context"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/seal"
)

// A notary has everything that it takes to seal, and to verify.
type notary struct {
	authority *seal.Authority
	sealer    *seal.Sealer
	trust     seal.Trust
	root      string // path of the root of seals
	stamps    *meibotest.TimestampAuthority
}

// newNotary seals; with a timestamp authority where one is wanted.
func newNotary(t testing.TB, stamped bool) *notary {
	t.Helper()
	n := new(notary)
	var err error
	if n.authority, err = seal.NewAuthority("架空市 meibo ルート", time.Now()); err != nil {
		t.Fatal(err)
	}
	identity, err := n.authority.Issue("架空市 meibo 封印", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	var stamper *seal.Stamper
	if stamped {
		n.stamps = meibotest.Timestamps(t)
		stamper = seal.NewStamper(n.stamps.URL)
		n.trust.Stamps = pool(t, n.stamps.Root)
	}
	if n.sealer, err = seal.NewSealer(identity, stamper); err != nil {
		t.Fatal(err)
	}
	certificate, _, err := n.authority.PEM()
	if err != nil {
		t.Fatal(err)
	}
	n.root = filepath.Join(t.TempDir(), "root.pem")
	write(t, n.root, certificate)
	n.trust.Seals = pool(t, n.root)
	return n
}

func pool(t testing.TB, path string) *x509.CertPool {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(content) {
		t.Fatalf("%s holds no certificate", path)
	}
	return p
}

func write(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

// run is what a program says; it must succeed.
func run(t testing.TB, program string, args ...string) string {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %v: %v\n%s", program, args, err, out)
	}
	return string(out)
}

// pledge is a pledge as PDF.
func pledge(t testing.TB) []byte {
	t.Helper()
	const text = "秘密保持に関する誓約書\n\n1 業務上知り得た個人情報を、正当な理由なく他人に知らせません。\n\n𠮷田 太郎\n"
	d := document.Pledge{Pledge: meibo.Pledge{
		ID: "p1", PersonID: "e1", ContractID: "C01", TemplateID: "T-A", TemplateVersion: 1, Way: meibo.SignedByDirectory, Text: text,
		TextHash: meibo.HashText(text), SignedOn: "2026-10-15",
	}}
	pdf, err := d.PDF()
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

// sealed is a pledge after it was sealed, and its path.
func (n *notary) sealed(t testing.TB) (seal.Sealed, string) {
	t.Helper()
	o := meibo.Proof{Table: "pledges", Key: "p1"}.Origin("abcd")
	return n.sealedAs(t, seal.Paper{PDF: pledge(t), Reason: "誓約書の成立", Origin: &o})
}

func (n *notary) sealedAs(t testing.TB, p seal.Paper) (seal.Sealed, string) {
	t.Helper()
	s, err := n.sealer.SealPDF(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sealed.pdf")
	write(t, path, s.Content)
	return s, path
}
