package document

import (
	"bytes"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// sameForm says whether a signed PDF is the form with nothing but a signature
// added: its bytes go on where the form ends, and every object that the form is
// drawn from is as it was. Else one could sign the form's bytes and show others
// (shadow attacks on signed PDFs, Mainka et al., NDSS 2021). What the signature itself
// draws on a page is for the second person to look at.
func (s Scan) sameForm() (code meibo.ProblemCode) {
	defer func() {
		if recover() != nil {
			code = "SCAN_UNREADABLE"
		}
	}()
	if !bytes.HasPrefix(s.Content, s.Form) {
		return "FORM_DIFFERS"
	}
	form, errForm := api.ReadContext(bytes.NewReader(s.Form), model.NewDefaultConfiguration())
	signed, errSigned := api.ReadContext(bytes.NewReader(s.Content), model.NewDefaultConfiguration())
	switch {
	case errForm != nil || errSigned != nil:
		return "SCAN_UNREADABLE"
	case form.Root == nil || signed.Root == nil || form.Root.ObjectNumber != signed.Root.ObjectNumber:
		return "FORM_DIFFERS"
	}
	for n, entry := range form.Table {
		if entry == nil || entry.Free || !drawn(form, n) {
			continue
		}
		ref := *types.NewIndirectRef(n, 0)
		was, errWas := form.Dereference(ref)
		is, errIs := signed.Dereference(ref)
		if errWas != nil || errIs != nil || !sameObject(was, is) {
			return "FORM_DIFFERS"
		}
	}
	return signatureFieldsOnly(signed)
}

// drawn: all but what programs note about the file, and how it is stored.
func drawn(ctx *model.Context, n int) bool {
	if ctx.Info != nil && ctx.Info.ObjectNumber.Value() == n {
		return false
	}
	object, err := ctx.Dereference(*types.NewIndirectRef(n, 0))
	if err != nil {
		return true
	}
	switch object.(type) {
	case types.XRefStreamDict, *types.XRefStreamDict, types.ObjectStreamDict, *types.ObjectStreamDict:
		return false
	}
	return true
}

// added are what a signature adds to the catalogue and to its page.
var added = map[string][]string{
	"Catalog": {"AcroForm", "Extensions", "DSS", "Perms", "Version", "Metadata"},
	"Page":    {"Annots"},
}

func sameObject(was, is types.Object) bool {
	switch a := was.(type) {
	case types.StreamDict:
		b, ok := is.(types.StreamDict)
		return ok && bytes.Equal(a.Raw, b.Raw) && sameDict(a.Dict, b.Dict)
	case types.Dict:
		b, ok := is.(types.Dict)
		return ok && sameDict(a, b)
	case nil:
		return is == nil
	}
	return is != nil && was.PDFString() == is.PDFString()
}

func sameDict(was, is types.Dict) bool {
	var more []string
	if kind := was.Type(); kind != nil {
		more = added[*kind]
	}
	was, is = without(was, more), without(is, more)
	return was.PDFString() == is.PDFString()
}

func without(d types.Dict, keys []string) types.Dict {
	plain := types.NewDict()
	for k, v := range d {
		plain[k] = v
	}
	for _, k := range keys {
		delete(plain, k)
	}
	return plain
}

// signatureFieldsOnly: what was put onto the pages are signatures and no notes,
// stamps or other fields.
func signatureFieldsOnly(ctx *model.Context) meibo.ProblemCode {
	if err := ctx.EnsurePageCount(); err != nil {
		return "SCAN_UNREADABLE"
	}
	for n := 1; n <= ctx.PageCount; n++ {
		page, _, _, err := ctx.PageDict(n, false)
		if err != nil || page == nil {
			return "SCAN_UNREADABLE"
		}
		list, err := ctx.DereferenceArray(page["Annots"])
		if err != nil {
			return "SCAN_UNREADABLE"
		}
		for _, a := range list {
			d, err := ctx.DereferenceDict(a)
			if err != nil || d == nil {
				return "SCAN_UNREADABLE"
			}
			if kind, field := d.NameEntry("Subtype"), d.NameEntry("FT"); kind == nil || *kind != "Widget" || field == nil || *field != "Sig" {
				return "FORM_DIFFERS"
			}
		}
	}
	return ""
}
