package document_test

import (
	"strings"
	"testing"

	"github.com/meibo-dev/meibo/internal/document"
	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestACSVFileIsRead(t *testing.T) {
	template := string(document.ChangeTemplate())
	labels := strings.TrimSpace(strings.TrimPrefix(template, "\uFEFF"))
	mixed := strings.Replace(heading, "operation,contract", "変更区分, 契約番号 ", 1)
	words := line(2)
	for _, c := range []struct {
		name, text string
		want       []meibo.Line
	}{
		{"with the heading in words", heading + "\n" + takasaki + "\n", []meibo.Line{words}},
		{"with the heading in labels", labels + "\n" + takasaki + "\n", []meibo.Line{words}},
		{"with the heading in both, and blanks", mixed + "\n" + takasaki + "\n", []meibo.Line{words}},
		{"from the template", template + takasaki + "\r\n", []meibo.Line{words}},
		{"with a byte order mark and a quoted heading", "\uFEFF\"operation\"" + strings.TrimPrefix(heading, "operation") + "\r\n" + takasaki, []meibo.Line{words}},
		{"with CRLF", heading + "\r\n" + takasaki + "\r\n", []meibo.Line{words}},
		{"without an end of the last line", heading + "\n" + takasaki, []meibo.Line{words}},
		{"with every cell quoted", heading + "\n" + `"` + strings.ReplaceAll(takasaki, ",", `","`) + `"`, []meibo.Line{words}},
		{"with words for the vocabularies", heading + "\n" + strings.NewReplacer("追加", "add", "はい", "yes", "正社員", "regular",
			"閲覧", "view", "新規配置", "placement", "依頼", "request", "令和8年10月15日", "2026/10/15").Replace(takasaki), []meibo.Line{words}},
		{"with blanks around what is no name", heading + "\n" + strings.NewReplacer("C01", " C01\t", "閲覧", " 閲覧 ", "R9.3.31", " R9.3.31").Replace(takasaki), []meibo.Line{words}},
		{"with rows of nothing", heading + "\n,,,,,,,,,,,,,,,,,,,,\n" + takasaki + "\n,,,,,,,,,,,,,,,,,,,,\n", []meibo.Line{line(3)}},
	} {
		t.Run(c.name, func(t *testing.T) { reads(t, "changes.CSV", c.text, c.want...) })
	}
}

func TestWhatARemovedPersonReturnedIsRead(t *testing.T) {
	longer := strings.Replace(heading, "pledge", "pledge,returned,引継ぎ先", 1)
	removed := "解除,C01,E001" + strings.Repeat(",", 17) + "退職,,済,E002\n"
	l := meibo.Line{Row: 2, Operation: meibo.Remove, ContractID: "C01", PersonID: "E001", Reason: meibo.ReasonDeparture, Returned: meibo.AttestedYes, Successor: "E002"}
	reads(t, "changes.csv", longer+"\n"+removed, l)
	again, err := document.ReadChanges("changes.csv", strings.NewReader(string(document.WriteChanges([]meibo.Line{l}))))
	if err != nil || len(again) != 1 || again[0] != l {
		t.Errorf("written and read again: %+v, %v", again, err)
	}
	wants(t, "changes.csv", heading+"\n"+removed, meibo.Problem{Row: 2, Field: "file", Code: "COLUMN_COUNT"})
}

func TestRowsAreNumberedAsASpreadsheetShowsThem(t *testing.T) {
	date := meibo.Problem{Field: "from", Code: "INVALID_DATE"}
	at := func(row int) meibo.Problem { date.Row = row; return date }
	bad := strings.Replace(takasaki, "令和8年10月15日", "昨日", 1)
	wants(t, "changes.csv", heading+"\n\n"+bad+"\n\n\n"+bad+"\n", at(3), at(6))
	wants(t, "changes.csv", "\r\n\r\n"+heading+"\r\n"+bad+"\r\n", at(4))
	two := strings.Replace(bad, "本社", "\"本社\n別館\"", 1)
	wants(t, "changes.csv", heading+"\n"+two+"\n"+bad+"\n", at(2), at(3))
	end := strings.Replace(bad, "依頼", "\"依頼\r\n\r\n\"", 1)
	wants(t, "changes.csv", heading+"\r\n"+end+"\r\n\r\n"+bad+"\r\n", at(2), at(4))
	wants(t, "changes.csv", heading+"\n\n"+two+"\n\nadd,\"x\"y\n", at(3), meibo.Problem{Row: 5, Field: "file", Code: "MALFORMED_CSV"})
}

func TestEveryProblemOfEveryRowIsTold(t *testing.T) {
	p := func(row int, field string, code meibo.ProblemCode) meibo.Problem {
		return meibo.Problem{Row: row, Field: field, Code: code}
	}
	text := heading + "\n" +
		strings.NewReplacer("令和8年10月15日", "R8.2.30", "R9.3.31", "平成31年5月1日x").Replace(takasaki) + "\n" +
		with(t, "name", "=cmd|'/c calc'!A1") + "\n" +
		takasaki + ",超過\n" +
		"追加,C01\n" +
		strings.NewReplacer("本社", "＠本社", "髙﨑 真理子", " 　+髙﨑").Replace(takasaki) + "\n" +
		with(t, "kana", "タカ\x00サキ") + "\n"
	wants(t, "changes.csv", text,
		p(2, "from", "INVALID_DATE"), p(2, "until", "INVALID_DATE"), p(3, "name", "FORMULA_REFUSED"), p(4, "file", "COLUMN_COUNT"),
		p(5, "file", "COLUMN_COUNT"), p(6, "name", "FORMULA_REFUSED"), p(6, "workplace", "FORMULA_REFUSED"), p(7, "kana", "CONTROL_CHARACTER"))
}

func TestACSVFileThatIsNoneIsRefused(t *testing.T) {
	short, _, _ := strings.Cut(heading, ",pledge")
	for _, c := range []struct {
		name, text string
		want       meibo.Problem
	}{
		{"nothing", "", whole("HEADER_DIFFERS")},
		{"a byte order mark only", "\uFEFF", whole("HEADER_DIFFERS")},
		{"no heading", takasaki + "\n", whole("HEADER_DIFFERS")},
		{"a column too few", short + "\n" + takasaki, whole("HEADER_DIFFERS")},
		{"a column too many", heading + ",note\n" + takasaki + ",x", whole("HEADER_DIFFERS")},
		{"columns in another order", strings.Replace(heading, "operation,contract", "contract,operation", 1) + "\n", whole("HEADER_DIFFERS")},
		{"a column twice", strings.Replace(heading, "contract", "operation", 1) + "\n", whole("HEADER_DIFFERS")},
		{"semicolons", strings.ReplaceAll(heading+"\n"+takasaki, ",", ";"), whole("HEADER_DIFFERS")},
		{"carriage returns only", heading + "\r" + takasaki + "\r", whole("HEADER_DIFFERS")},
		{"a heading that is not closed", `"` + heading, whole("HEADER_DIFFERS")},
		{"a heading and nothing else", heading + "\n", whole("EMPTY_FILE")},
		{"rows of nothing", heading + "\n,,,,,,,,,,,,,,,,,,,,\n\n", whole("EMPTY_FILE")},
		{"a quote that is not closed", heading + "\n" + takasaki + "\n\"add,C01", meibo.Problem{Row: 3, Field: "file", Code: "MALFORMED_CSV"}},
		{"a quote inside a cell", heading + "\nad\"d,C01\n", meibo.Problem{Row: 2, Field: "file", Code: "MALFORMED_CSV"}},
	} {
		t.Run(c.name, func(t *testing.T) { wants(t, "changes.csv", c.text, c.want) })
	}
}

func TestNamesAreKeptByteForByte(t *testing.T) {
	for _, name := range []string{
		"髙﨑 真理子", " 髙﨑　真理子 ", "渡󠄁邉", "葛󠄀城", "ﾀｶｻｷ", "が", "か\u3099", "O'Brien, \"Pat\"", "ＡＢＣ", "𠮷野家", "山田\t太郎", "A\u00A0B", "'田中", "ー",
	} {
		for _, column := range []string{"name", "kana", "latin", "alias", "former_name"} {
			lines, err := read("changes.csv", heading+"\n"+with(t, column, name)+"\n")
			if err != nil {
				t.Fatalf("%s %q: %v", column, name, err)
			}
			l := lines[0]
			got := map[string]meibo.Personal{"name": l.Name, "kana": l.Kana, "latin": l.Latin, "alias": l.Alias, "former_name": l.FormerName}[column]
			if string(got) != name {
				t.Errorf("%s: got %q, want %q", column, got, name)
			}
		}
	}
}

func TestDaysAreReadInEras(t *testing.T) {
	for text, want := range map[string]meibo.Date{
		"2026-10-15": "2026-10-15", "2026/10/15": "2026-10-15", "R8.10.15": "2026-10-15", "令和8年10月15日": "2026-10-15",
		"令和元年5月1日": "2019-05-01", "H31.4.30": "2019-04-30", "H31.5.1": "2019-05-01", "平成31年4月30日": "2019-04-30", "": "",
	} {
		lines, err := read("changes.csv", heading+"\n"+with(t, "from", text)+"\n")
		if err != nil || lines[0].Starts != want {
			t.Errorf("%q: got %v, %v, want %s", text, lines, err, want)
		}
	}
	for _, text := range []string{"2026-02-30", "R1.4.30", "令和元年4月30日", "15/10/2026", "46310", "2026-10", "令和8年", "今日", "２０２６-10-15"} {
		wants(t, "changes.csv", heading+"\n"+with(t, "until", text)+"\n", meibo.Problem{Row: 2, Field: "until", Code: "INVALID_DATE"})
	}
}
