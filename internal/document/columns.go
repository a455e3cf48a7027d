package document

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A column of the file of changes: its name on the wire, its label for people,
// and where a cell goes.
type column struct {
	name, label string
	put         func(*meibo.Line, string)
	words       map[string]string // labels of a closed vocabulary
	date        func(*meibo.Line) *meibo.Date
	exact       bool // kept byte for byte, blanks included
}

func text[T ~string](field func(*meibo.Line) *T) func(*meibo.Line, string) {
	return func(l *meibo.Line, cell string) { *field(l) = T(cell) }
}

// columns are fixed, in this order.
var columns = []column{
	{name: "operation", label: "変更区分", put: text(func(l *meibo.Line) *meibo.Operation { return &l.Operation }), words: map[string]string{
		"追加": "add", "変更": "change", "一時停止": "suspend", "再開": "resume", "解除": "remove",
	}},
	{name: "contract", label: "契約番号", put: text(func(l *meibo.Line) *meibo.ContractID { return &l.ContractID })},
	{name: "person", label: "従事者ID", put: text(func(l *meibo.Line) *meibo.PersonID { return &l.PersonID })},
	{name: "login", label: "ログイン名", put: text(func(l *meibo.Line) *meibo.Personal { return &l.Login })},
	{name: "name", label: "氏名", put: text(func(l *meibo.Line) *meibo.Personal { return &l.Name }), exact: true},
	{name: "kana", label: "フリガナ", put: text(func(l *meibo.Line) *meibo.Personal { return &l.Kana }), exact: true},
	{name: "latin", label: "ローマ字氏名", put: text(func(l *meibo.Line) *meibo.Personal { return &l.Latin }), exact: true},
	{name: "alias", label: "通称", put: text(func(l *meibo.Line) *meibo.Personal { return &l.Alias }), exact: true},
	{name: "former_name", label: "旧氏", put: text(func(l *meibo.Line) *meibo.Personal { return &l.FormerName }), exact: true},
	{name: "adult", label: "18歳以上", put: text(func(l *meibo.Line) *meibo.Attested { return &l.Adult }), words: map[string]string{
		"はい": "yes", "いいえ": "no",
	}},
	{name: "employer", label: "所属会社", put: text(func(l *meibo.Line) *meibo.OrganizationID { return &l.EmployerID })},
	{name: "employment", label: "雇用区分", put: text(func(l *meibo.Line) *meibo.Employment { return &l.Employment }), words: map[string]string{
		"正社員": "regular", "契約社員": "fixed_term", "契約": "fixed_term", "派遣": "dispatched", "再受託者": "subcontracted",
	}},
	{name: "asset", label: "情報資産", put: text(func(l *meibo.Line) *meibo.AssetID { return &l.AssetID })},
	{name: "action", label: "操作", put: text(func(l *meibo.Line) *meibo.Action { return &l.Action }), words: map[string]string{
		"閲覧": "view", "登録": "create", "更新": "update", "印刷": "print", "複写": "copy", "出力": "export", "ファイル作成": "create_file",
		"送信": "send", "提供": "provide", "持ち出し": "carry_out", "運搬": "transport", "持ち込み": "bring_in", "設定変更": "change_setting",
		"入室": "enter", "削除": "delete", "廃棄": "dispose",
	}},
	{name: "purpose", label: "利用目的", put: text(func(l *meibo.Line) *meibo.PurposeCode { return &l.Purpose })},
	{name: "from", label: "開始日", date: func(l *meibo.Line) *meibo.Date { return &l.Starts }},
	{name: "until", label: "終了日", date: func(l *meibo.Line) *meibo.Date { return &l.Ends }},
	{name: "workplace", label: "作業場所", put: text(func(l *meibo.Line) *string { return &l.Workplace })},
	{name: "task", label: "担当業務", put: text(func(l *meibo.Line) *string { return &l.Task })},
	{name: "reason", label: "理由", put: text(func(l *meibo.Line) *meibo.Reason { return &l.Reason }), words: map[string]string{
		"新規配置": "placement", "異動": "transfer", "退職": "departure", "休職": "leave", "担当替え": "reassignment",
		"氏名変更": "name_change", "契約変更": "contract_change", "誤り訂正": "correction",
	}},
	{name: "pledge", label: "誓約書", put: text(func(l *meibo.Line) *meibo.PledgeClaim { return &l.Pledge }), words: map[string]string{
		"依頼": "request", "提出済": "submitted",
	}},
}

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
		c.put(l, cell)
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
