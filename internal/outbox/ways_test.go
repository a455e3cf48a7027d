package outbox_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/outbox"
	"github.com/meibo-dev/meibo/internal/seal"
)

func TestOtherWays(t *testing.T) {
	t.Parallel()
	play(t,
		scene{"a webhook opens what mail would open, and goes again under the same id", func(p *post) {
			fails := true
			r := listening(p.t, func(w http.ResponseWriter, q *http.Request) {
				if fails {
					fails = false
					panic(http.ErrAbortHandler)
				}
			})
			good := r.opts.Resolve
			r.opts.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) { r.asked = 0; return good(ctx, host) }
			p.webhook = r.webhook(p.t)
			p.way(meibo.WayWebhook, r.url)
			defer p.way(meibo.WayMail, "")
			p.reopen()
			_, person := p.cut()
			p.Pledged(person)
			p.flush()
			p.wants(p.only(), meibo.NoticeQueued, "NO_ANSWER", true)
			p.later(time.Hour)
			p.wants(p.only(), meibo.NoticeNotified, "200", true)
			if d := p.Check(person); !d.Allowed {
				p.t.Errorf("not allowed although the city was told: %v", d.Codes)
			}
			got := r.got()
			if len(got) != 2 || got[0].header.Get("webhook-id") != got[1].header.Get("webhook-id") || got[1].valid != nil {
				p.t.Errorf("%d posts: %+v", len(got), got)
			}
			for _, text := range []string{string(got[1].body), p.log.String()} {
				if strings.Contains(text, "髙") || strings.Contains(text, string(person)) {
					p.t.Errorf("it speaks of a person: %s", text)
				}
			}
			p.mails(0)
			if n := p.only(); n.Way != meibo.WayWebhook {
				p.t.Errorf("it went by %s", n.Way)
			}
		}},
		scene{"a silent webhook keeps no mail waiting", func(p *post) {
			version, _ := p.cut()
			p.flush()
			reached, release := make(chan struct{}), make(chan struct{})
			r := listening(p.t, func(http.ResponseWriter, *http.Request) {
				close(reached)
				<-release
			})
			r.opts.Timeout = time.Minute
			p.webhook = r.webhook(p.t)
			p.way(meibo.WayWebhook, r.url)
			defer p.way(meibo.WayMail, "")
			p.reopen()
			p.cut()
			ctx, cancel := context.WithCancel(p.t.Context())
			ended := make(chan error, 1)
			go func() { ended <- p.outbox.Run(ctx, time.Millisecond) }()
			<-reached
			p.acknowledge(version) // of which K1 is told by mail
			for deadline := time.Now().Add(20 * time.Second); len(p.sink.Mails()) < p.before.mails+2; time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					p.t.Error("K1's mail waits for the city's webhook")
					break
				}
			}
			close(release)
			cancel()
			if err := <-ended; err != nil {
				p.t.Error(err)
			}
		}},
		scene{"a package is written, and waits for who carries it", func(p *post) {
			dir := p.t.TempDir()
			if _, err := outbox.NewFolder(dir); err == nil {
				p.t.Error("a folder that others can read is taken")
			}
			if err := os.Chmod(dir, 0o700); err != nil {
				p.t.Fatal(err)
			}
			folder, err := outbox.NewFolder(dir)
			if err != nil {
				p.t.Fatal(err)
			}
			p.folder = folder
			p.way(meibo.WayHandOver, "")
			defer p.way(meibo.WayMail, "")
			p.reopen()
			version, person := p.cut()
			p.Pledged(person)
			p.flush()
			p.wants(p.only(), meibo.NoticeQueued, "NO_PACKAGE", false) // this city has no seal
			sealer, root := newSeal(p.t)
			p.City.Options.Sealing.Sealer = sealer
			p.City.Reopen()
			p.reopen()
			p.later(time.Hour)
			n := p.only()
			p.wants(n, meibo.NoticeSent, "PACKAGE_WRITTEN", false)
			files, err := os.ReadDir(dir)
			if err != nil || len(files) != 1 || files[0].Name() != fmt.Sprintf("meibo-C01-v%d.asice", version) {
				p.t.Fatalf("in the folder: %v, %v", files, err)
			}
			path := filepath.Join(dir, files[0].Name())
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				p.t.Errorf("others can read the package: %v", info.Mode())
			}
			content, err := os.ReadFile(path)
			if err != nil {
				p.t.Fatal(err)
			}
			if v, parts := seal.VerifyPackage(content, seal.Trust{Seals: root}); v.State != seal.Intact || len(parts) < 5 {
				p.t.Errorf("the package is %s (%s) with %d files", v.State, v.Code, len(parts))
			}
			if d := p.Check(person); d.Allowed {
				p.t.Error("allowed although nobody carried the package")
			}
			p.handOver(n)
			if d := p.Check(person); !d.Allowed {
				p.t.Errorf("not allowed although it was handed over: %v", d.Codes)
			}
			p.mails(0)
		}},
		scene{"what goes by a way that is not configured waits", func(p *post) {
			p.webhook = nil
			p.way(meibo.WayWebhook, "https://"+intake+"/")
			defer p.way(meibo.WayMail, "")
			p.reopen()
			p.cut()
			p.flush()
			p.wants(p.only(), meibo.NoticeQueued, "", false)
		}},
	)
}

