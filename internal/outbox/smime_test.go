package outbox_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/outbox"
	"github.com/meibo-dev/meibo/internal/seal"
)

// A desk is where the city reads encrypted mail.
type desk struct {
	dir, root string
	receiver  seal.Receiver
}

func (d desk) path(name string) string { return filepath.Join(d.dir, name) }

func openssl(t testing.TB, args ...string) []byte {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "openssl", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("openssl %v: %v\n%s", args, err, out)
	}
	return out
}

// certificate makes an RSA certificate for an address, that ends in so many days.
func certificate(t testing.TB, dir, address string, days int) seal.Receiver {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	form := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "tax"}, EmailAddresses: []string{address}, KeyUsage: x509.KeyUsageKeyEncipherment,
		NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(0, 0, days),
	}
	der, err := x509.CreateCertificate(rand.Reader, &form, &form, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	for name, block := range map[string]*pem.Block{
		"city.pem": {Type: "CERTIFICATE", Bytes: der}, "city.key": {Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)},
	} {
		if err := os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	r, err := seal.NewReceiver(parsed)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// newSeal is a seal of a root of its own.
func newSeal(t testing.TB) (*seal.Sealer, *x509.CertPool) {
	sealer, roots, _ := newSealPEM(t)
	return sealer, roots
}

func newSealPEM(t testing.TB) (*seal.Sealer, *x509.CertPool, []byte) {
	t.Helper()
	authority, err := seal.NewAuthority("root", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	identity, err := authority.Issue("meibo", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	sealer, err := seal.NewSealer(identity, nil)
	if err != nil {
		t.Fatal(err)
	}
	root, _, err := authority.PEM()
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(root)
	return sealer, roots, root
}

// encrypt lets the post encrypt to addresses of the city.
func (p *post) encrypt(address string, days int) desk {
	p.t.Helper()
	d := desk{dir: p.t.TempDir()}
	d.receiver = certificate(p.t, d.dir, address, days)
	sealer, roots, root := newSealPEM(p.t)
	p.City.Options.Sealing = ledger.Sealing{Sealer: sealer, Trust: seal.Trust{Seals: roots}}
	p.City.Reopen()
	d.root = d.path("root.pem")
	if err := os.WriteFile(d.root, root, 0o600); err != nil {
		p.t.Fatal(err)
	}
	p.way(meibo.WayEncrypted, "")
	p.mailer = mailer(p.t, p.sink, outbox.MailOptions{Encryption: &outbox.Encryption{Sealer: sealer, Receivers: []seal.Receiver{d.receiver}}})
	p.reopen()
	return d
}

// open decrypts a mail and verifies who signed it, as the city does.
func (d desk) open(t testing.TB, raw []byte) map[string][]byte {
	t.Helper()
	if err := os.WriteFile(d.path("mail"), raw, 0o600); err != nil {
		t.Fatal(err)
	}
	openssl(t, "cms", "-decrypt", "-in", d.path("mail"), "-recip", d.path("city.pem"), "-inkey", d.path("city.key"), "-out", d.path("signed"))
	openssl(t, "cms", "-verify", "-in", d.path("signed"), "-CAfile", d.root, "-out", d.path("entity"))
	entity, err := os.ReadFile(d.path("entity"))
	if err != nil {
		t.Fatal(err)
	}
	msg, err := mail.ReadMessage(bytes.NewReader(entity))
	if err != nil {
		t.Fatal(err)
	}
	_, params, err := mime.ParseMediaType(msg.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string][]byte{}
	for r := multipart.NewReader(msg.Body, params["boundary"]); ; {
		part, err := r.NextPart()
		if err == io.EOF {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		var body io.Reader = part
		if part.Header.Get("Content-Transfer-Encoding") == "base64" {
			body = base64.NewDecoder(base64.StdEncoding, part)
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Fatal(err)
		}
		parts[part.FileName()] = content
	}
}

func TestEncryptedMail(t *testing.T) {
	play(t,
		scene{"the roster goes along, signed and then encrypted", func(p *post) {
			p.receivers("tax@city.kakuu.example")
			d := p.encrypt("Tax@city.kakuu.example", 30)
			if got, want := p.gauge("meibo_receiver_certificate_expires_seconds"), float64(d.receiver.Expires().Unix()); got != want {
				p.t.Errorf("it is said to expire at %v, want %v", got, want)
			}
			version, _ := p.cut()
			p.flush()
			raw := []byte(p.mails(1)[0].Raw)
			v, err := p.Ledger.Roster(p.t.Context(), p.Receiver, "C01", version)
			if err != nil {
				p.t.Fatal(err)
			}
			for _, secret := range []string{string(v.Content.Members[0].Name), "meibo-C01-v", v.Roster.Hash} {
				if bytes.Contains(raw, []byte(secret)) {
					p.t.Errorf("the mail says %q to everybody", secret)
				}
			}
			parts := d.open(p.t, raw)
			if len(parts) != 5 {
				p.t.Errorf("%d parts, want the text and four files", len(parts))
			}
			for name, content := range parts {
				if !strings.HasSuffix(name, ".pdf") {
					continue
				}
				if f := p.Ledger.VerifyFile(content, ""); f.State != seal.Intact || f.Origin == nil || f.Origin.Hash != v.Roster.Hash || f.Written == nil {
					p.t.Errorf("%s is %s %s, of %+v", name, f.State, f.Code, f.Origin)
				}
			}
			for name, content := range parts {
				if strings.HasSuffix(name, ".json") && meibo.HashText(string(content)) != v.Roster.Hash {
					p.t.Errorf("%s is not the canonical JSON", name)
				}
			}
		}},
		scene{"another address gets no roster", func(p *post) {
			p.receivers("tax@city.kakuu.example", "other@city.kakuu.example")
			d := p.encrypt("tax@city.kakuu.example", 30)
			p.cut()
			p.flush()
			mails := p.mails(2)
			d.open(p.t, []byte(mails[0].Raw))
			if strings.Contains(mails[1].Raw, "pkcs7") || !strings.Contains(mails[1].Text(), "契約") {
				p.t.Errorf("the other's mail is\n%s", mails[1].Raw)
			}
		}},
		scene{"a certificate out of its time is as good as none", func(p *post) {
			p.receivers("tax@city.kakuu.example")
			p.encrypt("tax@city.kakuu.example", -1)
			p.cut()
			p.flush()
			if m := p.mails(1)[0]; strings.Contains(m.Raw, "pkcs7") {
				p.t.Errorf("it was encrypted:\n%s", m.Raw)
			} else if !strings.Contains(m.Text(), "名簿を添付できませんでした") {
				p.t.Errorf("it does not say what is missing:\n%s", m.Text())
			}
			n := p.only()
			p.wants(n, meibo.NoticeNotified, "250_WITHOUT_ROSTER", false)
			if len(n.Receipts.V) != 1 || n.Receipts.V[0].Code != "250_WITHOUT_ROSTER" {
				p.t.Errorf("receipts %+v", n.Receipts)
			}
		}},
		scene{"what goes to the contractor holds no roster", func(p *post) {
			p.receivers("tax@city.kakuu.example")
			p.encrypt("tax@city.kakuu.example", 30)
			version, _ := p.cut()
			p.flush()
			p.acknowledge(version)
			p.flush()
			if m := p.mails(2)[1]; strings.Contains(m.Raw, "pkcs7") {
				p.t.Errorf("it was encrypted:\n%s", m.Raw)
			}
		}},
	)
}

func TestReceiversThatWouldNotHoldAreRefused(t *testing.T) {
	dir := t.TempDir()
	for name, args := range map[string][]string{
		"an EC key":          {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-addext", "subjectAltName=email:a@b.example"},
		"a short key":        {"-newkey", "rsa:1024", "-addext", "subjectAltName=email:a@b.example"},
		"no address":         {"-newkey", "rsa:2048"},
		"not for encryption": {"-newkey", "rsa:2048", "-addext", "subjectAltName=email:a@b.example", "-addext", "keyUsage=digitalSignature"},
	} {
		path := filepath.Join(dir, "c.pem")
		openssl(t, append([]string{"req", "-x509", "-nodes", "-keyout", filepath.Join(dir, "k.pem"), "-out", path, "-subj", "/CN=x"}, args...)...)
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		list, err := seal.ReadCertificates(text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := seal.NewReceiver(list[0]); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
	if err := seal.CheckEncryption(); err != nil {
		t.Error(err)
	}
}
