package document

import "strings"

// Form is the pledge as it is given out to be signed, by hand or with the person's
// own certificate: the exact text, and below it places to sign. A minor's has one
// for the legal representative (法定代理人).
func (d Pledge) Form(minor bool) ([]byte, error) {
	return d.paper(func(p *pen) {
		places := []string{"署名日", "所属", "氏名（自署）"}
		if minor {
			places = append(places, "法定代理人 氏名（自署）", "法定代理人 続柄")
		}
		p.places(places)
	})
}

// places are lines to write on, in one piece.
func (p *pen) places(labels []string) {
	const label, row = 130.0, 34.0
	height := letterLead + row*float64(len(labels))
	if len(p.notes) > 0 {
		height += 3 * recordLead
	}
	if p.y+height > p.bottom {
		p.newPage()
	}
	p.y += letterLead
	for _, l := range labels {
		p.begin("P")
		p.text(p.x, p.y+row-letterLead, letterText, l)
		p.end()
		p.y += row
		p.decorate(func() { p.line(p.x+label, p.y, p.right, p.y, 0.4) })
	}
	if len(p.notes) > 0 {
		p.y += recordLead
		p.begin("P")
		for _, line := range p.wrap(noteOnForms(p.notes), recordText, p.right-marginLeft) {
			p.runes(p.x, p.y, recordText, line)
			p.y += recordLead
		}
		p.end()
	}
}

// noteOnForms says which characters are not drawn in their registered form.
func noteOnForms(notes []string) string {
	return "次の文字は、登録された字形のとおりに印字できない。" + strings.Join(notes, "、")
}
