package document

import (
	"fmt"
	"strings"
)

// An element of a paper's structure: a heading, a paragraph, a table, a row, a
// cell. Its texts and the elements in it come in the order of reading.
type element struct {
	kind           string
	object, parent int
	kids           []kid
}

// A kid of an element is another one, by its object, or a mark on a page.
type kid struct{ object, page, mark int }

// begin opens an element of the structure in the one that is open; end closes it.
func (p *pen) begin(kind string) *element {
	var e *element
	if parent := p.open[len(p.open)-1]; parent != nil { // decoration has no structure
		e = p.child(parent, kind)
	}
	p.open = append(p.open, e)
	return e
}

// child is a new element in another, which write must write.
func (p *pen) child(parent *element, kind string) *element {
	e := &element{kind: kind, object: p.pdf.object(), parent: parent.object}
	parent.kids = append(parent.kids, kid{object: e.object})
	return e
}

func (p *pen) end() {
	if e := p.open[len(p.open)-1]; e != nil {
		e.write(p.pdf, p.pages)
	}
	p.open = p.open[:len(p.open)-1]
}

// mark says that what is drawn next belongs to an element; nil: it is decoration.
func (p *pen) mark(e *element) {
	if p.marked && p.markOf == e {
		return
	}
	p.unmark()
	p.marked, p.markOf = true, e
	if e == nil {
		p.body.WriteString("/Artifact BMC\n")
		return
	}
	s := p.pages[p.page]
	e.kids = append(e.kids, kid{page: p.page, mark: len(s.owners)})
	fmt.Fprintf(&p.body, "/%s <</MCID %d>> BDC\n", e.kind, len(s.owners))
	s.owners = append(s.owners, e.object)
}

func (p *pen) unmark() {
	if p.marked {
		p.body.WriteString("EMC\n")
	}
	p.marked, p.markOf = false, nil
}

// write writes the element's object. Marks on the page of the first one are numbers
// only.
func (e *element) write(w *pdfWriter, pages []*leaf) {
	var b strings.Builder
	fmt.Fprintf(&b, "<</Type/StructElem/S/%s/P %d 0 R", e.kind, e.parent)
	if e.kind == "TH" {
		b.WriteString("/A<</O/Table/Scope/Column>>")
	}
	on := -1
	for _, k := range e.kids {
		if k.object == 0 && on < 0 {
			on = k.page
			fmt.Fprintf(&b, "/Pg %d 0 R", pages[on].object)
		}
	}
	b.WriteString("/K[")
	for _, k := range e.kids {
		switch {
		case k.object > 0:
			fmt.Fprintf(&b, "%d 0 R ", k.object)
		case k.page == on:
			fmt.Fprintf(&b, "%d ", k.mark)
		default:
			fmt.Fprintf(&b, "<</Type/MCR/Pg %d 0 R/MCID %d>>", pages[k.page].object, k.mark)
		}
	}
	b.WriteString("]>>")
	w.put(e.object, b.String())
}

// writeTree writes the root of the structure; parents are, by page, the elements of
// its marks.
func (p *pen) writeTree(parents []int) {
	var b strings.Builder
	for i, owners := range parents {
		fmt.Fprintf(&b, "%d %d 0 R ", i, owners)
	}
	numbers := p.pdf.object()
	p.pdf.put(numbers, "<</Nums["+b.String()+"]>>")
	p.pdf.put(p.tree, fmt.Sprintf("<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>", p.root, numbers, len(parents)))
}
