package outbox

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// WebhookOptions say whom notices may be posted to.
type WebhookOptions struct {
	// Secrets are those shared with each receiver, by host (with its port where it is
	// not 443), in the form whsec_… of Standard Webhooks. While a secret is being
	// exchanged there are two; a notice is signed with both.
	Secrets map[string][]string
	// Roots verify the receivers' certificates; nil: those of the machine.
	Roots *x509.CertPool
	// Allow are networks that may be reached although they are private.
	Allow []netip.Prefix
	// Resolve finds the addresses of a name; nil: as the machine does.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Timeout bounds one attempt; zero: five seconds.
	Timeout time.Duration
	// Rest is how long a receiver that did not answer is left alone, so that nobody
	// else's notices wait for it again and again; zero: half a minute.
	Rest time.Duration
}

// A Webhook posts notices by Standard Webhooks (standardwebhooks.com): the signature
// covers id, time and body; the id is the notice's on every attempt. The body names
// nobody. No redirect is followed, no proxy used, and nothing is read of an answer
// but its status. Its secrets go in and never come out.
type Webhook struct {
	opts    WebhookOptions
	signers map[string][]*standardwebhooks.Webhook

	mu     sync.Mutex
	silent map[string]time.Time // until when a receiver rests, by host
}

// A secret is 24 to 64 random bytes, says Standard Webhooks; the library takes any,
// an empty one, too.
const (
	shortestSecret = 24
	longestSecret  = 64
	longestAnswer  = 64 << 10 // bytes of an answer's head
)

// NewWebhook refuses secrets that are missing, too short or no base64. It connects
// to nothing.
func NewWebhook(o WebhookOptions) (*Webhook, error) {
	w := &Webhook{opts: o, signers: map[string][]*standardwebhooks.Webhook{}, silent: map[string]time.Time{}}
	for host, secrets := range o.Secrets {
		if len(secrets) == 0 {
			return nil, fmt.Errorf("%w: the webhook of %s has no secret", meibo.ErrInvalid, host)
		}
		for _, secret := range secrets {
			signer, err := signerOf(secret)
			if err != nil {
				return nil, fmt.Errorf("%w: the webhook secret of %s %s", meibo.ErrInvalid, host, err)
			}
			w.signers[strings.ToLower(host)] = append(w.signers[strings.ToLower(host)], signer)
		}
	}
	w.opts.Timeout = cmp.Or(w.opts.Timeout, 5*time.Second)
	w.opts.Rest = cmp.Or(w.opts.Rest, 30*time.Second)
	if w.opts.Resolve == nil {
		w.opts.Resolve = func(ctx context.Context, host string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
		}
	}
	w.opts.Secrets = nil
	return w, nil
}

// signerOf reads a secret. What is wrong with it is said without saying it.
func signerOf(secret string) (*standardwebhooks.Webhook, error) {
	key, err := decodeSecret(secret)
	switch {
	case err != nil:
		return nil, errors.New("is not whsec_ and base64")
	case len(key) < shortestSecret || len(key) > longestSecret:
		return nil, fmt.Errorf("has %d bytes; it needs %d to %d", len(key), shortestSecret, longestSecret)
	case len(bytes.Trim(key, string(key[:1]))) == 0:
		return nil, errors.New("is one byte again and again")
	}
	return standardwebhooks.NewWebhookRaw(key)
}

// knows reports whether there is a secret for a receiver.
func (w *Webhook) knows(address string) bool {
	u, err := url.Parse(address)
	return err == nil && len(w.signers[strings.ToLower(u.Host)]) > 0
}

