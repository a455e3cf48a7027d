package seal_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/seal"
)

// TestASealIsOfThePAdESBaseline: EN 319 142-1 V1.2.1, table 1, B-B and B-T.
func TestASealIsOfThePAdESBaseline(t *testing.T) {
	n := newNotary(t, true)
	s, path := n.sealed(t)
	_, signature := apart(t, s.Content)
	cms := filepath.Join(t.TempDir(), "cms")
	write(t, cms, signature)
	said := run(t, "openssl", "cms", "-cmsout", "-print", "-noout", "-inform", "DER", "-in", cms)
	signed, unsigned, _ := strings.Cut(said, "unsignedAttrs:")
	_, signed, _ = strings.Cut(signed, "signedAttrs:")
	var kinds []string
	for _, m := range regexp.MustCompile(`object: (\S+)`).FindAllStringSubmatch(signed, -1) {
		kinds = append(kinds, m[1])
	}
	if got := strings.Join(kinds, " "); got != "contentType messageDigest id-smime-aa-signingCertificateV2" {
		t.Errorf("signed attributes %s", got)
	}
	if !strings.Contains(unsigned, "id-smime-aa-timeStampToken") {
		t.Errorf("unsigned attributes %s", unsigned)
	}
	if v := seal.VerifyPDF(s.Content, n.trust); time.Since(v.SignedAt) > time.Minute || v.SignedAt.After(time.Now()) {
		t.Errorf("signed at %v", v.SignedAt)
	}
	objects := strings.Join(strings.Fields(run(t, "qpdf", "--json=2", "--json-key=qpdf", path)), "")
	for _, want := range []string{
		`"/Perms":{"/DocMDP":`, `"/Reference":[{"/TransformMethod":"/DocMDP","/TransformParams":{"/P":1,"/Type":"/TransformParams","/V":"/1.2"},"/Type":"/SigRef"}]`,
		`"/SubFilter":"/ETSI.CAdES.detached"`, `"/SigFlags":3`,
	} {
		if !strings.Contains(objects, want) {
			t.Errorf("the paper lacks %s", want)
		}
	}
	if strings.Contains(objects, `"/Cert":`) {
		t.Error("a certificate stands outside of the signature")
	}
}

func TestAPackageSaysWhenItWasSealed(t *testing.T) { // EN 319 122-1, table 1
	n := newNotary(t, false)
	s, err := n.sealer.SealPackage(t.Context(), []seal.Part{{Name: "a.txt", MediaType: "text/plain", Content: []byte("a")}})
	if err != nil {
		t.Fatal(err)
	}
	if v, _ := seal.VerifyPackage(s.Content, n.trust); v.State != seal.Intact || time.Since(v.SignedAt) > time.Minute {
		t.Errorf("verdict %+v", v)
	}
}
