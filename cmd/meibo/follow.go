package main

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/meibo-dev/meibo/directory"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// follow follows the directory until ctx ends. What stops a follower is the ledger,
// which could not take what was read: it is tried again from where that was kept.
func (p *people) follow(ctx context.Context) error {
	if p == nil {
		return nil
	}
	var watching sync.WaitGroup
	watching.Go(func() { p.watch(ctx) })
	defer watching.Wait()
	for {
		err := p.followOnce(ctx)
		if ctx.Err() != nil {
			return nil
		}
		p.log.Error("follow directory", "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
		}
	}
}

func (p *people) followOnce(ctx context.Context) error {
	mark, err := p.book.Bookmark(ctx)
	if err != nil {
		return err
	}
	f, err := p.source.Follower(directory.Following{
		From: directory.Token(mark.Token), Known: p.known, Apply: p.apply, Report: p.report, Mode: directory.Mode(p.config.Mode),
		Pace: p.pace,
	})
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.follower = f
	if !p.altered.IsZero() {
		f.Sweep()
	}
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.follower = nil
		p.mu.Unlock()
	}()
	return f.Run(ctx)
}

// known are the people whom the ledger can still change.
func (p *people) known(ctx context.Context) ([]directory.Known, error) {
	accounts, err := p.book.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	return knownAll(accounts)
}

// apply has the ledger put a batch in force, together with its token.
func (p *people) apply(ctx context.Context, b directory.Batch) error {
	report := p.reportOf(b)
	report.Told = p.toldHolds
	reading, err := p.book.Reconcile(ctx, report)
	if err != nil {
		return err
	}
	if b.Full {
		p.mu.Lock()
		p.swept = reading
		p.mu.Unlock()
	}
	p.metrics.applied(b, reading, p.now())
	p.wake()
	if reading.Disabled+reading.Gone+reading.Lifted > 0 {
		p.log.Info("the directory was heard", "cause", reading.Cause, "disabled", reading.Disabled, "gone", reading.Gone,
			"lifted", reading.Lifted, "held", reading.Held)
	}
	return nil
}

// wake has watch look, unless it is to look already.
func (p *people) wake() {
	select {
	case p.noticed <- struct{}{}:
	default:
	}
}

// report takes what the follower does, and what goes wrong.
func (p *people) report(n directory.Notice) {
	p.metrics.noticed(n)
	switch n.Kind {
	case directory.NoticeConnected:
		p.log.Info("the directory is followed", "url", n.URL, "mode", n.Mode, "reason", n.Reason)
	case directory.NoticeRejected:
		p.log.Info("everybody is read: the directory's bookmark is not good", "error", n.Err)
	case directory.NoticeInterrupted:
		p.log.Warn("the directory is not followed: nobody is revoked for that", "code", codeOf(n.Err), "error", n.Err, "wait", n.Wait)
	case directory.NoticeBlind:
		p.log.Error("the account does not see the directory as it is: nobody is revoked for that", "code", codeOf(n.Err), "wait", n.Wait)
	case directory.NoticeUnswept:
		p.log.Warn("the directory could not be read whole: nobody is revoked for being absent", "code", codeOf(n.Err), "error", n.Err)
	case directory.NoticeMissed:
		p.log.Warn("a reading found changes that the directory had not told of", "missed", n.Missed)
	case directory.NoticeDisagreed:
		p.log.Error("the directory contradicts itself: a complete reading did not show people whom a look-up found", "people", n.Missed)
	}
	if n.Kind == directory.NoticeSwept || n.Kind == directory.NoticeUnswept {
		p.read.Store(0)
	}
	p.wake()
	p.mu.Lock()
	defer p.mu.Unlock()
	if n.Kind == directory.NoticeSwept && n.Full && !n.Began.Before(p.altered) {
		p.altered = time.Time{}
	}
	if p.waiting != nil {
		select {
		case p.waiting <- n:
		default:
		}
	}
}

// sync has everybody read now, with all attributes, and tells what that came to. Nothing
// that happened in the directory before the call is missing from it.
func (p *people) sync(ctx context.Context) (meibo.Reading, error) {
	p.syncing.Lock()
	defer p.syncing.Unlock()
	asked, notices := time.Now(), make(chan directory.Notice, 64)
	p.mu.Lock()
	p.waiting = notices
	f := p.follower
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.waiting = nil
		p.mu.Unlock()
	}()
	if f == nil {
		return meibo.Reading{}, meibo.Refuse(meibo.ErrBusy, "DIRECTORY_UNAVAILABLE")
	}
	f.Sweep()
	for {
		select {
		case <-ctx.Done():
			return meibo.Reading{}, ctx.Err()
		case n := <-notices:
			switch {
			case n.Kind == directory.NoticeInterrupted, n.Kind == directory.NoticeBlind,
				n.Kind == directory.NoticeUnswept && n.Full && !n.Began.Before(asked):
				return p.book.Reconcile(ctx, ledger.Report{Cause: meibo.ReadingSweep, Failed: codeOf(n.Err)})
			case n.Kind == directory.NoticeSwept && n.Full && !n.Began.Before(asked):
				if _, err := p.book.TellDirectory(ctx); err != nil {
					return meibo.Reading{}, err
				}
				p.mu.Lock()
				defer p.mu.Unlock()
				return p.swept, nil
			}
		}
	}
}

