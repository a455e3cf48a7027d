package outbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/errgroup"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// An Outbox sends the notices of one ledger.
type Outbox struct {
	ledger   *ledger.Ledger
	ways     Ways
	log      *slog.Logger
	attempts *prometheus.CounterVec
}

// New makes an outbox whose metrics the registry takes.
func New(l *ledger.Ledger, w Ways, log *slog.Logger, r *prometheus.Registry) *Outbox {
	o := &Outbox{ledger: l, ways: w, log: log, attempts: prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "meibo_notice_attempts_total", Help: "Attempts to send a notice, by outcome.",
	}, []string{"outcome"})}
	r.MustRegister(o.attempts)
	if w.Mail != nil {
		if first, any := w.Mail.opts.Encryption.expires(); any {
			r.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: "meibo_receiver_certificate_expires_seconds", Help: "When the first certificate that rosters are encrypted to expires, in seconds since 1970.",
			}, func() float64 { return float64(first.Unix()) }))
		}
	}
	return o
}

// Run sends what is due, looks again every interval, and returns when ctx ends. Each
// system that takes letters has a line of its own: a silent one keeps only its own
// waiting.
func (o *Outbox) Run(ctx context.Context, interval time.Duration) error {
	var all errgroup.Group
	for _, ways := range o.ways.systems() {
		all.Go(func() error {
			o.run(ctx, interval, ways)
			return nil
		})
	}
	return all.Wait()
}

func (o *Outbox) run(ctx context.Context, interval time.Duration, ways []meibo.NoticeWay) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if err := o.flush(ctx, ways); err != nil && ctx.Err() == nil {
			o.log.Error("take notices", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// held is how many letters a sender holds at once: few enough that the last one's
// attempt ends within the lease though each takes as long as it may.
const held = 3

// Flush sends everything that is due now until nothing more is, on all systems at once.
func (o *Outbox) Flush(ctx context.Context) error {
	var all errgroup.Group
	for _, ways := range o.ways.systems() {
		all.Go(func() error { return o.flush(ctx, ways) })
	}
	return all.Wait()
}

// flush sends what is due by the ways of one system, in order.
func (o *Outbox) flush(ctx context.Context, ways []meibo.NoticeWay) error {
	for ctx.Err() == nil {
		letters, err := o.ledger.TakeNotices(ctx, o.ways.host(), held, ways...)
		if err != nil || len(letters) == 0 {
			return err
		}
		for _, letter := range letters {
			if letter.Notice.LeaseUntil <= o.ledger.Now() { // the machine stood still: another sender may hold it by now
				continue
			}
			o.deliver(ctx, letter)
		}
	}
	return ctx.Err()
}

// deliver sends one letter and tells the ledger. What was sent is told even when
// the outbox is being stopped: else it would be sent twice.
func (o *Outbox) deliver(ctx context.Context, letter ledger.Letter) {
	attempt := o.attempt(ctx, letter)
	o.attempts.WithLabelValues(outcomeOf(attempt)).Inc()
	n := letter.Notice
	if !attempt.Taken && !attempt.Written {
		o.log.Warn("notice was not taken", "notice", n.ID, "contract", n.ContractID, "attempt", n.Attempts, "code", attempt.Code)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	if err := o.ledger.SettleNotice(ctx, letter, attempt); err != nil {
		o.log.Error("settle notice", "notice", n.ID, "error", err)
	}
}

// attempt sends a letter by its way.
func (o *Outbox) attempt(ctx context.Context, letter ledger.Letter) meibo.Attempt {
	switch letter.Way {
	case meibo.WayWebhook:
		return o.ways.Webhook.Send(ctx, letter)
	case meibo.WayHandOver:
		return o.write(ctx, letter)
	case meibo.WayEncrypted:
		files, err := o.ledger.Enclosures(ctx, letter.Notice)
		if err != nil {
			o.log.Error("make enclosures", "notice", letter.Notice.ID, "error", err)
			return meibo.Attempt{Code: "NO_ENCLOSURES"}
		}
		return o.ways.Mail.Send(ctx, letter, files...)
	}
	return o.ways.Mail.Send(ctx, letter)
}

// write makes the package of a letter and puts it where a person fetches it.
func (o *Outbox) write(ctx context.Context, letter ledger.Letter) meibo.Attempt {
	file, err := o.ledger.Package(ctx, letter.Notice)
	if err != nil {
		o.log.Error("make package", "notice", letter.Notice.ID, "error", err)
		return meibo.Attempt{Code: "NO_PACKAGE"}
	}
	if err := o.ways.HandOver.write(file); err != nil {
		o.log.Error("write package", "notice", letter.Notice.ID, "error", err)
		return meibo.Attempt{Code: "NOT_WRITTEN"}
	}
	return meibo.Attempt{Written: true, Code: "PACKAGE_WRITTEN"}
}

func outcomeOf(a meibo.Attempt) string {
	switch {
	case a.Taken:
		return "taken"
	case a.Written:
		return "written"
	case a.Unknown:
		return "unknown"
	case a.Final:
		return "refused"
	}
	return "later"
}
