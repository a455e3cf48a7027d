package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/seal"
)

var parts = []seal.Part{
	{Name: "roster.json", MediaType: "application/json", Content: []byte(`{"members":[{"name":"髙﨑 𠮷"}]}`)},
	{Name: "roster.pdf", MediaType: "application/pdf", Content: []byte("%PDF-1.7 …")},
	{Name: "checkpoint.txt", MediaType: "text/plain", Content: []byte("log\n1\nroot\n")},
}

func packaged(t testing.TB, n *notary) []byte {
	t.Helper()
	s, err := n.sealer.SealPackage(t.Context(), parts)
	if err != nil {
		t.Fatal(err)
	}
	return s.Content
}

func TestAPackageComesBackAsItWasSealed(t *testing.T) {
	n := newNotary(t, true)
	content := packaged(t, n)
	v, files := seal.VerifyPackage(content, n.trust)
	if v.State != seal.Intact || v.StampedAt.IsZero() || len(files) != len(parts) {
		t.Fatalf("verdict %+v, %d files", v, len(files))
	}
	for i, f := range files {
		if f.Name != parts[i].Name || f.MediaType != parts[i].MediaType || !bytes.Equal(f.Content, parts[i].Content) {
			t.Errorf("file %d is %+v", i, f)
		}
	}
}

func TestOthersReadAPackage(t *testing.T) {
	n := newNotary(t, false)
	dir := t.TempDir()
	path := filepath.Join(dir, "p.asice")
	write(t, path, packaged(t, n))
	if kind := run(t, "unzip", "-p", path, "mimetype"); kind != "application/vnd.etsi.asic-e+zip" {
		t.Errorf("mimetype %q", kind)
	}
	run(t, "unzip", "-q", path, "-d", dir)
	run(t, "openssl", "cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", filepath.Join(dir, "META-INF/signature001.p7s"),
		"-content", filepath.Join(dir, "META-INF/ASiCManifest001.xml"), "-CAfile", n.root, "-purpose", "any", "-out", os.DevNull)
	manifest, err := os.ReadFile(filepath.Join(dir, "META-INF/ASiCManifest001.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if digest := strings.TrimSpace(run(t, "sh", "-c", "openssl dgst -sha256 -binary "+filepath.Join(dir, "roster.json")+" | openssl base64")); !strings.Contains(string(manifest), digest) {
		t.Errorf("the manifest does not hold %s:\n%s", digest, manifest)
	}
}

func TestATamperedPackageIsChanged(t *testing.T) {
	n := newNotary(t, false)
	content := packaged(t, n)
	for i := range content {
		flipped(&content[i], func(bit byte) {
			if v, files := seal.VerifyPackage(content, n.trust); v.State == seal.Intact || files != nil {
				t.Errorf("bit %#x of byte %d is flipped, verdict %+v", bit, i, v)
			}
		})
	}
	for name, c := range map[string][]byte{
		"appended": append(bytes.Clone(content), 0), "cut short": content[:len(content)-1], "something first": append([]byte("x"), content...), "nothing": nil,
	} {
		if v, _ := seal.VerifyPackage(c, n.trust); v.State == seal.Intact {
			t.Errorf("%s: verdict %+v", name, v)
		}
	}
	other := newNotary(t, false)
	if v, files := seal.VerifyPackage(content, other.trust); v.State != seal.Unknown || files != nil {
		t.Errorf("by somebody else: %+v", v)
	}
	for _, name := range []string{"", "../x", "/x", "mimetype", "META-INF/x", "roster.json"} {
		if _, err := n.sealer.SealPackage(t.Context(), append(parts, seal.Part{Name: name})); err == nil {
			t.Errorf("a file named %q was taken", name)
		}
	}
}
