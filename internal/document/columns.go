package document

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A column of the file of changes: its name on the wire, its label for people,
// where a cell goes, and what stands in it.
type column struct {
	name, label string
	text        field
	words       map[string]string // labels of a closed vocabulary
	date        func(*meibo.Line) *meibo.Date
	exact       bool // kept byte for byte, blanks included
}

// A field is one of a line that holds text.
type field struct {
	put func(*meibo.Line, string)
	get func(*meibo.Line) string
}

func text[T ~string](of func(*meibo.Line) *T) field {
	return field{func(l *meibo.Line, cell string) { *of(l) = T(cell) }, func(l *meibo.Line) string { return string(*of(l)) }}
}

// columns are fixed, in this order.
var columns = []column{
	{name: "operation", label: "変更区分", text: text(func(l *meibo.Line) *meibo.Operation { return &l.Operation }), words: map[string]string{
		"追加": "add", "変更": "change", "一時停止": "suspend", "再開": "resume", "解除": "remove",
	}},
	{name: "contract", label: "契約番号", text: text(func(l *meibo.Line) *meibo.ContractID { return &l.ContractID })},
	{name: "person", label: "従事者ID", text: text(func(l *meibo.Line) *meibo.PersonID { return &l.PersonID })},
	{name: "login", label: "ログイン名", text: text(func(l *meibo.Line) *meibo.Personal { return &l.Login })},
	{name: "name", label: "氏名", text: text(func(l *meibo.Line) *meibo.Personal { return &l.Name }), exact: true},
	{name: "kana", label: "フリガナ", text: text(func(l *meibo.Line) *meibo.Personal { return &l.Kana }), exact: true},
	{name: "latin", label: "ローマ字氏名", text: text(func(l *meibo.Line) *meibo.Personal { return &l.Latin }), exact: true},
	{name: "alias", label: "通称", text: text(func(l *meibo.Line) *meibo.Personal { return &l.Alias }), exact: true},
	{name: "former_name", label: "旧氏", text: text(func(l *meibo.Line) *meibo.Personal { return &l.FormerName }), exact: true},
	{name: "adult", label: "18歳以上", text: text(func(l *meibo.Line) *meibo.Attested { return &l.Adult }), words: map[string]string{
		"はい": "yes", "いいえ": "no",
	}},
	{name: "employer", label: "所属会社", text: text(func(l *meibo.Line) *meibo.OrganizationID { return &l.EmployerID })},
	{name: "employment", label: "雇用区分", text: text(func(l *meibo.Line) *meibo.Employment { return &l.Employment }), words: map[string]string{
		"正社員": "regular", "契約社員": "fixed_term", "契約": "fixed_term", "派遣": "dispatched", "再受託者": "subcontracted",
	}},
	{name: "asset", label: "情報資産", text: text(func(l *meibo.Line) *meibo.AssetID { return &l.AssetID })},
	{name: "action", label: "操作", text: text(func(l *meibo.Line) *meibo.Action { return &l.Action }), words: map[string]string{
		"閲覧": "view", "登録": "create", "更新": "update", "印刷": "print", "複写": "copy", "出力": "export", "ファイル作成": "create_file",
		"送信": "send", "提供": "provide", "持ち出し": "carry_out", "運搬": "transport", "持ち込み": "bring_in", "設定変更": "change_setting",
		"入室": "enter", "削除": "delete", "廃棄": "dispose",
	}},
	{name: "purpose", label: "利用目的", text: text(func(l *meibo.Line) *meibo.PurposeCode { return &l.Purpose })},
	{name: "from", label: "開始日", date: func(l *meibo.Line) *meibo.Date { return &l.Starts }},
	{name: "until", label: "終了日", date: func(l *meibo.Line) *meibo.Date { return &l.Ends }},
	{name: "workplace", label: "作業場所", text: text(func(l *meibo.Line) *string { return &l.Workplace })},
	{name: "task", label: "担当業務", text: text(func(l *meibo.Line) *string { return &l.Task })},
	{name: "reason", label: "理由", text: text(func(l *meibo.Line) *meibo.Reason { return &l.Reason }), words: map[string]string{
		"新規配置": "placement", "異動": "transfer", "退職": "departure", "休職": "leave", "担当替え": "reassignment",
		"氏名変更": "name_change", "契約変更": "contract_change", "誤り訂正": "correction",
	}},
	{name: "pledge", label: "誓約書", text: text(func(l *meibo.Line) *meibo.PledgeClaim { return &l.Pledge }), words: map[string]string{
		"依頼": "request", "提出済": "submitted",
	}},
	{name: "returned", label: "返却確認", text: text(func(l *meibo.Line) *meibo.Attested { return &l.Returned }), words: map[string]string{
		"済": "yes", "未済": "no",
	}},
	{name: "successor", label: "引継ぎ先", text: text(func(l *meibo.Line) *meibo.PersonID { return &l.Successor })},
}

// needed is how many columns a file must have: the last, of removals only, may be
// left out.
var needed = len(columns) - 2

// fill puts a cell into a line and tells what is wrong with it, if anything.
func (c column) fill(l *meibo.Line, cell string) meibo.ProblemCode {
	switch {
	case formula(cell):
		return "FORMULA_REFUSED"
	case strings.ContainsRune(cell, 0):
		return "CONTROL_CHARACTER"
	}
	if !c.exact {
		cell = strings.Trim(cell, " \t")
	}
	if word, ok := c.words[cell]; ok {
		cell = word
	}
	if c.date == nil {
		c.text.put(l, cell)
		return ""
	}
	if cell == "" {
		return ""
	}
	date, err := meibo.ParseDate(cell)
	if err != nil {
		return "INVALID_DATE"
	}
	*c.date(l) = date
	return ""
}

// cell is what stands in the column of a line, as a person would write it.
func (c column) cell(l *meibo.Line) string {
	if c.date != nil {
		return string(*c.date(l))
	}
	return labelOf(c.name, c.text.get(l))
}

// formula reports whether a spreadsheet would take a cell for a formula.
func formula(cell string) bool {
	cell = strings.TrimLeft(cell, " 　")
	first, _ := utf8.DecodeRuneInString(cell)
	return cell != "" && strings.ContainsRune("=+-@|%\t\r\n＝＋－＠｜％", first)
}

// Inert makes cells that no spreadsheet takes for formulas: one that begins like a
// formula gets an apostrophe before it.
func Inert(cells ...string) []string {
	inert := slices.Clone(cells)
	for i, cell := range cells {
		if formula(cell) {
			inert[i] = "'" + cell
		}
	}
	return inert
}

// columnOf finds the column of a heading; nil when there is none.
func columnOf(heading string) *column {
	for i := range columns {
		if columns[i].name == heading || columns[i].label == heading {
			return &columns[i]
		}
	}
	return nil
}
