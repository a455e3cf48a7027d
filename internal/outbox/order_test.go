package outbox_test

import (
	"strings"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibo"
)

func inOrder(p *post) {
	var want []string
	for range 3 {
		version, _ := p.cut()
		want = append(want, subjectOf(version))
	}
	for _, at := range []string{"data", "mail", "rcpt"} {
		p.sink.Script(demo.Reply{At: at, Code: 451})
		p.later(time.Hour)
	}
	p.mails(0)
	p.later(4 * time.Hour)
	var got []string
	for _, m := range p.mails(3) {
		got = append(got, m.Subject())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		p.t.Errorf("subjects (-want +got):\n%s", diff)
	}
}

func refusedForGood(p *post) {
	p.cut()
	version, _ := p.cut()
	p.sink.Script(demo.Reply{At: "rcpt", Code: 550})
	p.flush()
	if got := states(p.notices()); got != "superseded notified" {
		p.t.Errorf("notices are %s", got)
	}
	if m := p.mails(1)[0]; m.Subject() != subjectOf(version) {
		p.t.Errorf("got %s", m.Subject())
	}
}

func otherReceiver(p *post) {
	version, _ := p.cut()
	p.flush()
	p.sink.Refuse("tax@city.kakuu.example", 451)
	defer p.sink.Refuse("tax@city.kakuu.example", 0)
	p.cut()
	p.acknowledge(version)
	p.flush()
	if m := p.mails(2)[1]; m.To[0] != "k1@data.kakuu.example" || !strings.Contains(m.Subject(), "受領確認") {
		p.t.Errorf("to %s: %s", m.To, m.Subject())
	}
}

func leaseOver(p *post) {
	version, _ := p.cut()
	p.flush()
	p.cut()
	p.acknowledge(version)
	stall := p.sink.Stall() // two letters are taken; the relay is slow with the first
	first := p.outbox
	ended := make(chan error)
	go func() { ended <- first.Flush(p.t.Context()) }()
	<-stall.Reached
	p.Clock.Set(p.Clock.Now().Add(meibo.NoticeLease))
	p.reopen() // another process takes both over
	p.flush()
	p.mails(3)
	close(stall.Release)
	if err := <-ended; err != nil {
		p.t.Error(err)
	}
	p.mails(4) // of the first process only what was on its way
	for _, n := range p.notices()[1:] {
		p.wants(n, meibo.NoticeNotified, "250", true)
	}
}
