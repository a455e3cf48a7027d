package outbox_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/outbox"
)

// letter is one to the city about the third version of a roster.
func letter(to ...string) ledger.Letter {
	return ledger.Letter{
		Notice: meibo.Notice{
			ID: "01a20fd2-8f58-77e0-afbd-ca2f26a7582a", ContractID: "C01", Kind: meibo.NoticeRoster, OrganizationID: "CITY", Version: 3,
			MessageID: "<01a20fd2-8f58-77e0-afbd-ca2f26a7582a@meibo.city.kakuu.example>", CreatedAt: meibotest.AsOf,
		},
		To: to, AnswerBy: "2026-10-22",
		Contract: meibo.Contract{ID: "C01", Name: "令和8年度個人住民税課税資料入力業務"},
		Roster: meibo.Roster{
			ContractID: "C01", Version: 3, CutAt: meibotest.AsOf, Members: 12, Added: 2, Removed: 1,
			Hash: meibo.HashText("third"), PreviousHash: meibo.HashText("second"),
		},
		Checkpoint: "meibo.example\n15\nvTsxju4ltsylNh+Gaq9RwB7E11RSToxRk12WKO58XEg=\n\n— meibo.example FTuWYlMTzSVDSEp8NecnDzfjyixTS4SrkKvrvq1bHwdpqg==\n",
	}
}

const tax = "tax@city.kakuu.example"

func TestTheRelayIsTrustedOnlyWithACertificate(t *testing.T) {
	own, other := meibotest.NewAuthority(t), meibotest.NewAuthority(t)
	withTLS := func(c tls.Certificate) demo.SinkOptions {
		return demo.SinkOptions{TLS: &tls.Config{Certificates: []tls.Certificate{c}}}
	}
	for _, c := range []struct {
		name  string
		relay demo.SinkOptions
		opts  outbox.MailOptions
		want  meibo.Attempt
		tls   bool
	}{
		{"loopback is plain", demo.SinkOptions{}, outbox.MailOptions{}, meibo.Attempt{Taken: true, Code: "250"}, false},
		{"localhost is plain", demo.SinkOptions{}, outbox.MailOptions{Host: "localhost"}, meibo.Attempt{Taken: true, Code: "250"}, false},
		{"with roots it is encrypted", withTLS(own.Server("127.0.0.1")), outbox.MailOptions{Roots: own.Roots}, meibo.Attempt{Taken: true, Code: "250"}, true},
		{"the name is checked", withTLS(own.Server("localhost")), outbox.MailOptions{Host: "localhost", Roots: own.Roots}, meibo.Attempt{Taken: true, Code: "250"}, true},
		{"another name is refused", withTLS(own.Server("relay.example")), outbox.MailOptions{Roots: own.Roots}, meibo.Attempt{Code: "RELAY_UNFIT"}, false},
		{"another authority is refused", withTLS(other.Server("127.0.0.1")), outbox.MailOptions{Roots: own.Roots}, meibo.Attempt{Code: "RELAY_UNFIT"}, false},
		{"no STARTTLS is refused", demo.SinkOptions{}, outbox.MailOptions{Roots: own.Roots}, meibo.Attempt{Code: "RELAY_UNFIT"}, false},
		{"an old protocol is refused", demo.SinkOptions{TLS: &tls.Config{Certificates: []tls.Certificate{own.Server("127.0.0.1")}, MaxVersion: tls.VersionTLS11}},
			outbox.MailOptions{Roots: own.Roots}, meibo.Attempt{Code: "NOT_CONNECTED"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			sink := meibotest.Sink(t, c.relay)
			got := mailer(t, sink, c.opts).Send(t.Context(), letter(tax))
			if !alike(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			mails := sink.Mails()
			if (len(mails) == 1) != c.want.Taken || len(mails) == 1 && mails[0].TLS != c.tls {
				t.Errorf("mails: %+v", mails)
			}
			quiet(t, sink)
		})
	}
}

// quiet fails when a connection is left open.
func quiet(t *testing.T, sink *demo.Sink) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		sink.Quiet()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
		t.Error("a connection was left open")
	}
}

