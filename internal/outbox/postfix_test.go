package outbox_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"log/slog"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/outbox"
)

// A faulty is a post whose relay is a real Postfix behind a line that can be cut.
type faulty struct {
	*post
	postfix *meibotest.Postfix
	line    *line
	ca      string
	seen    int // mails before this fault
}

// TestDeliveryFaults plays what may befall a notice on its way to a real relay, by
// TLS: nothing is lost, and nothing is doubled without its being said.
func TestDeliveryFaults(t *testing.T) {
	t.Parallel()
	authority := meibotest.NewAuthority(t)
	postfix := meibotest.NewPostfix(t, authority)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	authority.RootPEM(ca)
	started := sync.OnceFunc(postfix.Start)
	meibotest.Each(t, func(t *testing.T, url string) {
		f := &faulty{post: newPost(t, url), postfix: postfix, line: newLine(t, postfix.Addr), ca: ca}
		f.mailer = senderOf(t, f.line.addr, ca)
		f.receivers(tax, "chief@city.kakuu.example")
		for _, c := range []struct {
			name string
			play func(f *faulty)
		}{
			{"down", func(f *faulty) {
				f.line.refuse.Store(true)
				f.flush()
				f.wants(f.only(), meibo.NoticeQueued, "NOT_CONNECTED", false)
				f.line.refuse.Store(false)
				started()
				f.later(time.Hour)
				f.ends(1, 1, meibo.NoticeNotified, false)
			}},
			{"refused for now", func(f *faulty) {
				f.postfix.Refuse("*", 451)
				f.flush()
				f.wants(f.only(), meibo.NoticeQueued, "451", false)
				f.postfix.Refuse("", 0)
				f.later(time.Hour)
				f.ends(1, 1, meibo.NoticeNotified, false)
			}},
			{"one address refused for good", func(f *faulty) {
				f.postfix.Refuse("chief@city.kakuu.example", 550)
				f.flush()
				f.postfix.Refuse("", 0)
				f.ends(1, 0, meibo.NoticeNotified, false)
				if r := f.only().Receipts.V[1]; r.State != meibo.ReceiptDead || r.Code != "550" {
					f.t.Errorf("the dead letter is %+v", r)
				}
				if _, err := f.Ledger.RetryNotice(f.t.Context(), f.Operator, f.Key(), f.only().ID); err != nil {
					f.t.Fatal(err)
				}
				f.flush()
				f.ends(1, 1, meibo.NoticeNotified, false)
			}},
			{"one address refused for now", func(f *faulty) {
				f.postfix.Refuse(tax, 450)
				f.flush()
				f.postfix.Refuse("", 0)
				f.later(time.Hour)
				f.ends(1, 1, meibo.NoticeNotified, false)
			}},
			{"cut before the 250", func(f *faulty) {
				f.line.withhold.Store(true)
				sent := make(chan struct{})
				go func() { defer close(sent); f.flush() }()
				f.postfix.Mails(f.seen + 1)
				f.line.withhold.Store(false)
				f.line.cut()
				<-sent
				if n := f.only(); n.State != meibo.NoticeQueued || !n.PossiblyTwice || n.Receipts.V[0].Code != "NO_ANSWER" {
					f.t.Errorf("the notice is %+v", n)
				}
				f.later(time.Hour)
				f.ends(2, 1, meibo.NoticeNotified, true)
			}},
			{"killed between sending and recording", func(f *faulty) {
				f.killedSender()
				f.later(meibo.NoticeLease)
				f.ends(2, 1, meibo.NoticeNotified, true)
			}},
		} {
			f.run(c.name, func() {
				if c.name != "down" {
					started()
				}
				f.seen = len(f.postfix.Mails(0))
				f.cut()
				c.play(f)
			})
		}
	})
}

// ends expects so many mails at each address, all under one message id, and what
// became of the notice.
func (f *faulty) ends(tax, chief int, state meibo.NoticeState, twice bool) {
	f.t.Helper()
	count := map[string]int{}
	for _, text := range f.postfix.Mails(f.seen + tax + chief) {
		m, err := mail.ReadMessage(strings.NewReader(text))
		if err != nil {
			f.t.Fatal(err)
		}
		if m.Header.Get("Message-ID") == f.only().MessageID {
			count[m.Header.Get("Delivered-To")]++
			if !strings.Contains(text, "using TLSv1.3") {
				f.t.Errorf("it came without TLS:\n%s", text)
			}
		}
	}
	if count["tax@city.kakuu.example"] != tax || count["chief@city.kakuu.example"] != chief {
		f.t.Errorf("the mailbox holds %v, want %d and %d", count, tax, chief)
	}
	if n := f.only(); n.State != state || n.PossiblyTwice != twice || n.NotifiedAt.IsZero() {
		f.t.Errorf("the notice is %s, possibly twice: %v", n.State, n.PossiblyTwice)
	}
}

// A sending is what another process needs to send.
type sending struct {
	URL, Mark, Relay, CA string
	Now                  meibo.Instant
	Secrets              ledger.Secrets
}

const senderEnv = "MEIBO_TEST_SENDER"

// killedSender has another process send, and kills it once the relay has taken a mail
// and before it can know that.
func (f *faulty) killedSender() {
	f.t.Helper()
	f.Ledger.Close() // one process at a time
	text, err := json.Marshal(sending{f.Options.URL, f.Options.Mark, f.line.addr, f.ca, f.Clock.Now(), f.Options.Secrets})
	if err != nil {
		f.t.Fatal(err)
	}
	f.line.withhold.Store(true)
	child := exec.Command(os.Args[0], "-test.run", "^TestSender$")
	child.Env = append(os.Environ(), senderEnv+"="+string(text))
	var said strings.Builder
	child.Stdout, child.Stderr = &said, &said
	if err := child.Start(); err != nil {
		f.t.Fatal(err)
	}
	if mails := f.postfix.Mails(f.seen + 1); len(mails) != f.seen+1 {
		f.t.Errorf("the sender sent %d mails: %s", len(mails)-f.seen, said.String())
	}
	child.Process.Kill()
	child.Wait()
	f.line.withhold.Store(false)
	f.line.cut()
	f.City.Reopen()
	f.reopen()
	if n := f.only(); n.State != meibo.NoticeSending {
		f.t.Errorf("the notice is %s", n.State)
	}
}

// TestSender is the process that killedSender kills.
func TestSender(t *testing.T) {
	var s sending
	if os.Getenv(senderEnv) == "" {
		return
	}
	if err := json.Unmarshal([]byte(os.Getenv(senderEnv)), &s); err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(t.Context(), ledger.Options{URL: s.URL, Mark: s.Mark, Secrets: s.Secrets, Now: func() meibo.Instant { return s.Now }})
	if err != nil {
		t.Fatal(err)
	}
	o := outbox.New(l, outbox.Ways{Mail: senderOf(t, s.Relay, s.CA)}, slog.New(slog.DiscardHandler), prometheus.NewRegistry())
	t.Fatal(o.Flush(context.Background()))
}

func senderOf(t testing.TB, address, ca string) *outbox.Mailer {
	t.Helper()
	text, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	m, err := outbox.NewMailer(outbox.MailOptions{Host: host, Port: number, From: "meibo@city.kakuu.example", HELO: "meibo.city.kakuu.example", Roots: roots})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
