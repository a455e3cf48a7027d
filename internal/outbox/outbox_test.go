package outbox_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
)

func TestNotices(t *testing.T) {
	t.Parallel()
	play(t,
		scene{"the city is told once", toldOnce},
		scene{"a temporary refusal is retried with growing pauses", growingPauses},
		scene{"one bad address does not stop the other", badAddress},
		scene{"a slow address gets its mail later and alone", slowAddress},
		scene{"silence is told to those who must act", silence},
		scene{"an unknown outcome is sent again under the same message id", unknownOutcome},
		scene{"a crash before the ledger is told", crash},
		scene{"nobody hears of version three before version two", inOrder},
		scene{"what was refused for good waits for a person alone", refusedForGood},
		scene{"one receiver does not wait for another", otherReceiver},
		scene{"a letter whose lease ran out is left to the next sender", leaseOver},
		scene{"what is on its way is told though the outbox stops", stopping},
		scene{"the outbox looks again", lookingAgain},
		scene{"attempts are counted", counting},
	)
}

func toldOnce(p *post) {
	_, person := p.cut()
	p.Pledged(person)
	if d := p.Check(person); d.Allowed {
		p.t.Error("allowed before the city was told")
	}
	p.flush()
	m := p.mails(1)[0]
	if m.From != "meibo@city.kakuu.example" || strings.Join(m.To, " ") != "tax@city.kakuu.example" {
		p.t.Errorf("from %s to %s", m.From, m.To)
	}
	n := p.only()
	p.wants(n, meibo.NoticeNotified, "250", false)
	if n.Attempts != 1 || n.NotifiedAt != p.Clock.Now() || m.Header("Message-ID") != n.MessageID || m.Header("X-Meibo-Notice") != string(n.ID) {
		p.t.Errorf("notice %+v\nmail:\n%s", n, m.Raw)
	}
	if d := p.Check(person); !d.Allowed {
		p.t.Errorf("not allowed although the city was told: %v", d.Codes)
	}
	p.later(time.Hour)
	p.mails(1)
}

func growingPauses(p *post) {
	p.cut()
	p.sink.Hold()
	p.flush()
	var pauses []time.Duration
	n := p.only()
	for n.State == meibo.NoticeQueued {
		p.wants(n, meibo.NoticeQueued, "451", false)
		pause := n.NextAt.Sub(p.Clock.Now())
		pauses = append(pauses, pause)
		p.later(pause - time.Microsecond) // not yet
		p.later(time.Microsecond)
		if n = p.only(); n.Attempts != len(pauses)+1 {
			p.t.Fatalf("attempt %d came too early", n.Attempts)
		}
	}
	var want []time.Duration
	for m := time.Minute; m < 4*time.Hour; m *= 2 {
		want = append(want, m)
	}
	for len(want) < len(pauses) {
		want = append(want, 4*time.Hour)
	}
	if diff := cmp.Diff(want, pauses); diff != "" {
		p.t.Errorf("pauses (-want +got):\n%s", diff)
	}
	p.wants(n, meibo.NoticeFailed, "451", false)
	if given := p.Clock.Now().Sub(n.CreatedAt); given < meibo.NoticeGivenUp || given > meibo.NoticeGivenUp+4*time.Hour {
		p.t.Errorf("given up after %s", given)
	}
	p.sink.Release()
	p.later(24 * time.Hour)
	p.mails(0) // a person must act
	if _, err := p.Ledger.RetryNotice(p.t.Context(), p.Operator, p.Key(), n.ID); err != nil {
		p.t.Fatal(err)
	}
	p.flush()
	p.wants(p.only(), meibo.NoticeNotified, "250", false)
	p.mails(1)
}

func badAddress(p *post) {
	const tax, chief = "tax@city.kakuu.example", "chief@city.kakuu.example"
	p.receivers(tax, chief)
	defer p.receivers(tax)
	for _, c := range []struct {
		name       string
		tax, chief int
		state      meibo.NoticeState
		code       string
		to         string
	}{
		{"both take it", 0, 0, meibo.NoticeNotified, "250", tax + " " + chief},
		{"the second refuses for good", 0, 550, meibo.NoticeNotified, "250_FOR_1_OF_2", tax},
		{"the first refuses for good", 553, 0, meibo.NoticeNotified, "250_FOR_1_OF_2", chief},
		{"both refuse for good", 550, 551, meibo.NoticeFailed, "551", ""},
		{"one for good and one for now", 550, 450, meibo.NoticeQueued, "450", ""},
		{"one for now and one for good", 450, 550, meibo.NoticeQueued, "550", ""},
	} {
		p.run(c.name, func() {
			p.cut()
			p.sink.Refuse(tax, c.tax)
			p.sink.Refuse(chief, c.chief)
			p.flush()
			p.sink.Refuse(tax, 0)
			p.sink.Refuse(chief, 0)
			p.wants(p.only(), c.state, c.code, false)
			var to []string
			for _, m := range p.sink.Mails()[p.before.mails:] {
				to = append(to, strings.Join(m.To, ","))
			}
			if got := strings.Join(to, " "); got != c.to {
				p.t.Errorf("mails to %q, want %q", got, c.to)
			}
		})
	}
}

