package seal

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// originName is the name under which readers list the attachment.
const originName = "meibo-origin.json"

// originBegins is how an origin begins, and nothing else in a paper of ours: texts
// in it are compressed, in hexadecimal digits, or have no such quotation marks.
var originBegins = []byte(`{"format":"` + meibo.OriginFormat + `",`)

// attach puts into the paper, as files that readers can save, its origin and the
// consent of its person. They lie there as they are, so that they are found without
// reading the PDF's objects.
func (p Paper) attach(more *increment, root types.Dict, at time.Time) error {
	var names, specs types.Array
	add := func(name, about string, content any) error {
		spec, err := embed(more, name, about, content, at)
		if err != nil {
			return fmt.Errorf("attach %s: %w", name, err)
		}
		names, specs = append(names, types.StringLiteral(name), spec), append(specs, spec)
		return nil
	}
	if p.Consent != nil { // names stand in order
		if err := add(meibo.ConsentFileName, meibo.AboutConsent, p.Consent); err != nil {
			return err
		}
	}
	if p.Origin != nil {
		if err := add(originName, meibo.AboutOrigin, p.Origin); err != nil {
			return err
		}
	}
	if len(specs) > 0 {
		root["Names"] = types.Dict{"EmbeddedFiles": types.Dict{"Names": names}}
		root["AF"] = specs
	}
	return nil
}

// inert writes JSON, which lies in the paper as it is, so that no text in it can be taken
// for a part of the paper: all that we, or readers of broken files, look for has one of
// these. The last letter is escaped and not the first, which may end an escape (\t).
var inert = strings.NewReplacer("/", `\u002f`, "%", `\u0025`, "obj", `ob\u006a`, "stream", `strea\u006d`, "xref", `xre\u0066`, "trailer", `traile\u0072`)

func embed(more *increment, name, about string, value any, at time.Time) (spec types.IndirectRef, err error) {
	content, err := json.Marshal(value)
	if err != nil {
		return spec, err
	}
	content = []byte(inert.Replace(string(content)))
	file, n := more.object(), more.object()
	more.put(file, fmt.Sprintf("<</Type/EmbeddedFile/Subtype/application#2Fjson/Params<</Size %d/ModDate(%s)>>/Length %d>>\nstream\n%s\nendstream",
		len(content), types.DateString(at), len(content), content))
	more.put(n, fmt.Sprintf("<</Type/Filespec/F(%s)/UF(%s)/AFRelationship/Data/Desc%s/EF<</F %d 0 R/UF %d 0 R>>>>", name, name, text(about), file, file))
	return *types.NewIndirectRef(n, 0), nil
}

// originOf is the origin in a file whose seal is intact; nil: there is none. It is as
// good as the seal. A file in which there seems to be more than one is refused.
func originOf(file []byte) (*meibo.Origin, error) {
	o, err := attached[meibo.Origin](file, originBegins)
	if err == nil && o != nil && o.Format != meibo.OriginFormat {
		err = unverified("the origin is of another form")
	}
	return o, err
}

// attached is the one attachment that begins so; nil: there is none.
func attached[T any](file, begins []byte) (*T, error) {
	switch bytes.Count(file, begins) {
	case 0:
		return nil, nil
	case 1:
	default:
		return nil, unverified("there is more than one of an attachment")
	}
	var v T
	at := bytes.Index(file, begins)
	if err := json.NewDecoder(bytes.NewReader(file[at:])).Decode(&v); err != nil {
		return nil, unverified("an attachment is not readable")
	}
	return &v, nil
}

// verifyOrigin finds with the log's public key the entry to which an origin leads, and
// sees that it has written the row. Of a brief origin only that the entry is there can be
// seen. Anything else is ErrUnverified.
func verifyOrigin(o meibo.Origin, log *Verifier) (meibo.Entry, Checkpoint, error) {
	entry, head, err := inLog(o, log)
	if err != nil || o.Record == "" {
		return entry, head, err
	}
	written := func(row meibo.RowEvidence) bool { return row.Table == o.Table && row.Key == o.Key }
	if !slices.ContainsFunc(entry.Rows, written) {
		return entry, head, unverified("the entry has not written the row")
	}
	return entry, head, nil
}
