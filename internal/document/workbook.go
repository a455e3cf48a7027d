package document

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// ChangeSheet is the name of the sheet that a contractor fills in. It has the
// columns of a file of changes.
const ChangeSheet = "変更届"

// xlsx is the roster as a workbook: its lines, what changed, the words for the
// codes, and an empty change notice. No cell is a formula.
func (r Roster) xlsx() ([]byte, error) {
	w, err := newWorkbook(r.footer())
	if err != nil {
		return nil, err
	}
	defer w.file.Close()
	above := append(r.head(), "SHA-256 "+r.Head.Hash, "台帳の証跡 "+checkpointLine(r.Head.Checkpoint))
	w.sheet(r.memberSheet(), append([]string{"従事者名簿(様式第1号)　" + r.Content.Contract.City + "　御中"}, above...))
	w.sheet(r.differenceSheet(), []string{"従事者変更届(様式第2号)"})
	w.sheet(r.termSheet(), nil)
	w.changeSheet()
	return w.finish()
}

// ChangeWorkbook is an empty file of changes as a workbook.
func ChangeWorkbook() ([]byte, error) {
	w, err := newWorkbook("")
	if err != nil {
		return nil, err
	}
	defer w.file.Close()
	w.changeSheet()
	return w.finish()
}

func (r Roster) footer() string {
	return fmt.Sprintf("&L契約 %s 名簿 第%d版 SHA-256 %s&R&P/&N", strings.ReplaceAll(string(r.Content.Contract.ID), "&", "&&"), r.Content.Version, r.Head.Hash)
}

// A workbook is being written; err is its first failure.
type workbook struct {
	file                    *excelize.File
	footer                  string
	title, head, text, mark int // styles
	day, markedDay          int
	sheets, tables          int
	err                     error
}

// nowhere is no folder: where the library cannot make a temporary file, which it does
// for large sheets, it keeps them in memory. Names belong into no temporary file.
const nowhere = "/dev/null/nowhere"

func newWorkbook(footer string) (*workbook, error) {
	w := &workbook{file: excelize.NewFile(excelize.Options{TmpDir: nowhere}), footer: footer}
	day := "yyyy-mm-dd"
	font := &excelize.Font{Family: "Yu Gothic", Size: 10}
	top := &excelize.Alignment{Vertical: "top", WrapText: true}
	grey := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8E8E8"}}
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&w.title, excelize.Style{Font: font}},
		{&w.head, excelize.Style{Font: &excelize.Font{Family: "Yu Gothic", Size: 10, Bold: true}, Alignment: top,
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"D0D0D0"}}}},
		{&w.text, excelize.Style{Font: font, Alignment: top, NumFmt: 49}}, // text
		{&w.mark, excelize.Style{Font: font, Alignment: top, NumFmt: 49, Fill: grey}},
		{&w.day, excelize.Style{Font: font, Alignment: top, CustomNumFmt: &day}},
		{&w.markedDay, excelize.Style{Font: font, Alignment: top, CustomNumFmt: &day, Fill: grey}},
	} {
		if *s.id, w.err = w.file.NewStyle(&s.style); w.err != nil {
			return nil, fmt.Errorf("begin workbook: %w", w.err)
		}
	}
	return w, nil
}

func (w *workbook) do(err error) {
	if w.err == nil {
		w.err = err
	}
}

// page makes a sheet with its setup for print: A4 landscape, as wide as one page,
// the head repeated, page n of m.
func (w *workbook) page(title string, columns []heading, headRow int) *excelize.StreamWriter {
	if w.sheets++; w.sheets == 1 { // a new workbook has a sheet, which is the active one
		w.do(w.file.SetSheetName(w.file.GetSheetName(0), title))
	} else {
		_, err := w.file.NewSheet(title)
		w.do(err)
	}
	a4, wide, tall, landscape, fit := 9, 1, 0, "landscape", true
	w.do(w.file.SetPageLayout(title, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &tall}))
	w.do(w.file.SetSheetProps(title, &excelize.SheetPropsOptions{FitToPage: &fit}))
	left, other := 25/25.4, 20/25.4
	w.do(w.file.SetPageMargins(title, &excelize.PageLayoutMarginsOptions{Left: &left, Right: &other, Top: &other, Bottom: &other}))
	w.do(w.file.SetHeaderFooter(title, &excelize.HeaderFooterOptions{OddFooter: w.footer}))
	w.do(w.file.SetDefinedName(&excelize.DefinedName{
		Name: "_xlnm.Print_Titles", Scope: title, RefersTo: fmt.Sprintf("'%s'!$%d:$%d", title, headRow, headRow),
	}))
	s, err := w.file.NewStreamWriter(title)
	w.do(err)
	if w.err != nil {
		return nil
	}
	for i, c := range columns {
		w.do(s.SetColWidth(i+1, i+1, c.width))
	}
	w.do(s.SetPanes(&excelize.Panes{Freeze: true, YSplit: headRow, TopLeftCell: fmt.Sprintf("A%d", headRow+1), ActivePane: "bottomLeft"}))
	return s
}

