package outbox_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/outbox"
)

// A post is a small city with an outbox and the relay that it sends to.
type post struct {
	*meibotest.City
	sink     *demo.Sink
	mailer   *outbox.Mailer
	webhook  *outbox.Webhook
	folder   *outbox.Folder
	outbox   *outbox.Outbox
	registry *prometheus.Registry
	log      *journal

	t      *testing.T
	people int
	before struct{ mails, notices int } // this scene
}

// A scene is what happens at a post, told by its name.
type scene struct {
	name string
	play func(p *post)
}

// play plays scenes one after the other, on both databases. A scene begins with
// nothing on its way.
func play(t *testing.T, scenes ...scene) {
	t.Helper()
	meibotest.Each(t, func(t *testing.T, url string) {
		p := newPost(t, url)
		for _, s := range scenes {
			p.run(s.name, func() { s.play(p) })
		}
	})
}

// run plays a scene, which may run others.
func (p *post) run(name string, play func()) {
	outer := p.t
	defer func() { p.t = outer }()
	outer.Run(name, func(t *testing.T) {
		p.t = t
		p.begin()
		play()
	})
}

func (p *post) begin() {
	p.before.mails, p.before.notices = 0, 0
	p.sink.Release()
	for _, n := range p.notices() {
		if !n.Settled() {
			p.handOver(n)
		}
	}
	p.before.mails, p.before.notices = len(p.sink.Mails()), len(p.notices())
	p.reopen()
}

func newPost(t *testing.T, url string) *post {
	t.Helper()
	p := &post{City: meibotest.NewCity(t, url, nil), t: t, log: &journal{}}
	p.sink = meibotest.Sink(t, demo.SinkOptions{})
	p.mailer = mailer(t, p.sink, outbox.MailOptions{})
	p.reopen()
	return p
}

// ways are those by which the post's notices leave.
func (p *post) ways() outbox.Ways {
	return outbox.Ways{Mail: p.mailer, Webhook: p.webhook, HandOver: p.folder}
}

// way has the city told of C01's rosters in another way.
func (p *post) way(way meibo.NoticeWay, address string) {
	p.t.Helper()
	m, err := p.Ledger.Master(p.t.Context(), p.Operator)
	if err != nil {
		p.t.Fatal(err)
	}
	m.Contracts[0].NoticeWay, m.Contracts[0].NoticeURL = way, address
	p.Apply(meibo.Master{Contracts: m.Contracts[:1]})
}

// reopen begins a new outbox, as after a crash.
func (p *post) reopen() {
	p.registry = prometheus.NewRegistry()
	p.outbox = outbox.New(p.Ledger, p.ways(), slog.New(slog.NewJSONHandler(p.log, nil)), p.registry)
}

