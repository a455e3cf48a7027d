package outbox_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
)

func slowAddress(p *post) {
	const tax, chief = "tax@city.kakuu.example", "chief@city.kakuu.example"
	p.receivers(tax, chief)
	defer p.receivers(tax)
	_, person := p.cut()
	p.Pledged(person)
	p.sink.Refuse(chief, 450)
	p.flush()
	if d := p.Check(person); !d.Allowed {
		p.t.Errorf("the city was told at one address, and yet: %v", d.Codes)
	}
	if n := p.only(); n.State != meibo.NoticeQueued || n.Receipts.V[1].Code != "450" || n.Receipts.V[0].State != meibo.ReceiptTaken {
		p.t.Errorf("%+v", n)
	}
	p.later(time.Minute) // still not
	p.mails(1)
	p.sink.Refuse(chief, 0)
	p.later(time.Hour)
	if m := p.mails(2)[1]; strings.Join(m.To, " ") != chief {
		p.t.Errorf("sent again to %s", m.To)
	}
	p.wants(p.only(), meibo.NoticeNotified, "250", false)
	p.sink.Refuse(chief, 450)
	p.cut()
	p.flush()
	p.sink.Refuse(chief, 0)
	version, _ := p.cut() // nothing waits for the slow address, and it hears the newest
	p.flush()
	mails := p.mails(5)[2:]
	if got := mails[len(mails)-1]; got.Subject() != subjectOf(version) || got.To[0] != chief {
		p.t.Errorf("last came %s to %s", got.Subject(), got.To)
	}
	if n := p.notices()[1]; n.State != meibo.NoticeNotified || n.Receipts.V[1] != (meibo.Receipt{To: chief, State: meibo.ReceiptDead, Code: "SUPERSEDED"}) {
		p.t.Errorf("%+v", n)
	}
}

func silence(p *post) {
	m, err := p.Ledger.Master(p.t.Context(), p.Operator)
	if err != nil {
		p.t.Fatal(err)
	}
	m.Organizations[0].NoticeTo = []string{"chief@city.kakuu.example"}
	p.Apply(meibo.Master{Organizations: m.Organizations[:1]})
	version, _ := p.cut()
	p.flush()
	p.acknowledge(version) // and so nothing older is owed
	p.flush()
	p.begin()
	version, _ = p.cut()
	p.flush()
	day := p.Clock.Now()
	for range 8 { // at least five of them are open
		p.later(24 * time.Hour)
		if _, err := p.Ledger.EscalateNotices(p.t.Context()); err != nil {
			p.t.Fatal(err)
		}
	}
	p.flush()
	told := map[string]bool{}
	for _, m := range p.mails(3)[1:] {
		if !strings.Contains(m.Subject(), fmt.Sprintf("第%d版）の回答期限の経過", version)) || strings.Contains(m.Text(), "髙") {
			p.t.Errorf("%s\n%s", m.Subject(), m.Text())
		}
		told[m.To[0]] = true
	}
	if !told["chief@city.kakuu.example"] || !told["k1@data.kakuu.example"] {
		p.t.Errorf("told %v", told)
	}
	n := p.notices()[0]
	if !n.Overdue() || n.Answer != "" || n.DueOn <= day.Day() {
		p.t.Errorf("%+v", n)
	}
	if late, err := p.Ledger.EscalateNotices(p.t.Context()); late != 0 || err != nil {
		p.t.Errorf("told again: %d, %v", late, err)
	}
}
