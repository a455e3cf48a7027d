package seal

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
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
	At     time.Time
	// Origin and Consent go along as attachments that the seal covers; nil: none.
	Origin  *meibo.Origin
	Consent *meibo.ConsentFile
}

// SealPDF seals a paper (PAdES: ETSI.CAdES.detached). The signature covers the
// whole file; the seal itself is not drawn.
func (s *Sealer) SealPDF(ctx context.Context, p Paper) (Sealed, error) {
	open, contents, err := p.withPlace(s.Name())
	if err != nil {
		return Sealed{}, fmt.Errorf("seal PDF: %w", err)
	}
	after := contents + 2 + 2*room
	signature, stamped, plain, err := s.Signature(ctx, append(bytes.Clone(open[:contents]), open[after:]...))
	if err != nil {
		return Sealed{}, fmt.Errorf("seal PDF: %w", err)
	}
	if len(signature) > room {
		return Sealed{}, fmt.Errorf("seal PDF: the signature takes %d bytes", len(signature))
	}
	hex.Encode(open[contents+1:], signature)
	return Sealed{open, stamped, plain}, nil
}

// withPlace appends a signature without content to a paper, and says where its
// content begins.
func (p Paper) withPlace(name string) (open []byte, contents int, err error) {
	conf := model.NewDefaultConfiguration()
	conf.WriteObjectStream, conf.WriteXRefStream = false, true
	ctx, err := api.ReadContext(bytes.NewReader(p.PDF), conf)
	if err != nil {
		return nil, 0, err
	}
	if err := ctx.EnsurePageCount(); err != nil {
		return nil, 0, err
	}
	ctx.Write.Increment, ctx.Write.Offset = true, int64(len(p.PDF))
	if err := p.attach(ctx); err != nil {
		return nil, 0, err
	}
	if err := p.addField(ctx, name); err != nil {
		return nil, 0, err
	}
	b := bytes.NewBuffer(bytes.Clone(p.PDF))
	if err := api.WriteIncrement(ctx, b); err != nil {
		return nil, 0, err
	}
	open, contents = b.Bytes(), int(ctx.Write.OffsetSigContents)
	at2 := int(ctx.Write.OffsetSigByteRange)
	after := contents + 2 + 2*room
	if at2 <= 0 || after > len(open) || open[contents] != '<' || open[after-1] != '>' {
		return nil, 0, fmt.Errorf("no place for the signature")
	}
	copy(open[at2:at2+36], fmt.Sprintf("%-36s", fmt.Sprintf("[0 %d %d %d]", contents, after, len(open)-after)))
	return open, contents, nil
}

// text is a text of a PDF in UTF-16.
func text(s string) types.HexLiteral {
	return types.HexLiteral(hex.EncodeToString([]byte(types.EncodeUTF16String(s))))
}

// addField adds the signature, its field on the first page, and the form.
func (p Paper) addField(ctx *model.Context, name string) error {
	page, pageRef, _, err := ctx.PageDict(1, false)
	if err != nil {
		return err
	}
	signature, err := ctx.IndRefForNewObject(types.Dict{
		"Type": types.Name("Sig"), "Filter": types.Name("Adobe.PPKLite"), "SubFilter": types.Name("ETSI.CAdES.detached"),
		"ByteRange": types.NewIntegerArray(0, 0, 0, 0), "Contents": types.NewHexLiteral(make([]byte, room)),
		"M": types.StringLiteral(types.DateString(p.At)), "Name": text(name), "Reason": text(p.Reason),
	})
	if err != nil {
		return err
	}
	const hiddenLockedPrint = 132
	field, err := ctx.IndRefForNewObject(types.Dict{
		"Type": types.Name("Annot"), "Subtype": types.Name("Widget"), "FT": types.Name("Sig"), "T": types.StringLiteral("meibo-seal"),
		"V": *signature, "P": *pageRef, "F": types.Integer(hiddenLockedPrint), "Rect": types.NewIntegerArray(0, 0, 0, 0),
	})
	if err != nil {
		return err
	}
	page["Annots"] = types.Array{*field}
	ctx.RootDict["AcroForm"] = types.Dict{"Fields": types.Array{*field}, "SigFlags": types.Integer(3)}
	for _, ref := range []*types.IndirectRef{signature, field, pageRef, ctx.Root} {
		ctx.Write.IncrementWithObjNr(ref.ObjectNumber.Value())
	}
	return nil
}
