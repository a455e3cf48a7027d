package outbox_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/outbox"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestLetters shows each letter as people read it: testdata/*.golden.
func TestLetters(t *testing.T) {
	sink := meibotest.Sink(t, demo.SinkOptions{})
	m := mailer(t, sink, outbox.MailOptions{})
	kind := func(k meibo.NoticeKind) func(*ledger.Letter) { return func(l *ledger.Letter) { l.Notice.Kind = k } }
	for name, edit := range map[string]func(*ledger.Letter){
		"roster": func(*ledger.Letter) {},
		"roster_first": func(l *ledger.Letter) {
			l.Notice.Version, l.Roster.Version, l.Roster.PreviousHash, l.Roster.Faults, l.Contract.AckRequired = 1, 1, "", 2, true
		},
		"acknowledged": kind(meibo.NoticeAcknowledged),
		"returned":     kind(meibo.NoticeReturned),
		"overdue":      kind(meibo.NoticeOverdue),
		"untold":       kind(meibo.NoticeUntold),
		"disabled":     kind(meibo.NoticeDisabled),
		"held":         kind(meibo.NoticeHeld),
		"elsewhere":    kind(meibo.NoticeElsewhere),
		"pledges":      kind(meibo.NoticePledges),
		"departed": func(l *ledger.Letter) {
			l.Notice.Kind, l.Notice.Version, l.Roster = meibo.NoticeDeparted, 0, meibo.Roster{}
		},
	} {
		t.Run(name, func(t *testing.T) {
			l := letter(tax)
			edit(&l)
			if a := m.Send(t.Context(), l); !a.Taken {
				t.Fatalf("%+v", a)
			}
			mails := sink.Mails()
			golden(t, name, readable(mails[len(mails)-1]))
		})
	}
}

// readable is a mail as a person's program shows it, with the headers that tell
// programs what it is.
func readable(m demo.Mail) string {
	var b strings.Builder
	for _, name := range []string{"From", "To", "Date", "Message-ID", "Auto-Submitted", "X-Meibo-Notice", "Content-Type"} {
		fmt.Fprintf(&b, "%s: %s\n", name, m.Header(name))
	}
	return b.String() + "Subject: " + m.Subject() + "\n\n" + m.Text()
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got), -update writes it anew:\n%s", path, diff)
	}
}

// TestNoMailSpeaksOfAPerson plays everything of which somebody is told.
func TestNoMailSpeaksOfAPerson(t *testing.T) {
	t.Parallel()
	meibotest.Each(t, func(t *testing.T, url string) {
		p := newPost(t, url)
		line := meibotest.Line("canarylogin")
		line.Name, line.Kana, line.Latin, line.Alias, line.FormerName = "金糸雀名前", "カナリアカナ", "CanaryLatin", "金糸雀通称", "金糸雀旧氏"
		line.Task, line.Workplace = "金糸雀業務", "金糸雀本社"
		done := p.Submit(p.Submitter, line)
		version := p.Approve(p.Approver, done)
		person := done.Rows[0].PersonID
		p.flush()
		p.acknowledge(version)
		next, _ := p.cut()
		p.flush()
		v, err := p.Ledger.Roster(t.Context(), p.Receiver, "C01", next)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := p.Ledger.Return(t.Context(), p.Receiver, p.Key(), "C01", next, v.Roster.Hash, person, "金糸雀理由"); err != nil {
			t.Fatal(err)
		}
		p.Submit(p.Submitter, meibo.Line{Operation: meibo.Remove, ContractID: "C01", PersonID: person, Reason: meibo.ReasonDeparture})
		p.flush()
		kinds := map[meibo.NoticeKind]bool{}
		for _, n := range p.notices() {
			p.wants(n, meibo.NoticeNotified, "250", false)
			kinds[n.Kind] = true
		}
		if len(kinds) < 3 {
			t.Errorf("only told of %v", kinds)
		}
		purpose := string(line.Purpose)
		for _, m := range p.mails(len(p.notices())) {
			for _, secret := range []string{"金糸雀", "カナリア", "anary", string(person), purpose, "A01", "住民税", "架空データ"} {
				if text := m.Raw + readable(m); strings.Contains(text, secret) {
					t.Errorf("a mail says %s:\n%s", secret, readable(m))
				}
			}
		}
	})
}
