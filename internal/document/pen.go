package document

import (
	"bytes"
	"fmt"
	"strings"
)

// Sizes of paper and its margins in points. The left margin is 25 mm, for filing.
const (
	mm          = 72 / 25.4
	marginLeft  = 25 * mm
	marginOther = 20 * mm
)

// A pen writes one paper. It keeps which element of the structure each text
// belongs to, so that programs that read aloud find headings and tables. A page that
// is full is written at once, an element when it is closed: neither stays in memory.
type pen struct {
	pdf           *pdfWriter
	title         string
	faces         []*face
	chosen        map[wanted]glyph
	composed      map[string]glyph // characters with their marks
	buffer        [][2]rune
	width, height float64 // of the page
	x, y          float64 // y is the upper edge of what comes next
	right, bottom float64 // where the margins begin
	open          []*element
	pages         []*leaf
	page          int          // from 0
	body          bytes.Buffer // of the page
	marked        bool         // in a mark that is not closed: of an element, or nil for decoration
	markOf        *element
	tree, root    int // objects of the structure: its root, and the document in it
	drawFoot      func(page, of int)
	notes         []string // characters whose form is not drawn, in order of appearance
	noted         map[string]bool
}

// A leaf is a page that was drawn.
type leaf struct {
	object, body int
	owners       []int // the element of each mark
}

// newPen begins a paper without pages. It is written in a typeface, and in more fonts
// where that lacks something.
func newPen(of typeface, more Fonts, landscape bool, title string) (*pen, error) {
	f, err := builtIn[of]()
	if err != nil {
		return nil, err
	}
	p := &pen{
		pdf: newPDF(), title: title, faces: []*face{newFace(f)}, width: 210 * mm, height: 297 * mm, page: -1,
		chosen: map[wanted]glyph{}, noted: map[string]bool{}, composed: map[string]glyph{},
	}
	for _, f := range more {
		p.faces = append(p.faces, newFace(f))
	}
	p.tree, p.root = p.pdf.object(), p.pdf.object()
	p.open = []*element{{kind: "Document", object: p.root, parent: p.tree}}
	if landscape {
		p.width, p.height = p.height, p.width
	}
	p.right, p.bottom = p.width-marginOther, p.height-marginOther
	return p, nil
}

// newPage turns over.
func (p *pen) newPage() {
	p.turn()
	p.pages = append(p.pages, &leaf{object: p.pdf.object(), body: p.pdf.object()})
	p.page++
	p.x, p.y = marginLeft, marginOther
}

// turn writes the page that is drawn on.
func (p *pen) turn() {
	if p.page < 0 {
		return
	}
	p.mark(nil)
	p.unmark()
	p.pdf.stream(p.pages[p.page].body, "", p.body.Bytes())
	p.body.Reset()
}

// decorate draws what says nothing that the paper does not say elsewhere: heads
// that are repeated, lines, and feet.
func (p *pen) decorate(draw func()) {
	kept := p.open
	p.open = []*element{nil}
	draw()
	p.open = kept
}

// text draws one line whose upper edge is y.
func (p *pen) text(x, y, size float64, s string) {
	p.runes(x, y, size, p.glyphs(s))
}

func (p *pen) runes(x, y, size float64, line []glyph) {
	if len(line) == 0 {
		return
	}
	p.mark(p.open[len(p.open)-1])
	fmt.Fprintf(&p.body, "BT\n%s %s Td\n", number(x), number(p.height-y-size*0.88)) // the baseline
	for i, g := range line {
		if i == 0 || line[i-1].font != g.font {
			if i > 0 {
				p.body.WriteString("> Tj\n")
			}
			fmt.Fprintf(&p.body, "/F%d %s Tf\n<", g.font, number(size))
		}
		const digits = "0123456789ABCDEF"
		for shift := 12; shift >= 0; shift -= 4 {
			p.body.WriteByte(digits[g.code>>shift&15])
		}
		if g.note {
			p.note(g.text)
		}
	}
	p.body.WriteString("> Tj\nET\n")
}

// note keeps a character whose form could not be drawn, by its code points.
func (p *pen) note(s string) {
	if p.noted[s] {
		return
	}
	p.noted[s] = true
	var codes []string
	for _, r := range s {
		codes = append(codes, fmt.Sprintf("U+%04X", r))
	}
	p.notes = append(p.notes, strings.Join(codes, " "))
}

// measure is the width of a line at a size.
func (p *pen) measure(size float64, line []glyph) float64 {
	sum := 0.0
	for _, g := range line {
		sum += g.width
	}
	return sum * size
}

// line draws a straight line of a width; fill a grey area (0 black, 1 white).
func (p *pen) line(x1, y1, x2, y2, width float64) {
	p.mark(nil)
	fmt.Fprintf(&p.body, "%s w %s %s m %s %s l S\n", number(width), number(x1), number(p.height-y1), number(x2), number(p.height-y2))
}

func (p *pen) fill(x, y, w, h, grey float64) {
	p.mark(nil)
	fmt.Fprintf(&p.body, "%s g %s %s %s %s re f 0 g\n", number(grey), number(x), number(p.height-y-h), number(w), number(h))
}

// foot has the foot of every page drawn, when their number is known.
func (p *pen) foot(draw func(page, of int)) { p.drawFoot = draw }

// finish is the paper as PDF.
func (p *pen) finish() []byte {
	p.turn()
	w := p.pdf
	p.open[0].write(w, p.pages)
	pages, resources := w.object(), w.object()
	var kids, parents []int
	for i, s := range p.pages {
		foot := w.object()
		p.page, p.markOf, p.marked = i, nil, false
		p.decorate(func() { p.drawFoot(i+1, len(p.pages)) })
		p.unmark()
		w.stream(foot, "", p.body.Bytes())
		p.body.Reset()
		w.put(s.object, fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Resources %d 0 R/Contents[%d 0 R %d 0 R]/StructParents %d/Tabs/S>>",
			pages, number(p.width), number(p.height), resources, s.body, foot, i))
		owners := w.object()
		w.put(owners, "["+refs(s.owners)+"]")
		kids, parents = append(kids, s.object), append(parents, owners)
	}
	w.put(pages, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(kids), refs(kids)))
	var named strings.Builder
	for i, f := range p.faces {
		if len(f.glyphs) > 1 {
			fmt.Fprintf(&named, "/F%d %d 0 R", i, f.write(w, i))
		}
	}
	w.put(resources, "<</Font<<"+named.String()+">>>>")
	p.writeTree(parents)
	root := w.object()
	info, about := p.writeAbout()
	w.put(root, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Lang(ja-JP)/ViewerPreferences<</DisplayDocTitle true>>/MarkInfo<</Marked true>>/StructTreeRoot %d 0 R%s>>",
		pages, p.tree, about))
	return w.finish(root, info)
}
