package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/rpc"
)

// A people is the directory as the ledger knows it. The directory and the ledger
// do not know each other: here their words meet.
type people struct {
	source *directory.Source
	config directoryConfig
	limits directory.Limits
	pace   directory.Pace
	log    *slog.Logger
	now    func() meibo.Instant

	groups  []*group
	book    *ledger.Ledger
	metrics *directoryMetrics
	read    atomic.Int64  // people read so far by a reading under way
	syncing sync.Mutex    // one who waits for a reading at a time
	noticed chan struct{} // wakes watch: something was put in force, or went wrong

	mu       sync.Mutex
	follower *directory.Follower // nil while none runs
	swept    meibo.Reading       // what the last reading of everybody came to
	waiting  chan directory.Notice
	altered  time.Time // when organizations were, for which everybody is to be read; zero: that was done
}

// openDirectory returns nil when no directory is configured.
func openDirectory(cfg config, log *slog.Logger, now func() meibo.Instant) (*people, error) {
	d := cfg.Directory
	if len(d.URLs) == 0 {
		return nil, nil
	}
	p := &people{noticed: make(chan struct{}, 1), config: d, limits: d.Limits.limits(d.LiftUnproven), log: log, now: now, metrics: newDirectoryMetrics(len(d.Canaries))}
	p.pace = d.pace()
	c, err := d.source(cfg)
	if err != nil {
		return nil, err
	}
	c.Now = func() time.Time { return now().Time() }
	c.Progress = func(n int) { p.read.Store(int64(n)) }
	if p.source, err = directory.Open(c); err != nil {
		return nil, byKeys(err)
	}
	p.groups, err = openGroups(cfg, p.source)
	return p, err
}

// ledger is what the ledger asks of the directory.
func (p *people) ledger() *ledger.Directory {
	if p == nil {
		return nil
	}
	return &ledger.Directory{
		Find: p.accountsBy(p.source.Find), FindMail: p.accountsBy(p.source.FindMail), Authenticate: p.authenticate, Bound: p.bound,
		Reread: p.reread, FreezeAfter: p.config.FreezeAfter,
	}
}

// door is what the server asks of it.
func (p *people) door() *rpc.Directory {
	if p == nil {
		return nil
	}
	return &rpc.Directory{Sync: p.sync, Plan: p.plan, Following: p.following, Orphans: p.orphans, Settled: p.settled}
}

// join gives the directory the ledger to reconcile.
func (p *people) join(l *ledger.Ledger, r *prometheus.Registry) {
	if p == nil {
		return
	}
	p.book = l
	p.metrics.register(r)
}

// accountsBy makes accounts of what a search of the directory finds.
func (p *people) accountsBy(find func(ctx context.Context, base, name string) ([]directory.Object, error)) func(context.Context, string, string) ([]meibo.Account, error) {
	return func(ctx context.Context, base, name string) ([]meibo.Account, error) {
		found, err := find(ctx, base, name)
		if err != nil {
			return nil, err
		}
		organizations, err := p.book.Employers(ctx)
		if err != nil {
			return nil, err
		}
		look := &looker{config: p.config}
		look.by(organizations)
		var accounts []meibo.Account
		for _, o := range found {
			a := accountOf(o.ID, o.Status)
			s := look.sight(o.ID, o.Base, o.DN, &o)
			a.Base, a.Employers = s.Base, meibo.Pack(s.Employers)
			if s.Unit != nil {
				a.Unit = meibo.Personal(*s.Unit)
			}
			accounts = append(accounts, a)
		}
		return accounts, nil
	}
}

// bound has entries looked at again to which people were bound just now.
func (p *people) bound(entries []string) {
	p.mu.Lock()
	f := p.follower
	p.mu.Unlock()
	if f == nil {
		return
	}
	for _, entry := range entries {
		if id, err := directory.ParseID(entry); err == nil {
			f.Look(id)
		}
	}
}

// reread has everybody read, whether somebody follows now or not: organizations were
// altered.
func (p *people) reread() {
	p.mu.Lock()
	p.altered = time.Now()
	f := p.follower
	p.mu.Unlock()
	if f != nil {
		f.Sweep()
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
	a := meibo.Account{Entry: id.String(), State: stateOf(s.State), Cause: string(s.Cause)}
	if s.State == directory.LockedTemporarily {
		a.Cause = locked
	}
	if !s.Until.IsZero() {
		a.Until = meibo.InstantOf(s.Until)
	}
	return a
}

func stateOf(s directory.State) meibo.AccountState {
	switch s {
	case directory.Enabled, directory.LockedTemporarily:
		return meibo.AccountEnabled
	case directory.Disabled:
		return meibo.AccountDisabled
	}
	return meibo.AccountUnknown
}

func knownOf(a meibo.Account) (directory.Known, error) {
	id, err := directory.ParseID(a.Entry)
	k := directory.Known{ID: id, State: statusOf(a.State, a.Cause), Until: a.Until.Time(), Base: a.Base}
	return k, err
}

// statusOf is what the directory had said when an account came to be so.
func statusOf(s meibo.AccountState, cause string) directory.State {
	switch {
	case s == meibo.AccountEnabled && cause == locked:
		return directory.LockedTemporarily
	case s == meibo.AccountEnabled:
		return directory.Enabled
	case s == meibo.AccountDisabled:
		return directory.Disabled
	}
	return directory.Unknown
}

func knownAll(accounts []meibo.Account) ([]directory.Known, error) {
	known := make([]directory.Known, len(accounts))
	for i, a := range accounts {
		var err error
		if known[i], err = knownOf(a); err != nil {
			return nil, err
		}
	}
	return known, nil
}