// mailer sends to a sink.
func mailer(t testing.TB, sink *demo.Sink, o outbox.MailOptions) *outbox.Mailer {
	t.Helper()
	host, port, err := net.SplitHostPort(sink.Addr)
	if err != nil {
		t.Fatal(err)
	}
	if o.Port, err = strconv.Atoi(port); err != nil {
		t.Fatal(err)
	}
	if o.Host == "" {
		o.Host = host
	}
	o.From, o.HELO = "meibo@city.kakuu.example", "meibo.city.kakuu.example"
	m, err := outbox.NewMailer(o)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// cut has the next version of C01's roster cut, of which the city is to be told.
func (p *post) cut() (version int, person meibo.PersonID) {
	p.t.Helper()
	p.people++
	done := p.Submit(p.Submitter, meibotest.Line(fmt.Sprintf("e%03d", p.people)))
	return p.Approve(p.Approver, done), done.Rows[0].PersonID
}

// acknowledge has the city acknowledge a version, of which K1 is to be told.
func (p *post) acknowledge(version int) {
	p.t.Helper()
	v, err := p.Ledger.Roster(p.t.Context(), p.Receiver, "C01", version)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.Ledger.Acknowledge(p.t.Context(), p.Receiver, p.Key(), "C01", version, v.Roster.Hash); err != nil {
		p.t.Fatal(err)
	}
}

// handOver has a person hand a notice over.
func (p *post) handOver(n meibo.Notice) {
	p.t.Helper()
	if _, err := p.Ledger.HandOver(p.t.Context(), p.Operator, p.Key(), n.ID); err != nil {
		p.t.Fatal(err)
	}
}

// receivers registers the city's addresses for C01.
func (p *post) receivers(addresses ...string) {
	p.t.Helper()
	m, err := p.Ledger.Master(p.t.Context(), p.Operator)
	if err != nil {
		p.t.Fatal(err)
	}
	m.Contracts[0].NoticeTo = addresses
	p.Apply(meibo.Master{Contracts: m.Contracts[:1]})
}

// flush sends what is due.
func (p *post) flush() {
	p.t.Helper()
	if err := p.outbox.Flush(p.t.Context()); err != nil {
		p.t.Fatal(err)
	}
}

// later moves the clock and sends what is due then.
func (p *post) later(d time.Duration) {
	p.t.Helper()
	p.Clock.Set(p.Clock.Now().Add(d))
	p.flush()
}

// notices are those of the scene, in the order in which they were owed.
func (p *post) notices() []meibo.Notice {
	p.t.Helper()
	list, err := p.Ledger.Notices(p.t.Context(), p.Operator, "")
	if err != nil {
		p.t.Fatal(err)
	}
	return list[p.before.notices:]
}

// only is the one notice there is.
func (p *post) only() meibo.Notice {
	p.t.Helper()
	list := p.notices()
	if len(list) != 1 {
		p.t.Fatalf("%d notices, want 1", len(list))
	}
	return list[0]
}

// mails expects that the relay took that many mails in the scene.
func (p *post) mails(n int) []demo.Mail {
	p.t.Helper()
	mails := p.sink.Mails()[p.before.mails:]
	if len(mails) != n {
		p.t.Fatalf("the relay took %d mails, want %d", len(mails), n)
	}
	return mails
}

// wants compares what became of a notice.
func (p *post) wants(n meibo.Notice, state meibo.NoticeState, code string, twice bool) {
	p.t.Helper()
	if n.State != state || n.LastCode != code || n.PossiblyTwice != twice {
		p.t.Errorf("notice %d is %s with %s, possibly twice: %v; want %s with %s, %v", n.Number, n.State, n.LastCode, n.PossiblyTwice, state, code, twice)
	}
	if notified := !n.NotifiedAt.IsZero(); notified != (state == meibo.NoticeNotified) {
		p.t.Errorf("notice %d is %s and was notified at %q", n.Number, n.State, n.NotifiedAt)
	}
}

// counted are the attempts by outcome.
func (p *post) counted() map[string]float64 {
	p.t.Helper()
	families, err := p.registry.Gather()
	if err != nil {
		p.t.Fatal(err)
	}
	counts := map[string]float64{}
	for _, family := range families {
		if family.GetName() == "meibo_notice_attempts_total" {
			for _, m := range family.GetMetric() {
				counts[m.GetLabel()[0].GetValue()] = m.GetCounter().GetValue()
			}
		}
	}
	return counts
}

// gauge is the value of a metric that has no labels.
func (p *post) gauge(name string) float64 {
	p.t.Helper()
	families, err := p.registry.Gather()
	if err != nil {
		p.t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	p.t.Fatalf("there is no metric %s", name)
	return 0
}

// alike compares attempts, but for the single addresses.
func alike(a, b meibo.Attempt) bool {
	a.Each, b.Each = nil, nil
	return cmp.Equal(a, b)
}

// A journal keeps what is logged.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
	told func(string) // of each record; may be nil
}

func (j *journal) Write(p []byte) (int, error) {
	if j.told != nil {
		j.told(string(p))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}
