package document

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/signintech/gopdf"
)

// Sizes of paper and its margins in points. The left margin is 25 mm, for filing.
const (
	mm          = 72 / 25.4
	marginLeft  = 25 * mm
	marginOther = 20 * mm
)

// A pen writes one paper. It keeps which element of the structure each text
// belongs to, so that programs that read aloud find headings and tables.
type pen struct {
	pdf           *gopdf.GoPdf
	title         string
	face          typeface
	font          *font
	width, height float64 // of the page
	x, y          float64 // y is the upper edge of what comes next
	right, bottom float64 // where the margins begin
	open          []*element
	marks         [][]*element // of each page, the element of each text in the order drawn; nil: decoration
	page          int          // from 0
	widths        map[rune]float64
	notes         []string // characters whose form is not drawn, in order of appearance
	noted         map[string]bool
	err           error // the first
}

// newPen begins a paper without pages.
func newPen(face typeface, landscape bool, title string) (*pen, error) {
	f, err := fonts[face]()
	if err != nil {
		return nil, err
	}
	p := &pen{
		pdf: new(gopdf.GoPdf), title: title, face: face, font: f, width: 210 * mm, height: 297 * mm, page: -1,
		widths: map[rune]float64{}, noted: map[string]bool{}, open: []*element{{kind: "Document"}},
	}
	if landscape {
		p.width, p.height = p.height, p.width
	}
	p.right, p.bottom = p.width-marginOther, p.height-marginOther
	p.pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: p.width, H: p.height}})
	p.pdf.SetNoCompression() // finish compresses
	if err := p.pdf.AddTTFFontFromFontContainer(face.subset(), &f.holder); err != nil {
		return nil, fmt.Errorf("begin paper: %w", err)
	}
	return p, nil
}

// newPage turns over.
func (p *pen) newPage() {
	p.pdf.AddPage()
	p.page++
	p.marks = append(p.marks, nil)
	p.x, p.y = marginLeft, marginOther
}

// begin opens an element of the structure in the one that is open; end closes it.
func (p *pen) begin(kind string) {
	parent := p.open[len(p.open)-1]
	if parent == nil { // decoration has no structure
		p.open = append(p.open, nil)
		return
	}
	e := &element{kind: kind, parent: parent}
	parent.kids = append(parent.kids, e)
	p.open = append(p.open, e)
}

func (p *pen) end() { p.open = p.open[:len(p.open)-1] }

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
	p.runes(x, y, size, p.font.glyphs(s))
}

func (p *pen) runes(x, y, size float64, line []glyph) {
	var b strings.Builder
	for _, g := range line {
		b.WriteRune(g.draw)
		if g.note {
			p.note(g.text)
		}
	}
	if b.Len() == 0 || p.err != nil {
		return
	}
	if p.err = p.pdf.SetFont(p.face.subset(), "", size); p.err != nil {
		return
	}
	p.pdf.SetXY(x, y+size*0.88) // the baseline
	p.err = p.pdf.Text(b.String())
	e := p.open[len(p.open)-1]
	if e != nil && p.font.said(line) != saying(line) {
		p.begin("Span")
		e = p.open[len(p.open)-1]
		e.actual = saying(line)
		p.end()
	}
	p.marks[p.page] = append(p.marks[p.page], e)
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
		sum += p.advance(g.draw)
	}
	return sum * size
}

// advance is the width of a rune at size 1.
func (p *pen) advance(r rune) float64 {
	w, known := p.widths[r]
	if !known && p.err == nil {
		const fine = 100
		if p.err = p.pdf.SetFont(p.face.subset(), "", fine); p.err == nil {
			w, p.err = p.pdf.MeasureTextWidth(string(r))
		}
		w /= fine
		p.widths[r] = w
	}
	return w
}

// line draws a straight line of a width; fill a grey area (0 black, 1 white).
func (p *pen) line(x1, y1, x2, y2, width float64) {
	p.pdf.SetLineWidth(width)
	p.pdf.Line(x1, y1, x2, y2)
}

func (p *pen) fill(x, y, w, h, grey float64) {
	p.pdf.SetGrayFill(grey)
	p.pdf.RectFromUpperLeftWithStyle(x, y, w, h, "F")
	p.pdf.SetGrayFill(0)
}

// foot draws the foot of every page, once their number is known.
func (p *pen) foot(draw func(page, of int)) {
	of := p.page + 1
	for p.page = 0; p.page < of; p.page++ {
		if err := p.pdf.SetPage(p.page + 1); err != nil && p.err == nil {
			p.err = err
		}
		p.decorate(func() { draw(p.page+1, of) })
	}
	p.page = of - 1
}

// finish is the paper as PDF.
func (p *pen) finish() ([]byte, error) {
	if p.err != nil {
		return nil, fmt.Errorf("write paper: %w", p.err)
	}
	var b bytes.Buffer
	if _, err := p.pdf.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write paper: %w", err)
	}
	return mend(b.Bytes(), p.title, p.font, p.open[0], p.marks)
}
