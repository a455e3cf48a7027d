package document

// A grid is a table as paper and workbooks show it. A cell is text, a number
// (int) or a day (meibo.Date).
type grid struct {
	title   string
	columns []heading
	rows    []gridRow
}

type heading struct {
	label string
	width float64 // in points on paper, in characters in a workbook
}

type gridRow struct {
	cells  []any
	marked bool // it differs from the version before
}

const (
	tableText = 7.5
	tableLead = 10.0
	padding   = 2.5
)

// table draws a grid of texts. Its head is repeated on every page, rows that
// differ are grey, and a row that no page can hold goes on on the next.
func (p *pen) table(g grid) {
	p.begin("Table")
	p.tableHead(g)
	for _, row := range g.rows {
		cells := make([][][]glyph, len(g.columns))
		for i, c := range g.columns {
			text, _ := row.cells[i].(string)
			cells[i] = p.wrap(text, tableText, c.width-2*padding)
		}
		p.tableRow(g, cells, row.marked)
	}
	p.end()
}

// tableHead draws the head: the first as cells of the table, repetitions as
// decoration.
func (p *pen) tableHead(g grid) {
	cells := make([][][]glyph, len(g.columns))
	for i, c := range g.columns {
		cells[i] = p.wrap(c.label, tableText, c.width-2*padding)
	}
	p.begin("TR")
	p.strip(g, cells, 0, linesOf(cells), nil, 0.82)
	p.end()
}

func (p *pen) tableRow(g grid, cells [][][]glyph, marked bool) {
	total := linesOf(cells)
	row := p.begin("TR")
	tds := make([]*element, len(cells))
	for i := range cells {
		tds[i] = p.child(row, "TD")
	}
	for from := 0; from < total; {
		room := int((p.bottom - p.y - 2*padding) / tableLead)
		if room < 1 || from == 0 && room < total && total <= p.linesOfPage() {
			p.newPage()
			p.decorate(func() { p.tableHead(g) })
			continue
		}
		n := min(room, total-from)
		grey := 1.0
		if marked {
			grey = 0.92
		}
		p.strip(g, cells, from, n, tds, grey)
		from += n
	}
	for _, td := range tds {
		td.write(p.pdf, p.pages)
	}
	p.end()
}

// linesOfPage is how many lines of a row a fresh page holds.
func (p *pen) linesOfPage() int {
	return int((p.bottom-marginOther-4*padding)/tableLead) - 2
}

func linesOf(cells [][][]glyph) int {
	n := 1
	for _, c := range cells {
		n = max(n, len(c))
	}
	return n
}

// strip draws n lines of a row from a line on, with its borders. The cells' elements
// are gone on with; without, each is the head of a column.
func (p *pen) strip(g grid, cells [][][]glyph, from, n int, tds []*element, grey float64) {
	h := float64(n)*tableLead + 2*padding
	width := 0.0
	for _, c := range g.columns {
		width += c.width
	}
	if grey < 1 {
		p.fill(p.x, p.y, width, h, grey)
	}
	x := p.x
	for i, c := range g.columns {
		if tds == nil {
			p.begin("TH")
		} else {
			p.open = append(p.open, tds[i])
		}
		for k := from; k < min(from+n, len(cells[i])); k++ {
			p.runes(x+padding, p.y+padding+float64(k-from)*tableLead, tableText, cells[i][k])
		}
		if tds == nil {
			p.end()
		} else {
			p.open = p.open[:len(p.open)-1]
		}
		x += c.width
	}
	x = p.x
	p.line(x, p.y, x, p.y+h, 0.4)
	for _, c := range g.columns {
		x += c.width
		p.line(x, p.y, x, p.y+h, 0.4)
	}
	p.line(p.x, p.y, x, p.y, 0.4)
	p.line(p.x, p.y+h, x, p.y+h, 0.4)
	p.y += h
}
