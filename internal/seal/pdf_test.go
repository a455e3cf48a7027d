package seal_test

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/seal"
)

func TestASealedPledgeIsIntact(t *testing.T) {
	n := newNotary(t, true)
	s, path := n.sealed(t)
	if !s.Stamped || s.Plain != nil {
		t.Fatalf("stamped %v, %v", s.Stamped, s.Plain)
	}
	v := seal.VerifyPDF(s.Content, n.trust)
	if v.State != seal.Intact || v.Code != "" || v.Signer != "架空市 meibo 封印" || time.Since(v.StampedAt) > time.Minute || v.Authority != "試験用 時刻認証局" {
		t.Errorf("verdict %+v", v)
	}
	run(t, "qpdf", "--check", path)
	if said := run(t, "pdftotext", path, "-"); !strings.Contains(said, "𠮷田 太郎") {
		t.Errorf("the sealed paper says\n%s", said)
	}
}

func TestPdfsigAgrees(t *testing.T) {
	n := newNotary(t, true)
	s, path := n.sealed(t)
	said := pdfsig(t, n, path)
	for _, want := range []string{
		"Signature Type: ETSI.CAdES.detached", "Total document signed", "Signature Validation: Signature is Valid.", "Certificate Validation: Certificate is Trusted.",
	} {
		if !strings.Contains(said, want) {
			t.Errorf("pdfsig does not say %q:\n%s", want, said)
		}
	}
	changed := bytes.Clone(s.Content)
	changed[200] ^= 1
	write(t, path, changed)
	if said := pdfsig(t, n, path); !strings.Contains(said, "Digest Mismatch") {
		t.Errorf("pdfsig says of a changed byte:\n%s", said)
	}
}

func pdfsig(t testing.TB, n *notary, path string) string {
	t.Helper()
	nss := t.TempDir()
	run(t, "certutil", "-N", "-d", nss, "--empty-password")
	run(t, "certutil", "-A", "-d", nss, "-n", "root", "-t", "C,C,C", "-i", n.root)
	return run(t, "pdfsig", "-nssdir", nss, path)
}

// apart cuts a sealed PDF as anybody can: what is covered, and the signature.
func apart(t testing.TB, pdf []byte) (covered, signature []byte) {
	t.Helper()
	m := regexp.MustCompile(`/ByteRange\[0 (\d+) (\d+) (\d+)\]`).FindSubmatch(pdf)
	begin, _ := strconv.Atoi(string(m[1]))
	end, _ := strconv.Atoi(string(m[2]))
	signature, err := hex.DecodeString(string(pdf[begin+1 : end-1]))
	if err != nil {
		t.Fatal(err)
	}
	length := 4 + int(signature[2])<<8 + int(signature[3]) // a SEQUENCE of 256 to 65535 bytes
	return append(bytes.Clone(pdf[:begin]), pdf[end:]...), signature[:length]
}

func TestOpenSSLAgrees(t *testing.T) {
	n := newNotary(t, true)
	s, _ := n.sealed(t)
	covered, signature := apart(t, s.Content)
	dir := t.TempDir()
	content, cms := filepath.Join(dir, "content"), filepath.Join(dir, "cms")
	write(t, content, covered)
	write(t, cms, signature)
	run(t, "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", cms, "-content", content, "-CAfile", n.root, "-purpose", "any", "-out", os.DevNull)
	if v := seal.VerifySignature(covered, signature, n.trust); v.State != seal.Intact {
		t.Errorf("verdict %+v", v)
	}
	value, token := filepath.Join(dir, "value"), filepath.Join(dir, "token")
	signatureValue, tokenBytes := seal.Parts(t, signature)
	write(t, value, signatureValue)
	write(t, token, tokenBytes)
	run(t, "openssl", "ts", "-verify", "-data", value, "-in", token, "-token_in", "-CAfile", n.stamps.Root)
}

func TestWithoutATimestampTheSealSaysSo(t *testing.T) {
	n := newNotary(t, false)
	s, _ := n.sealed(t)
	if v := seal.VerifyPDF(s.Content, n.trust); v.State != seal.Intact || v.Code != "NO_TIMESTAMP" || !v.StampedAt.IsZero() || s.Stamped {
		t.Errorf("verdict %+v, stamped %v", v, s.Stamped)
	}
	n = newNotary(t, true)
	n.stamps.Stop()
	if s, _ = n.sealed(t); s.Stamped || s.Plain == nil {
		t.Errorf("stamped %v although the authority is down, %v", s.Stamped, s.Plain)
	}
	n.stamps.Resume()
	s, _ = n.sealed(t)
	n.trust.Stamps = nil // whoever verifies does not know the authority
	if v := seal.VerifyPDF(s.Content, n.trust); v.State != seal.Intact || v.Code != "TIMESTAMP_UNTRUSTED" || !v.StampedAt.IsZero() {
		t.Errorf("verdict %+v", v)
	}
}