func TestAContractIsRefusedWhoseWayIsNotOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	sealer, _ := newSeal(t)
	m, err := outbox.NewMailer(outbox.MailOptions{Host: "127.0.0.1", Port: 25, From: "meibo@city.kakuu.example", Encryption: &outbox.Encryption{
		Sealer: sealer, Receivers: []seal.Receiver{certificate(t, dir, tax, 30)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	plain, err := outbox.NewMailer(outbox.MailOptions{Host: "127.0.0.1", Port: 25, From: "meibo@city.kakuu.example"})
	if err != nil {
		t.Fatal(err)
	}
	r := listening(t, nil)
	all := outbox.Ways{Mail: m, Webhook: r.webhook(t), HandOver: &outbox.Folder{}}
	for _, c := range []struct {
		name     string
		ways     outbox.Ways
		contract meibo.Contract
		want     meibo.ProblemCode
	}{
		{"mail may wait for a person", outbox.Ways{}, meibo.Contract{}, ""},
		{"encrypted mail", all, meibo.Contract{NoticeWay: meibo.WayEncrypted, NoticeTo: []string{tax}}, ""},
		{"encrypted mail without certificates", outbox.Ways{Mail: plain}, meibo.Contract{NoticeWay: meibo.WayEncrypted, NoticeTo: []string{tax}}, "WAY_NOT_CONFIGURED"},
		{"one address without a certificate", all, meibo.Contract{NoticeWay: meibo.WayEncrypted, NoticeTo: []string{tax, "b@c.example"}}, "NO_CERTIFICATE"},
		{"a webhook", all, meibo.Contract{NoticeWay: meibo.WayWebhook, NoticeURL: r.url}, ""},
		{"a webhook whose secret nobody knows", all, meibo.Contract{NoticeWay: meibo.WayWebhook, NoticeURL: "https://a.example/"}, "WAY_NOT_CONFIGURED"},
		{"no webhooks", outbox.Ways{}, meibo.Contract{NoticeWay: meibo.WayWebhook, NoticeURL: r.url}, "WAY_NOT_CONFIGURED"},
		{"a package", all, meibo.Contract{NoticeWay: meibo.WayHandOver}, ""},
		{"no folder for packages", outbox.Ways{}, meibo.Contract{NoticeWay: meibo.WayHandOver}, "WAY_NOT_CONFIGURED"},
	} {
		if got := c.ways.Problem(c.contract); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
	meibotest.Each(t, func(t *testing.T, url string) {
		city := meibotest.NewCity(t, url, nil)
		m, err := city.Ledger.Master(t.Context(), city.Operator)
		if err != nil {
			t.Fatal(err)
		}
		m.Contracts[0].NoticeWay = meibo.WayHandOver
		city.Apply(meibo.Master{Contracts: m.Contracts[:1]})
		city.Options.Ways = outbox.Ways{}.Problem
		city.Reopen()
		if err := city.Ledger.CheckWays(t.Context()); err == nil || !strings.Contains(err.Error(), "contract C01 is to be notified by handover: WAY_NOT_CONFIGURED") {
			t.Errorf("a server starts that cannot tell the city: %v", err)
		}
		_, err = city.Ledger.PlanMaster(t.Context(), city.Operator, meibo.Master{Contracts: m.Contracts[:1]})
		var ps meibo.Problems
		if !errors.As(err, &ps) || ps[0].Field != "contracts[0].notice_way" || ps[0].Code != "WAY_NOT_CONFIGURED" {
			t.Errorf("it is registered: %v", err)
		}
	})
}
