package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// A people is the directory as the ledger knows it. The directory and the ledger
// do not know each other: here their words meet.
type people struct {
	source *directory.Source
	limits directory.Limits
	log    *slog.Logger

	book    *ledger.Ledger
	reading sync.Mutex // one at a time
	proven  prometheus.Gauge
	seen    *prometheus.GaugeVec
}

// openDirectory returns nil when no directory is configured.
func openDirectory(cfg config, log *slog.Logger, now func() meibo.Instant) (*people, error) {
	d := cfg.Directory
	if len(d.URLs) == 0 {
		return nil, nil
	}
	c := directory.Config{
		URLs: d.URLs, StartTLS: d.StartTLS, CAFile: cfg.path(d.CAFile), BindDN: d.BindDN, PasswordFile: cfg.path(d.PasswordFile),
		Bases: d.Bases, Filter: d.Filter, Login: d.Login, IDKind: directory.IDKind(d.IDKind), Departed: d.Departed,
		Now: func() time.Time { return now().Time() },
	}
	for _, canary := range d.Canaries {
		state, err := directory.ParseState(canary.State)
		if err != nil {
			return nil, fmt.Errorf("directory.canaries: %w", err)
		}
		c.Canaries = append(c.Canaries, directory.Canary{DN: canary.DN, State: state})
	}
	source, err := directory.Open(c)
	if err != nil {
		return nil, fmt.Errorf("open directory: %w", err)
	}
	return &people{
		source: source, limits: directory.Limits{LiftUnproven: d.LiftUnproven}, log: log,
		proven: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "meibo_directory_last_proven_seconds", Help: "When the directory was last read whole, in seconds since 1970.",
		}),
		seen: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "meibo_directory_people", Help: "People by what the last reading came to.",
		}, []string{"outcome"}),
	}, nil
}

// ledger is what the ledger asks of the directory.
func (p *people) ledger() *ledger.Directory {
	if p == nil {
		return nil
	}
	return &ledger.Directory{Find: accountsBy(p.source.Find), FindMail: accountsBy(p.source.FindMail), Authenticate: p.authenticate}
}

// sync is what the server reads the directory by.
func (p *people) sync() func(context.Context) (meibo.Reading, error) {
	if p == nil {
		return nil
	}
	return p.read
}

// join gives the directory the ledger to reconcile.
func (p *people) join(l *ledger.Ledger, r *prometheus.Registry) {
	if p == nil {
		return
	}
	p.book = l
	r.MustRegister(p.proven, p.seen)
}

// accountsBy makes accounts of what a search of the directory finds.
func accountsBy(find func(ctx context.Context, base, name string) ([]directory.Object, error)) func(context.Context, string, string) ([]meibo.Account, error) {
	return func(ctx context.Context, base, name string) ([]meibo.Account, error) {
		found, err := find(ctx, base, name)
		if err != nil {
			return nil, err
		}
		var accounts []meibo.Account
		for _, o := range found {
			accounts = append(accounts, accountOf(o.ID, o.Status))
		}
		return accounts, nil
	}
}

func (p *people) authenticate(ctx context.Context, entry, password string) error {
	id, err := directory.ParseID(entry)
	if err != nil {
		return err
	}
	err = p.source.Authenticate(ctx, id, password)
	if errors.Is(err, directory.ErrCredentials) {
		return fmt.Errorf("%w: %w", meibo.ErrForbidden, err)
	}
	return err
}

// locked is the cause of an account that is locked for a time: that is shown, and
// no departure, for anybody can cause it.
const locked = string(directory.CauseLocked)

func accountOf(id directory.ID, s directory.Status) meibo.Account {
	a := meibo.Account{Entry: id.String(), State: meibo.AccountUnknown, Cause: string(s.Cause)}
	switch s.State {
	case directory.Enabled, directory.LockedTemporarily:
		a.State = meibo.AccountEnabled
	case directory.Disabled:
		a.State = meibo.AccountDisabled
	}
	if s.State == directory.LockedTemporarily {
		a.Cause = locked
	}
	if !s.Until.IsZero() {
		a.Until = meibo.InstantOf(s.Until)
	}
	return a
}

