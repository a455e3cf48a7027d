package seal

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// room is how many bytes a signature with its certificates and its timestamp may
// take.
const room = 16 << 10

// pdfcpu is kept from writing a folder of its own into the operator's home, before
// anybody uses it: what says so is a variable of pdfcpu's that everybody reads.
func init() { api.DisableConfigDir() }

// A Sealed is a document after it was sealed.
type Sealed struct {
	Content []byte
	Stamped bool  // a timestamp is in it
	Plain   error // why there is none, where one was asked for
}

// A Paper is a PDF that meibo has written, and what its seal says of it.
type Paper struct {
	PDF    []byte
	Reason string
	// Origin and Consent go along as attachments that the seal covers; nil: none.
	Origin  *meibo.Origin
	Consent *meibo.ConsentFile
}

// SealPDF seals a paper (PAdES baseline, EN 319 142-1: ETSI.CAdES.detached), and
// certifies that nothing may be changed after it (DocMDP, P 1). The signature covers
// the whole file; the seal itself is not drawn. Its time is the machine's, as that of
// certificates and timestamps. What it gives out verifies, and says what p says; where
// that cannot be, it is an error.
func (s *Sealer) SealPDF(ctx context.Context, p Paper) (Sealed, error) {
	done, err := s.sealPDF(ctx, p)
	if err == nil {
		err = p.standsIn(done.Content)
	}
	if err != nil {
		return Sealed{}, fmt.Errorf("seal PDF: %w", err)
	}
	return done, nil
}

func (s *Sealer) sealPDF(ctx context.Context, p Paper) (Sealed, error) {
	open, contents, err := p.withPlace(s.Name(), time.Now())
	if err != nil {
		return Sealed{}, err
	}
	after := contents + 2 + 2*room
	signature, stamped, plain, err := s.signature(ctx, append(bytes.Clone(open[:contents]), open[after:]...), pades)
	if err != nil {
		return Sealed{}, err
	}
	if len(signature) > room {
		return Sealed{}, fmt.Errorf("the signature takes %d bytes", len(signature))
	}
	hex.Encode(open[contents+1:], signature)
	return Sealed{open, stamped, plain}, nil
}

// standsIn says why a sealed file is not what whoever verifies would take for this
// paper. Whom they trust is theirs to say: nobody is trusted here, and only that may be
// missing.
func (p Paper) standsIn(file []byte) error {
	if v := VerifyPDF(file, Trust{}); v.Code != "SIGNER_UNKNOWN" || v.SignedAt.IsZero() {
		return fmt.Errorf("it would not verify: %s %s, signed at %s", v.State, v.Code, v.SignedAt)
	}
	origin, err := originOf(file)
	if err != nil || !reflect.DeepEqual(origin, p.Origin) {
		return errors.Join(errors.New("its origin would not read as it is"), err)
	}
	consent, err := attached[meibo.ConsentFile](file, consentBegins)
	if err != nil || !reflect.DeepEqual(consent, p.Consent) {
		return errors.Join(errors.New("its consent would not read as it is"), err)
	}
	return nil
}

// withPlace appends a signature without content to a paper, and says where its
// content begins.
func (p Paper) withPlace(name string, at time.Time) (open []byte, contents int, err error) {
	ctx, err := api.ReadContext(bytes.NewReader(p.PDF), model.NewDefaultConfiguration())
	if err != nil {
		return nil, 0, err
	}
	if err := ctx.EnsurePageCount(); err != nil {
		return nil, 0, err
	}
	more, err := newIncrement(p.PDF, ctx)
	if err != nil {
		return nil, 0, err
	}
	if err := p.attach(more, ctx.RootDict, at); err != nil {
		return nil, 0, err
	}
	place, err := p.addField(more, ctx, name, at)
	if err != nil {
		return nil, 0, err
	}
	open = more.close()
	contents = place + rangeWidth + len("/Contents")
	after := contents + 2 + 2*room
	copy(open[place:], fmt.Sprintf("/ByteRange[0 %d %d %d]", contents, after, len(open)-after))
	return open, contents, nil
}

// addField adds the signature, its field on the first page, and the form. It says
// where the signature's range is to be written.
func (p Paper) addField(more *increment, ctx *model.Context, name string, at time.Time) (place int, err error) {
	page, pageRef, _, err := ctx.PageDict(1, false)
	if err != nil {
		return 0, err
	}
	signature, field := more.object(), more.object()
	place = more.put(signature, fmt.Sprintf("<<%*s/Contents<%0*d>/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/M(%s)/Name%s/Reason%s"+
		"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 1/V/1.2>>>>]>>",
		-rangeWidth, byteRange, 2*room, 0, types.DateString(at), text(name), text(p.Reason))) + len("<<")
	const lockedPrint = 132
	more.put(field, fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(meibo-seal)/V %d 0 R/P %s/F %d/Rect[0 0 0 0]>>", signature, pageRef.PDFString(), lockedPrint))
	fields := types.Array{*types.NewIndirectRef(field, 0)}
	page["Annots"] = fields
	more.put(pageRef.ObjectNumber.Value(), page.PDFString())
	ctx.RootDict["AcroForm"] = types.Dict{"Fields": fields, "SigFlags": types.Integer(3)}
	ctx.RootDict["Perms"] = types.Dict{"DocMDP": *types.NewIndirectRef(signature, 0)}
	more.put(ctx.Root.ObjectNumber.Value(), ctx.RootDict.PDFString())
	return place, nil
}

// text is a text of a PDF in UTF-16.
func text(s string) string {
	return "<" + hex.EncodeToString([]byte(types.EncodeUTF16String(s))) + ">"
}
