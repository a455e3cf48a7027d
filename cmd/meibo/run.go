package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"golang.org/x/sync/errgroup"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/outbox"
	"github.com/meibo-dev/meibo/internal/rpc"
	"github.com/meibo-dev/meibo/internal/seal"
)

// A house is what run is built of besides the configuration.
type house struct {
	log        *slog.Logger
	now        func() meibo.Instant
	reflection bool                    // only in the demo
	measured   bool                    // by bench, on a city of its own: decisions need not be recorded
	pause      time.Duration           // between two looks at the notices
	ready      func(grpc, http string) // told the addresses once everything answers
}

func wallClock() meibo.Instant { return meibo.InstantOf(time.Now()) }

// How often the server does what it does of its own accord.
const (
	outboxPause = 5 * time.Second
	sealPause   = time.Minute
	drainWithin = 15 * time.Second
)

// run builds the house from the ground up and lives in it until ctx ends.
func run(ctx context.Context, cfg config, h house) error {
	if cfg.Recording == recordingOff && !h.measured {
		return errors.New("recording: off is for meibo bench alone: no record, no answer")
	}
	tls, err := cfg.serverTLS()
	if err != nil {
		return err
	}
	directory, err := openDirectory(cfg, h.log, h.now)
	if err != nil {
		return err
	}
	sealer, err := cfg.sealer()
	if err != nil {
		return err
	}
	registry := prometheus.NewRegistry()
	ways, err := openWays(cfg, sealer)
	if err != nil {
		return err
	}
	l, err := openLedger(ctx, cfg, h, directory, sealer, ways, registry)
	if err != nil {
		return cfg.explain(err)
	}
	defer l.Close()
	if err := l.CheckWays(ctx); err != nil {
		return err
	}
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	registry.MustRegister(waiting{l, h.log})
	directory.join(l, registry)

	grpcListener, httpListener, err := listen(cfg.Listen)
	if err != nil {
		return err
	}
	if cfg.PublicURL == "" {
		cfg.PublicURL = scheme(cfg) + "://" + httpListener.Addr().String()
	}
	server := rpc.New(rpc.Options{
		Ledger: l, Log: h.log, TLS: tls, Directory: directory.door(), PublicURL: cfg.PublicURL, Reflection: h.reflection, Registry: registry,
	})
	handler, stop, err := server.Handler(ctx)
	if err != nil {
		return err
	}
	defer stop()
	web := rpc.HTTPServer(handler)
	web.TLSConfig = tls

	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return server.GRPC().Serve(grpcListener) })
	group.Go(func() error { return serveHTTP(web, httpListener) })
	if !ways.None() {
		group.Go(func() error { return outbox.New(l, ways, h.log, registry).Run(ctx, h.pause) })
	}
	group.Go(func() error { return escalateNotices(ctx, l, h) })
	if !h.measured {
		group.Go(func() error { return remindPledges(ctx, l, h) })
	}
	group.Go(func() error { return directory.follow(ctx) })
	group.Go(func() error { return directory.keepGroups(ctx) })
	group.Go(func() error { l.Follow(ctx, followPause); return nil })
	group.Go(func() error { return sealDecisions(ctx, l, h.log) })
	if sealer != nil {
		group.Go(func() error { return sealPledges(ctx, l, sealer, h) })
	}
	group.Go(func() error { return retireDecisions(ctx, l, h.log) })
	group.Go(func() error { return drain(ctx, server, web) })
	if l.Sealed() {
		h.log.Error("SEALED: the database has lost changes that this server had seen; nothing is allowed or changed until meibo accept-epoch")
	}
	h.log.Info("serving", "grpc", grpcListener.Addr().String(), "http", httpListener.Addr().String(), "database", l.Engine(),
		"mail", ways.Mail != nil, "directory", directory != nil)
	h.ready(grpcListener.Addr().String(), httpListener.Addr().String())
	return group.Wait()
}

