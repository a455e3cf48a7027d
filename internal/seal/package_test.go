package seal_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"runtime"
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

// swollen is a package whose directory names one large entry again and again: as many
// entries as there are names lie in the same bytes.
func swollen(t *testing.T, size, times int) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, p := range []seal.Part{{Name: "mimetype", Content: []byte("application/vnd.etsi.asic-e+zip")}, {Name: "large", Content: make([]byte, size)}} {
		f, err := w.CreateHeader(&zip.FileHeader{Name: p.Name, Method: zip.Store})
		if err == nil {
			_, err = f.Write(p.Content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	content := b.Bytes()
	end := len(content) - 22 // end of central directory record, without a comment
	start := int(binary.LittleEndian.Uint32(content[end+16:]))
	directory := content[start:end]
	large := bytes.LastIndex(directory, []byte("PK\x01\x02"))
	whole := bytes.Clone(content[:end])
	for range times - 1 {
		whole = append(whole, directory[large:]...)
	}
	last := bytes.Clone(content[end:])
	binary.LittleEndian.PutUint16(last[8:], uint16(times+1))
	binary.LittleEndian.PutUint16(last[10:], uint16(times+1))
	binary.LittleEndian.PutUint32(last[12:], uint32(len(whole)-start))
	return append(whole, last...)
}

func TestAPackageTakesNoMoreRoomThanItIsLarge(t *testing.T) {
	content := swollen(t, 4<<20, 99)
	if z, err := zip.NewReader(bytes.NewReader(content), int64(len(content))); err != nil || len(z.File) != 100 {
		t.Fatalf("it is no archive that others would read: %v", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	v, _ := seal.VerifyPackage(content, seal.Trust{})
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; v.State != seal.Changed || took > 10*uint64(len(content)) {
		t.Errorf("verdict %+v; it took %d MiB to read %d", v, took>>20, len(content)>>20)
	}
}
