package document

import (
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// memberSheet has one row for each right: what paper puts into one cell stands in
// cells of its own.
func (r Roster) memberSheet() grid {
	g := grid{title: "従事者名簿", columns: []heading{
		{"通し番号", 9}, {"区分", 7}, {"従事者ID", 39}, {"氏名", 20}, {"フリガナ", 20}, {"ローマ字氏名", 18}, {"通称", 12}, {"旧氏", 12},
		{"所属会社", 28}, {"雇用区分", 11}, {"再委託承諾", 22}, {"担当業務", 22}, {"作業場所", 22}, {"従事開始日", 12}, {"従事終了日", 12},
		{"情報資産", 28}, {"操作", 10}, {"利用目的", 40}, {"開始日", 12}, {"終了日", 12}, {"誓約書", 10}, {"誓約日", 12}, {"備考", 24},
	}}
	for _, m := range r.Content.Members {
		standing := r.standing(m.PersonID)
		var consents []string
		for _, h := range m.Chain {
			consents = append(consents, strings.TrimSpace(string(h.Organization)+" "+h.Consent))
		}
		for _, x := range m.Rights {
			g.rows = append(g.rows, gridRow{marked: standing != "", cells: []any{
				m.Number, standing, string(m.PersonID), string(m.Name), string(m.Kana), string(m.Latin), string(m.Alias), string(m.FormerName),
				m.EmployerName, labelOf("employment", string(m.Employment)), strings.Join(consents, "、"), m.Task, m.Workplace, m.Starts, m.Ends,
				label(r.Content.Assets, string(x.Asset)), labelOf("action", string(x.Action)), label(r.Content.Purposes, string(x.Purpose)),
				x.From, x.Until, labelled(pledgeLabels, m.Pledge), m.PledgedOn, sheetRemarks(m),
			}})
		}
	}
	return g
}

func sheetRemarks(m meibo.Member) string {
	renamed := m.RenamedOn
	m.FormerName, m.Alias, m.Latin = "", "", "" // they have columns
	text := strings.ReplaceAll(remarks(m), "\n", "、")
	if renamed != "" {
		text = strings.TrimPrefix(text+"、旧氏 "+string(renamed)+"変更", "、")
	}
	return text
}

func (r Roster) differenceSheet() grid {
	g := grid{title: "変更点", columns: []heading{
		{"変更区分", 10}, {"従事者ID", 39}, {"氏名", 20}, {"所属会社", 28}, {"項目", 14}, {"変更前", 48}, {"変更後", 48}, {"適用日", 12}, {"理由", 12}, {"誓約書", 10}, {"返却・引継ぎ", 24},
	}}
	for _, d := range r.differences() {
		g.rows = append(g.rows, gridRow{cells: []any{
			d.Operation, string(d.Person), d.Name, d.Employer, d.Item, d.Before, d.After, d.Day, d.Reason, d.Pledge, strings.ReplaceAll(d.HandOver, "\n", "、"),
		}})
	}
	return g
}

func (r Roster) termSheet() grid {
	g := grid{title: "凡例", columns: []heading{{"種類", 12}, {"符号", 36}, {"名称", 48}}}
	for _, t := range r.Content.Assets {
		g.rows = append(g.rows, gridRow{cells: []any{"情報資産", t.Code, t.Label}})
	}
	for _, t := range r.Content.Purposes {
		g.rows = append(g.rows, gridRow{cells: []any{"利用目的", t.Code, t.Label}})
	}
	return g
}