// openLedger opens the ledger with all that the configuration says of it.
func openLedger(ctx context.Context, cfg config, h house, d *people, sealer *seal.Sealer, ways outbox.Ways, r *prometheus.Registry) (*ledger.Ledger, error) {
	secrets, err := cfg.secrets()
	if err != nil {
		return nil, err
	}
	answers, err := cfg.roots(cfg.Seal.AnswerRoots)
	if err != nil {
		return nil, err
	}
	people, err := cfg.roots(cfg.Seal.PersonRoots)
	if err != nil {
		return nil, err
	}
	changes, err := cfg.changeRoots()
	if err != nil {
		return nil, err
	}
	trust, err := cfg.trust()
	if err != nil {
		return nil, err
	}
	fonts, err := cfg.fonts()
	if err != nil {
		return nil, err
	}
	return ledger.Open(ctx, ledger.Options{
		Fonts: fonts,
		URL:   cfg.database(), Now: h.now, Secrets: secrets, Directory: d.ledger(), Mark: cfg.path(cfg.HighWater), Journal: cfg.path(cfg.Journal),
		Unrecorded: cfg.Recording == recordingOff, Progress: h.loading(), Inspect: newScanner().inspect, Passkeys: cfg.Passkeys.party(),
		Shadow: cfg.Shadow, Differs: h.differs(r), Ways: ways.Problem, Sealing: ledger.Sealing{Sealer: sealer, Answers: answers, People: people, Trust: trust, Changes: changes},
	})
}

// listen opens both doors, or none.
func listen(at listenConfig) (grpcDoor, httpDoor net.Listener, err error) {
	if grpcDoor, err = net.Listen("tcp", at.GRPC); err != nil {
		return nil, nil, fmt.Errorf("listen for gRPC: %w", err)
	}
	if httpDoor, err = net.Listen("tcp", at.HTTP); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("listen for HTTP: %w", err), grpcDoor.Close())
	}
	return grpcDoor, httpDoor, nil
}

// followPause is how long other replicas' changes may go unnoticed while nobody asks.
const followPause = 500 * time.Millisecond

// differs alarms when the compiled rule and stock Casbin decide differently: such a
// question is denied, and somebody has to look into it at once.
func (h house) differs(r *prometheus.Registry) func(meibo.Question) {
	count := prometheus.NewCounter(prometheus.CounterOpts{
		Name: "meibo_engines_differ_total", Help: "Checks that the compiled rule and stock Casbin decided differently; they were denied.",
	})
	r.MustRegister(count)
	return func(q meibo.Question) {
		count.Inc()
		h.log.Error("ALARM: the two engines decide differently; the check was denied", "person", q.Person, "contract", q.Contract,
			"asset", q.Asset, "action", q.Action, "purpose", q.Purpose)
	}
}

// loading tells, of many people, how far reading them has come.
func (h house) loading() func(done, all int) {
	told := time.Now()
	return func(done, all int) {
		if time.Since(told) > time.Second {
			told = time.Now()
			h.log.Info("reading people", "done", done, "all", all)
		}
	}
}

func scheme(cfg config) string {
	if cfg.TLS.Certificate != "" {
		return "https"
	}
	return "http"
}

func serveHTTP(web *http.Server, l net.Listener) error {
	var err error
	if web.TLSConfig != nil {
		err = web.ServeTLS(l, "", "")
	} else {
		err = web.Serve(l)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// sealDecisions ties what was decided to the log, every minute and at the end.
func sealDecisions(ctx context.Context, l *ledger.Ledger, log *slog.Logger) error {
	tick := time.NewTicker(sealPause)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
			defer cancel()
			return l.SealDecisions(ctx)
		case <-tick.C:
			if err := l.SealDecisions(ctx); err != nil && ctx.Err() == nil {
				log.Error("seal decisions", "error", err)
			}
		}
	}
}

// retireDecisions destroys the records whose time is over, once a day.
func retireDecisions(ctx context.Context, l *ledger.Ledger, log *slog.Logger) error {
	tick := time.NewTicker(24 * time.Hour)
	defer tick.Stop()
	for {
		n, err := l.RetireDecisions(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			log.Error("retire decisions", "error", err)
		case n > 0:
			log.Info("records of decisions destroyed: their time was over", "records", n)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// drain waits for the end, lets what has begun finish, and takes nothing new.
func drain(ctx context.Context, server *rpc.Server, web *http.Server) error {
	<-ctx.Done()
	server.Drain()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainWithin)
	defer cancel()
	stopped := make(chan struct{})
	go func() {
		server.GRPC().GracefulStop()
		close(stopped)
	}()
	err := web.Shutdown(ctx)
	select {
	case <-stopped:
	case <-ctx.Done():
		server.GRPC().Stop()
	}
	return err
}

type serveCmd struct{ configFlag }

// Run serves.
func (c *serveCmd) Run(a *app) error {
	cfg, err := readConfig(c.Config)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(a.stderr, nil))
	return run(a.ctx, cfg, house{log: log, now: wallClock, pause: outboxPause, ready: func(string, string) {}})
}
