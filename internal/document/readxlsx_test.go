package document_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// filled is the empty workbook of changes with rows filled in as a person would.
func filled(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	return edited(t, func(f *excelize.File) {
		for i, cells := range rows {
			if err := f.SetSheetRow(document.ChangeSheet, fmt.Sprintf("A%d", i+2), &cells); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// edited is the empty workbook of changes after somebody's work on it.
func edited(t testing.TB, edit func(*excelize.File)) []byte {
	t.Helper()
	empty, err := document.ChangeWorkbook()
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(empty))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	edit(f)
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// cells are takasaki's as a workbook holds them.
func cells(t testing.TB) []any {
	t.Helper()
	var list []any
	for _, c := range strings.Split(takasaki, ",") {
		list = append(list, c)
	}
	return list
}

func readBook(content []byte) ([]meibo.Line, error) {
	return document.ReadChanges("変更届.xlsx", bytes.NewReader(content))
}

// refuses reads a workbook and compares the problems.
func refuses(t *testing.T, content []byte, want ...meibo.Problem) {
	t.Helper()
	wants(t, "book.xlsx", string(content), want...)
}

func TestAWorkbookIsReadLikeCSV(t *testing.T) {
	reads(t, "book.xlsx", string(filled(t, cells(t))), line(2))
}

func TestTheRosterWorkbookCanBeFilledInAndSentBack(t *testing.T) {
	file, _ := made(t, aRoster(t, 3), document.PaperXLSX)
	f, err := excelize.OpenReader(bytes.NewReader(file.Content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	row := cells(t)
	if err := f.SetSheetRow(document.ChangeSheet, "A4", &row); err != nil { // two rows are left empty
		t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	reads(t, "book.xlsx", b.String(), line(4))
}

func TestDaysMayBeNumbers(t *testing.T) {
	row := cells(t)
	row[15], row[16] = time.Date(2026, 10, 15, 0, 0, 0, 0, time.UTC), 46477 // 2027-03-31
	reads(t, "book.xlsx", string(filled(t, row)), line(2))
}

func TestALongNumberDoesNotHideItsDigits(t *testing.T) {
	row := cells(t)
	row[18] = 123456789018.0 // the check digit of an Individual Number
	lines, err := readBook(filled(t, row))
	if err != nil {
		t.Fatal(err)
	}
	if lines[0].Task != "123456789018" || meibo.TextProblem(lines[0].Task) != "MY_NUMBER_REFUSED" {
		t.Errorf("the task is %q", lines[0].Task)
	}
}

func TestProblemsOfAWorkbookHaveCells(t *testing.T) {
	bad := cells(t)
	bad[15], bad[4] = "2026-02-30", "＝SUM"
	refuses(t, filled(t, cells(t), bad), meibo.Problem{Row: 3, Field: "name", Code: "FORMULA_REFUSED"}, meibo.Problem{Row: 3, Field: "from", Code: "INVALID_DATE"})
	for field, want := range map[string]string{"operation": "A3", "name": "E3", "from": "P3", "pledge": "U3", "file": ""} {
		if got := document.CellOf(field, 3); got != want {
			t.Errorf("%s is in %q, want %q", field, got, want)
		}
	}
}

func TestFormulasAndErrorsAreToldByCell(t *testing.T) {
	book := edited(t, func(f *excelize.File) {
		row := cells(t)
		f.SetSheetRow(document.ChangeSheet, "A2", &row)
		f.SetCellFormula(document.ChangeSheet, "E2", "=1+1")
		f.SetCellFormula(document.ChangeSheet, "D5", `=HYPERLINK("http://evil.example")`)
	})
	refuses(t, book, meibo.Problem{Row: 2, Field: "name", Code: "FORMULA_REFUSED"}, meibo.Problem{Row: 5, Field: "login", Code: "FORMULA_REFUSED"})
	book = edited(t, func(f *excelize.File) { // on another sheet it is nobody's business
		f.NewSheet("メモ")
		f.SetCellFormula("メモ", "A1", "=1+1")
		row := cells(t)
		f.SetSheetRow(document.ChangeSheet, "A2", &row)
	})
	reads(t, "book.xlsx", string(book), line(2))
}

func TestAWorkbookOfAnotherShapeIsRefused(t *testing.T) {
	refuses(t, edited(t, func(f *excelize.File) { f.SetCellValue(document.ChangeSheet, "B1", "契約") }), whole("HEADER_DIFFERS"))
	refuses(t, edited(t, func(f *excelize.File) { f.SetCellValue(document.ChangeSheet, "X1", "生年月日") }), whole("HEADER_DIFFERS"))
	extra := append(cells(t), "", "", "昭和60年1月1日")
	refuses(t, filled(t, extra), meibo.Problem{Row: 2, Field: "file", Code: "COLUMN_COUNT"})
	refuses(t, filled(t), whole("EMPTY_FILE"))
	refuses(t, edited(t, func(f *excelize.File) {
		f.NewSheet("別")
		f.SetSheetName(document.ChangeSheet, "届")
	}), whole("SHEET_MISSING"))
}

func TestAWorkbookMayNotHaveTooManyRows(t *testing.T) {
	row := cells(t)
	for _, n := range []int{meibo.MaxLines, meibo.MaxLines + 1} {
		var list [][]any
		for range n {
			list = append(list, row)
		}
		lines, err := readBook(filled(t, list...))
		if n == meibo.MaxLines && (err != nil || len(lines) != n) {
			t.Errorf("%d rows: %d lines, %v", n, len(lines), err)
		}
		if n > meibo.MaxLines && (err == nil || !strings.Contains(err.Error(), "TOO_MANY_ROWS")) {
			t.Errorf("%d rows: %v", n, err)
		}
	}
}

// repacked is a ZIP with other parts in it, or with parts replaced.
func repacked(t testing.TB, content []byte, parts map[string]string) []byte {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, f := range z.File {
		if _, replaced := parts[f.Name]; !replaced {
			if err := w.Copy(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, text := range parts {
		p, err := w.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(p, text)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHostileWorkbooksAreRefusedEarly(t *testing.T) {
	good := filled(t, cells(t))
	const sheetPart = "xl/worksheets/sheet2.xml"
	xmlOf := func(body string) string {
		return `<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + body + `</sheetData></worksheet>`
	}
	for name, c := range map[string]struct {
		content []byte
		code    meibo.ProblemCode
	}{
		"macros":           {repacked(t, good, map[string]string{"xl/vbaProject.bin": "x"}), "MACROS_REFUSED"},
		"an embedded file": {repacked(t, good, map[string]string{"xl/embeddings/oleObject1.bin": "x"}), "MACROS_REFUSED"},
		"an external link": {repacked(t, good, map[string]string{"xl/externalLinks/externalLink1.xml": "<a/>"}), "EXTERNAL_LINK_REFUSED"},
		"an external picture": {repacked(t, good, map[string]string{"xl/worksheets/_rels/sheet2.xml.rels": `<Relationships><Relationship Id="r1" Type="x/image" TargetMode="External" Target="http://evil.example/a.png"/></Relationships>`}),
			"EXTERNAL_LINK_REFUSED"},
		"a path out of the ZIP":   {repacked(t, good, map[string]string{"../../etc/passwd": "x"}), "MALFORMED_XLSX"},
		"a bomb":                  {repacked(t, good, map[string]string{"xl/media/a.xml": strings.Repeat(" ", 200<<20)}), "FILE_TOO_LARGE"},
		"a bomb of elements":      {repacked(t, good, map[string]string{"xl/sharedStrings.xml": "<sst>" + strings.Repeat("<si/>", 2_000_000) + "</sst>"}), "FILE_TOO_LARGE"},
		"a deep element":          {repacked(t, good, map[string]string{"xl/theme/theme1.xml": strings.Repeat("<a>", 100) + strings.Repeat("</a>", 100)}), "FILE_TOO_LARGE"},
		"a million rows":          {repacked(t, good, map[string]string{sheetPart: xmlOf(strings.Repeat(`<row><c><v>1</v></c></row>`, 1_000_000))}), "TOO_MANY_ROWS"},
		"one row far below":       {repacked(t, good, map[string]string{sheetPart: xmlOf(`<row r="1048576"><c r="A1048576"><v>1</v></c></row>`)}), "TOO_MANY_ROWS"},
		"entities":                {repacked(t, good, map[string]string{sheetPart: `<!DOCTYPE a [<!ENTITY b "bbbb">]><worksheet>&b;</worksheet>`}), "MALFORMED_XLSX"},
		"no ZIP":                  {[]byte("PK\x03\x04 no"), "MALFORMED_XLSX"},
		"a password, or old form": {append([]byte{0xD0, 0xCF, 0x11, 0xE0}, make([]byte, 512)...), "ENCRYPTED_WORKBOOK"},
		"no parts":                {repacked(t, []byte("PK\x05\x06"+strings.Repeat("\x00", 18)), map[string]string{"a.txt": ""}), "MALFORMED_XLSX"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			begun := time.Now()
			refuses(t, c.content, whole(c.code))
			runtime.ReadMemStats(&after)
			if took := time.Since(begun); took > 10*time.Second {
				t.Errorf("it took %v", took)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > 1<<30 {
				t.Errorf("%d MiB were used", used>>20)
			}
			t.Logf("%d bytes, %v, %d MiB", len(c.content), time.Since(begun).Round(time.Millisecond), (after.TotalAlloc-before.TotalAlloc)>>20)
		})
	}
}

func FuzzAWorkbookNeverPanics(f *testing.F) {
	f.Add(filled(f, cells(f)))
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, content []byte) {
		lines, err := readBook(content)
		if (err == nil) != (len(lines) > 0) {
			t.Errorf("%d lines, %v", len(lines), err)
		}
	})
}

func BenchmarkReadXLSX(b *testing.B) {
	row := cells(b)
	var list [][]any
	for range 10_000 {
		list = append(list, row)
	}
	book := filled(b, list...)
	for b.Loop() {
		if _, err := readBook(book); err != nil {
			b.Fatal(err)
		}
	}
}