// Send posts a letter. 2xx means that it was taken. 400, 410, 413 and 422 refuse it
// for good; everything else, a redirect too, is tried again. When the request was
// written and no answer came, nobody knows.
func (w *Webhook) Send(ctx context.Context, letter ledger.Letter) meibo.Attempt {
	ctx, cancel := context.WithTimeout(ctx, w.opts.Timeout)
	defer cancel()
	var written atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { written.Store(true) }})
	request, err := w.request(ctx, letter)
	if err != nil {
		return meibo.Attempt{Code: "WAY_NOT_CONFIGURED"}
	}
	if w.resting(request.URL.Host) {
		return meibo.Attempt{Code: "RECEIVER_SILENT"}
	}
	client := w.client()
	defer client.CloseIdleConnections()
	answer, err := client.Do(request)
	if err != nil {
		w.rest(request.URL.Host)
		return attemptToPost(err, written.Load())
	}
	answer.Body.Close() // unread: only its status says something
	a := meibo.Attempt{Code: strconv.Itoa(answer.StatusCode)}
	switch answer.StatusCode {
	case http.StatusBadRequest, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
		a.Final = true
	default:
		a.Taken = answer.StatusCode/100 == 2
	}
	return a
}

// resting reports whether a receiver has just not answered.
func (w *Webhook) resting(host string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Before(w.silent[host])
}

func (w *Webhook) rest(host string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.silent[host] = time.Now().Add(w.opts.Rest)
}

func (w *Webhook) request(ctx context.Context, letter ledger.Letter) (*http.Request, error) {
	body, err := meibo.Canonical(eventOf(letter))
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, letter.Contract.NoticeURL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	signers := w.signers[strings.ToLower(request.URL.Host)]
	if request.URL.Scheme != "https" || len(signers) == 0 {
		return nil, fmt.Errorf("%w: no secret for the receiver", meibo.ErrInvalid)
	}
	id, now := string(letter.Notice.ID), time.Now()
	var signatures []string
	for _, s := range signers {
		signature, err := s.Sign(id, now, body)
		if err != nil {
			return nil, err
		}
		signatures = append(signatures, signature)
	}
	request.Header = http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"meibo"},
		http.CanonicalHeaderKey(standardwebhooks.HeaderWebhookID):        {id},
		http.CanonicalHeaderKey(standardwebhooks.HeaderWebhookTimestamp): {strconv.FormatInt(now.Unix(), 10)},
		http.CanonicalHeaderKey(standardwebhooks.HeaderWebhookSignature): {strings.Join(signatures, " ")},
	}
	return request, nil
}

// client speaks to one receiver once.
func (w *Webhook) client() *http.Client {
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: w.dial, DisableKeepAlives: true, MaxResponseHeaderBytes: longestAnswer,
			TLSClientConfig: &tls.Config{RootCAs: w.opts.Roots, MinVersion: tls.VersionTLS12},
		},
	}
}

// errForbiddenAddress says that a name leads where nobody may be posted to.
var errForbiddenAddress = errors.New("the receiver's address is private")

// dial resolves a name once, and connects to what was found and looked at: a second
// answer of the name server comes too late.
func (w *Webhook) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	addresses, err := w.opts.Resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	for _, a := range addresses {
		if !w.allowed(a) {
			return nil, errForbiddenAddress
		}
	}
	err = &net.DNSError{Err: "no address", Name: host, IsNotFound: true}
	for _, a := range addresses {
		var line net.Conn
		if line, err = new(net.Dialer).DialContext(ctx, network, net.JoinHostPort(a.Unmap().String(), port)); err == nil {
			return line, nil
		}
	}
	return nil, err
}

// attemptToPost says why no answer came.
func attemptToPost(err error, written bool) meibo.Attempt {
	var name *net.DNSError
	switch {
	case written:
		return meibo.Attempt{Unknown: true, Code: "NO_ANSWER"}
	case errors.Is(err, errForbiddenAddress):
		return meibo.Attempt{Code: "ADDRESS_FORBIDDEN"}
	case errors.As(err, &name):
		return meibo.Attempt{Code: "NAME_UNKNOWN"}
	case errors.As(err, new(*tls.CertificateVerificationError)), errors.As(err, new(tls.RecordHeaderError)), errors.As(err, new(tls.AlertError)):
		return meibo.Attempt{Code: "RECEIVER_UNFIT"}
	}
	return meibo.Attempt{Code: "NOT_CONNECTED"}
}
