package document_test

import (
	"testing"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func TestAJSONFileIsRead(t *testing.T) {
	text := `{"lines": [{"operation":"追加","contract":"C01","login":"takasaki","name":"髙﨑 真理子","kana":"タカサキ マリコ","adult":"yes",
		"employer":"K1","employment":"正社員","asset":"A01","action":"view","purpose":"U.TAX.RES.ASSESS","from":"R8.10.15","until":"2027/3/31",
		"workplace":" 本社 ","task":"入力","reason":"placement","pledge":"依頼","person":null,"latin":""}]}`
	reads(t, "changes.json", text, line(1))
	reads(t, "changes.JSON", "\uFEFF"+text+"\r\n", line(1))
	reads(t, "changes.json", `{"lines":[{},{"name":" 髙\u3000"}]}`, meibo.Line{Row: 1}, meibo.Line{Row: 2, Name: " 髙　"})
}

func TestEveryProblemOfEveryMemberIsTold(t *testing.T) {
	p := func(row int, field string, code meibo.ProblemCode) meibo.Problem {
		return meibo.Problem{Row: row, Field: field, Code: code}
	}
	text := `{"lines":[
		{"until":"2026-02-30","from":20261015,"operation":true,"contract":["C01"],"login":{"a":1}},
		{"name":"=1","task":"x\u0000","zeta":"","Name":"x","氏名":"x","row":"7"},
		"add", null, 1, [], {},
		{"name":"＝1"}]}`
	for range 20 { // the order never depends on chance
		wants(t, "changes.json", text,
			p(1, "operation", "NOT_TEXT"), p(1, "contract", "NOT_TEXT"), p(1, "login", "NOT_TEXT"), p(1, "from", "NOT_TEXT"), p(1, "until", "INVALID_DATE"),
			p(2, "name", "FORMULA_REFUSED"), p(2, "task", "CONTROL_CHARACTER"), p(2, "Name", "UNKNOWN_FIELD"), p(2, "row", "UNKNOWN_FIELD"),
			p(2, "zeta", "UNKNOWN_FIELD"), p(2, "file", "UNKNOWN_FIELD"),
			p(3, "file", "MALFORMED_JSON"), p(4, "file", "MALFORMED_JSON"), p(5, "file", "MALFORMED_JSON"), p(6, "file", "MALFORMED_JSON"),
			p(8, "name", "FORMULA_REFUSED"))
	}
}

func TestAJSONFileThatIsNoneIsRefused(t *testing.T) {
	malformed := whole("MALFORMED_JSON")
	at := func(row int) meibo.Problem { return meibo.Problem{Row: row, Field: "file", Code: "MALFORMED_JSON"} }
	for _, c := range []struct {
		name, text string
		want       meibo.Problem
	}{
		{"nothing", "", malformed},
		{"a list", `[{"operation":"add"}]`, malformed},
		{"no lines", `{}`, malformed},
		{"lines that are no list", `{"lines":{}}`, malformed},
		{"lines in other letters", `{"Lines":[{}]}`, malformed},
		{"another member first", `{"contract":"C01","lines":[{}]}`, malformed},
		{"another member after", `{"lines":[{}],"contract":"C01"}`, malformed},
		{"lines twice", `{"lines":[{}],"lines":[{}]}`, malformed},
		{"something after", `{"lines":[{}]} {}`, malformed},
		{"garbage after", `{"lines":[{}]}x`, malformed},
		{"an end too early", `{"lines":[{}]`, malformed},
		{"an empty list", `{"lines":[]}`, whole("EMPTY_FILE")},
		{"a member twice", `{"lines":[{},{"name":"a","name":"b"}]}`, at(2)},
		{"a member twice, once escaped", `{"lines":[{"name":"a","n\u0061me":"b"}]}`, at(1)},
		{"half a surrogate", `{"lines":[{},{},{"name":"\ud800"}]}`, at(3)},
		{"a comma too many", `{"lines":[{},]}`, at(2)},
		{"a comment", `{"lines":[/* */{}]}`, at(1)},
		{"an end inside a line", `{"lines":[{"name":"a`, at(1)},
	} {
		t.Run(c.name, func(t *testing.T) { wants(t, "changes.json", c.text, c.want) })
	}
}
