package document

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/text/encoding/japanese"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// MaxFile is the greatest size of a file of changes in bytes.
const MaxFile = 5 << 20

// ReadChanges reads a file of changes, CSV or JSON by the end of its name. Rows
// are numbered as a spreadsheet shows them. The error is meibo.Problems with all
// that cannot be read; a file that is too large or too long is refused before it
// is read to its end.
func ReadChanges(name string, r io.Reader) ([]meibo.Line, error) {
	content, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(name), err)
	}
	if len(content) > MaxFile {
		return nil, refuse("FILE_TOO_LARGE")
	}
	if !utf8.Valid(content) {
		return nil, refuse(encodingOf(content))
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".csv":
		return readCSV(content)
	case ".json":
		return readJSON(content)
	}
	return nil, refuse("UNKNOWN_FILE_TYPE")
}

func refuse(code meibo.ProblemCode) meibo.Problems {
	return meibo.Problems{{Field: "file", Code: code}}
}

// encodingOf tells what a file that is not UTF-8 may be: Excel saves CSV as CP932
// unless told otherwise.
func encodingOf(content []byte) meibo.ProblemCode {
	decoded, err := japanese.ShiftJIS.NewDecoder().Bytes(content)
	if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) || bytes.ContainsRune(content, 0) {
		return "INVALID_UTF8"
	}
	return "CP932_FILE"
}

const bom = "\uFEFF"

func readCSV(content []byte) ([]meibo.Line, error) {
	rows := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(content, []byte(bom))))
	rows.FieldsPerRecord = -1
	heading, err := rows.Read()
	if err != nil || !sameHeading(heading) {
		return nil, refuse("HEADER_DIFFERS")
	}
	var lines []meibo.Line
	var problems meibo.Problems
	for row := 2; ; row++ {
		cells, err := rows.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			problems = append(problems, meibo.Problem{Row: row, Field: "file", Code: "MALFORMED_CSV"})
			break
		}
		if strings.Join(cells, "") == "" {
			continue
		}
		if len(lines) == meibo.MaxLines {
			return nil, refuse("TOO_MANY_ROWS")
		}
		line, ps := lineOf(row, cells)
		lines, problems = append(lines, line), append(problems, ps...)
	}
	if len(lines) == 0 && len(problems) == 0 {
		return nil, refuse("EMPTY_FILE")
	}
	return lines, problems.Err()
}

// sameHeading: the columns are fixed, each by its name or its label.
func sameHeading(cells []string) bool {
	if len(cells) != len(columns) {
		return false
	}
	for i := range columns {
		if c := columnOf(strings.TrimSpace(cells[i])); c == nil || c.name != columns[i].name {
			return false
		}
	}
	return true
}

func lineOf(row int, cells []string) (meibo.Line, meibo.Problems) {
	line := meibo.Line{Row: row}
	if len(cells) != len(columns) {
		return line, meibo.Problems{{Row: row, Field: "file", Code: "COLUMN_COUNT"}}
	}
	var problems meibo.Problems
	for i, c := range columns {
		if code := c.fill(&line, cells[i]); code != "" {
			problems = append(problems, meibo.Problem{Row: row, Field: c.name, Code: code})
		}
	}
	return line, problems
}

// readJSON reads {"lines": [{"operation": "add", …}]}; every member is text.
func readJSON(content []byte) ([]meibo.Line, error) {
	var file struct {
		Lines []jsontext.Value `json:"lines"`
	}
	if err := json.Unmarshal(content, &file, json.RejectUnknownMembers(true)); err != nil {
		return nil, refuse("MALFORMED_JSON")
	}
	if len(file.Lines) == 0 {
		return nil, refuse("EMPTY_FILE")
	}
	if len(file.Lines) > meibo.MaxLines {
		return nil, refuse("TOO_MANY_ROWS")
	}
	lines := make([]meibo.Line, len(file.Lines))
	var problems meibo.Problems
	for i, value := range file.Lines {
		lines[i].Row = i + 1
		members := map[string]string{}
		if err := json.Unmarshal(value, &members); err != nil {
			problems = append(problems, meibo.Problem{Row: i + 1, Field: "file", Code: "MALFORMED_JSON"})
			continue
		}
		problems = append(problems, fillMembers(&lines[i], members)...)
	}
	return lines, problems.Err()
}

func fillMembers(line *meibo.Line, members map[string]string) meibo.Problems {
	var problems meibo.Problems
	for name, cell := range members {
		c := columnOf(name)
		if c == nil || c.name != name {
			problems = append(problems, meibo.Problem{Row: line.Row, Field: "file", Code: "UNKNOWN_FIELD"})
		} else if code := c.fill(line, cell); code != "" {
			problems = append(problems, meibo.Problem{Row: line.Row, Field: name, Code: code})
		}
	}
	return problems
}

// ChangeTemplate is an empty file of changes as CSV, which a spreadsheet opens as
// UTF-8.
func ChangeTemplate() []byte {
	labels := make([]string, len(columns))
	for i, c := range columns {
		labels[i] = c.label
	}
	return []byte(bom + strings.Join(labels, ",") + "\r\n")
}