func TestSTARTTLSIsRequiredBeyondLoopback(t *testing.T) {
	for host, want := range map[string]string{
		"relay.city.kakuu.example": "TLSMandatory", "192.0.2.1": "TLSMandatory", "2001:db8::1": "TLSMandatory", "localhost.example": "TLSMandatory",
		"127.0.0.1": "NoTLS", "127.1.2.3": "NoTLS", "::1": "NoTLS", "localhost": "NoTLS",
	} {
		m, err := outbox.NewMailer(outbox.MailOptions{Host: host, Port: 25, From: "meibo@city.kakuu.example"})
		if err != nil {
			t.Fatal(err)
		}
		if got := m.Policy(); got != want {
			t.Errorf("%s: %s, want %s", host, got, want)
		}
	}
}

func TestAMailerNeedsARelayAndASender(t *testing.T) {
	for _, o := range []outbox.MailOptions{
		{}, {Host: "127.0.0.1", Port: 25}, {Host: "127.0.0.1", From: "meibo@city.kakuu.example"}, {Port: 25, From: "meibo@city.kakuu.example"},
		{Host: "127.0.0.1", Port: 65536, From: "meibo@city.kakuu.example"}, {Host: "127.0.0.1", Port: 25, From: "meibo"},
		{Host: "127.0.0.1", Port: 25, From: "meibo@city.kakuu.example\r\nBcc: x@example"},
	} {
		if m, err := outbox.NewMailer(o); m != nil || !errors.Is(err, meibo.ErrInvalid) {
			t.Errorf("%+v: %v, %v", o, m, err)
		}
	}
}

// relay answers line by line, whatever is said to it, and then hangs up.
func relay(t *testing.T, replies ...string) outbox.MailOptions {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			heard := bufio.NewReader(c)
			for i, reply := range replies {
				if i > 0 {
					heard.ReadString('\n')
				}
				c.Write([]byte(reply + "\r\n"))
			}
			c.Close()
		}
	}()
	return outbox.MailOptions{Host: "127.0.0.1", Port: l.Addr().(*net.TCPAddr).Port, From: "meibo@city.kakuu.example", Timeout: 5 * time.Second}
}

