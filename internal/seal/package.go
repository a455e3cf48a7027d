package seal

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

// A Part is one file of a package.
type Part struct {
	Name      string
	MediaType string
	Content   []byte
}

// The form of a package: ASiC-E with CAdES (ETSI EN 319 162-1). Nothing in it is
// compressed, so that one content has exactly one form.
const (
	packageType   = "application/vnd.etsi.asic-e+zip"
	manifestName  = "META-INF/ASiCManifest001.xml"
	signatureName = "META-INF/signature001.p7s"
	maxPackage    = 64 << 20
)

// SealPackage puts files into one container that bears a signature over a manifest
// of them. A container is no encryption: it goes where only the receiver reads it.
func (s *Sealer) SealPackage(ctx context.Context, parts []Part) (Sealed, error) {
	manifest, err := manifestOf(parts)
	if err != nil {
		return Sealed{}, err
	}
	signature, stamped, plain, err := s.signature(ctx, manifest, cades)
	if err != nil {
		return Sealed{}, fmt.Errorf("seal package: %w", err)
	}
	content, err := packed(parts, manifest, signature)
	return Sealed{content, stamped, plain}, err
}

type xmlManifest struct {
	XMLName xml.Name     `xml:"asic:ASiCManifest"`
	ASiC    string       `xml:"xmlns:asic,attr"`
	DS      string       `xml:"xmlns:ds,attr"`
	Sig     xmlReference `xml:"asic:SigReference"`
	Data    []xmlData    `xml:"asic:DataObjectReference"`
}

type xmlReference struct {
	URI  string `xml:"URI,attr"`
	Type string `xml:"MimeType,attr"`
}

type xmlData struct {
	xmlReference
	Method struct {
		Algorithm string `xml:"Algorithm,attr"`
	} `xml:"ds:DigestMethod"`
	Value string `xml:"ds:DigestValue"`
}

// manifestOf lists files with their hashes.
func manifestOf(parts []Part) ([]byte, error) {
	m := xmlManifest{
		ASiC: "http://uri.etsi.org/02918/v1.2.1#", DS: "http://www.w3.org/2000/09/xmldsig#",
		Sig: xmlReference{signatureName, "application/pkcs7-signature"},
	}
	seen := map[string]bool{}
	for _, p := range parts {
		if seen[p.Name] || p.Name == "" || strings.Contains(p.Name, "..") || strings.HasPrefix(p.Name, "/") || strings.HasPrefix(p.Name, "META-INF") || p.Name == "mimetype" {
			return nil, fmt.Errorf("seal package: a file cannot be named %q", p.Name)
		}
		seen[p.Name] = true
		sum := sha256.Sum256(p.Content)
		d := xmlData{xmlReference: xmlReference{p.Name, p.MediaType}, Value: base64.StdEncoding.EncodeToString(sum[:])}
		d.Method.Algorithm = "http://www.w3.org/2001/04/xmlenc#sha256"
		m.Data = append(m.Data, d)
	}
	text, err := xml.MarshalIndent(m, "", " ")
	if err != nil {
		return nil, fmt.Errorf("write manifest: %w", err)
	}
	return append([]byte(xml.Header), text...), nil
}

// packed is the container.
func packed(parts []Part, manifest, signature []byte) ([]byte, error) {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	all := []Part{{Name: "mimetype", Content: []byte(packageType)}}
	all = append(all, parts...)
	all = append(all, Part{Name: manifestName, Content: manifest}, Part{Name: signatureName, Content: signature})
	for _, p := range all {
		entry, err := w.CreateHeader(&zip.FileHeader{Name: p.Name, Method: zip.Store})
		if err == nil {
			_, err = entry.Write(p.Content)
		}
		if err != nil {
			return nil, fmt.Errorf("write package: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("write package: %w", err)
	}
	return b.Bytes(), nil
}

// VerifyPackage tells what became of a package that SealPackage has sealed, and
// gives its files where it is intact. A package is intact only as the very bytes
// that were sealed: a file more, another order, a comment is a change.
func VerifyPackage(content []byte, trust Trust) (Verdict, []Part) {
	sum := sha256.Sum256(content)
	v := Verdict{State: Unknown, Code: "NO_SEAL", Hash: hex.EncodeToString(sum[:])}
	if !bytes.HasPrefix(content, []byte("PK\x03\x04")) || !bytes.Contains(content[:min(len(content), 200)], []byte(packageType)) {
		return v, nil
	}
	v.State, v.Code = Changed, "SEAL_DAMAGED"
	files, ok := unpacked(content)
	if !ok || len(files) < 3 || files[0].Name != "mimetype" || files[len(files)-2].Name != manifestName || files[len(files)-1].Name != signatureName {
		return v, nil
	}
	manifest, signature := files[len(files)-2].Content, files[len(files)-1].Content
	parts := files[1 : len(files)-2]
	var said struct {
		Data []struct {
			URI  string `xml:"URI,attr"`
			Type string `xml:"MimeType,attr"`
		} `xml:"DataObjectReference"`
	}
	if err := xml.Unmarshal(manifest, &said); err != nil || len(said.Data) != len(parts) {
		return v, nil
	}
	for i := range parts {
		parts[i].MediaType = said.Data[i].Type
	}
	again, err := manifestOf(parts)
	if err != nil || !bytes.Equal(again, manifest) {
		v.Code = "CONTENT_CHANGED"
		return v, nil
	}
	if whole, err := packed(parts, manifest, signature); err != nil || !bytes.Equal(whole, content) {
		return v, nil
	}
	v.State, v.Code = "", ""
	if v = verifySignature(v, manifest, signature, trust); v.State != Intact {
		return v, nil
	}
	return v, parts
}

// unpacked reads the files of a container in their order.
func unpacked(content []byte) ([]Part, bool) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil || len(content) > maxPackage || len(z.File) > 100 {
		return nil, false
	}
	var parts []Part
	left := int64(len(content)) // entries that lay over each other would hold more than the file
	for _, f := range z.File {
		if f.Method != zip.Store {
			return nil, false
		}
		r, err := f.Open()
		if err != nil {
			return nil, false
		}
		text, err := io.ReadAll(io.LimitReader(r, left+1))
		r.Close()
		if left -= int64(len(text)); err != nil || left < 0 {
			return nil, false
		}
		parts = append(parts, Part{Name: f.Name, Content: text})
	}
	return parts, true
}