func unknownOutcome(p *post) {
	for _, c := range []struct {
		name, at string
		mails    int
	}{
		{"it was taken and the answer was lost", "cut", 2},
		{"it was lost itself", "lose", 1},
	} {
		p.run(c.name, func() {
			p.cut()
			p.sink.Script(demo.Reply{At: c.at})
			p.flush()
			first := p.only()
			p.wants(first, meibo.NoticeQueued, "NO_ANSWER", true)
			p.later(time.Minute)
			again := p.only()
			p.wants(again, meibo.NoticeNotified, "250", true)
			if again.MessageID != first.MessageID || again.Attempts != 2 {
				p.t.Errorf("message id %s, then %s", first.MessageID, again.MessageID)
			}
			p.sameLetter(p.mails(c.mails)...)
		})
	}
}

// sameLetter checks that a receiver's program will take mails for one.
func (p *post) sameLetter(mails ...demo.Mail) {
	p.t.Helper()
	for _, m := range mails {
		for _, name := range []string{"Message-ID", "Date", "Subject", "To"} {
			if got, want := m.Header(name), mails[0].Header(name); got != want || got == "" {
				p.t.Errorf("%s is %q, was %q", name, got, want)
			}
		}
	}
}

func crash(p *post) {
	p.cut()
	letters, err := p.Ledger.TakeNotices(p.t.Context(), "meibo.city.kakuu.example", 100, meibo.WayMail)
	if err != nil || len(letters) != 1 {
		p.t.Fatalf("%d letters, %v", len(letters), err)
	}
	if a := p.mailer.Send(p.t.Context(), letters[0]); !a.Taken {
		p.t.Fatalf("%+v", a)
	}
	p.reopen() // nobody tells the ledger
	p.later(meibo.NoticeLease - time.Microsecond)
	p.mails(1)
	p.later(time.Microsecond)
	p.wants(p.only(), meibo.NoticeNotified, "250", true)
	p.sameLetter(p.mails(2)...)
}

func stopping(p *post) {
	p.cut()
	p.cut()
	stall := p.sink.Stall()
	ctx, stop := context.WithCancel(p.t.Context())
	ended := make(chan error)
	go func() { ended <- p.outbox.Run(ctx, time.Hour) }()
	<-stall.Reached
	stop()
	close(stall.Release)
	if err := <-ended; err != nil {
		p.t.Errorf("stopped with %v", err)
	}
	if got := states(p.notices()); got != "notified queued" {
		p.t.Errorf("notices are %s", got)
	}
	p.mails(1)
}

func lookingAgain(p *post) {
	ctx, stop := context.WithCancel(p.t.Context())
	ended := make(chan error)
	go func() { ended <- p.outbox.Run(ctx, time.Millisecond) }()
	for range 2 {
		version, _ := p.cut()
		for {
			<-p.sink.Seen()
			if mails := p.sink.Mails(); mails[len(mails)-1].Subject() == subjectOf(version) {
				break
			}
		}
	}
	stop()
	if err := <-ended; err != nil {
		p.t.Errorf("stopped with %v", err)
	}
	if got := states(p.notices()); got != "notified notified" {
		p.t.Errorf("notices are %s", got)
	}
}

func counting(p *post) {
	for _, at := range []string{"", "cut", "data"} {
		p.cut()
		if at != "" {
			p.sink.Script(demo.Reply{At: at, Code: 451})
		}
		p.flush()
		p.later(time.Hour)
	}
	p.cut()
	p.sink.Script(demo.Reply{At: "rcpt", Code: 550})
	p.flush()
	if diff := cmp.Diff(map[string]float64{"later": 1, "refused": 1, "taken": 3, "unknown": 1}, p.counted()); diff != "" {
		p.t.Errorf("attempts (-want +got):\n%s", diff)
	}
	if log := p.log.String(); !strings.Contains(log, `"code":"550"`) || strings.Contains(log, "kakuu.example") {
		p.t.Errorf("logged:\n%s", log)
	}
}

func TestALedgerThatIsGoneIsLogged(t *testing.T) {
	p := newPost(t, meibotest.SQLite(t))
	p.Ledger.Close()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	p.log.told = func(text string) {
		if strings.Contains(text, "take notices") {
			stop()
		}
	}
	if err := p.outbox.Run(ctx, time.Hour); err != nil || ctx.Err() == nil {
		t.Error(err)
	}
}

func states(list []meibo.Notice) string {
	var s []string
	for _, n := range list {
		s = append(s, string(n.State))
	}
	return strings.Join(s, " ")
}

// subjectOf is the subject by which the city hears of a version.
func subjectOf(version int) string {
	return fmt.Sprintf("【meibo】従事者名簿（第%d版）の通知 契約C01", version)
}