// sheet writes a grid as a table with filters, below some lines of text.
func (w *workbook) sheet(g grid, above []string) {
	headRow := len(above) + 1
	s := w.page(g.title, g.columns, headRow)
	if s == nil {
		return
	}
	for i, line := range above {
		w.do(s.SetRow(at(1, i+1), []any{excelize.Cell{StyleID: w.title, Value: Inert(line)[0]}}))
	}
	labels := make([]any, len(g.columns))
	for i, c := range g.columns {
		labels[i] = excelize.Cell{StyleID: w.head, Value: c.label}
	}
	w.do(s.SetRow(at(1, headRow), labels))
	for i, row := range g.rows {
		w.do(s.SetRow(at(1, headRow+1+i), w.cells(row)))
	}
	last := headRow + max(1, len(g.rows))
	w.tables++
	w.do(s.AddTable(&excelize.Table{
		Range: at(1, headRow) + ":" + at(len(g.columns), last), Name: fmt.Sprintf("table%d", w.tables), StyleName: "TableStyleLight1",
	}))
	w.do(s.Flush())
}

// cells types a row: numbers are numbers, days are days, and no text is a formula.
func (w *workbook) cells(row gridRow) []any {
	text, day := w.text, w.day
	if row.marked {
		text, day = w.mark, w.markedDay
	}
	cells := make([]any, len(row.cells))
	for i, c := range row.cells {
		switch v := c.(type) {
		case meibo.Date:
			cells[i] = excelize.Cell{StyleID: day}
			if v != "" {
				t, err := time.Parse(time.DateOnly, string(v))
				w.do(err)
				cells[i] = excelize.Cell{StyleID: day, Value: t}
			}
		case string:
			cells[i] = excelize.Cell{StyleID: text, Value: Inert(v)[0]}
		default:
			cells[i] = excelize.Cell{StyleID: text, Value: v}
		}
	}
	return cells
}

// formRows is how many rows of the sheet to fill in are prepared.
const formRows = 500

// changeSheet is an empty file of changes: closed vocabularies as lists to choose
// from, every cell as text, so that no program turns an id or a day into a number.
func (w *workbook) changeSheet() {
	var heads []heading
	for _, c := range columns {
		heads = append(heads, heading{c.label, 14})
	}
	s := w.page(ChangeSheet, heads, 1)
	if s == nil {
		return
	}
	labels := make([]any, len(columns))
	empty := make([]any, len(columns))
	for i, c := range columns {
		labels[i] = excelize.Cell{StyleID: w.head, Value: c.label}
		empty[i] = excelize.Cell{StyleID: w.text}
	}
	w.do(s.SetRow("A1", labels))
	for i := range formRows {
		w.do(s.SetRow(at(1, i+2), empty))
	}
	for i, c := range columns {
		if c.words == nil {
			continue
		}
		v := excelize.NewDataValidation(true)
		v.SetSqref(at(i+1, 2) + ":" + at(i+1, meibo.MaxLines+1))
		w.do(v.SetDropList(c.choices()))
		w.do(w.file.AddDataValidation(ChangeSheet, v))
	}
	w.do(s.Flush())
}

// choices are the labels of a closed vocabulary, one for each word.
func (c column) choices() []string {
	var list []string
	for _, word := range c.words {
		if l := labelOf(c.name, word); !slices.Contains(list, l) {
			list = append(list, l)
		}
	}
	slices.Sort(list)
	return list
}

func at(column, row int) string {
	name, _ := excelize.CoordinatesToCellName(column, row)
	return name
}

// finish is the workbook. Sheets are written and gone by then: whatever asks the
// library for one reads it back whole.
func (w *workbook) finish() ([]byte, error) {
	var b bytes.Buffer
	if w.err == nil {
		_, w.err = w.file.WriteTo(&b)
	}
	if w.err != nil {
		return nil, fmt.Errorf("write workbook: %w", w.err)
	}
	return b.Bytes(), nil
}