func TestWhomNobodyVouchesForIsUnknown(t *testing.T) {
	n, other := newNotary(t, false), newNotary(t, false)
	s, _ := n.sealed(t)
	for name, roots := range map[string]*x509.CertPool{"another root": other.trust.Seals, "no root": nil} {
		if v := seal.VerifyPDF(s.Content, seal.Trust{Seals: roots}); v.State != seal.Unknown || v.Code != "SIGNER_UNKNOWN" {
			t.Errorf("%s: verdict %+v", name, v)
		}
	}
	if v := seal.VerifyPDF(pledge(t), n.trust); v.State != seal.Unknown || v.Code != "NO_SEAL" {
		t.Errorf("without a seal: verdict %+v", v)
	}
	for _, junk := range []string{"", "%PDF-1.7", "/ByteRange", "/ByteRange[0 1 2 3]", strings.Repeat("[", 1<<20)} {
		if v := seal.VerifyPDF([]byte(junk), n.trust); v.State == seal.Intact {
			t.Errorf("%.20q is intact", junk)
		}
	}
}

func TestWhatIsAppendedOrWrappedIsChanged(t *testing.T) {
	n := newNotary(t, false)
	s, _ := n.sealed(t)
	again := seal.Paper{PDF: s.Content, Reason: "もう一度"}
	if _, err := n.sealer.SealPDF(t.Context(), again); err == nil || !strings.Contains(err.Error(), "MORE_THAN_ONE_SEAL") {
		t.Errorf("sealed once more: %v", err)
	}
	twice, err := n.sealer.SealUnseen(t.Context(), again)
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string][]byte{
		"a blank":         append(bytes.Clone(s.Content), '\n'),
		"another version": append(bytes.Clone(s.Content), "1 0 obj<</Type/Catalog>>endobj\nstartxref\n0\n%%EOF\n"...),
		"a second seal":   twice.Content,
		"cut short":       s.Content[:len(s.Content)-1],
		"something first": append([]byte(" "), s.Content...),
		"the signature of another file": func() []byte {
			o, _ := n.sealedAs(t, seal.Paper{PDF: pledge(t), Reason: "別の書面の成立"})
			place := bytes.Index(s.Content, []byte("/Contents<")) + len("/Contents<")
			from := bytes.Index(o.Content, []byte("/Contents<")) + len("/Contents<")
			moved := bytes.Clone(s.Content)
			copy(moved[place:place+32<<10], o.Content[from:from+32<<10])
			return moved
		}(),
	}
	for name, file := range cases {
		if v := seal.VerifyPDF(file, n.trust); v.State != seal.Changed {
			t.Errorf("%s: verdict %+v", name, v)
		}
	}
}

// flipped flips bits of a byte, all of them in a soak and one otherwise, and puts
// them back.
func flipped(b *byte, look func(bit byte)) int {
	bits := []byte{1 << rand.IntN(8)}
	if os.Getenv("MEIBO_SOAK") != "" {
		bits = []byte{1, 2, 4, 8, 16, 32, 64, 128}
	}
	for _, bit := range bits {
		*b ^= bit
		look(bit)
		*b ^= bit
	}
	return len(bits)
}

func TestEveryFlippedBitIsFound(t *testing.T) {
	n := newNotary(t, true)
	s, _ := n.sealed(t)
	_, signature := apart(t, s.Content)
	begin := bytes.Index(s.Content, []byte("/Contents<")) + len("/Contents<")
	end := begin + 2*len(signature)
	step := 101
	if os.Getenv("MEIBO_SOAK") != "" {
		step = 1
	}
	flips := 0
	for i := range s.Content {
		if i%step == 0 || i > begin-200 && i < end+200 || i > len(s.Content)-200 {
			flips += flipped(&s.Content[i], func(bit byte) {
				if v := seal.VerifyPDF(s.Content, n.trust); v.State == seal.Intact {
					t.Errorf("bit %#x of byte %d is flipped, verdict %+v", bit, i, v)
				}
			})
		}
	}
	t.Logf("%d flips in %d bytes", flips, len(s.Content))
}

// TestEveryFlippedBitOfASignatureIsFound goes below the hexadecimal digits, which
// the flips of the file mostly spoil.
func TestEveryFlippedBitOfASignatureIsFound(t *testing.T) {
	n := newNotary(t, true)
	s, _ := n.sealed(t)
	covered, signature := apart(t, s.Content)
	for i := range signature {
		flipped(&signature[i], func(bit byte) {
			if v := seal.VerifySignature(covered, signature, n.trust); v.State == seal.Intact && v.Code == "" {
				t.Errorf("bit %#x of byte %d is flipped, verdict %+v", bit, i, v)
			}
		})
	}
	if v := seal.VerifySignature(covered, signature, n.trust); v.State != seal.Intact {
		t.Errorf("unflipped: verdict %+v", v)
	}
}

func FuzzNoFilePanics(f *testing.F) {
	n := newNotary(f, false)
	s, _ := n.sealed(f)
	f.Add(s.Content)
	f.Fuzz(func(t *testing.T, file []byte) {
		if v := seal.VerifyPDF(file, n.trust); v.State == seal.Intact && !bytes.Equal(file, s.Content) {
			t.Errorf("intact: %s", fmt.Sprint(v))
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	n := newNotary(b, false)
	pdf := pledge(b)
	for b.Loop() {
		if _, err := n.sealer.SealPDF(b.Context(), seal.Paper{PDF: pdf, Reason: "誓約書の成立"}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkVerify(b *testing.B) {
	n := newNotary(b, true)
	s, _ := n.sealed(b)
	for b.Loop() {
		if v := seal.VerifyPDF(s.Content, n.trust); v.State != seal.Intact {
			b.Fatal(v)
		}
	}
}
