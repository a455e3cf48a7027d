package document

import (
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// pdf is the roster as paper: A4 landscape.
func (r Roster) pdf() ([]byte, error) {
	p, err := r.begin("従事者名簿", "様式第1号")
	if err != nil {
		return nil, err
	}
	p.table(r.memberGrid())
	if len(r.Content.Difference.Removed) > 0 {
		p.y += 8
		p.paragraph(9, "前の版から外れた従事者")
		p.table(r.removedGrid())
	}
	return r.close(p)
}

// changePDF is the change notice as paper: A4 landscape.
func (r Roster) changePDF() ([]byte, error) {
	p, err := r.begin("従事者変更届", "様式第2号")
	if err != nil {
		return nil, err
	}
	p.table(r.differenceGrid())
	return r.close(p)
}

// memberGrid has one row for each member.
func (r Roster) memberGrid() grid {
	g := grid{columns: []heading{
		{"№", 22}, {"区分", 26}, {"氏名・フリガナ・従事者ID", 110}, {"所属会社", 78}, {"雇用区分・再委託承諾", 66}, {"担当業務・作業場所", 72},
		{"従事期間", 54}, {"取り扱う情報資産・操作・利用目的・期間", 176}, {"誓約書", 48}, {"備考", 61},
	}}
	for _, m := range r.Content.Members {
		standing := r.standing(m.PersonID)
		g.rows = append(g.rows, gridRow{marked: standing != "", cells: []any{
			fmt.Sprint(m.Number), standing, lines(string(m.Name), string(m.Kana), twoLines(m.PersonID)), m.EmployerName,
			employment(m), lines(m.Task, m.Workplace), string(m.Starts) + "\n〜" + string(m.Ends), r.allowed(m), pledged(m), remarks(m),
		}})
	}
	return g
}

func (r Roster) removedGrid() grid {
	g := grid{columns: []heading{{"区分", 26}, {"従事者ID", 150}, {"氏名", 130}, {"所属会社", 130}, {"理由", 60}, {"返却・引継ぎ", 100}}}
	for _, d := range r.differences() {
		if d.Operation == "解除" {
			g.rows = append(g.rows, gridRow{marked: true, cells: []any{d.Operation, string(d.Person), d.Name, d.Employer, d.Reason, d.HandOver}})
		}
	}
	return g
}

func (r Roster) differenceGrid() grid {
	g := grid{columns: []heading{
		{"変更区分", 42}, {"氏名・従事者ID", 108}, {"所属会社", 80}, {"項目", 48}, {"変更前", 123}, {"変更後", 123}, {"適用日", 50}, {"理由", 42}, {"誓約書", 34},
		{"返却・引継ぎ", 63},
	}}
	for _, d := range r.differences() {
		g.rows = append(g.rows, gridRow{cells: []any{
			d.Operation, lines(d.Name, twoLines(d.Person)), d.Employer, d.Item, d.Before, d.After, string(d.Day), d.Reason, d.Pledge, d.HandOver,
		}})
	}
	return g
}

// lines puts texts one below the other.
func lines(texts ...string) string {
	var list []string
	for _, t := range texts {
		if t != "" {
			list = append(list, t)
		}
	}
	return strings.Join(list, "\n")
}

// twoLines breaks an id where it reads best.
func twoLines(id meibo.PersonID) string {
	const uuid = 36
	if len(id) != uuid {
		return string(id)
	}
	return string(id[:24]) + "\n" + string(id[24:])
}

// begin draws the head of a form: to whom, what, and which contract.
func (r Roster) begin(title, form string) (*pen, error) {
	c := r.Content.Contract
	p, err := newPen(gothic, r.Fonts, true, fmt.Sprintf("%s %s 第%d版", title, c.ID, r.Content.Version))
	if err != nil {
		return nil, err
	}
	p.newPage()
	p.decorate(func() { p.text(p.x, p.y-14, 8, form) })
	p.begin("P")
	p.text(p.x, p.y, 10, c.City+"　御中")
	day := r.Content.CutAt.Day().Japanese()
	p.text(p.right-p.measure(10, p.glyphs(day)), p.y, 10, day)
	p.end()
	p.y += 16
	p.begin("H1")
	p.text((marginLeft+p.right)/2-p.measure(15, p.glyphs(title))/2, p.y, 15, title)
	p.end()
	p.y += 24
	for _, line := range r.head() {
		p.paragraph(8.5, line)
	}
	p.y += 3
	return p, nil
}

// head says of which contract and which version the paper speaks.
func (r Roster) head() []string {
	c, d := r.Content.Contract, r.Content.Difference
	prime := c.PrimeName
	if c.PrimeNumber != "" {
		prime += "(法人番号 " + c.PrimeNumber + ")"
	}
	if c.PrimeSeat != "" {
		prime += "　所在地 " + c.PrimeSeat
	}
	list := []string{
		fmt.Sprintf("契約番号 %s　契約名 %s　担当課 %s", c.ID, c.Name, c.Department),
		fmt.Sprintf("履行期間 %s〜%s　受託者 %s", c.Starts.Japanese(), c.Ends.Japanese(), prime),
		fmt.Sprintf("取扱責任者 %s　監督者 %s　作業場所 %s", c.Responsible, c.Supervisor, r.workplaces()),
		fmt.Sprintf("第%d版　基準日時 %s　従事者 %d人　前の版との差分 追加%d 変更%d 解除%d", r.Content.Version, clock(r.Content.CutAt),
			len(r.Content.Members), len(d.Added), len(d.Changed), len(d.Removed)),
	}
	if r.Sender != "" {
		list = append(list, "届出者 "+r.Sender)
	}
	if r.Partial {
		list = append(list, "この写しには、閲覧者の所属する会社の従事者だけを載せています。")
	}
	return list
}

// clock is a moment in Japan to the second.
func clock(i meibo.Instant) string { return i.Time().In(meibo.JST).Format("2006-01-02 15:04:05") }

// paragraph writes text over the width of the page.
func (p *pen) paragraph(size float64, text string) {
	p.begin("P")
	for _, line := range p.wrap(text, size, p.right-marginLeft) {
		if p.y+size*1.45 > p.bottom {
			p.newPage()
		}
		p.runes(p.x, p.y, size, line)
		p.y += size * 1.45
	}
	p.end()
}

// close writes the notes on characters, the feet, and is the finished PDF.
func (r Roster) close(p *pen) ([]byte, error) {
	if len(p.notes) > 0 {
		p.y += 4
		p.paragraph(7.5, "字形の注記: 次の文字は、この書面では登録された字形のとおりに印字できません(符号位置で示します)。"+strings.Join(p.notes, "、"))
	}
	c := r.Content.Contract
	left := fmt.Sprintf("契約 %s 名簿 第%d版　SHA-256 %s", c.ID, r.Content.Version, r.Head.Hash)
	p.foot(func(page, of int) {
		y := p.bottom + 8
		p.line(marginLeft, y-3, p.right, y-3, 0.3)
		p.text(marginLeft, y, 7, left)
		number := fmt.Sprintf("%d/%d", page, of)
		p.text(p.right-p.measure(7, p.glyphs(number)), y, 7, number)
		p.text(marginLeft, y+10, 7, "台帳の証跡 "+checkpointLine(r.Head.Checkpoint))
	})
	return p.finish(), nil
}

// checkpointLine is a checkpoint's log, size and root in one line.
func checkpointLine(signed string) string {
	lines := strings.Split(signed, "\n")
	if len(lines) < 3 {
		return "なし"
	}
	if _, err := base64.StdEncoding.DecodeString(lines[2]); err != nil {
		return "なし"
	}
	return strings.Join(lines[:3], " ")
}