func knownOf(a meibo.Account) (directory.Known, error) {
	id, err := directory.ParseID(a.Entry)
	k := directory.Known{ID: id, Until: a.Until.Time()}
	switch {
	case a.State == meibo.AccountEnabled && a.Cause == locked:
		k.State = directory.LockedTemporarily
	case a.State == meibo.AccountEnabled:
		k.State = directory.Enabled
	case a.State == meibo.AccountDisabled:
		k.State = directory.Disabled
	}
	return k, err
}

// read reads the directory and has the ledger put in force what it found.
func (p *people) read(ctx context.Context) (meibo.Reading, error) {
	p.reading.Lock()
	defer p.reading.Unlock()
	accounts, err := p.book.Accounts(ctx)
	if err != nil {
		return meibo.Reading{}, err
	}
	known := make([]directory.Known, len(accounts))
	for i, a := range accounts {
		if known[i], err = knownOf(a); err != nil {
			return meibo.Reading{}, fmt.Errorf("read directory: %w", err)
		}
	}
	limits := p.limits
	if limits.Recent, err = p.spent(ctx); err != nil {
		return meibo.Reading{}, err
	}
	plan, err := directory.Sync(ctx, p.source, known, limits)
	finding := findingOf(plan, err)
	reading, failed := p.book.Reconcile(ctx, finding)
	if failed != nil {
		return reading, failed
	}
	p.tell(reading, err)
	return reading, nil
}

// spent is what was taken from the limits lately.
func (p *people) spent(ctx context.Context) (directory.Recent, error) {
	now := p.book.Now()
	readings, err := p.book.Readings(ctx, now.Add(-24*time.Hour))
	if err != nil {
		return directory.Recent{}, err
	}
	last, err := p.book.LastReading(ctx)
	if last.Outcome == meibo.ReadingIncomplete {
		last.Seen = 0
	}
	return recentOf(readings, last, now), err
}

// findingOf writes a plan in the ledger's words.
func findingOf(plan directory.Plan, err error) ledger.Finding {
	f := ledger.Finding{Outcome: meibo.ReadingNothing, Seen: plan.Completeness.Entries, Held: len(plan.Held)}
	for _, c := range plan.Apply {
		if c.Kind == directory.Gone {
			f.Gone = append(f.Gone, c.ID.String())
		} else {
			f.Changed = append(f.Changed, accountOf(c.ID, c.To))
		}
	}
	var incomplete *directory.Incomplete
	switch {
	case errors.As(err, &incomplete):
		f.Outcome, f.Code = meibo.ReadingIncomplete, string(incomplete.Code)
	case err != nil:
		f.Outcome, f.Code = meibo.ReadingIncomplete, "failed"
	case len(plan.Held) > 0:
		f.Outcome, f.Code = meibo.ReadingHeld, string(plan.Held[0].Why)
	case len(plan.Apply) > 0:
		f.Outcome = meibo.ReadingApplied
	}
	return f
}

func (p *people) tell(r meibo.Reading, err error) {
	if r.Outcome == meibo.ReadingIncomplete {
		p.log.Warn("the directory could not be read whole: nobody is revoked for being absent", "code", r.Code, "error", err)
		return
	}
	p.proven.Set(float64(r.At) / 1e6)
	for outcome, n := range map[string]int{"seen": r.Seen, "disabled": r.Disabled, "gone": r.Gone, "held": r.Held} {
		p.seen.WithLabelValues(outcome).Set(float64(n))
	}
	if r.Outcome != meibo.ReadingNothing {
		p.log.Info("the directory was read", "outcome", r.Outcome, "code", r.Code, "seen", r.Seen, "disabled", r.Disabled, "gone", r.Gone, "held", r.Held)
	}
}

// follow reads the directory again and again until ctx ends.
func (p *people) follow(ctx context.Context, interval time.Duration) error {
	if p == nil {
		return nil
	}
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		if _, err := p.read(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("read directory", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// recentOf counts what readings of the last day have applied, for the limits. The
// ledger keeps them, so a restart forgets nothing.
func recentOf(readings []meibo.Reading, last meibo.Reading, now meibo.Instant) directory.Recent {
	r := directory.Recent{Entries: last.Seen}
	for _, reading := range readings {
		r.Gone += reading.Gone
		if reading.At >= now.Add(-time.Hour) {
			r.Restricted += reading.Disabled
		}
	}
	return r
}
