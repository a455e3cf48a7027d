package document

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func readCSV(content []byte) ([]meibo.Line, error) {
	s := sheet{csv: csv.NewReader(bytes.NewReader(content)), next: 1}
	s.csv.FieldsPerRecord = -1
	heading, err := s.read()
	if err != nil || !sameHeading(heading) {
		return nil, refuse("HEADER_DIFFERS")
	}
	var lines []meibo.Line
	var problems meibo.Problems
	for {
		cells, err := s.read()
		if errors.Is(err, io.EOF) {
			return lines, problems.Err()
		}
		if err != nil { // where the next row begins is anybody's guess
			problems = append(problems, meibo.Problem{Row: s.row, Field: "file", Code: "MALFORMED_CSV"})
			return nil, problems
		}
		if strings.Join(cells, "") == "" {
			continue
		}
		if len(lines) == meibo.MaxLines {
			return nil, refuse("TOO_MANY_ROWS")
		}
		line, ps := lineOf(s.row, cells, len(heading))
		lines, problems = append(lines, line), append(problems, ps...)
	}
}

// A sheet numbers rows as a spreadsheet does: an empty line is a row, and a cell
// of several lines is still in one.
type sheet struct {
	csv  *csv.Reader
	row  int
	next int // line of the text on which the next row begins
}

func (s *sheet) read() ([]string, error) {
	cells, err := s.csv.Read()
	var malformed *csv.ParseError
	switch {
	case errors.As(err, &malformed):
		s.row += malformed.StartLine - s.next + 1
	case err == nil:
		first, _ := s.csv.FieldPos(0)
		last, _ := s.csv.FieldPos(len(cells) - 1)
		s.row += first - s.next + 1
		s.next = last + strings.Count(cells[len(cells)-1], "\n") + 1
	}
	return cells, err
}

// sameHeading: the columns are fixed, each by its name or its label.
func sameHeading(cells []string) bool {
	if len(cells) < needed || len(cells) > len(columns) {
		return false
	}
	for i := range cells {
		if c := columnOf(strings.TrimSpace(cells[i])); c == nil || c.name != columns[i].name {
			return false
		}
	}
	return true
}

// lineOf reads a row under a heading of so many columns.
func lineOf(row int, cells []string, heading int) (meibo.Line, meibo.Problems) {
	line := meibo.Line{Row: row}
	if len(cells) < needed || len(cells) > heading {
		return line, meibo.Problems{{Row: row, Field: "file", Code: "COLUMN_COUNT"}}
	}
	var problems meibo.Problems
	for i, c := range columns[:len(cells)] {
		if code := c.fill(&line, cells[i]); code != "" {
			problems = append(problems, meibo.Problem{Row: row, Field: c.name, Code: code})
		}
	}
	return line, problems
}
