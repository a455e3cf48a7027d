package seal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// originName is the name under which readers list the attachment.
const originName = "meibo-origin.json"

// originBegins is how an origin begins, and nothing else in a paper of ours: texts
// in it are compressed, or in hexadecimal digits.
var originBegins = []byte(`{"format":"` + meibo.OriginFormat + `",`)

// attach puts the paper's origin into it, as a file that readers can save. It lies
// there as it is, so that it is found without reading the PDF's objects.
func (p Paper) attach(ctx *model.Context) error {
	if p.Origin == nil {
		return nil
	}
	content, err := json.Marshal(p.Origin)
	if err != nil {
		return fmt.Errorf("write origin: %w", err)
	}
	stream := types.NewStreamDict(types.Dict{
		"Type": types.Name("EmbeddedFile"), "Subtype": types.Name("application/json"),
		"Params": types.Dict{"Size": types.Integer(len(content)), "ModDate": types.StringLiteral(types.DateString(p.At))},
	}, 0, nil, nil, nil)
	if stream.Content = content; stream.Encode() != nil {
		return fmt.Errorf("write origin: %w", err)
	}
	file, err := ctx.IndRefForNewObject(stream)
	if err != nil {
		return err
	}
	spec, err := ctx.IndRefForNewObject(types.Dict{
		"Type": types.Name("Filespec"), "F": types.StringLiteral(originName), "UF": types.StringLiteral(originName), "AFRelationship": types.Name("Data"),
		"Desc": text("台帳の記録"), "EF": types.Dict{"F": *file, "UF": *file},
	})
	if err != nil {
		return err
	}
	ctx.RootDict["Names"] = types.Dict{"EmbeddedFiles": types.Dict{"Names": types.Array{types.StringLiteral(originName), *spec}}}
	ctx.RootDict["AF"] = types.Array{*spec}
	for _, ref := range []*types.IndirectRef{file, spec} {
		ctx.Write.IncrementWithObjNr(ref.ObjectNumber.Value())
	}
	return nil
}

// originOf is the origin in a file whose seal is intact; nil: there is none. It is as
// good as the seal. A file in which there seems to be more than one is refused.
func originOf(file []byte) (*meibo.Origin, error) {
	switch bytes.Count(file, originBegins) {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, unverified("there is more than one origin")
	}
	var o meibo.Origin
	at := bytes.Index(file, originBegins)
	if err := json.NewDecoder(bytes.NewReader(file[at:])).Decode(&o); err != nil || o.Format != meibo.OriginFormat {
		return nil, unverified("the origin is not readable")
	}
	return &o, nil
}

// verifyOrigin finds with the log's public key the entry that has written the row.
// Anything else is ErrUnverified.
func verifyOrigin(o meibo.Origin, log *Verifier) (meibo.Entry, Checkpoint, error) {
	entry, head, err := inLog(o, log)
	if err != nil {
		return entry, head, err
	}
	written := func(row meibo.RowEvidence) bool { return row.Table == o.Table && row.Key == o.Key }
	if !slices.ContainsFunc(entry.Rows, written) {
		return entry, head, unverified("the entry has not written the row")
	}
	return entry, head, nil
}
