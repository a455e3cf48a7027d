package document

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// MaxFile is the greatest size of a file of changes in bytes.
const MaxFile = 5 << 20

const bom = "\uFEFF"

// ReadChanges reads a file of changes: CSV, JSON or XLSX by the end of its name. Rows
// are numbered as a spreadsheet shows them. The error is meibo.Problems with all
// that cannot be read, and then there are no lines; a file that is too large or
// too long is refused before it is read to its end.
func ReadChanges(name string, r io.Reader) ([]meibo.Line, error) {
	content, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Base(name), err)
	}
	if len(content) > MaxFile {
		return nil, refuse("FILE_TOO_LARGE")
	}
	lines, err := readAs(strings.ToLower(filepath.Ext(name)), content)
	if err != nil {
		return nil, err
	}
	if len(lines) == 0 {
		return nil, refuse("EMPTY_FILE")
	}
	return lines, nil
}

func readAs(kind string, content []byte) ([]meibo.Line, error) {
	switch kind {
	case ".xlsx":
		return readXLSX(content)
	case ".xlsm", ".xltm", ".xlsb":
		return nil, refuse("MACROS_REFUSED")
	}
	if !utf8.Valid(content) {
		return nil, refuse(encodingOf(content))
	}
	content = bytes.TrimPrefix(content, []byte(bom))
	switch kind {
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

// ChangeTemplate is an empty file of changes as CSV, which a spreadsheet opens as
// UTF-8.
func ChangeTemplate() []byte { return WriteChanges(nil) }

// WriteChanges is a file of changes as CSV that ReadChanges reads as the same lines,
// and a spreadsheet as UTF-8.
func WriteChanges(lines []meibo.Line) []byte {
	var b bytes.Buffer
	b.WriteString(bom)
	table := csv.NewWriter(&b)
	table.UseCRLF = true
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.label
	}
	table.Write(cells)
	for _, l := range lines {
		for i, c := range columns {
			cells[i] = c.cell(&l)
		}
		table.Write(cells)
	}
	table.Flush()
	return b.Bytes()
}
