package outbox_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/outbox"
	"github.com/meibo-dev/meibo/internal/seal"
)

const (
	secret      = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="
	otherSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
	intake      = "intake.city.kakuu.example"
)

// A receiver is a program of the city's that takes webhooks, by TLS.
type receiver struct {
	server  *httptest.Server
	url     string
	opts    outbox.WebhookOptions
	answers http.HandlerFunc // nil: 204

	mu    sync.Mutex
	taken []posted
	asked int // resolutions of its name
}

type posted struct {
	header http.Header
	body   []byte
	valid  error // by the library, with the secret
}

// listening starts a receiver, and tells how to post to it.
func listening(t testing.TB, answers http.HandlerFunc) *receiver {
	t.Helper()
	authority := meibotest.NewAuthority(t)
	verifier, err := standardwebhooks.NewWebhook(secret)
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{answers: answers}
	r.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, err := io.ReadAll(q.Body)
		if err == nil {
			err = verifier.Verify(body, q.Header)
		}
		r.mu.Lock()
		r.taken = append(r.taken, posted{q.Header, body, err})
		r.mu.Unlock()
		if r.answers == nil {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		r.answers(w, q)
	}))
	r.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	r.server.TLS = &tls.Config{Certificates: []tls.Certificate{authority.Server(intake)}}
	r.server.StartTLS()
	t.Cleanup(r.server.Close)
	_, port, err := net.SplitHostPort(r.server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	r.url = "https://" + intake + ":" + port + "/meibo"
	r.opts = outbox.WebhookOptions{
		Secrets: map[string][]string{intake + ":" + port: {secret}}, Roots: authority.Roots, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")},
		Resolve: func(context.Context, string) ([]netip.Addr, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if r.asked++; r.asked > 1 { // a name server that lies the second time
				return []netip.Addr{netip.MustParseAddr("169.254.169.254")}, nil
			}
			return []netip.Addr{netip.MustParseAddr("127.0.0.1")}, nil
		},
		Timeout: 2 * time.Second,
	}
	return r
}

func (r *receiver) webhook(t testing.TB) *outbox.Webhook {
	t.Helper()
	w, err := outbox.NewWebhook(r.opts)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func (r *receiver) got() []posted {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]posted(nil), r.taken...)
}

func (r *receiver) letter() ledger.Letter {
	l := letter()
	l.Way, l.Contract.NoticeWay, l.Contract.NoticeURL = meibo.WayWebhook, meibo.WayWebhook, r.url
	return l
}

func TestAWebhookIsSignedByStandardWebhooks(t *testing.T) {
	t.Parallel()
	r := listening(t, nil)
	if got, want := r.webhook(t).Send(t.Context(), r.letter()), (meibo.Attempt{Taken: true, Code: "204"}); !alike(got, want) {
		t.Fatalf("got %+v, want %+v", got, want)
	}
	p := r.got()[0]
	if p.valid != nil {
		t.Errorf("the library does not verify it: %v", p.valid)
	}
	if id := p.header.Get("webhook-id"); id != string(r.letter().Notice.ID) {
		t.Errorf("id %q is not the notice's", id)
	}
	forged, err := standardwebhooks.NewWebhook(otherSecret)
	if err != nil {
		t.Fatal(err)
	}
	if forged.Verify(p.body, p.header) == nil {
		t.Error("another secret verifies it")
	}
	for _, name := range []string{"webhook-id", "webhook-timestamp"} {
		changed := p.header.Clone()
		changed.Set(name, changed.Get(name)[1:])
		if v, _ := standardwebhooks.NewWebhook(secret); v.VerifyIgnoringTimestamp(p.body, changed) == nil {
			t.Errorf("the signature does not cover %s", name)
		}
	}
	var body struct {
		Type string
		Data map[string]any
	}
	if err := json.Unmarshal(p.body, &body); err != nil {
		t.Fatal(err)
	}
	l := r.letter()
	for name, want := range map[string]any{
		"notice": string(l.Notice.ID), "contract": "C01", "version": 3.0, "members": 12.0, "added": 2.0, "removed": 1.0, "hash": l.Roster.Hash,
		"checkpoint": l.Checkpoint, "roster": "/v1/contracts/C01/rosters/3",
	} {
		if body.Data[name] != want {
			t.Errorf("%s is %v, want %v", name, body.Data[name], want)
		}
	}
	if r.asked != 1 {
		t.Errorf("the name was resolved %d times", r.asked)
	}
}

func TestASecretIsExchangedWithoutAGap(t *testing.T) {
	t.Parallel()
	r := listening(t, nil)
	for host := range r.opts.Secrets {
		r.opts.Secrets[host] = []string{otherSecret, secret}
	}
	r.webhook(t).Send(t.Context(), r.letter())
	if p := r.got()[0]; p.valid != nil {
		t.Errorf("who has the old secret cannot verify: %v", p.valid)
	}
}

