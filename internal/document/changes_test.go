package document_test

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

func TestTheTemplateIsAnEmptyFile(t *testing.T) {
	template := string(document.ChangeTemplate())
	if !strings.HasPrefix(template, "\uFEFF") || !strings.HasSuffix(template, "\r\n") || strings.Count(template, "\n") != 1 {
		t.Errorf("got %q", template)
	}
	wants(t, "template.csv", template, whole("EMPTY_FILE"))
}

func TestAFileInAnotherEncodingIsNamed(t *testing.T) {
	sheet := heading + "\r\n" + takasaki + "\r\n"
	wants(t, "changes.csv", string(meibotest.CP932(t, sheet)), whole("CP932_FILE"))
	wants(t, "changes.csv", string(meibotest.CP932(t, heading+"\r\n①㈱ﾀｶｻｷ髙﨑")), whole("CP932_FILE"))
	wants(t, "changes.csv", "\xFF\xFE"+strings.Join(strings.Split(heading, ""), "\x00")+"\x00", whole("INVALID_UTF8")) // UTF-16
	wants(t, "changes.csv", heading+"\n"+strings.Replace(takasaki, "髙", "\xFF\xFE\xFD", 1), whole("INVALID_UTF8"))
	wants(t, "changes.csv", heading+"\n\xC0\xAF\xFD", whole("INVALID_UTF8")) // an overlong slash
	wants(t, "changes.csv", "PK\x03\x04\x14\x00\x06\x00\x08\xFF\xC0", whole("INVALID_UTF8"))
	wants(t, "changes.json", string(meibotest.CP932(t, `{"lines":[{"name":"髙﨑"}]}`)), whole("CP932_FILE"))
}

func TestOnlyFilesOfKnownKindsAreRead(t *testing.T) {
	wants(t, "changes.xlsx", heading+"\n"+takasaki, whole("MALFORMED_XLSX"))
	for _, name := range []string{"changes", "", "csv", "changes.csv.exe", "../changes.tsv"} {
		wants(t, name, heading+"\n"+takasaki, whole("UNKNOWN_FILE_TYPE"))
	}
}

func TestAFileThatCannotBeReadIsNoProblemOfItsContent(t *testing.T) {
	broken := errors.New("broken disk")
	_, err := document.ReadChanges("/home/somebody/changes.csv", iotest.ErrReader(broken))
	if !errors.Is(err, broken) || errors.Is(err, meibo.ErrInvalid) || strings.Contains(err.Error(), "somebody") {
		t.Errorf("got %v", err)
	}
}

// An endless is a file without an end; it counts what was read of it.
type endless struct{ n int64 }

func (e *endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	e.n += int64(len(p))
	return len(p), nil
}

func TestATooLargeFileIsNotReadToItsEnd(t *testing.T) {
	e := &endless{}
	_, err := document.ReadChanges("changes.csv", e)
	if diff := cmp.Diff(error(meibo.Problems{whole("FILE_TOO_LARGE")}), err); diff != "" {
		t.Error(diff)
	}
	if e.n > document.MaxFile+1 {
		t.Errorf("read %d bytes", e.n)
	}
	full := heading + "\n" + takasaki + "\n"
	full += strings.Repeat(" ", document.MaxFile-len(full))
	if _, err := read("changes.csv", full+" "); !errors.Is(err, meibo.ErrInvalid) || err.Error() != "file: FILE_TOO_LARGE" {
		t.Errorf("one byte too many: %v", err)
	}
	if _, err := read("changes.csv", full); err == nil || err.Error() != "row 3 file: COLUMN_COUNT" {
		t.Errorf("the largest file: %v", err)
	}
}

func TestTenThousandRowsAreReadAndNoMore(t *testing.T) {
	for _, c := range []struct{ name, head, row, between, end string }{
		{"changes.csv", heading + "\n", takasaki, "\n", "\n"},
		{"changes.json", `{"lines":[`, `{"operation":"add","name":"髙﨑"}`, ",", "]}"},
	} {
		file := func(rows int) string { return c.head + strings.Repeat(c.row+c.between, rows-1) + c.row + c.end }
		if len(takasaki)*(meibo.MaxLines+1) > document.MaxFile {
			t.Fatal("the file is too large to show anything")
		}
		lines, err := read(c.name, file(meibo.MaxLines))
		if err != nil || len(lines) != meibo.MaxLines {
			t.Errorf("%s: %d lines, %v", c.name, len(lines), err)
		}
		wants(t, c.name, file(meibo.MaxLines+1), whole("TOO_MANY_ROWS"))
	}
}

func TestAHundredThousandRowsTakeLittleMemory(t *testing.T) {
	for name, text := range map[string]string{
		"changes.csv":  heading + "\n" + strings.Repeat("=add,C01,,x,,,,,,,,,,,,,,,,,\n", 100_000),
		"changes.json": `{"lines":[` + strings.Repeat(`{"operation":1,"contract":"C01"},`, 100_000) + `{}]}`,
		"braces.json":  `{"lines":[` + strings.Repeat(`{},`, 1_500_000) + `{}]}`,
		"deep.json":    `{"lines":[` + strings.Repeat(`[`, document.MaxFile-20),
		"large.csv":    heading + "\n" + strings.Repeat(takasaki+"\n", 100_000),
	} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := document.ReadChanges(name, io.LimitReader(strings.NewReader(text), int64(len(text))))
		runtime.ReadMemStats(&after)
		if !errors.Is(err, meibo.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
		if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; mib > 100 {
			t.Errorf("%s took %d MiB", name, mib)
		} else {
			t.Logf("%s: %v, %d MiB", name, err, mib)
		}
	}
}

