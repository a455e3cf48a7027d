package document

import (
	"bytes"
	"errors"
	"image"
	"image/jpeg"
	"image/png"
	"slices"
	"strings"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// Limits of a paper that was scanned.
const (
	maxScanPages  = 20
	maxScanPixels = 40_000_000 // A4 at 600 dots an inch is 35 million
)

// ScanTypes are the media types in which a scanned paper is taken.
var ScanTypes = map[string]bool{"application/pdf": true, "image/jpeg": true, "image/png": true}

// begins are the bytes that files of a type begin with.
var begins = map[string]string{"application/pdf": "%PDF-", "image/jpeg": "\xFF\xD8\xFF", "image/png": "\x89PNG\r\n\x1a\n"}

// A Scan is a paper that came back signed.
type Scan struct {
	MediaType string
	Content   []byte
	Form      []byte // what was given out, where it was signed with a certificate; nil: by hand
}

// Inspect says what is wrong with a scan, or nothing: it must be what its media
// type says, whole, within limits, and a PDF must neither be locked nor bring along
// what acts by itself, or other files. One that was signed with a certificate must
// be the form, and nothing may be drawn otherwise. The bytes are never changed.
//
// It reads what a stranger may have sent. Time and memory that a hostile file takes
// are bounded only for images: a service inspects in a process of its own.
func (s Scan) Inspect() meibo.ProblemCode {
	switch {
	case !ScanTypes[s.MediaType]:
		return "UNKNOWN_VALUE"
	case !bytes.HasPrefix(s.Content, []byte(begins[s.MediaType])):
		return "MEDIA_TYPE_DIFFERS"
	case s.Form != nil && s.MediaType != "application/pdf":
		return "SIGNATURE_MISSING"
	case s.Form != nil:
		if code := s.sameForm(); code != "" {
			return code
		}
	}
	if s.MediaType == "application/pdf" {
		return inspectPDF(s.Content)
	}
	return inspectImage(s.MediaType, s.Content)
}

func inspectImage(mediaType string, content []byte) meibo.ProblemCode {
	decode, size := png.Decode, png.DecodeConfig
	if mediaType == "image/jpeg" {
		decode, size = jpeg.Decode, jpeg.DecodeConfig
	}
	c, err := size(bytes.NewReader(content))
	switch {
	case err != nil:
		return "SCAN_UNREADABLE"
	case c.Width < 1 || c.Height < 1 || c.Width > maxScanPixels/c.Height:
		return "SCAN_TOO_LARGE"
	}
	var whole image.Image
	if whole, err = decode(bytes.NewReader(content)); err != nil || whole.Bounds().Empty() {
		return "SCAN_UNREADABLE"
	}
	return ""
}

// inspectPDF walks through every object of a PDF without drawing anything.
func inspectPDF(content []byte) (code meibo.ProblemCode) {
	defer func() {
		if recover() != nil { // pdfcpu's, on a file that no program has written
			code = "SCAN_UNREADABLE"
		}
	}()
	ctx, err := api.ReadContext(bytes.NewReader(content), model.NewDefaultConfiguration())
	if err == nil {
		err = ctx.EnsurePageCount()
	}
	switch {
	case err == nil && ctx.Encrypt != nil, err != nil && bytes.Contains(content, []byte("/Encrypt")):
		return "SCAN_LOCKED"
	case err != nil || ctx.PageCount < 1:
		return "SCAN_UNREADABLE"
	case ctx.PageCount > maxScanPages:
		return "SCAN_TOO_LARGE"
	}
	return inspectObjects(ctx)
}

// inspectObjects looks for every page, and at every object, reached or not.
func inspectObjects(ctx *model.Context) meibo.ProblemCode {
	for n := 1; n <= ctx.PageCount; n++ {
		if d, _, _, err := ctx.PageDict(n, false); err != nil || d == nil {
			return "SCAN_UNREADABLE"
		}
	}
	for n, entry := range ctx.Table {
		if entry == nil || entry.Free {
			continue
		}
		generation := 0
		if entry.Generation != nil {
			generation = *entry.Generation
		}
		object, err := ctx.Dereference(*types.NewIndirectRef(n, generation))
		switch {
		case err != nil:
			return "SCAN_UNREADABLE"
		case acts(object, 0):
			return "SCAN_ACTIVE"
		}
	}
	return ""
}

// acting are the keys of a PDF's dictionaries that run programs, open or fetch
// something, or hold other files (ISO 32000-1, 7.11.4, 12.6.4).
var acting = []string{"JS", "JavaScript", "EmbeddedFile", "EmbeddedFiles", "XFA", "RichMediaContent"}

// actions are the actions that leave the document.
var actions = []string{"Launch", "JavaScript", "GoToR", "GoToE", "SubmitForm", "ImportData", "URI", "Movie", "Sound", "Rendition", "RichMediaExecute"}

// acts reports whether an object does something by itself; one nested deeper than
// any scanner's is taken for one that does.
func acts(object types.Object, depth int) bool {
	if depth > 64 {
		return true
	}
	switch o := object.(type) {
	case types.Dict:
		return dictActs(o, depth)
	case types.StreamDict:
		return dictActs(o.Dict, depth)
	case *types.StreamDict:
		return o != nil && dictActs(o.Dict, depth)
	case types.ObjectStreamDict:
		return dictActs(o.Dict, depth)
	case *types.ObjectStreamDict:
		return o != nil && dictActs(o.Dict, depth)
	case types.XRefStreamDict:
		return dictActs(o.Dict, depth)
	case types.Array:
		for _, x := range o {
			if acts(x, depth+1) {
				return true
			}
		}
	}
	return false
}

func dictActs(d types.Dict, depth int) bool {
	for _, key := range acting {
		if _, found := d.Find(key); found {
			return true
		}
	}
	if kind := d.NameEntry("S"); kind != nil {
		for _, a := range actions {
			if *kind == a {
				return true
			}
		}
	}
	for _, x := range d {
		if acts(x, depth+1) {
			return true
		}
	}
	return false
}

// scanCodes are all that Inspect may say.
var scanCodes = []meibo.ProblemCode{
	"UNKNOWN_VALUE", "MEDIA_TYPE_DIFFERS", "SCAN_UNREADABLE", "SCAN_TOO_LARGE", "SCAN_LOCKED", "SCAN_ACTIVE", "SIGNATURE_MISSING", "FORM_DIFFERS",
}

// ErrScan is a scan that could not be inspected; nothing was found out about it.
var ErrScan = errors.New("scan could not be inspected")

// ScanVerdict reads what a process of its own has found out about a scan.
func ScanVerdict(said string) (meibo.ProblemCode, error) {
	word, whole := strings.CutSuffix(said, "\n")
	switch code := meibo.ProblemCode(word); {
	case !whole:
		return "", ErrScan
	case code == "ok":
		return "", nil
	case !slices.Contains(scanCodes, code):
		return "", ErrScan
	default:
		return code, nil
	}
}