func TestSecretsThatWouldNotHoldAreRefused(t *testing.T) {
	t.Parallel()
	for name, secrets := range map[string][]string{
		"none": nil, "an empty one": {""}, "only the prefix": {"whsec_"}, "a short one": {"whsec_c2hvcnQ="}, "no base64": {"whsec_correct horse battery staple"},
		"a long one": {"whsec_" + strings.Repeat("AAEC", 30)}, "zeros": {"whsec_" + strings.Repeat("AAAA", 8)}, "a good one and an empty one": {secret, ""},
	} {
		w, err := outbox.NewWebhook(outbox.WebhookOptions{Secrets: map[string][]string{"a.example": secrets}})
		if w != nil || !errors.Is(err, meibo.ErrInvalid) {
			t.Errorf("%s is taken: %v", name, err)
		}
		if err != nil && (strings.Contains(err.Error(), "horse") || strings.Contains(err.Error(), "c2hvcnQ")) {
			t.Errorf("the error says the secret: %v", err)
		}
	}
	w, err := outbox.NewWebhook(outbox.WebhookOptions{Secrets: map[string][]string{"a.example": {secret}}})
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v", w); strings.Contains(text, strings.TrimPrefix(secret, "whsec_")) {
		t.Error("the secret comes out again")
	}
}

func TestWhatAReceiverAnswers(t *testing.T) {
	t.Parallel()
	status := func(code int) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
	}
	other := listening(t, nil)
	cases := []struct {
		name    string
		answers http.HandlerFunc
		want    meibo.Attempt
	}{
		{"taken", status(200), meibo.Attempt{Taken: true, Code: "200"}},
		{"refused for now", status(503), meibo.Attempt{Code: "503"}},
		{"not authorized as things are set", status(401), meibo.Attempt{Code: "401"}},
		{"too often", status(429), meibo.Attempt{Code: "429"}},
		{"refused for good", status(422), meibo.Attempt{Final: true, Code: "422"}},
		{"gone", status(410), meibo.Attempt{Final: true, Code: "410"}},
		{"a redirect is not followed", func(w http.ResponseWriter, q *http.Request) {
			http.Redirect(w, q, other.url, http.StatusTemporaryRedirect)
		}, meibo.Attempt{Code: "307"}},
		{"cut before the answer", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, meibo.Attempt{Unknown: true, Code: "NO_ANSWER"}},
		{"a slow answer", func(_ http.ResponseWriter, q *http.Request) { <-q.Context().Done() }, meibo.Attempt{Unknown: true, Code: "NO_ANSWER"}},
		{"taken, and then an endless body", func(w http.ResponseWriter, q *http.Request) {
			for q.Context().Err() == nil {
				if _, err := w.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		}, meibo.Attempt{Taken: true, Code: "200"}},
		{"an endless head", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Big", strings.Repeat("x", 1<<20))
		}, meibo.Attempt{Unknown: true, Code: "NO_ANSWER"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := listening(t, c.answers)
			if got := r.webhook(t).Send(t.Context(), r.letter()); !alike(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			if posts := len(r.got()); posts != 1 {
				t.Errorf("%d posts", posts)
			}
		})
	}
	t.Cleanup(func() {
		if len(other.got()) > 0 {
			t.Error("the redirect was followed")
		}
	})
}

func TestOnlyPublicOrAllowedAddressesArePostedTo(t *testing.T) {
	t.Parallel()
	r := listening(t, nil)
	for _, address := range strings.Fields(`127.0.0.1 ::1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 255.255.255.255
		::ffff:127.0.0.1 ::ffff:10.0.0.1 fe80::1 fc00::1 fd12::1 64:ff9b::7f00:1 2002:7f00:1:: 2001:db8::1 ff02::1 :: 198.18.0.1`) {
		r.opts.Allow = nil
		r.opts.Resolve = func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("203.0.114.1"), netip.MustParseAddr(address)}, nil
		}
		if got := r.webhook(t).Send(t.Context(), r.letter()); got.Code != "ADDRESS_FORBIDDEN" {
			t.Errorf("%s: got %+v", address, got)
		}
	}
	r.opts.Resolve = func(context.Context, string) ([]netip.Addr, error) { return nil, errors.New("refused") }
	if got := r.webhook(t).Send(t.Context(), r.letter()); got.Taken || got.Final || got.Unknown {
		t.Errorf("an unknown name: got %+v", got)
	}
	if len(r.got()) > 0 {
		t.Error("something was posted")
	}
}

func TestTheReceiverIsTrustedOnlyWithACertificate(t *testing.T) {
	t.Parallel()
	r := listening(t, nil)
	r.opts.Roots = meibotest.NewAuthority(t).Roots
	if got, want := r.webhook(t).Send(t.Context(), r.letter()), (meibo.Attempt{Code: "RECEIVER_UNFIT"}); !alike(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	l := r.letter()
	l.Contract.NoticeURL = strings.Replace(r.url, "https", "http", 1)
	if got := r.webhook(t).Send(t.Context(), l); got.Taken || got.Code != "WAY_NOT_CONFIGURED" {
		t.Errorf("without TLS: got %+v", got)
	}
	l.Contract.NoticeURL = "https://elsewhere.example/"
	if got := r.webhook(t).Send(t.Context(), l); got.Taken || got.Code != "WAY_NOT_CONFIGURED" {
		t.Errorf("where no secret is known: got %+v", got)
	}
}

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
