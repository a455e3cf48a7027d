package main

import (
	"context"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
)

type demoCmd struct {
	Once     bool   `help:"Tell the story and exit."`
	Database string `help:"A postgres:// URL of an empty database; a SQLite file in a temporary folder when left out."`
}

// Run starts the fictitious city, plays its history, tells the story, and stays
// up to be tried.
func (c *demoCmd) Run(a *app) error {
	folder, err := os.MkdirTemp("", "meibo-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	began := time.Now()
	a.printf("The fictitious city (架空市): 5 companies, 8 contracts, 13 assets, 60 people. Everything runs on this machine.\n")
	h, err := openDemo(a.ctx, demoOptions{folder: folder, database: c.Database, start: demo.Start, directory: true, tree: !demo.SlapdInstalled(), seal: true, log: log})
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.play(a.ctx); err != nil {
		return err
	}
	a.printf("Its history from 2 March to 15 October 2026 was played by %d requests in %.1f s.\n", h.requests, time.Since(began).Seconds())
	if !demo.SlapdInstalled() {
		a.printf("No slapd is installed: a small directory server of the demo's own takes its part (as root: %s).\n", demo.SlapdPackages)
	}
	story := demo.Story{City: h.city, Out: a.stdout}
	if err := story.Tell(a.ctx); err != nil {
		return err
	}
	if c.Once {
		a.printf("\nThe story took %.1f s.\n", time.Since(began).Seconds())
		return h.stop()
	}
	h.invite(a)
	select {
	case <-a.ctx.Done():
	case err := <-h.ended:
		return err
	}
	return h.stop()
}

// demoOptions say what a city is made of.
type demoOptions struct {
	folder, database string
	start            meibo.Instant
	directory        bool // slapd is started
	groups           []groupConfig
	tree             bool              // a server of the demo's own stands in for slapd
	seal             bool              // finished pledges are sealed
	answers          string            // certificates with which the city signs answers
	people           string            // certificates with which people sign their pledges
	changes          map[string]string // certificates with which contractors seal changes
	log              *slog.Logger
}

// A demoHouse is the city with all that runs for it.
type demoHouse struct {
	city       *demo.City
	token      string // the operator's first API key
	folder     string
	grpc, http string
	requests   int
	cancel     context.CancelFunc
	ended      chan error
	closers    []func()
}

// openDemo starts everything. The caller closes it.
func openDemo(ctx context.Context, o demoOptions) (_ *demoHouse, err error) {
	h := &demoHouse{folder: o.folder, ended: make(chan error, 1)}
	defer func() {
		if err != nil {
			h.close()
		}
	}()
	c := &demo.City{Clock: demo.NewClock(o.start)}
	if c.Sink, err = demo.StartSink(demo.SinkOptions{}); err != nil {
		return nil, err
	}
	h.closers = append(h.closers, func() { c.Sink.Stop() })
	if o.directory {
		if c.Directory, err = startDirectory(ctx, o.tree); err != nil {
			return nil, err
		}
		h.closers = append(h.closers, c.Directory.Stop)
	}
	cfg, err := demoConfig(o, c)
	if err != nil {
		return nil, err
	}
	secrets, err := cfg.secrets()
	if err != nil {
		return nil, err
	}
	h.token, err = ledger.Init(ctx, ledger.Options{URL: cfg.database(), Now: c.Clock.Now, Secrets: secrets})
	if err != nil {
		return nil, err
	}
	if err := h.serve(ctx, cfg, c, o.log); err != nil {
		return nil, err
	}
	c.Door, h.city = demo.Door{URL: "http://" + h.http}, c
	if !o.directory {
		return h, nil
	}
	return h, h.followed(ctx)
}

// startDirectory starts slapd with the city's people, or the demo's own server.
func startDirectory(ctx context.Context, tree bool) (*demo.Directory, error) {
	if tree {
		t, err := demo.StartTree(demo.LDIF())
		if err != nil {
			return nil, err
		}
		return t.Directory(), nil
	}
	s, err := demo.StartSlapd(ctx, demo.SlapdOptions{Data: strings.NewReader(demo.LDIF())})
	if err != nil {
		return nil, err
	}
	return s.Directory(), nil
}

// followed waits until the directory was read for the first time: before that
// nothing is granted.
func (h *demoHouse) followed(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	for {
		var status struct {
			ProvenAt string `json:"proven_at"`
		}
		if err := h.city.Door.Do(ctx, h.token, "GET", "/v1/directory", nil, &status); err != nil || status.ProvenAt != "" {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// play plays the history, and lets the clock run from its end on.
func (h *demoHouse) play(ctx context.Context) error {
	h.city.Door.Heard = func(string, string, []byte, []byte, int) { h.requests++ }
	if err := h.city.Play(ctx, h.token); err != nil {
		return err
	}
	h.city.Door.Heard = nil
	h.city.Clock.Run(demo.AsOf)
	return nil
}

// serve runs the server until it answers.
func (h *demoHouse) serve(ctx context.Context, cfg config, c *demo.City, log *slog.Logger) error {
	ctx, h.cancel = context.WithCancel(ctx)
	up := make(chan struct{})
	go func() {
		h.ended <- run(ctx, cfg, house{
			log: log, now: c.Clock.Now, reflection: true, pause: 50 * time.Millisecond,
			ready: func(grpc, http string) {
				h.grpc, h.http = grpc, http
				close(up)
			},
		})
	}()
	select {
	case <-up:
		return nil
	case err := <-h.ended:
		h.ended <- err
		return err
	}
}

// stop ends the server and waits for it.
func (h *demoHouse) stop() error {
	h.cancel()
	err := <-h.ended
	h.ended <- err
	return err
}

func (h *demoHouse) close() {
	if h.cancel != nil {
		h.stop()
	}
	for _, f := range h.closers {
		f()
	}
}
