package document_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// sheet is a sheet of a workbook as rows of cells by the labels of row head.
func sheet(t testing.TB, content []byte, name string, head int) []map[string]string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(name)
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]string
	for _, cells := range rows[head:] {
		row := map[string]string{}
		for i, c := range cells {
			row[rows[head-1][i]] = c
		}
		list = append(list, row)
	}
	return list
}

func TestAWorkbookSaysEverythingThatTheRosterSays(t *testing.T) {
	r := aRoster(t, 14)
	f, _ := made(t, r, document.PaperXLSX)
	rows := sheet(t, f.Content, "従事者名簿", 9)
	n := 0
	for _, m := range r.Content.Members {
		for _, x := range m.Rights {
			row := rows[n]
			n++
			for label, want := range map[string]string{
				"通し番号": fmt.Sprint(m.Number), "従事者ID": string(m.PersonID), "氏名": document.Inert(string(m.Name))[0], "フリガナ": string(m.Kana), "通称": string(m.Alias),
				"旧氏": string(m.FormerName), "所属会社": m.EmployerName, "担当業務": m.Task, "作業場所": m.Workplace, "従事開始日": string(m.Starts),
				"従事終了日": string(m.Ends), "開始日": string(x.From), "終了日": string(x.Until), "誓約日": string(m.PledgedOn),
				"情報資産": "住民税課税台帳(A02)", "利用目的": "課税資料の入力(U.TAX.RES.ASSESS.INPUT)",
			} {
				if row[label] != want {
					t.Errorf("member %d: %s is %q, want %q", m.Number, label, row[label], want)
				}
			}
		}
	}
	if n != len(rows) {
		t.Errorf("%d rows, want %d", len(rows), n)
	}
	changes := sheet(t, f.Content, "変更点", 2)
	if got := []string{changes[0]["変更区分"], changes[1]["変更前"], changes[len(changes)-1]["理由"]}; strings.Join(got, " ") != "追加 電話の応対 退職" {
		t.Errorf("the sheet of changes says %q", got)
	}
}

func TestCellsHaveTypesAndNoneIsAFormula(t *testing.T) {
	file, _ := made(t, aRoster(t, 14), document.PaperXLSX)
	f, err := excelize.OpenReader(bytes.NewReader(file.Content))
	if err != nil {
		t.Fatal(err)
	}
	if list := strings.Join(f.GetSheetList(), " "); list != "従事者名簿 変更点 凡例 "+document.ChangeSheet || f.GetActiveSheetIndex() != 0 {
		t.Errorf("sheets %s, open at %d", list, f.GetActiveSheetIndex())
	}
	defer f.Close()
	for cell, want := range map[string]excelize.CellType{"A10": excelize.CellTypeNumber, "N10": excelize.CellTypeNumber, "D10": excelize.CellTypeInlineString} {
		got, err := f.GetCellType("従事者名簿", cell)
		if err != nil || got != want && !(want == excelize.CellTypeNumber && got == excelize.CellTypeUnset) {
			t.Errorf("cell %s is of type %v (%v), want %v", cell, got, err, want)
		}
	}
	z, err := zip.NewReader(bytes.NewReader(file.Content), int64(len(file.Content)))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(content, []byte("<f>")) || bytes.Contains(content, []byte("<f ")) {
			t.Errorf("%s holds a formula", part.Name)
		}
	}
}

func TestAWorkbookIsReadyForPrint(t *testing.T) {
	r := aRoster(t, 14)
	file, _ := made(t, r, document.PaperXLSX)
	f, err := excelize.OpenReader(bytes.NewReader(file.Content))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	layout, err := f.GetPageLayout("従事者名簿")
	if err != nil || *layout.Orientation != "landscape" || *layout.Size != 9 || *layout.FitToWidth != 1 {
		t.Errorf("page layout %+v, %v", layout, err)
	}
	foot, err := f.GetHeaderFooter("従事者名簿")
	if err != nil || !strings.Contains(foot.OddFooter, r.Head.Hash) || !strings.Contains(foot.OddFooter, "&P/&N") {
		t.Errorf("foot %+v, %v", foot, err)
	}
	if names := f.GetDefinedName(); len(names) < 1 || names[0].Name != "_xlnm.Print_Titles" {
		t.Errorf("no head is repeated: %+v", names)
	}
	if tables, err := f.GetTables("従事者名簿"); err != nil || len(tables) != 1 || tables[0].Range != "A9:W37" {
		t.Errorf("tables with filters %+v, %v", tables, err)
	}
}

func TestWhoSeesAPartGetsNoCanonicalDocument(t *testing.T) {
	r := aRoster(t, 3)
	r.Partial = true
	if _, err := r.Make(document.PaperJSON); err == nil {
		t.Error("the whole document was given")
	}
	r.Partial = false
	if f, err := r.Make(document.PaperJSON); err != nil || meibo.HashText(string(f.Content)) != r.Head.Hash {
		t.Errorf("the canonical JSON does not have the hash: %v", err)
	}
}

func BenchmarkRosterAsXLSX(b *testing.B) {
	for _, n := range []int{500, 5000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := aRoster(b, n)
			for b.Loop() {
				var err error
				peak := peakOf(func() { _, err = r.Make(document.PaperXLSX) })
				if err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(peak>>20), "peak-MiB")
			}
		})
	}
}
