package document

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// pdfcpu is kept from writing a folder of its own into the operator's home, before
// anybody uses it: what says so is a variable of pdfcpu's that everybody reads.
func init() { api.DisableConfigDir() }

// mend gives a PDF by gopdf what gopdf cannot: a text layer that says what is
// drawn in every plane of Unicode, the language, the structure, and compression.
func mend(pdf []byte, title string, f *font, root *element, marks [][]*element) ([]byte, error) {
	ctx, err := api.ReadContext(bytes.NewReader(pdf), model.NewDefaultConfiguration())
	if err == nil {
		err = ctx.EnsurePageCount()
	}
	if err != nil {
		return nil, fmt.Errorf("mend paper: %w", err)
	}
	for _, entry := range ctx.Table {
		if d, ok := entry.Object.(types.Dict); ok && d.Type() != nil && *d.Type() == "Font" && d["ToUnicode"] != nil {
			if err := mendText(ctx, d, f); err != nil {
				return nil, fmt.Errorf("mend text layer: %w", err)
			}
		}
	}
	if err := tag(ctx, root, marks); err != nil {
		return nil, fmt.Errorf("tag paper: %w", err)
	}
	info, err := ctx.IndRefForNewObject(types.Dict{"Title": types.HexLiteral("FEFF" + utf16Hex(title)), "Creator": types.StringLiteral("meibo")})
	if err != nil {
		return nil, fmt.Errorf("mend paper: %w", err)
	}
	ctx.Info = info
	ctx.RootDict["Lang"] = types.StringLiteral("ja-JP")
	ctx.RootDict["ViewerPreferences"] = types.Dict{"DisplayDocTitle": types.Boolean(true)}
	var b bytes.Buffer
	if err := api.WriteContext(ctx, &b); err != nil {
		return nil, fmt.Errorf("mend paper: %w", err)
	}
	return b.Bytes(), nil
}

var mapping = regexp.MustCompile(`<([0-9A-F]{4})><[0-9A-F]{4}><([0-9A-F]{4,6})>`)

// mendText writes the map from glyphs to text anew: in blocks of at most a hundred,
// in UTF-16, variation sequences in full.
func mendText(ctx *model.Context, d types.Dict, f *font) error {
	ref := d.IndirectRefEntry("ToUnicode")
	stream, _, err := ctx.DereferenceStreamDict(*ref)
	if err != nil {
		return err
	}
	if err := stream.Decode(); err != nil {
		return err
	}
	seen := map[string]string{}
	for _, m := range mapping.FindAllStringSubmatch(string(stream.Content), -1) {
		code, err := strconv.ParseInt(m[2], 16, 32)
		if err != nil {
			return err
		}
		text, variant := f.variants.text[rune(code)]
		if !variant {
			text = string(rune(code))
		}
		// A variant's glyph may be another character's, too: the plainer text wins.
		if was, twice := seen[m[1]]; !twice || len(text) < len(was) {
			seen[m[1]] = text
		}
	}
	var glyphs []string
	for g := range seen {
		glyphs = append(glyphs, g)
	}
	slices.Sort(glyphs)
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin 12 dict begin begincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def /CMapType 2 def\n1 begincodespacerange <0000> <FFFF> endcodespacerange\n")
	for block := range slices.Chunk(glyphs, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for _, g := range block {
			fmt.Fprintf(&b, "<%s> <%s>\n", g, utf16Hex(seen[g]))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap CMapName currentdict /CMap defineresource pop end end\n")
	return replace(ctx, ref, []byte(b.String()))
}

// replace puts other content into a stream, compressed.
func replace(ctx *model.Context, ref *types.IndirectRef, content []byte) error {
	stream, err := ctx.NewStreamDictForBuf(content)
	if err == nil {
		err = stream.Encode()
	}
	if err != nil {
		return err
	}
	ctx.Table[int(ref.ObjectNumber)].Object = *stream
	return nil
}

func utf16Hex(s string) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return strings.ToUpper(hex.EncodeToString(b))
}
