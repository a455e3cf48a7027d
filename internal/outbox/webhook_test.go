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
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/outbox"
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
		Timeout: 2 * time.Second, Rest: 1,
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