// plan reads everybody and tells what sync would do.
func (p *people) plan(ctx context.Context) (meibo.DirectoryPlan, error) {
	var plan meibo.DirectoryPlan
	now, err := p.book.DirectoryPicture(ctx)
	if err != nil {
		return plan, err
	}
	known, err := knownAll(now.Accounts)
	if err != nil {
		return plan, err
	}
	found, err := directory.Sync(ctx, p.source, known, p.limitsFor(now))
	p.read.Store(0)
	var incomplete *directory.Incomplete
	if err != nil && !errors.As(err, &incomplete) {
		return plan, err
	}
	plan.Incomplete, plan.Seen = codeOf(err), found.Completeness.Entries
	who := map[string]meibo.Account{}
	for _, a := range now.Accounts {
		who[a.Entry] = a
	}
	for _, c := range found.Apply {
		plan.Changes = append(plan.Changes, planned(who[c.ID.String()], string(c.Kind), c.To, c.Proof == directory.ProofMissing))
	}
	for _, h := range found.Held {
		plan.Held = append(plan.Held, planned(who[h.ID.String()], string(h.Why), h.To, h.Absent))
	}
	return plan, nil
}

func planned(a meibo.Account, kind string, to directory.Status, absent bool) meibo.PlannedChange {
	c := meibo.PlannedChange{PersonID: a.PersonID, Kind: kind, From: a.State, Cause: string(to.Cause)}
	if !absent {
		c.To = stateOf(to.State)
	}
	return c
}

// following tells how the directory is followed at the moment.
func (p *people) following() meibo.Following {
	p.mu.Lock()
	f := p.follower
	p.mu.Unlock()
	if f == nil {
		return meibo.Following{Code: "ledger"}
	}
	s := f.Standing()
	var why *directory.Incomplete
	blind := errors.As(s.Err, &why) && (why.Code == directory.CodeCanary || why.Code == directory.CodeBlind)
	return meibo.Following{
		Connected: s.Connected, URL: s.URL, Vendor: string(s.Vendor), Mode: string(s.Mode), Reason: s.Reason, Since: instantOf(s.Since),
		SweptAt: instantOf(s.Swept), Code: codeOf(s.Err), Blind: blind, People: s.People, LagSeconds: s.Lag.Seconds(),
		Connects: s.Reconnects, Refreshes: s.Refreshes, Missed: s.Missed, Disagreed: s.Disagreed, Reading: int(p.read.Load()),
	}
}

// watchEvery is how often it is looked at how old the directory's last word is, though
// nothing is noticed.
const watchEvery = time.Minute

// watch notes when the directory has been silent for too long, and when it speaks
// again, has those told who must look at what it shows, and keeps the metrics true: soon
// after something was noticed, and every minute. What other servers on the same
// database have proven counts.
func (p *people) watch(ctx context.Context) {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	before := ledger.NotSilent
	for {
		if err := p.book.Recall(ctx); err != nil && ctx.Err() == nil {
			p.log.Error("watch directory", "error", err)
		}
		if now, err := p.book.Silence(ctx); err == nil && now != before {
			before = now
			p.silence(ctx, now)
		}
		if orphans, err := p.book.TellDirectory(ctx); err == nil {
			p.metrics.found(orphans)
		} else if ctx.Err() == nil {
			p.log.Error("tell of the directory", "error", err)
		}
		p.measure(ctx)
		measured := time.Now()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case <-p.noticed:
			select { // what is noticed together is told and measured once
			case <-ctx.Done():
				return
			case <-time.After(time.Until(measured.Add(time.Second))):
			}
		}
	}
}

// silence records how far the directory's silence has come.
func (p *people) silence(ctx context.Context, now ledger.Silence) {
	switch now {
	case ledger.NotSilent:
		p.log.Info("the directory speaks again: new rights are granted, and nobody is refused for its silence")
		return
	case ledger.SilenceFrozen:
		p.log.Error("the directory has been silent for too long: nothing new is granted", "proven", p.book.DirectoryProven())
	case ledger.SilenceStale:
		p.log.Error("the directory has been silent for too long: people are refused, by the class of the asset", "proven", p.book.DirectoryProven())
	}
	if _, err := p.book.Reconcile(ctx, ledger.Report{Cause: meibo.ReadingSilence, Failed: string(now)}); err != nil && ctx.Err() == nil {
		p.log.Error("record the directory's silence", "error", err)
	}
}
