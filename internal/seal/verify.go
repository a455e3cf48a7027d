package seal

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/digitorus/timestamp"
	"github.com/smallstep/pkcs7"
)

// State is what became of a sealed file.
type State string

const (
	Intact  State = "intact"  // as it was sealed, by somebody trusted
	Changed State = "changed" // other than it was sealed
	Unknown State = "unknown" // not sealed, or by somebody whom nobody here vouches for
)

// A Verdict says what became of a file, and what its seal says.
type Verdict struct {
	State    State
	Code     string // why, where it is not intact; about the time where it is
	Hash     string // hex SHA-256 of the file
	Signer   string // name in the certificate
	SignedAt time.Time
	// StampedAt is when a timestamp authority saw the seal; zero without a timestamp
	// of an authority that is trusted. SignedAt alone is only the signer's word.
	StampedAt time.Time
	Authority string
}

// A Trust says who is believed.
type Trust struct {
	Seals  *x509.CertPool // roots of seals
	Stamps *x509.CertPool // roots of timestamp authorities
}

var (
	byteRange = []byte("/ByteRange")
	rangeForm = regexp.MustCompile(`^/ByteRange\[0 ([1-9][0-9]{0,9}) ([1-9][0-9]{0,9}) ([1-9][0-9]{0,9})\] *$`)
)

// rangeWidth is what a range takes, blanks after it included.
const rangeWidth = 46

// VerifyPDF tells what became of a PDF that SealPDF has sealed. It reads bytes
// only and never the PDF's objects: no hostile file can exhaust or mislead it. The
// seal must cover the whole file; whatever was appended, wrapped or replaced is a
// change.
func VerifyPDF(file []byte, trust Trust) Verdict {
	sum := sha256.Sum256(file)
	v := Verdict{Hash: hex.EncodeToString(sum[:])}
	if n := bytes.Count(file, byteRange); n != 1 {
		v.State, v.Code = Unknown, "NO_SEAL"
		if n > 1 {
			v.State, v.Code = Changed, "MORE_THAN_ONE_SEAL"
		} else if bytes.Contains(file, []byte("ETSI.CAdES.detached")) || bytes.Contains(file, []byte("Adobe.PPKLite")) {
			v.State, v.Code = Changed, "SEAL_DAMAGED"
		}
		return v
	}
	covered, signature, code := cut(file)
	if code != "" {
		v.State, v.Code = Changed, code
		return v
	}
	v.SignedAt = moment(covered)
	return verifySignature(v, covered, signature, trust)
}

var momentForm = regexp.MustCompile(`/M\(D:([0-9]{14}[+-][0-9]{2}'[0-9]{2})'\)/Name<`)

// moment is the time of signing in a signature's dictionary; zero: there is none, or
// more than one.
func moment(covered []byte) time.Time {
	found := momentForm.FindAllSubmatch(covered, 2)
	if len(found) != 1 {
		return time.Time{}
	}
	at, err := time.Parse("20060102150405-07'00", string(found[0][1]))
	if err != nil {
		return time.Time{}
	}
	return at
}

// cut takes a sealed file apart: what the seal covers, and the seal.
func cut(file []byte) (covered, signature []byte, code string) {
	at := bytes.Index(file, byteRange)
	if len(file) < at+rangeWidth {
		return nil, nil, "SEAL_DAMAGED"
	}
	m := rangeForm.FindSubmatch(file[at : at+rangeWidth])
	if m == nil {
		return nil, nil, "SEAL_DAMAGED"
	}
	begin, end, tail := number(m[1]), number(m[2]), number(m[3])
	const place = "/Contents"
	switch {
	case end-begin != 2*room+2, begin != at+rangeWidth+len(place), end > len(file), file[begin] != '<', file[end-1] != '>':
		return nil, nil, "SEAL_DAMAGED"
	case end+tail < len(file):
		return nil, nil, "APPENDED"
	case end+tail > len(file):
		return nil, nil, "CUT_SHORT"
	}
	text := file[begin+1 : end-1]
	signature = make([]byte, room)
	if _, err := hex.Decode(signature, text); err != nil || hex.EncodeToString(signature) != string(text) {
		return nil, nil, "SEAL_DAMAGED"
	}
	var whole asn1.RawValue
	rest, err := asn1.Unmarshal(signature, &whole)
	if err != nil || len(bytes.Trim(rest, "\x00")) > 0 {
		return nil, nil, "SEAL_DAMAGED"
	}
	return append(bytes.Clone(file[:begin]), file[end:]...), whole.FullBytes, ""
}

func number(digits []byte) int {
	n, _ := strconv.Atoi(string(digits))
	return n
}

// VerifySignature tells what became of content that a detached signature covers.
func VerifySignature(content, signature []byte, trust Trust) Verdict {
	sum := sha256.Sum256(content)
	return verifySignature(Verdict{Hash: hex.EncodeToString(sum[:])}, content, signature, trust)
}

func verifySignature(v Verdict, content, signature []byte, trust Trust) Verdict {
	m, err := openMessage(signature, false)
	if err != nil {
		v.State, v.Code = Changed, "SEAL_DAMAGED"
		return v
	}
	v.Signer = m.leaf.Subject.CommonName
	m.p7.UnmarshalSignedAttribute(pkcs7.OIDAttributeSigningTime, &v.SignedAt) // stays without
	if err := m.covers(content); err != nil {
		v.State, v.Code = Changed, "CONTENT_CHANGED"
		return v
	}
	at := v.SignedAt
	if v.Code, err = v.stamp(m, trust); err != nil {
		v.State = Changed
		return v
	}
	if !v.StampedAt.IsZero() {
		at = v.StampedAt
	}
	if trust.Seals == nil {
		trust.Seals = x509.NewCertPool()
	}
	switch err := m.led(trust.Seals, at, x509.ExtKeyUsageAny); {
	case errors.Is(err, errMalformed):
		v.State, v.Code = Changed, "SEAL_DAMAGED"
	case err != nil:
		v.State, v.Code = Unknown, "SIGNER_UNKNOWN"
	default:
		v.State = Intact
	}
	return v
}

// stamp reads the timestamp of a seal. The error says that it is not one of this
// seal; the code, that it cannot be relied on.
func (v *Verdict) stamp(m *message, trust Trust) (code string, err error) {
	if m.token == nil {
		return "NO_TIMESTAMP", nil
	}
	t, err := openMessage(m.token, true)
	if err != nil {
		return "TIMESTAMP_DAMAGED", errMalformed
	}
	if err := t.covers(nil); err != nil {
		return "TIMESTAMP_DAMAGED", err
	}
	stamp, err := timestamp.Parse(m.token)
	if err != nil {
		return "TIMESTAMP_DAMAGED", err
	}
	sum := sha256.Sum256(m.signer.Signature)
	if stamp.HashAlgorithm != crypto.SHA256 || !bytes.Equal(stamp.HashedMessage, sum[:]) {
		return "TIMESTAMP_DAMAGED", fmt.Errorf("the timestamp is of something else")
	}
	if trust.Stamps == nil {
		return "TIMESTAMP_UNTRUSTED", nil
	}
	switch err := t.led(trust.Stamps, stamp.Time, x509.ExtKeyUsageTimeStamping); {
	case errors.Is(err, errMalformed):
		return "TIMESTAMP_DAMAGED", err
	case err != nil:
		return "TIMESTAMP_UNTRUSTED", nil
	}
	v.StampedAt, v.Authority = stamp.Time, t.leaf.Subject.CommonName
	return "", nil
}