func TestWhatTheRelaySaysIsReported(t *testing.T) {
	for _, c := range []struct {
		name    string
		replies []string
		want    meibo.Attempt
	}{
		{"it hangs up", nil, meibo.Attempt{Code: "NOT_CONNECTED"}},
		{"it speaks another protocol", []string{"HTTP/1.1 400 Bad Request"}, meibo.Attempt{Code: "RELAY_UNFIT"}},
		{"it wants nobody", []string{"554 no SMTP service here"}, meibo.Attempt{Code: "554"}},
		{"it is busy", []string{"421 try later"}, meibo.Attempt{Code: "421"}},
		{"it does not believe the password", []string{"220 hello", "250-hello\r\n250 AUTH CRAM-MD5", "334 PDEyMz4=", "535 5.7.8 no"}, meibo.Attempt{Code: "535"}},
		{"it knows no passwords", []string{"220 hello", "250 hello"}, meibo.Attempt{Code: "RELAY_UNFIT"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := relay(t, c.replies...)
			o.Username, o.Password = "meibo", "secret"
			m, err := outbox.NewMailer(o)
			if err != nil {
				t.Fatal(err)
			}
			if got := m.Send(t.Context(), letter(tax)); !alike(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestWhatIsRefusedAtAnyPointIsReported(t *testing.T) {
	for _, c := range []struct {
		reply demo.Reply
		want  meibo.Attempt
	}{
		{demo.Reply{At: "mail", Code: 530}, meibo.Attempt{Final: true, Code: "530"}},
		{demo.Reply{At: "mail", Code: 451}, meibo.Attempt{Code: "451"}},
		{demo.Reply{At: "rcpt", Code: 550}, meibo.Attempt{Final: true, Code: "550"}},
		{demo.Reply{At: "rcpt", Code: 452}, meibo.Attempt{Code: "452"}},
		{demo.Reply{At: "data", Code: 554}, meibo.Attempt{Final: true, Code: "554"}},
		{demo.Reply{At: "data", Code: 421}, meibo.Attempt{Code: "421"}},
		{demo.Reply{At: "lose"}, meibo.Attempt{Unknown: true, Code: "NO_ANSWER"}},
		{demo.Reply{At: "cut"}, meibo.Attempt{Unknown: true, Code: "NO_ANSWER"}},
	} {
		sink := meibotest.Sink(t, demo.SinkOptions{})
		sink.Script(c.reply)
		if got := mailer(t, sink, outbox.MailOptions{}).Send(t.Context(), letter(tax)); !alike(got, c.want) {
			t.Errorf("%+v: got %+v, want %+v", c.reply, got, c.want)
		}
		quiet(t, sink)
	}
}

func TestARelayThatDoesNotAnswerIsLeft(t *testing.T) {
	sink := meibotest.Sink(t, demo.SinkOptions{})
	stall := sink.Stall()
	defer close(stall.Release)
	m := mailer(t, sink, outbox.MailOptions{Timeout: 100 * time.Millisecond})
	if got, want := m.Send(t.Context(), letter(tax)), (meibo.Attempt{Unknown: true, Code: "NO_ANSWER"}); !alike(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	<-stall.Reached
}

func TestNobodyListens(t *testing.T) {
	sink := meibotest.Sink(t, demo.SinkOptions{})
	m := mailer(t, sink, outbox.MailOptions{})
	sink.Stop()
	if got, want := m.Send(t.Context(), letter(tax)), (meibo.Attempt{Code: "NOT_CONNECTED"}); !alike(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestALetterToNobodyFails(t *testing.T) {
	m := mailer(t, meibotest.Sink(t, demo.SinkOptions{}), outbox.MailOptions{})
	if got, want := m.Send(t.Context(), letter()), (meibo.Attempt{Final: true, Code: "NO_ADDRESS"}); !alike(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestNothingThatALetterSaysBecomesAHeader(t *testing.T) {
	sink := meibotest.Sink(t, demo.SinkOptions{})
	m := mailer(t, sink, outbox.MailOptions{})
	const evil = "x\r\nBcc: evil@example\r\n\r\n.\r\nMAIL FROM:<evil@example>\r\nRCPT TO:<evil@example>\r\nDATA\r\n"
	for _, to := range []string{"tax@city.kakuu.example\r\nBcc: evil@example", "tax@city.kakuu.example>\r\nRCPT TO:<evil@example", "evil", "", "a b@c", "tax@city.kakuu.example\n"} {
		if a := m.Send(t.Context(), letter(to)); !alike(a, meibo.Attempt{Final: true, Code: "ADDRESS_REFUSED"}) {
			t.Errorf("to %q: %+v", to, a)
		}
	}
	for name, edit := range map[string]func(*ledger.Letter){
		"contract":   func(l *ledger.Letter) { l.Contract.ID = evil },
		"notice":     func(l *ledger.Letter) { l.Notice.ID = evil },
		"message id": func(l *ledger.Letter) { l.Notice.MessageID = "<" + evil + ">" },
		"hash":       func(l *ledger.Letter) { l.Roster.Hash = evil },
		"checkpoint": func(l *ledger.Letter) { l.Checkpoint = "\n.\nMAIL FROM:<evil@example>\n" + evil },
		"ascii":      func(l *ledger.Letter) { l.Contract.ID = "\nBcc: evil@example\n.\n" },
	} {
		before := len(sink.Mails())
		l := letter(tax)
		edit(&l)
		a := m.Send(t.Context(), l)
		mails := sink.Mails()[before:]
		if a.Taken && len(mails) != 1 || !a.Taken && len(mails) != 0 {
			t.Errorf("%s: %+v, and %d mails", name, a, len(mails))
		}
		for _, mail := range mails {
			if mail.Header("Bcc") != "" || mail.From != "meibo@city.kakuu.example" || cmp.Diff([]string{tax}, mail.To) != "" {
				t.Errorf("%s: from %s to %s\n%s", name, mail.From, mail.To, mail.Raw)
			}
			if !strings.Contains(mail.Text(), "このメールは自動で送信しています。") {
				t.Errorf("%s cut the text short:\n%s", name, mail.Text())
			}
		}
	}
}
