package document

import (
	"bytes"
	"fmt"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// An element of a paper's structure: a heading, a paragraph, a table, a row, a
// cell. Its texts and the elements in it come in the order of reading.
type element struct {
	kind   string
	parent *element
	kids   []any  // *element or content
	actual string // what it says, where the glyphs do not tell
	ref    types.IndirectRef
}

// A content is one text, by its page and its number there.
type content struct{ page, number int }

// tag writes the structure of a paper, and marks in its pages which text belongs
// to which element. What belongs to none is decoration.
func tag(ctx *model.Context, root *element, marks [][]*element) error {
	pages := make([]types.IndirectRef, len(marks))
	parents := types.Array{}
	for i := range marks {
		page, ref, _, err := ctx.PageDict(i+1, false)
		if err != nil {
			return err
		}
		pages[i] = *ref
		page["StructParents"], page["Tabs"] = types.Integer(i), types.Name("S")
		if err := markPage(ctx, page, i, marks[i]); err != nil {
			return err
		}
	}
	tree, err := ctx.IndRefForNewObject(types.Dict{"Type": types.Name("StructTreeRoot")})
	if err != nil {
		return err
	}
	top, err := root.write(ctx, *tree, pages)
	if err != nil {
		return err
	}
	for i, list := range marks {
		var refs types.Array
		for _, e := range list {
			if e != nil {
				refs = append(refs, e.ref)
			}
		}
		parents = append(parents, types.Integer(i), refs)
	}
	d, err := ctx.DereferenceDict(*tree)
	if err != nil {
		return err
	}
	d["K"], d["ParentTree"], d["ParentTreeNextKey"] = top, types.Dict{"Nums": parents}, types.Integer(len(marks))
	ctx.RootDict["StructTreeRoot"] = *tree
	ctx.RootDict["MarkInfo"] = types.Dict{"Marked": types.Boolean(true)}
	return nil
}

// write makes the element's object and those in it.
func (e *element) write(ctx *model.Context, parent types.IndirectRef, pages []types.IndirectRef) (types.IndirectRef, error) {
	d := types.Dict{"Type": types.Name("StructElem"), "S": types.Name(e.kind), "P": parent}
	if e.kind == "TH" {
		d["A"] = types.Dict{"O": types.Name("Table"), "Scope": types.Name("Column")}
	}
	if e.actual != "" {
		d["ActualText"] = types.HexLiteral("FEFF" + utf16Hex(e.actual))
	}
	ref, err := ctx.IndRefForNewObject(d)
	if err != nil {
		return types.IndirectRef{}, err
	}
	e.ref = *ref
	var kids types.Array
	for _, kid := range e.kids {
		switch k := kid.(type) {
		case *element:
			r, err := k.write(ctx, e.ref, pages)
			if err != nil {
				return e.ref, err
			}
			kids = append(kids, r)
		case content:
			kids = append(kids, types.Dict{"Type": types.Name("MCR"), "Pg": pages[k.page], "MCID": types.Integer(k.number)})
		}
	}
	d["K"] = kids
	return e.ref, nil
}

var (
	textBegins = []byte("BT\n")
	textEnds   = []byte("ET\n")
)

// markPage puts marks around the texts of a page. gopdf writes one text object for
// each text, on lines of their own.
func markPage(ctx *model.Context, page types.Dict, number int, marks []*element) error {
	ref := page.IndirectRefEntry("Contents")
	stream, _, err := ctx.DereferenceStreamDict(*ref)
	if err != nil {
		return err
	}
	if err := stream.Decode(); err != nil {
		return err
	}
	var b bytes.Buffer
	rest, next := stream.Content, 0
	for _, e := range marks {
		between, after, found := bytes.Cut(rest, textBegins)
		if !found {
			return fmt.Errorf("page %d has fewer texts than were drawn", number+1)
		}
		text, after, _ := bytes.Cut(after, textEnds)
		artifact(&b, between)
		if e == nil {
			b.WriteString("/Artifact BMC\n")
		} else {
			fmt.Fprintf(&b, "/%s <</MCID %d%s>> BDC\n", e.kind, next, e.property())
			e.kids = append(e.kids, content{number, next})
			next++
		}
		b.Write(textBegins)
		b.Write(text)
		b.Write(textEnds)
		b.WriteString("EMC\n")
		rest = after
	}
	artifact(&b, rest)
	return replace(ctx, ref, b.Bytes())
}

// property says in the page, too, what the glyphs do not tell: some readers look
// only there.
func (e *element) property() string {
	if e.actual == "" {
		return ""
	}
	return " /ActualText <FEFF" + utf16Hex(e.actual) + ">"
}

func artifact(b *bytes.Buffer, drawing []byte) {
	if len(bytes.TrimSpace(drawing)) > 0 {
		b.WriteString("/Artifact BMC\n")
		b.Write(drawing)
		b.WriteString("\nEMC\n")
	}
}
