package document

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/meibo-dev/meibo/internal/meibo"
)

// A Pledge is what the document of a signed pledge (誓約書, 様式第3号) is made of.
type Pledge struct {
	Pledge     meibo.Pledge
	PaperHash  string // hex SHA-256 of the paper that was signed by hand
	Checkpoint string // signed head of the ledger's log when the document was made
	Fonts      Fonts  // beside the built-in one
}

const (
	letterText = 11.0
	letterLead = 19.0
	recordText = 8.5
	recordLead = 13.0
)

// PDF is the document: A4, Mincho, the exact text that the person agreed to, and
// below it how and when.
func (d Pledge) PDF() ([]byte, error) {
	return d.paper(func(p *pen) { p.record(d.facts()) })
}

// SealReason is why the document is sealed.
func (d Pledge) SealReason() string { return "誓約書の成立" }

// paper writes the text, what closes it, and the foot.
func (d Pledge) paper(closing func(*pen)) ([]byte, error) {
	title, body, _ := strings.Cut(strings.Trim(string(d.Pledge.Text), "\n"), "\n")
	p, err := newPen(mincho, d.Fonts, false, title)
	if err != nil {
		return nil, err
	}
	p.newPage()
	p.begin("H1")
	for _, line := range p.wrap(title, 16, p.right-marginLeft) {
		p.runes((marginLeft+p.right-p.measure(16, line))/2, p.y, 16, line)
		p.y += 26
	}
	p.end()
	p.y += 8
	for paragraph := range strings.SplitSeq(body, "\n") {
		p.letter(paragraph)
	}
	closing(p)
	foot := fmt.Sprintf("様式第3号　誓約書 %s　本文 SHA-256 %s", d.Pledge.ID, d.Pledge.TextHash[:min(12, len(d.Pledge.TextHash))])
	p.foot(func(page, of int) {
		y := p.bottom + 8
		p.line(marginLeft, y-3, p.right, y-3, 0.3)
		p.text(marginLeft, y, 7, foot)
		number := fmt.Sprintf("%d/%d", page, of)
		p.text(p.right-p.measure(7, p.glyphs(number)), y, 7, number)
	})
	return p.finish(), nil
}

// letter writes a paragraph of the text. What goes on after a number stands below
// what follows the number.
func (p *pen) letter(paragraph string) {
	if strings.TrimSpace(paragraph) == "" {
		p.y += letterLead / 2
		return
	}
	indent := 0.0
	if number, rest, ok := strings.Cut(paragraph, " "); ok && rest != "" && strings.IndexFunc(number, notDigit) < 0 {
		indent = p.measure(letterText, p.glyphs(number+" "))
	}
	p.begin("P")
	lines := p.wrap(paragraph, letterText, p.right-marginLeft)
	if indent > 0 && len(lines) > 1 { // the first line is the longer one
		first := lines[0]
		lines = append([][]glyph{first}, p.wrap(strings.TrimPrefix(paragraph, saying(first)), letterText, p.right-marginLeft-indent)...)
	}
	for i, line := range lines {
		if p.y+letterLead > p.bottom {
			p.newPage()
		}
		x := p.x
		if i > 0 {
			x += indent
		}
		p.runes(x, p.y, letterText, line)
		p.y += letterLead
	}
	p.end()
}

func notDigit(r rune) bool { return !unicode.IsDigit(r) }

// facts are how and when the pledge was given.
func (d Pledge) facts() [][2]string {
	p := d.Pledge
	way := "本人がディレクトリのパスワードで認証し、上の本文の照合値に同意した。"
	switch p.Way {
	case meibo.SignedOnPaper:
		way = "本人が紙に署名した。登録した者とは別の者が紙を確認した。"
	case meibo.SignedByCertificate:
		way = "本人が自分の電子証明書で署名した。登録した者とは別の者が証明書の名義を確認した。"
	case meibo.SignedByPasskey:
		way = "本人が、本人確認つきのパスキーで、上の本文の照合値に同意した。証拠はこのPDFに添付した(" + meibo.ConsentFileName + ")。"
	}
	facts := [][2]string{
		{"署名の方法", way}, {"署名日", p.SignedOn.Japanese()}, {"効力の発生", clock(p.ValidFrom) + " (日本時間)"},
		{"本文の照合値", "SHA-256 " + p.TextHash},
	}
	if d.PaperHash != "" {
		label := "紙の写し"
		if p.Way == meibo.SignedByCertificate {
			label = "署名済PDF"
		}
		facts = append(facts, [2]string{label, "SHA-256 " + d.PaperHash})
	}
	if p.GuardianConsent {
		facts = append(facts, [2]string{"法定代理人", "同意を確認した。"})
	}
	return append(facts, [2]string{"誓約書番号", string(p.ID)}, [2]string{"従事者ID", string(p.PersonID)}, [2]string{"契約番号", string(p.ContractID)},
		[2]string{"様式", fmt.Sprintf("%s 第%d版", p.TemplateID, p.TemplateVersion)}, [2]string{"台帳の証跡", checkpointLine(d.Checkpoint)})
}

// record writes the facts, in one piece where a page holds them, and the notes on
// characters.
func (p *pen) record(facts [][2]string) {
	const label = 80.0
	if len(p.notes) > 0 {
		facts = append(facts, [2]string{"字形の注記", noteOnForms(p.notes)})
	}
	var lines [][][]glyph
	height := 2 * letterLead
	for _, f := range facts {
		l := p.wrap(f[1], recordText, p.right-marginLeft-label)
		lines, height = append(lines, l), height+float64(len(l))*recordLead
	}
	p.y += letterLead / 2
	if p.y+height > p.bottom {
		p.newPage()
	}
	p.line(p.x, p.y, p.right, p.y, 0.4)
	p.y += 6
	p.begin("H2")
	p.text(p.x, p.y, recordText, "署名の記録")
	p.end()
	p.y += recordLead
	for i, f := range facts {
		p.begin("P")
		p.text(p.x, p.y, recordText, f[0])
		for _, line := range lines[i] {
			p.runes(p.x+label, p.y, recordText, line)
			p.y += recordLead
		}
		p.end()
	}
}
