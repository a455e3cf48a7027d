package seal_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
)

// A desk is where somebody signs PDFs with a certificate of his own, by poppler and
// NSS.
type desk struct{ dir, root string }

// newDesk issues the certificate; extension, if any, goes into it.
func newDesk(t *testing.T, extension string) desk {
	t.Helper()
	d := desk{dir: t.TempDir()}
	at := func(name string) string { return filepath.Join(d.dir, name) }
	d.root = at("root.pem")
	write(t, at("person.cnf"), []byte("keyUsage=critical,digitalSignature,nonRepudiation\nbasicConstraints=critical,CA:false\n"+extension+"\n"))
	run(t, "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-subj", "/CN=Kakuu Root", "-keyout", at("root.key"), "-out", d.root)
	run(t, "openssl", "req", "-newkey", "rsa:2048", "-nodes", "-utf8", "-subj", "/O=K1/CN=髙﨑 真理子", "-keyout", at("person.key"), "-out", at("person.csr"))
	run(t, "openssl", "x509", "-req", "-in", at("person.csr"), "-CA", d.root, "-CAkey", at("root.key"), "-CAcreateserial", "-days", "10",
		"-extfile", at("person.cnf"), "-out", at("person.pem"))
	run(t, "openssl", "pkcs12", "-export", "-name", "person", "-in", at("person.pem"), "-inkey", at("person.key"), "-certfile", d.root, "-passout", "pass:p",
		"-out", at("person.p12"))
	write(t, at("empty"), []byte("\n"))
	run(t, "certutil", "-N", "-d", "sql:"+d.dir, "--empty-password")
	run(t, "pk12util", "-i", at("person.p12"), "-W", "p", "-d", "sql:"+d.dir)
	return d
}

