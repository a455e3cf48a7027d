package document

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// readXLSX reads the sheet 変更届 of a workbook, or its only sheet. A formula is
// refused wherever it stands on that sheet: what it comes to depends on the program
// that opens it.
func readXLSX(content []byte) ([]meibo.Line, error) {
	scans, err := inspect(content)
	if err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxInflated, UnzipXMLSizeLimit: maxInflated, // all in memory: no names in temporary files
	})
	if err != nil {
		return nil, refuse("MALFORMED_XLSX")
	}
	defer f.Close()
	name := ChangeSheet
	if list := f.GetSheetList(); len(list) == 1 {
		name = list[0]
	} else if !slices.Contains(list, name) {
		return nil, refuse("SHEET_MISSING")
	}
	part, err := partOf(content, name)
	hidden := scans[strings.ToLower(part)]
	if err != nil || hidden == nil {
		return nil, refuse("MALFORMED_XLSX")
	}
	if problems := hidden.problems(); problems != nil {
		return nil, problems
	}
	props, err := f.GetWorkbookProps()
	if err != nil {
		return nil, refuse("MALFORMED_XLSX")
	}
	rows, err := f.Rows(name)
	if err != nil {
		return nil, refuse("MALFORMED_XLSX")
	}
	defer rows.Close()
	return readRows(rows, props.Date1904 != nil && *props.Date1904)
}

func readRows(rows *excelize.Rows, from1904 bool) ([]meibo.Line, error) {
	var lines []meibo.Line
	var problems meibo.Problems
	for row := 1; rows.Next(); row++ {
		cells, err := rows.Columns()
		if err != nil {
			return nil, refuse("MALFORMED_XLSX")
		}
		for len(cells) > len(columns) && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
		for len(cells) < len(columns) {
			cells = append(cells, "")
		}
		switch {
		case row == 1 && !sameHeading(trimmed(cells)):
			return nil, refuse("HEADER_DIFFERS")
		case row == 1, strings.Join(cells, "") == "":
			continue
		case len(lines) == meibo.MaxLines:
			return nil, refuse("TOO_MANY_ROWS")
		}
		for i := range min(len(cells), len(columns)) {
			cells[i] = plainCell(columns[i], cells[i], from1904)
		}
		line, ps := lineOf(row, cells, len(columns))
		lines, problems = append(lines, line), append(problems, ps...)
	}
	if rows.Error() != nil {
		return nil, refuse("MALFORMED_XLSX")
	}
	return lines, problems.Err()
}

// trimmed leaves empty cells at the end out.
func trimmed(cells []string) []string {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

// plainCell is a cell as it would stand in CSV. A day is a number in a workbook,
// and a long number may be written with an exponent: an Individual Number must not
// pass as one.
func plainCell(c column, cell string, from1904 bool) string {
	number, err := strconv.ParseFloat(cell, 64)
	if err != nil || math.IsInf(number, 0) || math.IsNaN(number) {
		return cell
	}
	if c.date != nil {
		day, err := excelize.ExcelDateToTime(number, from1904)
		if err != nil || number < 1 || number != math.Trunc(number) {
			return cell
		}
		return day.Format(time.DateOnly)
	}
	if strings.ContainsAny(cell, "eE.") && number == math.Trunc(number) && math.Abs(number) < 1e15 {
		return strconv.FormatFloat(number, 'f', -1, 64)
	}
	return cell
}

// problems are those of cells that hold no plain value.
func (s *scan) problems() meibo.Problems {
	var ps meibo.Problems
	for code, cells := range map[meibo.ProblemCode][]string{"FORMULA_REFUSED": s.formulas, "CELL_ERROR": s.errors} {
		for _, cell := range cells {
			column, row, err := excelize.CellNameToCoordinates(cell)
			field := "file"
			if err == nil && column <= len(columns) {
				field = columns[column-1].name
			}
			ps = append(ps, meibo.Problem{Row: row, Field: field, Code: code})
		}
	}
	slices.SortStableFunc(ps, func(a, b meibo.Problem) int {
		if a.Row != b.Row {
			return a.Row - b.Row
		}
		return strings.Compare(a.Field+string(a.Code), b.Field+string(b.Code))
	})
	return ps
}

// CellOf is the address of a field of a row in a workbook of changes: E12. It is
// empty where the field has no column.
func CellOf(field string, row int) string {
	i := slices.IndexFunc(columns, func(c column) bool { return c.name == field })
	if i < 0 || row < 1 {
		return ""
	}
	return at(i+1, row)
}

// partOf finds the part of a workbook that holds a sheet.
func partOf(content []byte, sheet string) (string, error) {
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return "", err
	}
	var book struct {
		Sheets []struct {
			Name string `xml:"name,attr"`
			ID   string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
		} `xml:"sheets>sheet"`
	}
	var links struct {
		List []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	for name, into := range map[string]any{"xl/workbook.xml": &book, "xl/_rels/workbook.xml.rels": &links} {
		r, err := z.Open(name)
		if err != nil {
			return "", err
		}
		err = xml.NewDecoder(r).Decode(into)
		r.Close()
		if err != nil {
			return "", err
		}
	}
	for _, s := range book.Sheets {
		for _, l := range links.List {
			if s.Name == sheet && s.ID == l.ID {
				if path.IsAbs(l.Target) {
					return strings.TrimPrefix(l.Target, "/"), nil
				}
				return path.Join("xl", l.Target), nil
			}
		}
	}
	return "", nil
}