func TestCellsAreMadeInert(t *testing.T) {
	cells := []string{"=1+1", "+81", "-1", "@x", "|x", "%x", "\tx", "\r=x", "\n=x", "＝x", "＋x", "－x", "＠x", " 　=x", "", "髙﨑", "1-2", "'=x", "x=1", " "}
	want := []string{"'=1+1", "'+81", "'-1", "'@x", "'|x", "'%x", "'\tx", "'\r=x", "'\n=x", "'＝x", "'＋x", "'－x", "'＠x", "' 　=x", "", "髙﨑", "1-2", "'=x", "x=1", " "}
	kept := append([]string(nil), cells...)
	if diff := cmp.Diff(want, document.Inert(cells...)); diff != "" {
		t.Errorf("inert (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(kept, cells); diff != "" {
		t.Errorf("the caller's cells were altered:\n%s", diff)
	}
	if got := document.Inert(); len(got) != 0 {
		t.Errorf("of nothing: %q", got)
	}
}

func FuzzReadChanges(f *testing.F) {
	for _, text := range []string{
		heading + "\n" + takasaki, string(document.ChangeTemplate()), `{"lines":[{"operation":"add","from":"R8.10.15"}]}`,
		heading + "\n\n\"a\nb\",,,,,,,,,,,,,,,,,,,,\n\"", `{"lines":[{"name":1,"x":null},[],{"name":"\ud800"}]}`, "\xFF", "",
	} {
		f.Add([]byte(text), true)
		f.Add([]byte(text), false)
	}
	f.Fuzz(func(t *testing.T, content []byte, csv bool) {
		name, first := "changes.json", 1
		if csv {
			name, first = "changes.csv", 2
		}
		lines, err := document.ReadChanges(name, bytes.NewReader(content))
		again, errAgain := document.ReadChanges(name, bytes.NewReader(content))
		if diff := cmp.Diff([]any{lines, err}, []any{again, errAgain}); diff != "" {
			t.Fatalf("read twice it says something else:\n%s", diff)
		}
		if err == nil {
			checkLines(t, lines, first)
			return
		}
		var problems meibo.Problems
		if !errors.As(err, &problems) || len(problems) == 0 || lines != nil {
			t.Fatalf("%d lines, %v", len(lines), err)
		}
		for _, p := range problems {
			if p.Field == "" || p.Sentence() == "" || p.Row != 0 && p.Row < first || p.Warning {
				t.Fatalf("%+v", p)
			}
		}
	})
}

// checkLines checks what is always true of lines that were read.
func checkLines(t *testing.T, lines []meibo.Line, row int) {
	t.Helper()
	if len(lines) == 0 || len(lines) > meibo.MaxLines {
		t.Fatalf("%d lines", len(lines))
	}
	for _, l := range lines {
		if l.Row < row {
			t.Fatalf("row %d comes after row %d", l.Row, row-1)
		}
		row = l.Row + 1
		for _, d := range []meibo.Date{l.Starts, l.Ends} {
			if d != "" && !d.Valid() {
				t.Fatalf("%q is no day", d)
			}
		}
		for _, text := range []string{string(l.Name), string(l.Login), l.Task, string(l.ContractID)} {
			if document.Inert(text)[0] != text || strings.ToValidUTF8(text, "") != text || strings.ContainsRune(text, 0) {
				t.Fatalf("%q was read", text)
			}
		}
	}
}

func FuzzNames(f *testing.F) {
	for _, name := range []string{"髙﨑 真理子", "a\"b,c", "=1", "\n", "渡󠄁"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		lines, err := read("changes.csv", heading+"\n"+with(t, "name", name)+"\n")
		switch {
		case strings.ToValidUTF8(name, "") != name || strings.ContainsAny(name, "\x00\r") || document.Inert(name)[0] != name:
			if err == nil && string(lines[0].Name) != name && !strings.Contains(name, "\r") {
				t.Fatalf("%q became %q", name, lines[0].Name)
			}
		case err != nil || string(lines[0].Name) != name:
			t.Fatalf("%q: %v, %v", name, lines, err)
		}
	})
}

func TestWrittenChangesAreReadAsTheSameLines(t *testing.T) {
	lines := []meibo.Line{
		{
			Row: 2, Operation: meibo.Add, ContractID: "C01", PersonID: "0199-a", EmployerID: "K1", Employment: meibo.FixedTerm, AssetID: "A01", Action: "create_file",
			Purpose: "U.TAX", Starts: "2026-10-15", Ends: "2027-03-31", Workplace: "本社, \"2階\"", Task: "入力\n照合", Reason: meibo.ReasonReassignment,
		},
		{Row: 3, Operation: meibo.Remove, ContractID: "C01", PersonID: "0199-b", Ends: "2026-11-14", Reason: meibo.ReasonContractChange},
	}
	got, err := document.ReadChanges("draft.csv", bytes.NewReader(document.WriteChanges(lines)))
	if diff := cmp.Diff(lines, got); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