func (d desk) sign(t *testing.T, pdf []byte, more ...string) []byte {
	t.Helper()
	in, out := filepath.Join(d.dir, "in.pdf"), filepath.Join(d.dir, "out.pdf")
	write(t, in, pdf)
	os.Remove(out)
	run(t, "pdfsig", append([]string{"-nssdir", d.dir, "-nick", "person", "-add-signature", "-no-ocsp"}, append(more, in, out)...)...)
	signed, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func aForm(t *testing.T) []byte {
	t.Helper()
	return formOf(t, "秘密保持に関する誓約書\n\n私は、秘密を守ります。\n\n髙﨑 真理子\n")
}

func formOf(t *testing.T, text meibo.Personal) []byte {
	t.Helper()
	form, err := document.Pledge{Pledge: meibo.Pledge{ID: "019aa111-0000-7000-8000-000000000001", Text: text, TextHash: meibo.HashText(string(text))}}.Form(true)
	if err != nil {
		t.Fatal(err)
	}
	return form
}

// shadowed is a form to whose end something was added by which other things are
// seen (here, the lower half of its page).
func shadowed(t *testing.T, form []byte) []byte {
	t.Helper()
	ctx, err := api.ReadContext(bytes.NewReader(form), model.NewDefaultConfiguration())
	if err == nil {
		err = ctx.EnsurePageCount()
	}
	if err != nil {
		t.Fatal(err)
	}
	page, ref, _, err := ctx.PageDict(1, false)
	if err != nil {
		t.Fatal(err)
	}
	page["MediaBox"] = types.NewIntegerArray(0, 0, 595, 421)
	ctx.Write.Increment, ctx.Write.Offset = true, int64(len(form))
	ctx.Write.IncrementWithObjNr(ref.ObjectNumber.Value())
	b := bytes.NewBuffer(bytes.Clone(form))
	if err := api.WriteIncrement(ctx, b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAFormSignedByItsPersonIsWhatWasGivenOut(t *testing.T) {
	d, other := newDesk(t, ""), newDesk(t, "")
	form := aForm(t)
	if keep := os.Getenv("MEIBO_TEST_PAPER"); keep != "" {
		write(t, filepath.Join(keep, "form.pdf"), form)
	}
	adbe, n := d.sign(t, form), newNotary(t, false)
	etsi, err := n.sealer.SealPDF(t.Context(), seal.Paper{PDF: form, Reason: "同意"})
	if err != nil {
		t.Fatal(err)
	}
	flipped := bytes.Clone(adbe)
	flipped[len(form)+20] ^= 1
	early, late := bytes.Clone(adbe), append(bytes.Clone(adbe), "\n% more\n"...)
	early[len(form)/2] ^= 1
	const person = "CN=髙﨑 真理子,O=K1"
	for name, c := range map[string]struct {
		file    []byte
		root    string
		at      time.Duration
		scan    meibo.ProblemCode
		want    string
		subject string
	}{
		"as Acrobat does":      {adbe, d.root, 0, "", "", person},
		"as PAdES asks":        {etsi.Content, n.root, 0, "", "", "CN=架空市 meibo 封印,C=JP"},
		"not signed":           {form, d.root, 0, "", "SIGNATURE_MISSING", ""},
		"signed twice":         {d.sign(t, adbe), d.root, 0, "", "SIGNATURE_MISSING", ""},
		"of another root":      {adbe, other.root, 0, "", "SIGNER_UNTRUSTED", ""},
		"expired":              {adbe, d.root, 11 * 24 * time.Hour, "", "SIGNER_UNTRUSTED", ""},
		"appended":             {late, d.root, 0, "", "SIGNATURE_INVALID", ""},
		"signature's part":     {flipped, d.root, 0, "FORM_DIFFERS", "SIGNATURE_INVALID", ""},
		"form's part":          {early, d.root, 0, "FORM_DIFFERS", "SIGNATURE_INVALID", ""},
		"another form":         {d.sign(t, formOf(t, "誓約書\n\n私は、何も誓いません。\n")), d.root, 0, "FORM_DIFFERS", "", person},
		"changed, then signed": {d.sign(t, shadowed(t, form)), d.root, 0, "FORM_DIFFERS", "", person},
	} {
		t.Run(name, func(t *testing.T) {
			if got := (document.Scan{MediaType: "application/pdf", Content: c.file, Form: form}).Inspect(); got != c.scan {
				t.Errorf("the form: got %q, want %q", got, c.scan)
			}
			begin := len(form)
			if !bytes.HasPrefix(c.file, form) {
				begin = 0
			}
			who, code := seal.VerifyPersonal(c.file, begin, pool(t, c.root), time.Now().Add(c.at))
			if code != c.want {
				t.Fatalf("the signature: got %q, want %q", code, c.want)
			}
			if code == "" && (who.Subject != c.subject || who.Fingerprint == "") {
				t.Errorf("signed by %+v", who)
			}
		})
	}
	if _, code := seal.VerifyPersonal(adbe, len(form), nil, time.Now()); code != "SIGNER_UNTRUSTED" {
		t.Errorf("without roots: got %q", code)
	}
}

// A certificate for signing of the Individual Number Card says where its holder
// lives and when he was born.
func TestACertificateThatSaysTooMuchIsRefused(t *testing.T) {
	form := aForm(t)
	for _, extension := range []string{
		"subjectAltName=otherName:1.2.392.200149.8.5.5.4;UTF8:320010101",
		"2.5.29.9=ASN1:SEQUENCE:attributes\n[attributes]\na=SEQUENCE:birth\n[birth]\nt=OID:1.3.6.1.5.5.7.9.1\nv=SET:when\n[when]\nw=GENTIME:20010101000000Z",
	} {
		d := newDesk(t, extension)
		if _, code := seal.VerifyPersonal(d.sign(t, form), len(form), pool(t, d.root), time.Now()); code != "CERTIFICATE_SAYS_TOO_MUCH" {
			t.Errorf("%s: got %q", extension, code)
		}
	}
}

// What reads BER calls itself for every level; a process that runs out of stack ends.
func TestAMessageNestedWithoutEndEndsNothing(t *testing.T) {
	nested := bytes.Repeat([]byte{0x30, 0x80}, 2<<20)
	if _, err := seal.OpenSigned(nested, x509.NewCertPool(), time.Now()); !errors.Is(err, seal.ErrUnverified) {
		t.Errorf("got %v", err)
	}
	form := aForm(t)
	signed := fmt.Sprintf("%s\n/ByteRange [0 %d %d 1]<%x> ", form, len(form)+100, len(form)+100+2*len(nested)+2, nested)
	if _, code := seal.VerifyPersonal([]byte(signed), len(form), nil, time.Now()); code != "SIGNATURE_INVALID" {
		t.Errorf("got %q", code)
	}
}
